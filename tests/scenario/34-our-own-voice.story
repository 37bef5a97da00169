title what matches our own playback may be answered and is never obeyed
given room hall
given device light "hall light" hall
given device lock "front door" hall
play hall "what time is it"
expect decision act
expect reply "It is"
play hall "turn on the hall light"
expect decision refuse
expect reason MEDIA_MATCH
expect commands 0
expect silence
expect recordings 1
expect journal decided reason MEDIA_MATCH
expect journal recorded.not reason MEDIA_MATCH
play hall "lock the front door"
expect reason MEDIA_MATCH
expect commands 0
play hall "unlock the front door"
expect decision refuse
expect reason MEDIA_MATCH
expect silence
expect commands 0
say hall "turn on the hall light"
expect command device.on "light.hall_light"
