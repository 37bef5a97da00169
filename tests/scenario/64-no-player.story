title a house without a music player says so
given room kitchen
say kitchen "pause the music"
expect decision act
expect reason NO_ACTION
say kitchen "play some jazz"
expect reason NO_ACTION
say kitchen "make the music louder"
expect decision refuse
expect reason DEVICE_CANNOT
