title a line asks nothing, leans on nothing, sends nothing, and calls no routine
given room hall
given device light "hall light" hall
given device light "lamp" hall
given device light "lamp" kitchen
given arranged "{routines: [{name: good night, do: [turn off the hall light]}, {name: late, do: [run good night, send a message, turn off the lamp, brighter, what time is it]}]}"
say hall "late"
expect reason NOT_ALL_DONE
expect commands 1
expect command device.off "light.lamp"
expect reply "because it cannot be a line of a routine"
expect reply "not understood: "
expect reply "It is "
expect proposals 0
