title a keeper that dies while it is asked
given room kitchen
given device light "kitchen light" kitchen
given keeper silent
say kitchen "turn on the kitchen light"
expect waiting
expect commands 0
given keeper down
expect over
expect reason JOURNAL_UNAVAILABLE
expect commands 0
