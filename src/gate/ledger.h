/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - which orders the gate has begun and how each ended, kept over restarts, so that
 * none is carried out twice and each is answered with what really happened.
 *
 * One file of rows, the newest LEDGER_IDS_MAX ids of them. A row is durable before the call
 * that adds it returns. One thread.
 */
#ifndef GATE_LEDGER_H
#define GATE_LEDGER_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/ids.h"

enum {
	LEDGER_IDS_MAX = 4096
}; /* an order is told again for seconds or, a message, days */

struct ledger;

/* path is made where it is missing; its folder is there. A cut last row is dropped. The
 * layout before this one (docs/FORMATS.md) is read, too. */
MUST_CHECK enum err ledger_open(const char *path, struct ledger **out_ledger,
				struct err_note *note);
void ledger_close(struct ledger *ledger); /* NULL is fine */

/* Whether it was begun, and how it ended: ERR_EXISTS when nobody knows. */
bool ledger_find(const struct ledger *ledger, struct proposal_id id,
		 enum err *out_outcome);
/* ERR_IO: it could not be written; do not carry it out. */
MUST_CHECK enum err ledger_begin(struct ledger *ledger, struct proposal_id id);
/* How it ended; also of one that was not begun here, because doing it twice does no harm. */
MUST_CHECK enum err ledger_end(struct ledger *ledger, struct proposal_id id,
			       enum err outcome);

#endif
