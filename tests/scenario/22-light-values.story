title brightness, colour and steps become exact values
given room kitchen
given device light "kitchen light" kitchen
say kitchen "set the kitchen light to forty percent"
expect command light.brightness "light.kitchen_light" 40
say kitchen "make the kitchen light blue"
expect command light.colour "light.kitchen_light" blue
