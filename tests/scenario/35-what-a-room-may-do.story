title who speaks asks for what a room may do, and changes nothing by it
given room hall
given device light "lamp" hall
say hall "no messages from this room"
expect decision hold
expect reason NEEDS_TAP
expect reply "approval on a paired device"
expect journal decided class C
say hall "allow messages from here"
expect decision hold
expect reason NEEDS_TAP
type hall "turn off recordings here"
expect reason NEEDS_TAP
say hall "turn on the lamp"
expect command device.on "light.lamp"
given no-approver
say hall "no messages from this room"
expect decision refuse
expect reason NO_APPROVER
