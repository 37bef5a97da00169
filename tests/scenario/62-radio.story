title a station is asked for by its name, and never by an address
given player kitchen on
given room kitchen
say kitchen "play our radio"
expect decision act
expect reply "Playing Our Radio."
expect station http://radio.example/live
say kitchen "what is playing"
expect reply "Our Radio."
say kitchen "stop the radio"
expect music stopped
type kitchen "play http://evil.example/live"
expect reason NO_MUSIC
expect station http://radio.example/live
