title the heating is set and asked, and never beyond the owner's limits
given room "living room"
given device climate "thermostat" "living room" measured=19.5 target=20
say "living room" "set the heating to twenty one degrees"
expect command climate.set "climate.thermostat" 21
expect reply "21 degrees"
say "living room" "set the heating to thirty five degrees"
expect commands 0
expect decision refuse
expect reason OUT_OF_RANGE
expect reply "between 5 and 30"
say "living room" "make it warmer"
expect command climate.set "climate.thermostat" 22
say "living room" "how warm is it"
expect commands 0
expect reply "19.5 degrees"
