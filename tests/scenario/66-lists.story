title lists: what is on one, off it, cleared, and had back
given book
given room kitchen
given room hall may-only-tell
type kitchen "add milk to the shopping list"
expect decision act
expect reply "Milk: it is on the list."
type kitchen "add two kinds of blue cheese to the list"
expect reply "Two kinds of blue cheese: it is on the list."
type kitchen "add milk to the shopping list"
expect reply "Milk: it is on the list."
expect kept 2
given restart
say kitchen "what is on the shopping list"
expect reply "On the list: milk, two kinds of blue cheese."
say kitchen "do we need milk"
expect reply "Milk: it is on the list."
say kitchen "do we need bread"
expect reply "Bread: it is not on the list."
# anybody may add to it; it is not read out in every room
say hall "add bread to the list"
expect reason NONE
say hall "what is on the list"
expect decision refuse
expect reason CAPABILITY_OFF
type kitchen "take milk off the list"
expect reply "Milk: it is off the list."
type kitchen "take milk off the list"
expect reason NOTHING_SET
expect reply "Milk: it is not on the list."
type kitchen "clear the list"
expect reply "2 things are off the list. You can have them back for a day."
say kitchen "what is on the list"
expect reply "There is nothing on the list."
type kitchen "add salt to the list"
type kitchen "restore the list"
expect reply "2 things are back on the list."
say kitchen "what is on the list"
expect reply "two kinds of blue cheese, bread, salt."
expect commands 0
