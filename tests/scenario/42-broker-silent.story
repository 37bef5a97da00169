title a broker that never acknowledges is given up after its time
given room kitchen
given device light "kitchen light" kitchen
given broker silent
say kitchen "turn on the kitchen light"
expect waiting
wait 3
expect over
expect reason DEVICE_UNREACHABLE
