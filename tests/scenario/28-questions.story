title questions over devices: what is so, what is not, and what nobody has told
given room kitchen
given room hall
given device lock "front door" hall state=locked
given device lock "cellar door" cellar state=unlocked
given device binary_sensor "kitchen window" kitchen class=window state=off
given device binary_sensor "bath window" bathroom class=window state=on
given device binary_sensor "attic window" attic class=window away
given device light "kitchen light" kitchen state=off
given device light "desk lamp" study state=on
given device climate "thermostat" kitchen measured=18.5 target=19
given device sensor "bath thermometer" bathroom class=temperature state=22.25
given device sensor "study thermometer" study class=temperature state=20
given device sensor "loft thermometer" loft class=temperature state=68 measured=20
given device sensor "bath hygrometer" bathroom class=humidity state=61
given device binary_sensor "hall motion" hall class=motion state=on
given device sensor "bath battery" bathroom class=battery state=12
given device sensor "hall battery" hall class=battery state=90
given device switch "washing machine" bathroom state=on
given arranged "{floors: {upstairs: [bathroom, study], downstairs: [kitchen, hall]}}"
say hall "is the door locked"
expect reply "Yes, the front door is locked."
expect commands 0
say kitchen "is the door locked"
expect reply "No, the cellar door is not locked."
say kitchen "are all the doors locked"
expect reply "No, the cellar door is not locked."
say kitchen "which doors are unlocked"
expect reply "The cellar door is unlocked."
say kitchen "are any windows open"
expect reply "Yes, the bath window is open. The attic window has told me nothing, or can't be reached."
say kitchen "are all the windows closed"
expect reply "No, the bath window is not closed. The attic window has"
# what cannot be reached is neither: never "yes, all of them"
say kitchen "are any windows open downstairs"
expect reply "None of them is open."
say kitchen "is the window open in the attic"
expect reply "The attic window has told me nothing, or can't be reached."
say kitchen "which lights are on"
expect reply "The desk lamp is on."
say kitchen "are any lights on downstairs"
expect reply "None of them is on."
say kitchen "how warm is it"
expect reply "It is 18.5 degrees, set to 19."
say kitchen "how warm is it upstairs"
expect reply "It is between 20 and 22.3 degrees."
say kitchen "how warm is it in the bathroom"
expect reply "It is 22.3 degrees."
# one that tells fahrenheit is told as all others are
say kitchen "how warm is it in the loft"
expect reply "It is 20 degrees."
say kitchen "how humid is it in the bathroom"
expect reply "The humidity is 61 percent."
say kitchen "how humid is it in the hall"
expect reason NO_DEVICE
say kitchen "is the washing machine running"
expect reply "The washing machine is on."
say kitchen "is there any motion in the hall"
expect reply "Yes, the hall motion is active."
say kitchen "which batteries are low"
expect reply "The bath battery is low."
say kitchen "is anything on in the bathroom"
expect reply "The washing machine is on."
expect decision act
expect commands 0
expect journal done action tell.survey
# here is here, and nowhere else
say hall "are any windows open here"
expect reason NO_DEVICE
say kitchen "which lights are on in here"
expect reply "None of them is on."
