title a light is switched on, after it was written down, and the answer says so
given room kitchen
given device light "kitchen light" kitchen
say kitchen "turn on the kitchen light"
expect decision act
expect reason NONE
expect command device.on "light.kitchen_light"
expect commands 1
expect reply "Turned on the kitchen light."
expect journal decided decision act
expect journal done entity light.kitchen_light
expect journal spoken ms 900
expect recordings 1
