title music by name, its pauses and steps, and what plays
given player reference on
given room kitchen
say kitchen "what is playing"
expect reply "Nothing is playing."
say kitchen "play rain"
expect decision act
expect reason NONE
expect reply "Playing Rain."
expect music playing First
expect journal done action music.play
say kitchen "what is this song"
expect reply "First by Ada Lind."
say kitchen "next song"
expect silence
expect music playing Second
say kitchen "play the previous song"
expect music playing First
say kitchen "pause the music"
expect music paused
say kitchen "continue the music"
expect music playing First
say kitchen "play something by otto brand"
expect music playing Third
say kitchen "play some jazz"
expect music playing First
say kitchen "set the music volume to thirty percent"
expect reply "Music at 30 percent."
expect music-volume 30
say kitchen "make the music louder"
expect music-volume 40
expect volume 50
type kitchen "play something nobody ever recorded"
expect reason NO_MUSIC
expect reply "I have no such music."
expect music playing First
# Words that leave a request open are not believed.
say kitchen "play rain" -60
expect decision refuse
expect commands 0
