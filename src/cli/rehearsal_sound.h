/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_sound - one sentence as the microphones of several rooms hear it: a stretch of
 * something like speech over each room's own noise, through the real listening stage with a
 * detector that believes the name at its end.
 *
 * What the rooms tell of it (how loud, when) is what the real listening stage measured.
 */
#ifndef CLI_REHEARSAL_SOUND_H
#define CLI_REHEARSAL_SOUND_H

#include "base/err.h"
#include "cli/rehearsal_rooms.h"

/* How one room heard it. */
struct rehearsal_heard_by {
	bool woke;
	double level_db;
	int64_t at_ms;
	size_t frames; /* that it took up for us: must be 0 where it is muted */
};

/* The name's sound is drawn from the seed and gets to the room with this gain and this
 * late; before it the room is muted, or is not. ERR_LIMIT: no memory may be locked. */
MUST_CHECK enum err rehearsal_sound_hear(uint64_t seed,
					 const struct rehearsal_place *place, bool muted,
					 struct rehearsal_heard_by *out_heard);

#endif
