title a timer of a thousand years is refused, so is one of no time, and one too many
given book
given room kitchen
type kitchen "set a timer for 1000 years"
expect decision refuse
expect reason OUT_OF_RANGE
expect reply "A timer runs for 7 days at most."
type kitchen "set a timer for 8 days"
expect reason OUT_OF_RANGE
type kitchen "start a timer"
expect decision ask
expect reply "For how long?"
expect kept 0
type kitchen "set a timer for 7 days"
expect reason NONE
type kitchen "set a timer for ten minutes called soft boiled eggs"
expect reason NONE
expect kept 2
type kitchen "stop the timer"
expect decision ask
expect reason AMBIGUOUS
type kitchen "cancel the timer called soft boiled eggs"
expect reason NONE
expect kept 1
type kitchen "set a timer for 20 minutes"
type kitchen "cancel all timers"
expect reason NONE
expect kept 0
type kitchen "cancel all timers"
expect reason NOTHING_SET
