title what is set to a limit and not to what was said is told: of one thing, of several, in a routine
given room hall
given device climate "thermostat" hall target=20
given device climate "towel rail" bathroom target=20
given device light "hall light" hall
given arranged "{routines: [{name: good morning, do: [turn on the hall light, set the towel rail to 35 degrees]}]}"
say hall "set the towel rail to 35 degrees"
expect command climate.set "climate.towel_rail" 30
expect reply "Set the towel rail to 30 degrees. The towel rail goes no further."
say hall "good morning"
expect command climate.set "climate.towel_rail" 30
expect reply "Good morning: all done. The towel rail goes no further."
# what was not done was not set to anything
given dead "climate.towel_rail"
say hall "set the towel rail to 35 degrees"
expect commands 0
expect reason DEVICE_UNREACHABLE
say hall "set the temperature to 35 degrees everywhere"
expect command climate.set "climate.thermostat" 30
expect reply "The thermostat goes no further."
