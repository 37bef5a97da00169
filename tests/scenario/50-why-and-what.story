title what it heard and why it acted, from this room's last ten minutes
given room kitchen
given room bedroom
given device light "kitchen light" kitchen
given device lock "front door" kitchen
say kitchen "turn on the kitchen light"
say kitchen "what did you hear"
expect reply "I heard: turn on the kitchen light."
say kitchen "why did you do that"
expect reply "was asked to switch something on"
say bedroom "what did you hear"
expect reply "I heard nothing"
say kitchen "unlock the front door"
say kitchen "why did you do that"
expect reply "sound alone never authorises"
wait 601
say kitchen "what did you hear"
expect reply "I heard nothing"
