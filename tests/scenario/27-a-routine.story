title a routine: every line by itself, and one sentence about all of them
given room hall
given device light "hall light" hall
given device light "kitchen light" kitchen
given device lock "front door" hall
given device cover "kitchen blind" kitchen class=blind
given arranged "{routines: [{name: good night, sentences: [we go to bed], do: [turn off the hall light, turn off the kitchen light, lock the front door, close the kitchen blind]}]}"
say hall "good night"
expect decision act
expect reason NONE
expect command device.off "light.hall_light"
expect command device.off "light.kitchen_light"
expect command lock.lock "lock.front_door"
expect command cover.close "cover.kitchen_blind"
expect commands 4
expect reply "Good night: all done."
expect journal done action routine.run
say hall "we go to bed"
expect commands 4
type hall "run good night"
expect commands 4
expect recordings 2
