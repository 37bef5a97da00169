title an old forecast tells its age, one of yesterday is none, and without a place there is none
given room kitchen
say kitchen "what is the weather"
expect decision act
expect reason NO_PLACE
expect reply "The owner has not told me for which place to get the weather."
given forecast
say kitchen "will it rain tomorrow"
expect reason NO_PLACE
given place
say kitchen "will it rain tomorrow"
expect reply "Yes, rain is likely tomorrow, at 80 percent."
wait 7199
say kitchen "will it rain tomorrow"
expect reply "Yes, rain is likely tomorrow, at 80 percent."
wait 7
say kitchen "will it rain tomorrow"
expect reply "As of 2 hours ago: Yes, rain is likely tomorrow, at 80 percent."
wait 72000
say kitchen "will it rain today"
expect reply "As of 22 hours ago: Yes, rain is likely today, at 80 percent."
wait 7300
say kitchen "will it rain today"
expect reason NO_FORECAST
expect reply "I have no new forecast."
