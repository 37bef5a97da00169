title a house whose broker was never reached says that, not that it did not understand
given room kitchen
given broker down
say kitchen "turn on the kitchen light"
expect decision refuse
expect reason DEVICE_UNREACHABLE
expect reply "I can't reach"
say kitchen "what time is it"
expect decision act
given broker up
say kitchen "turn on the kitchen light"
expect reason NO_MATCH
