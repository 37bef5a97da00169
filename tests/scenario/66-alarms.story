title alarm clocks go by the clock on the wall, once or on their days
given book
given room bedroom
type bedroom "wake me up at half past six tomorrow"
expect reason NONE
expect reply "The alarm is set for 6 30 A M, tomorrow."
type bedroom "set an alarm for six forty five every day"
expect reply "every day."
expect kept 2
type bedroom "when is my alarm"
expect reply "There are 2 alarms. The next one rings at 6 30 A M, tomorrow."
type bedroom "do i have an alarm set for tuesday"
expect reply "6 45 A M, every day."
# noon is over in no time; a time without its half of the day is the next of the two
type bedroom "wake me up at five past twelve"
expect reply "12 oh 5 P M, today."
wait 299
expect no-ring
wait 1
expect rings bedroom
say bedroom "stop"
expect no-ring
expect kept 2
# a day that was said is looked at: nothing else goes in its place
type bedroom "cancel the half past six alarm for today"
expect reason NOTHING_SET
type bedroom "cancel the half past six alarm for tomorrow"
expect reason NONE
expect reply "The alarm for 6 30 A M, tomorrow, is cancelled."
type bedroom "cancel the alarm for sunday"
expect reason NONE
type bedroom "when is my alarm"
expect reply "No alarm is set."
# nothing is set for what is over
type bedroom "set an alarm for ten in the morning today"
expect reason OUT_OF_RANGE
expect kept 0
# all of them, and all of a day's only by asking which
type bedroom "wake me up at half past six tomorrow"
type bedroom "set an alarm for six forty five every day"
type bedroom "cancel all morning alarms"
expect decision ask
type bedroom "cancel all my alarms"
expect reason NONE
expect kept 0
