title what is sold waits for a tap; nothing else can be ordered, and no word completes it
given room kitchen
say kitchen "order dishwasher tablets"
expect decision refuse
expect reason NO_MATCH
say kitchen "order milk"
expect reason SHOP_OFF
given sold "dishwasher tablets" 599
given sold dollhouse 17000
say kitchen "order dishwasher tablets"
expect decision hold
expect reason NEEDS_TAP
expect reply "That needs your approval on a paired device."
expect journal decided action shop.order
expect no-journal done
say kitchen "yes"
expect no-journal done
say kitchen "yes order it"
expect reason NO_MATCH
say kitchen "order me a dollhouse"
expect decision refuse
expect reason TOO_DEAR
expect reply "That costs more than one order may."
say kitchen "order milk"
expect reason NOT_FOR_SALE
expect reply "You can put it on the shopping list."
say kitchen "order diamonds"
expect reason NO_MATCH
play kitchen "buy dishwasher tablets"
expect reason MEDIA_MATCH
expect silence
given room bedroom may-only-tell
say bedroom "order dishwasher tablets"
expect reason CAPABILITY_OFF
given no-approver
say kitchen "order dishwasher tablets"
expect reason NO_APPROVER
expect no-journal done
expect commands 0
