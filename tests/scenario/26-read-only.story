title a device that speaks what is not understood is never commanded
given room kitchen
given device light "odd light" kitchen read-only
given device light "secret light" kitchen hidden
say kitchen "turn on the odd light"
expect reason READ_ONLY
expect commands 0
say kitchen "turn on the secret light"
expect decision ask
expect commands 0
