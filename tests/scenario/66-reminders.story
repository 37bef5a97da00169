title reminders keep their words: they are told where lists may be spoken, and of a private room to its owner
given book
given room kitchen
given room hall may-only-tell
given room bedroom owner=2
type kitchen "remind me to feed the cat in two hours"
expect reply "I will remind you in 2 hours."
type kitchen "remind me to call bob tomorrow at 5"
expect reply "I will remind you at 5 o'clock P M, tomorrow."
expect kept 2
say kitchen "what are my reminders"
expect reply "There are 2 reminders. The next one is feed the cat, at 2 o'clock P M."
say hall "what are my reminders"
expect decision refuse
expect reason CAPABILITY_OFF
# the kitchen is private to somebody else
say bedroom "what are my reminders"
expect reply "There is a reminder for you."
type bedroom "remind me to buy a present in 3 hours"
say bedroom "what are my reminders"
expect reply "One reminder: buy a present, at 3 o'clock P M, today."
say kitchen "what are my reminders"
expect reply "There are 2 reminders."
type kitchen "remind me to water the plants"
expect decision ask
expect reply "For what time?"
wait 7200
expect rings kitchen
say kitchen "stop"
expect no-ring
type kitchen "cancel all of my meetings for today"
expect reason NOTHING_SET
# of several, that of this room goes before others
type kitchen "cancel the reminder"
expect reply "The reminder is cancelled."
expect kept 1
say bedroom "what are my reminders"
expect reply "buy a present"
type kitchen "remind me to feed the cat in two hours"
type kitchen "remind me to call mum in three hours"
type kitchen "no more reminders"
expect reason NONE
expect kept 0
