title sums, units, spelling and what can be said: answered without asking anybody
given room kitchen
given room bedroom
given device light "ceiling" kitchen
given device light "bed light" bedroom
given device lock "front door" kitchen
given device light "secret light" kitchen hidden
say kitchen "what is twelve times seven"
expect decision act
expect reply "That is 84."
say kitchen "how much is ten divided by three"
expect reply "That is about 3.33."
say kitchen "what is fifteen percent of eighty"
expect reply "That is 12."
say kitchen "what is five divided by zero"
expect reason OUT_OF_RANGE
expect reply "That has no result that I can give."
say kitchen "how many grams are in two pounds"
expect reply "2 pounds is about 907.18 grams."
say kitchen "how many inches are in a foot"
expect reply "1 foot is 12 inches."
say kitchen "how many metres are in two pounds"
expect reason OUT_OF_RANGE
expect reply "I can't tell one in the other."
say kitchen "how do you spell necessary"
expect reply "Necessary: N, E, C, E, S, S, A, R, Y."
type kitchen "spell zucchini"
expect reply "Zucchini: Z, U, C, C, H, I, N, I."
say bedroom "what can i say"
expect reply "You can say, for example: turn on the bed light or what time is it."
say kitchen "what can you do"
expect reply "turn on the ceiling or what time is it."
expect commands 0
