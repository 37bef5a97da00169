title which devices are meant: here, everywhere, a floor, several rooms, a group, all but some
given room kitchen
given room hall
given device light "kitchen light" kitchen
given device light "hall light" hall
given device light "desk lamp" study
given device light "bed lamp" bedroom
given device fan "fan" kitchen
given device light "window star" hall
given device cover "study blind" study class=blind
given arranged "{floors: {upstairs: [study, bedroom], downstairs: [kitchen, hall]}, groups: {christmas lights: [window star, bed lamp], night lights: [hall light, old lamp]}}"
say kitchen "turn off the light"
expect command device.off "light.kitchen_light"
expect commands 1
say hall "turn on the lights everywhere"
expect commands 5
say kitchen "turn off the lights upstairs"
expect command device.off "light.desk_lamp"
expect command device.off "light.bed_lamp"
expect commands 2
say kitchen "turn on the lights on the downstairs floor"
expect commands 3
say kitchen "turn off the lights in the kitchen and the hall"
expect commands 3
say kitchen "turn off the lights in the kitchen and the hall and the study"
expect commands 4
say hall "turn on the christmas lights"
expect command device.on "light.window_star"
expect command device.on "light.bed_lamp"
expect commands 2
expect reply "Done, all 2."
say hall "set the christmas lights to forty percent"
expect command light.brightness "light.bed_lamp" 40
expect commands 2
say kitchen "close the blinds upstairs"
expect command cover.close "cover.study_blind"
# one of the group has left the house: that is said
say hall "turn off the night lights"
expect commands 1
expect reply "1 of 2 done; not done: the old lamp, because no device fits what was asked."
expect journal failed entity "old lamp"
