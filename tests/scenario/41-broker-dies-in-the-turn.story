title a broker that dies between command and acknowledgement
given room kitchen
given device light "kitchen light" kitchen
given broker silent
say kitchen "turn on the kitchen light"
expect waiting
given broker down
expect over
expect reason DEVICE_UNREACHABLE
expect journal failed action device.on
