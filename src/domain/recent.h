/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recent - the last turns of one room, in memory only, for "what did you hear" and
 * "why did you do that". Forgotten after RECENT_KEEP_MS.
 */
#ifndef DOMAIN_RECENT_H
#define DOMAIN_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "domain/decision.h"
#include "domain/ids.h"
#include "domain/intent.h"

enum { RECENT_TURNS_MAX = 16, RECENT_KEEP_MS = 10 * 60 * 1000 };

struct recent_turn {
	struct turn_id turn;
	int64_t at_ms; /* monotonic */
	char text[TEXT_BYTES];
	enum decision_kind decision;
	enum action_kind action;
	enum reason reason;
};

/* A ring of the room's last turns. Wiped as it is overwritten and when it expires. */
struct recent {
	size_t count;
	size_t next;
	struct recent_turn turns[RECENT_TURNS_MAX];
};

void recent_init(struct recent *recent);
void recent_add(struct recent *recent, const struct recent_turn *turn);
/* The newest turn not older than RECENT_KEEP_MS, or NULL; wipes those that are. */
const struct recent_turn *recent_newest(struct recent *recent, int64_t now_ms);
void recent_wipe(struct recent *recent);

#endif
