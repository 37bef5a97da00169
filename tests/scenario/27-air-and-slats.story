title slats, fans, humidity, modes and who cleans the floor
given room bedroom
given device cover "bedroom blind" bedroom class=blind
given device cover "garage door" hall class=garage
given device fan "ventilator" bedroom
given device humidifier "mister" bedroom
given device climate "thermostat" bedroom
given device vacuum "robot" hall
given device valve "water valve" hall harmless
say bedroom "tilt the bedroom blind to thirty percent"
expect command cover.tilt "cover.bedroom_blind" 30
expect reply "30 percent"
say bedroom "stop the bedroom blind"
expect command cover.stop "cover.bedroom_blind"
say bedroom "set the ventilator to high"
expect command fan.speed "fan.ventilator" 100
say bedroom "set the mister to fifty percent"
expect command humidifier.set "humidifier.mister" 50
say bedroom "set the thermostat to cool mode"
expect command climate.mode "climate.thermostat" cool
say bedroom "send the robot to clean"
expect command vacuum.start "vacuum.robot"
say bedroom "dock the robot"
expect command vacuum.dock "vacuum.robot"
# what lets somebody in, or nobody knows, waits
say bedroom "stop the garage door"
expect reason NEEDS_TAP
expect commands 0
say bedroom "open the water valve"
expect reason NEEDS_TAP
expect commands 0
