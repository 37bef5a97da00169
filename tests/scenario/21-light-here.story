title "the lights" are those of the room where it was said
given room kitchen
given room bedroom
given device light "ceiling light" kitchen
given device light "counter light" kitchen
given device light "bed light" bedroom
say kitchen "turn on the lights"
expect commands 2
expect command device.on "light.ceiling_light"
expect command device.on "light.counter_light"
say bedroom "turn off the lights"
expect commands 1
expect command device.off "light.bed_light"
