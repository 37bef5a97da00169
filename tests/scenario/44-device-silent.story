title what only the broker acknowledged is not told as done
given room kitchen
given device light "kitchen light" kitchen
given broker answers-alone
say kitchen "turn on the kitchen light"
expect waiting
wait 2
expect waiting
wait 2
expect over
expect reason NOT_CONFIRMED
expect reply "I sent that, but it has not answered."
expect journal failed reason NOT_CONFIRMED
