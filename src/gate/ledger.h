/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - which orders the gate has begun, kept over restarts, so that none is carried
 * out twice.
 *
 * One file of ids, 16 bytes each, the newest LEDGER_IDS_MAX of them. An id is durable
 * before ledger_begin returns. One thread.
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

/* path is made where it is missing; its folder is there. A cut last id is dropped. */
MUST_CHECK enum err ledger_open(const char *path, struct ledger **out_ledger,
				struct err_note *note);
void ledger_close(struct ledger *ledger); /* NULL is fine */

bool ledger_has(const struct ledger *ledger, struct proposal_id id);
/* ERR_IO: it could not be written; do not carry it out. */
MUST_CHECK enum err ledger_begin(struct ledger *ledger, struct proposal_id id);

#endif
