/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ended - how an owner's recordings ended, as the journal tells it: DELETED one by one, and
 * ERASED with all that was before it.
 *
 * Fed events in the order of a walk, backwards from the journal's end or forwards. One
 * thread.
 */
#ifndef KEEPER_ENDED_H
#define KEEPER_ENDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/event.h"
#include "domain/ids.h"

enum {
	ENDED_WHY_BYTES = 64,
	ENDED_WHYS_MAX = 8, /* words that are told apart; there are fewer */
};

struct ended_end {
	int64_t at_ms;
	char why[ENDED_WHY_BYTES];
};

struct ended {
	struct owner_id owner;
	bool is_forwards; /* then the first ERASED counts, else the last that was taken */
	bool has_erased;
	struct ended_end erased;
	size_t why_count;
	char whys[ENDED_WHYS_MAX][ENDED_WHY_BYTES];
	size_t count;
	size_t capacity;
	struct ended_one *list; /* owned */
};

void ended_begin(struct owner_id owner, bool is_forwards, struct ended *out_ended);
void ended_finish(struct ended *ended);
/* Whether an entry of that kind is worth being opened for ended_take. */
bool ended_is_of_interest(const char *kind);
/* Another owner's, and of another kind, is passed over. ERR_MEMORY. */
MUST_CHECK enum err ended_take(struct ended *ended, const struct event *event);
/* How that one, recorded before all that was taken, ended; false: that is not known. */
bool ended_find(const struct ended *ended, struct record_id record,
		struct ended_end *out_end);

#endif
