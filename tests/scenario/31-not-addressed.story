title talk that a closed grammar made a sentence of is not obeyed, not answered, not kept
given room kitchen
given device light "kitchen light" kitchen
say kitchen "turn on the kitchen light" -60
expect decision refuse
expect reason NOT_ADDRESSED
expect commands 0
expect silence
expect recordings 0
expect journal recorded.not reason NOT_ADDRESSED
say kitchen "why did you do that"
expect reply "I did nothing"
