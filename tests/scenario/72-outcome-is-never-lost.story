title a keeper that dies after the deed: the outcome waits for it
given room kitchen
given device light "kitchen light" kitchen
given broker silent
say kitchen "turn on the kitchen light"
expect waiting
given keeper down
given broker down
expect over
expect late failed
