title the heating is set and asked, and never beyond the owner's limits
given room "living room"
given device climate "thermostat" "living room" measured=19.5 target=20
say "living room" "set the heating to twenty one degrees"
expect command climate.set "climate.thermostat" 21
expect reply "21 degrees"
say "living room" "make it warmer"
expect command climate.set "climate.thermostat" 22
# beyond a limit it is as near as it may be, and says so
say "living room" "set the heating to thirty five degrees"
expect decision act
expect command climate.set "climate.thermostat" 30
expect reply "30 degrees. The thermostat goes no further."
say "living room" "make it warmer"
expect command climate.set "climate.thermostat" 30
expect reply "goes no further"
say "living room" "how warm is it"
expect commands 0
expect reply "19.5 degrees"
