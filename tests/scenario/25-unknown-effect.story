title what has an effect that nobody knows is class C until its owner marked it
given room kitchen
given device switch "pump" kitchen
given device switch "fairy lights" kitchen harmless
given device button "garden gate" kitchen
given device cover "garage door" kitchen class=garage
given device cover "kitchen blind" kitchen class=blind
say kitchen "turn on the pump"
expect reason NEEDS_TAP
expect commands 0
say kitchen "turn on the fairy lights"
expect command device.on "switch.fairy_lights"
say kitchen "press the garden gate"
expect reason NEEDS_TAP
say kitchen "open the garage door"
expect reason NEEDS_TAP
expect commands 0
say kitchen "open the kitchen blind"
expect command cover.open "cover.kitchen_blind"
