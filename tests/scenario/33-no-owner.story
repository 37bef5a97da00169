title before an owner exists nothing is done
given room kitchen
given device light "kitchen light" kitchen
given no-owner
say kitchen "turn on the kitchen light"
expect reason NO_OWNER
expect commands 0
expect recordings 0
