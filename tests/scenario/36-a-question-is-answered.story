title our question is answered without the name of the house, once more, and then it is left
given room hall
given device light "reading lamp" kitchen
given device switch "reading lamp" bedroom
given device light "kitchen lamp" kitchen
given device lock "front door" hall
say hall "turn on the reading lamp"
expect decision ask
expect reason AMBIGUOUS
answer hall "the kitchen one"
expect decision act
expect commands 1
expect journal decided step which
# With the name it is answered as well, and then it is forgotten.
say hall "turn on the reading lamp"
say hall "the kitchen one"
expect decision act
say hall "the kitchen one"
expect reason NO_MATCH
# What is typed meanwhile takes its place.
say hall "turn on the reading lamp"
type hall "turn on the kitchen lamp"
answer hall "the kitchen one"
expect reason NOT_ANSWERED
expect commands 0
# What binds takes the name: so does a switch of unknown effect.
say hall "turn on the reading lamp"
answer hall "the bedroom one"
expect reason NAME_NEEDED
expect commands 0
say hall "turn on the reading lamp"
answer hall "unlock the front door"
expect reason NAME_NEEDED
expect reply "my name"
# Talk, twice.
say hall "turn on the reading lamp"
answer hall "the hall"
expect decision ask
expect reply "reading lamp"
answer hall "the hall"
expect reason NOT_ANSWERED
# Short words need the margin of what moves something.
say hall "turn on the reading lamp"
answer hall "the kitchen one" -30
expect decision ask
expect reason LOW_CONFIDENCE
expect journal recorded.not reason LOW_CONFIDENCE
answer hall "no"
expect reason CANCELLED
expect silence
