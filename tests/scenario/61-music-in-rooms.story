title music in the rooms whose names the player's outputs have
given player kitchen off bedroom off reference on
given device light lamp bedroom
given device light spot kitchen
given device light bulb study
given room kitchen
given room bedroom
say kitchen "play some jazz"
expect music playing First
expect music-in kitchen reference
say kitchen "play snow in the kitchen and the bedroom"
expect music playing Third
expect music-in kitchen bedroom reference
say bedroom "stop the music in the kitchen"
expect music playing Third
expect music-in bedroom reference
say bedroom "stop the music in the bedroom"
expect music paused
say bedroom "play rain everywhere"
expect music playing First
expect music-in kitchen bedroom reference
say bedroom "next song"
say bedroom "play it in the bedroom"
expect music playing Second
expect music-in bedroom reference
say bedroom "play it everywhere"
expect music playing Second
expect music-in kitchen bedroom reference
say bedroom "play rain in the study"
expect reason NO_MUSIC_ROOM
expect music-in kitchen bedroom reference
say kitchen "play rain in the kitchen and the study"
expect reason NO_MUSIC_ROOM
expect music-in kitchen bedroom reference
