title what binds is asked for by itself, also as a line of a routine, and is never done by it
given room hall
given device light "hall light" hall
given device lock "front door" hall
given device switch "pump" hall
given device scene "movie night" hall
given arranged "{routines: [{name: coming home, do: [turn on the hall light, unlock the front door, turn on the pump, activate movie night]}]}"
say hall "coming home"
expect decision act
expect reason NONE
expect command device.on "light.hall_light"
expect commands 1
expect proposals 3
expect proposed lock.unlock "lock.front_door"
expect proposed device.on "switch.pump"
expect proposed device.press "scene.movie_night"
expect reply "Coming home: 1 of 4 done; waiting for your approval on a paired device: the front door, the pump and the movie night."
# heard with less than the margin of what binds: the lines that bind are left, by name
given no-approver
say hall "coming home"
expect proposals 0
expect commands 1
expect reply "not done: the front door, the pump and the movie night, because it needs a tap"
expect reason NOT_ALL_DONE
# what our own speaker says runs nothing
play hall "coming home"
expect commands 0
expect proposals 0
expect silence
