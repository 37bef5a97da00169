title deleting what was said is proposed by voice, and takes a tap
given room kitchen
given device light "kitchen light" kitchen
say kitchen "turn on the kitchen light"
expect recordings 1
say kitchen "delete what i just said"
expect decision hold
expect reason NEEDS_TAP
expect reply "approval on a paired device"
expect journal decided action record.erase
expect journal decided class C
expect recordings 2
say kitchen "delete everything i said today"
expect decision hold
expect reason NEEDS_TAP
given no-approver
say kitchen "delete everything i said today"
expect decision refuse
expect reason NO_APPROVER
