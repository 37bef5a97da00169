title the time, the date and the volume
given room kitchen
say kitchen "what time is it"
expect decision act
expect reply "It is 12 o'clock P M."
say kitchen "what day is it today"
expect reply "Sunday, March 1, 2026"
say kitchen "set the volume to thirty percent"
expect volume 30
say kitchen "turn the volume up"
expect volume 40
expect commands 0
