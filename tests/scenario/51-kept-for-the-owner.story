title what was believed is sealed, what was not is only a row
given room kitchen
given device light "kitchen light" kitchen
say kitchen "turn on the kitchen light"
expect recordings 1
say kitchen "turn off the kitchen light" -70
expect recordings 1
type kitchen "turn off the kitchen light"
expect recordings 1
say kitchen "sing me a song about the sea"
expect reason NO_MATCH
expect recordings 2
