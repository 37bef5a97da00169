/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_stage - a household for a drill of several rooms, as its card describes it, and what
 * is said there.
 */
#ifndef CLI_DRILL_STAGE_H
#define CLI_DRILL_STAGE_H

#include "cli/drill.h"
#include "cli/rehearsal_rooms.h"
#include "domain/intent.h"

struct drill_stage {
	const struct drill_card *card; /* borrowed */
	const char *name;              /* of the house; borrowed */
	struct rehearsal_contact contacts[DRILL_CONTACTS_MAX];
	size_t contact_count;
	struct rehearsal_house *house;
	struct arena *arena;
};

/* The number-th household of the card: contacts and names are dealt out in turn. The caller
 * closes *stage, also after a failure. */
MUST_CHECK enum err drill_stage_open(const struct drill_card *card, size_t number,
				     struct drill_stage *stage, struct err_note *note);
/* The same, where that can be ordered; NULL: nothing can. */
MUST_CHECK enum err drill_stage_open_shop(const struct drill_card *card, size_t number,
					  const char *goods, struct drill_stage *stage,
					  struct err_note *note);
void drill_stage_close(struct drill_stage *stage);

/* Its rooms as at the beginning; the caller frees them. */
MUST_CHECK enum err drill_stage_rooms(const struct drill_stage *stage,
				      struct rehearsal_rooms **out_rooms);

/* "{name}", "{contact}" and "{code}" with what they are there. */
void drill_stage_fill(const struct drill_stage *stage, const char *text,
		      char to[TEXT_BYTES]);

/* Says it, filled, to all rooms. */
void drill_stage_say(const struct drill_stage *stage, struct rehearsal_rooms *rooms,
		     const char *text, struct rehearsal_turn *out_turn);

/* What came of it in the end: its proposal's reason, where it made one. */
enum reason drill_stage_reason(const struct rehearsal_rooms *rooms,
			       const struct rehearsal_turn *turn);

#endif
