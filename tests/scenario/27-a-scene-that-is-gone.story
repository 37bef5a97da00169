title a scene that a routine, a group or somebody names and that is gone is named, and nothing else takes its place
given room hall
given device scene "movie night" hall
given device scene "party" hall
given device light "hall light" hall
given arranged "{groups: {evening things: [movie night, hall light]}, routines: [{name: relax, do: [activate movie night, turn on the hall light]}]}"
say hall "relax"
expect proposed device.press "scene.movie_night"
expect command device.on "light.hall_light"
expect reply "Relax: 1 of 2 done; waiting for your approval on a paired device: the movie night"
given gone "scene.movie_night"
say hall "relax"
expect reason NOT_ALL_DONE
expect proposals 0
expect command device.on "light.hall_light"
expect reply "Relax: 1 of 2 done; not understood: "
expect reply "activate movie night"
expect journal failed action routine.run
say hall "turn on the evening things"
expect proposals 0
expect reply "not done: the movie night, because"
say hall "activate movie night"
expect decision refuse
expect proposals 0
expect commands 0
