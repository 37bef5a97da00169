title a player that dies, one that nobody has, and sound of our own
given player kitchen on
given room kitchen
say kitchen "play rain"
expect music playing First
play kitchen "stop the music"
expect decision refuse
expect reason MEDIA_MATCH
expect music playing First
play kitchen "what is playing"
expect decision act
expect reply "First by Ada Lind."
given player-is down
say kitchen "next song"
expect reason MUSIC_AWAY
expect journal failed reason MUSIC_AWAY
expect reply "The music player does not answer."
say kitchen "what is playing"
expect reason MUSIC_AWAY
given player-is up
say kitchen "play snow"
expect music playing Third
