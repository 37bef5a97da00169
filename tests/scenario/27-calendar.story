title what is on, from the calendar of the household, where lists may be spoken
given room kitchen
given room hall may-only-tell
say kitchen "what is on today"
expect reason NO_CALENDAR
expect reply "I have no calendar to look into."
given calendar 2026-03-02T09:30 dentist
given calendar 2026-03-02 "Anna's birthday"
given calendar 2026-03-03T19:30 choir
given calendar 2026-03-03T08:00 bins
given calendar 2026-03-03T09:00 plumber
given calendar 2026-03-03T10:00 "window cleaner"
given calendar 2026-03-03T11:15 vet
given calendar 2026-03-10T19:30 choir
say kitchen "what is on today"
expect reply "Nothing is on today."
say kitchen "what's on tomorrow"
expect reply "Tomorrow: Anna's birthday, at 9 30 A M dentist."
say kitchen "what is on on tuesday"
expect reply "On Tuesday: at 8 o'clock A M bins, at 9 o'clock A M plumber, at 10 o'clock A M window cleaner, at 11 15 A M vet, and 1 thing more."
say kitchen "when is the dentist"
expect reply "Dentist: Monday, March 2, 2026, at 9 30 A M."
say kitchen "when is our birthday"
expect reply "Anna's birthday: Monday, March 2, 2026."
say kitchen "when is the next wedding"
expect reply "The calendar has no wedding."
type kitchen "when is the window cleaner"
expect reply "Window cleaner: Tuesday, March 3, 2026, at 10 o'clock A M."
say hall "what is on tomorrow"
expect decision refuse
expect reason CAPABILITY_OFF
expect reply "That is switched off for this room."
expect commands 0
