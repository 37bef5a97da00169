/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - what a room did last, or asked about, for words that lean on it: "warmer", "and
 * in the bedroom", "the kitchen one".
 *
 * A plain value of its room, in memory only: an intent without authority. It is forgotten
 * after FOLLOW_KEEP_MS, and a question with the next turn.
 */
#ifndef DOMAIN_FOLLOW_H
#define DOMAIN_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/ids.h"
#include "domain/intent.h"
#include "domain/saying.h"

enum { FOLLOW_KEEP_MS = 60000 };

/* What is leaned on. */
enum follow_kind { FOLLOW_NOTHING, FOLLOW_DONE, FOLLOW_QUESTION };

struct follow {
	enum follow_kind kind;
	struct turn_id turn;  /* whose it is */
	int64_t at_ms;        /* monotonic */
	bool is_typed;        /* a question that was read is answered by what is typed */
	struct intent intent; /* done; or asked about, as far as it was understood */
	struct saying question;
};

/* Puts it there, in the place of whatever was. */
void follow_did(struct follow *follow, struct turn_id turn, const struct intent *intent,
		int64_t now_ms);
void follow_asked(struct follow *follow, struct turn_id turn, const struct intent *intent,
		  const struct saying *question, bool is_typed, int64_t now_ms);
/* Wipes it. */
void follow_forget(struct follow *follow);
/* What there is to lean on now for what was typed or spoken; wipes what is too old. */
enum follow_kind follow_now(struct follow *follow, bool is_typed, int64_t now_ms);

#endif
