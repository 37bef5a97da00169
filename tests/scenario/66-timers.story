title timers: named, several, stopped, changed; they ring where they were set, and none is longer than a week
given book
given room kitchen
given room bedroom
type kitchen "set a timer for ten minutes"
expect decision act
expect reason NONE
expect reply "The timer is set for 10 minutes."
expect journal done action timer.set
expect kept 1
type bedroom "set a pizza timer for 12 minutes"
expect reply "The pizza timer is set for 12 minutes."
expect kept 2
# a hub that dies here has lost nothing
given restart
wait 60
type kitchen "how much time is left"
expect reply "There are 2 timers. The next one has 9 minutes left."
type kitchen "how long is left on the pizza timer"
expect reply "The pizza timer has 11 minutes left."
# of several none is guessed, but this room goes before others
type kitchen "pause the timer"
expect reply "The timer stands at 9 minutes."
wait 60
type kitchen "resume the timer"
expect reply "The timer runs for 9 minutes more."
type kitchen "add five minutes to the pizza timer"
expect reply "The timer runs for 15 minutes more."
type kitchen "take ten minutes off the pizza timer"
expect reply "The timer runs for 5 minutes more."
type kitchen "take ten minutes off the pizza timer"
expect reason OUT_OF_RANGE
wait 299
expect no-ring
wait 1
expect rings bedroom
type kitchen "how long is left on the pizza timer"
expect reply "The timer rings."
# "stop" is for what rings in this room
say kitchen "stop"
expect rings bedroom
say bedroom "stop"
expect no-ring
wait 240
expect rings kitchen
# more minutes let it ring again so much later
type kitchen "add two minutes to the timer"
expect no-ring
wait 120
expect rings kitchen
type bedroom "stop"
expect no-ring
type kitchen "how much time is left"
expect reply "No timer runs."
type kitchen "cancel the timer"
expect decision refuse
expect reason NOTHING_SET
expect reply "No timer runs."
# where nothing rings there is nothing to stop
say kitchen "stop"
expect decision act
expect silence
expect commands 0
