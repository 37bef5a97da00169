title mute and what was taken from a room hold, and say why
given room kitchen muted
given room bedroom may-only-tell
given device light "bed light" bedroom
say kitchen "what time is it"
expect reason MUTED
expect silence
expect recordings 0
say bedroom "turn on the bed light"
expect reason CAPABILITY_OFF
expect commands 0
say bedroom "what time is it"
expect decision act
