title what was done can be leaned on for a minute, with the name of the house
given room kitchen
given device light "kitchen lamp" kitchen
given device light "bedroom lamp" bedroom
given device lock "front door" hall
say kitchen "set the kitchen lamp to forty percent"
expect command light.brightness "light.kitchen_lamp" 40
wait 50
say kitchen "a bit brighter"
expect command light.brightness "light.kitchen_lamp" 50
say kitchen "more"
expect command light.brightness "light.kitchen_lamp" 70
say kitchen "and in the bedroom"
expect commands 1
say kitchen "turn it off again"
expect command device.off "light.bedroom_lamp"
wait 61
say kitchen "turn it on again"
expect decision refuse
expect reason NO_MATCH
expect commands 0
# What binds is leaned on by nothing, and ends what was.
say kitchen "turn on the kitchen lamp"
say kitchen "unlock the front door"
expect reason NEEDS_TAP
say kitchen "turn it off again"
expect reason NO_MATCH
say kitchen "lock the front door"
expect decision act
say kitchen "open it again"
expect reason NO_MATCH
expect commands 0
