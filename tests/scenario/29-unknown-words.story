title what no sentence explains is refused, and a device that is not there is not invented
given room kitchen
given device light "kitchen light" kitchen
say kitchen "turn on the moon"
expect decision refuse
expect commands 0
type kitchen ""
expect decision refuse
