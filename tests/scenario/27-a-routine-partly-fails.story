title a routine of which something fails: everything is tried, and what failed is said by name
given room hall
given device light "hall light" hall
given device light "kitchen light" kitchen
given device light "porch light" hall
given device lock "front door" hall
given arranged "{routines: [{name: good night, do: [turn off the hall light, turn off the kitchen light, turn off the porch light, water the piano, lock the front door]}]}"
given dead "light.kitchen_light"
given gone "light.porch_light"
say hall "good night"
expect reason NOT_ALL_DONE
expect command device.off "light.hall_light"
expect command lock.lock "lock.front_door"
expect commands 2
expect reply "Good night: 2 of 5 done; not done: the kitchen light, because the device or the broker did not answer in time; not understood: "
expect reply "turn off the porch light"
expect reply "water the piano"
expect journal failed action routine.run
# the whole house does not answer: nothing is passed over in silence
given broker down
say hall "good night"
expect reason NOT_ALL_DONE
expect commands 0
expect reply "Good night: 0 of 5 done; not done: the hall light, the kitchen light and the front door"
