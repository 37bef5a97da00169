title what the keeper has not on its disk was not set, and is not said to be
given book
given room kitchen
given keeper down
type kitchen "set a timer for ten minutes"
expect decision refuse
expect reason JOURNAL_UNAVAILABLE
given keeper up
expect kept 0
given keeper silent
type kitchen "set a timer for ten minutes"
expect waiting
given keeper times-out
expect over
expect kept 0
given keeper answers
type kitchen "how much time is left"
expect reply "No timer runs."
wait 700
expect no-ring
