title in the quiet hours the light answers: what can be done without a word is done, and nothing is asked
given book
given room bedroom
given device light "bed light" bedroom
given device light "desk lamp" bedroom
given device light "floor lamp" bedroom
given device lock "front door" bedroom
given skill
given quiet on
say bedroom "turn on the bed light"
expect decision act
expect command device.on "light.bed_light"
expect silence
expect journal done
say bedroom "what time is it"
expect decision act
expect silence
say bedroom "turn on the moon"
expect decision refuse
expect silence
say bedroom "can you laugh"
expect reason QUIET_HOURS
expect silence
# what binds the house is held for a device, as always
say bedroom "unlock the front door"
expect decision hold
expect proposed lock.unlock "lock.front_door"
expect silence
# what was asked for beforehand rings all the same, and what is typed is answered in full
type bedroom "set a timer for one minute"
expect reply "The timer is set for 1 minute."
wait 60
expect rings bedroom
say bedroom "stop"
expect no-ring
expect silence
given quiet off
say bedroom "what time is it"
expect reply "12"
