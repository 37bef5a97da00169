/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_card - what happened, what is acted out, and what has to come of it, stated before
 * it is: a file of share/drills (docs/FORMATS.md).
 *
 * Read strictly: a key that is unknown, missing, too long or of another kind is refused
 * with its place. Pure but for memory.
 */
#ifndef CLI_DRILL_CARD_H
#define CLI_DRILL_CARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/rehearsal_house.h"

enum {
	DRILL_CARD_BYTES_MAX = 64 * 1024,
	DRILL_PATH_BYTES = 256,
	DRILL_NAME_BYTES = 32,
	DRILL_TEXT_BYTES = 1024,
	DRILL_LINE_BYTES = 160,
	DRILL_LINES_MAX = 64,
	DRILL_CONTACTS_MAX = 16,
	DRILL_ROOMS_MAX = 8,
	DRILL_NUMBER_MAX = 99,
	DRILL_LATE_MS_MAX = 1000,
};

struct drill_lines {
	size_t count;
	char all[DRILL_LINES_MAX][DRILL_LINE_BYTES];
};

/* A room that hears what is said, at which level and how much later than the first. */
struct drill_room {
	char name[DRILL_NAME_BYTES];
	double db;
	int64_t late_ms;
};

struct drill_card {
	char path[DRILL_PATH_BYTES];
	char name[DRILL_NAME_BYTES];
	unsigned number;
	bool is_ready; /* else it is not yet acted out */
	char title[DRILL_TEXT_BYTES];
	char happened[DRILL_TEXT_BYTES];
	char expected[DRILL_TEXT_BYTES];
	struct drill_lines sources;
	struct drill_lines not_yet; /* parts of the incident that are not acted out */
	/* what is acted out */
	size_t contact_count;
	struct rehearsal_contact contacts[DRILL_CONTACTS_MAX];
	struct drill_lines near; /* words that a detector takes for the name */
	char wake[DRILL_TEXT_BYTES];
	char request[DRILL_TEXT_BYTES];
	struct drill_lines answers;  /* one after the other, the last again and again */
	struct drill_lines confirms; /* likewise */
	char before_tone[DRILL_TEXT_BYTES];
	char behind_tone[DRILL_TEXT_BYTES];
	struct drill_lines names;     /* of houses, one each in turn */
	struct drill_lines said;      /* one after the other */
	struct drill_lines words;     /* that talk is drawn from */
	char code[DRILL_TEXT_BYTES];  /* a spoken one */
	char goods[DRILL_TEXT_BYTES]; /* what can be ordered, where anything can */
	char order[DRILL_TEXT_BYTES]; /* a sentence that asks for it */
	unsigned households;
	unsigned notices_max; /* on a household's devices within an hour */
	size_t room_count;
	struct drill_room rooms[DRILL_ROOMS_MAX];
	/* what has to come of it: "CASE OUTCOME" */
	struct drill_lines outcomes;
	struct drill_lines by_ear;  /* codes: as sound, each of these will do */
	unsigned moved_percent_max; /* as sound behind the name; never what binds */
};

/* Reads a card. needs: keys it must have beside those of all, up to NULL, where it is
 * ready. The note reads "path:line:column: what was found; what was expected". */
MUST_CHECK enum err drill_card_read(const char *path, const char *bytes, size_t size,
				    const char *const *needs, struct drill_card *out_card,
				    struct err_note *note);

/* What its first lines say it is; its needs are asked for before all of it is read. False:
 * nothing of the kind. */
bool drill_card_name(const char *path, char to[DRILL_NAME_BYTES]);

/* What the card states of a case, or NULL. */
const char *drill_card_outcome(const struct drill_card *card, const char *which);

/* The index-th line, or the last one; there is at least one. */
const char *drill_card_line(const struct drill_lines *lines, size_t index);

/* A complaint about what only the drill itself can judge: ERR_FORMAT. */
MUST_CHECK enum err drill_card_say(const struct drill_card *card, struct err_note *note,
				   const char *key, const char *what, const char *which);

#endif
