title unlock and disarm are understood and held: sound alone never authorises them
given room hall
given device lock "front door" hall
given device alarm_control_panel "alarm" hall
say hall "unlock the front door"
expect decision hold
expect reason NEEDS_TAP
expect reply "approval on a paired device"
expect commands 0
expect journal decided class C
say hall "disarm the alarm"
expect reason NEEDS_TAP
type hall "unlock the front door"
expect reason NEEDS_TAP
expect commands 0
say hall "lock the front door"
expect command lock.lock "lock.front_door"
say hall "arm the alarm"
expect command alarm.arm "alarm_control_panel.alarm"
given no-approver
say hall "unlock the front door"
expect decision refuse
expect reason NO_APPROVER
expect reply "no paired device can be reached"
expect commands 0
