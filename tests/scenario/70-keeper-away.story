title without the keeper nothing is done; it says so, and works again when it is back
given room kitchen
given device light "kitchen light" kitchen
say kitchen "turn on the kitchen light"
given keeper down
say kitchen "turn off the kitchen light"
expect commands 0
expect decision refuse
expect reason JOURNAL_UNAVAILABLE
expect reply "I can't write it down"
expect late decided
given keeper up
say kitchen "turn off the kitchen light"
expect command device.off "light.kitchen_light"
