title all but some: what is excepted is left alone, and what is not understood is never passed over
given room kitchen
given room study
given device light "kitchen light" kitchen
given device light "counter light" kitchen
given device light "desk lamp" study
given device light "bed lamp" bedroom
given device fan "fan" kitchen
given device switch "kettle" kitchen
given device lock "cellar door" kitchen
say study "turn off all the lights except the desk lamp"
expect commands 3
expect command device.off "light.bed_lamp"
say study "turn on all the lights except the desk lamp and the bed lamp"
expect commands 2
expect command device.on "light.counter_light"
say study "turn off all the lights except in the kitchen"
expect commands 2
expect command device.off "light.desk_lamp"
say kitchen "everything off in the kitchen except the fan"
expect command device.off "light.kitchen_light"
expect command device.off "light.counter_light"
expect commands 2
expect proposals 1
expect proposed device.off "switch.kettle"
expect reply "2 of 3 done; waiting for your approval on a paired device: the kettle."
expect decision act
expect journal decided decision hold
say kitchen "turn everything off here except the lights"
expect command device.off "fan.fan"
expect commands 1
# nobody knows what is excepted: then nothing is switched
say study "turn off all the lights except the moon lamp"
expect commands 0
say study "turn off all the lights but not in the garage"
expect commands 0
type study "turn off all the lights except the moon"
expect commands 0
