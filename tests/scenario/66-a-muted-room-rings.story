title a muted room rings, and hears nothing: what is typed silences it
given book
given room bedroom
type bedroom "set a timer for one minute"
given muted bedroom
wait 60
expect rings bedroom
say bedroom "stop"
expect reason MUTED
expect rings bedroom
type bedroom "set a timer for one minute"
expect reason MUTED
type bedroom "stop"
expect decision act
expect no-ring
