/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history - the keeper's rows of what was asked, newest first, for the commands that
 * show them or name one by its number.
 */
#ifndef CLI_HISTORY_H
#define CLI_HISTORY_H

#include "base/err.h"
#include "cli/client.h"

enum { HISTORY_ROWS_MAX = 1000, HISTORY_ROWS_DEFAULT = 20 };

struct history {
	size_t count;
	struct wire_history_row *rows; /* owned; wiped by history_finish */
};

/* Every turn before now, at most limit of them. */
struct wire_history_get history_newest(uint32_t limit);
/* The newest rows of those asked for; get->limit is 1..HISTORY_ROWS_MAX, and the link
 * unlocked. Looking at more than a few seconds' worth draws a progress bar. */
MUST_CHECK enum err history_get(struct link_client *client,
				const struct wire_history_get *get,
				struct history *out_history, struct err_note *note);
void history_finish(struct history *history);

/* The row that "3" (the third newest) or a turn's or record's id names. */
MUST_CHECK enum err history_find(struct link_client *client, const char *word,
				 struct wire_history_row *out_row, struct err_note *note);

#endif
