title a broker that is away: it says so, writes it down, and nothing hangs
given room kitchen
given device light "kitchen light" kitchen
given broker down
say kitchen "turn on the kitchen light"
expect decision act
expect reason DEVICE_UNREACHABLE
expect reply "I can't reach"
expect journal failed reason DEVICE_UNREACHABLE
given broker up
say kitchen "turn on the kitchen light"
expect reason NONE
