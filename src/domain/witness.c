/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness - the table of stages; verifies no signature and remembers no sound.
 *
 * Invariant: a stage is reached only through all those before it, each in the same turn.
 */
#include "domain/witness.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

/* What an event is to a message. */
enum seen {
	SEEN_MEMO_PROMPT,    /* heard, and a memo follows */
	SEEN_MEMO_LEASE,     /* the microphone is open for it */
	SEEN_MEMO,           /* it was spoken */
	SEEN_CONFIRM_PROMPT, /* heard, and the phrase may follow */
	SEEN_REQUEST_LEASE,  /* somebody said the name */
	SEEN_COUNT,
};

static const struct {
	enum event_kind kind;
	const char *field; /* that tells, and its value; NULL: the kind is enough */
	const char *value;
} SIGHTS[SEEN_COUNT] = {
	[SEEN_MEMO_PROMPT] = {EVENT_PROMPT_HEARD, "then", "memo"},
	[SEEN_MEMO_LEASE] = {EVENT_LEASE_OPENED, "lease", "memo"},
	[SEEN_MEMO] = {EVENT_MEMO, NULL, NULL},
	[SEEN_CONFIRM_PROMPT] = {EVENT_PROMPT_HEARD, "then", "confirm"},
	[SEEN_REQUEST_LEASE] = {EVENT_LEASE_OPENED, "lease", "request"},
};

/* Where it leads. A prompt for a memo begins anew from anywhere. Somebody who says the
 * name before the memo is spoken ended that dialogue; later the memo is there, and the
 * name is how the phrase begins. */
static const enum witness_stage NEXT[WITNESS_STAGE_COUNT][SEEN_COUNT] = {
	[WITNESS_NOTHING] = {[SEEN_MEMO_PROMPT] = WITNESS_PROMPTED},
	[WITNESS_PROMPTED] = {[SEEN_MEMO_PROMPT] = WITNESS_PROMPTED,
			      [SEEN_MEMO_LEASE] = WITNESS_RECORDING},
	[WITNESS_RECORDING] =
		{[SEEN_MEMO_PROMPT] = WITNESS_PROMPTED, [SEEN_MEMO] = WITNESS_SPOKEN},
	[WITNESS_SPOKEN] = {[SEEN_MEMO_PROMPT] = WITNESS_PROMPTED,
			    [SEEN_CONFIRM_PROMPT] = WITNESS_ASKED,
			    [SEEN_REQUEST_LEASE] = WITNESS_SPOKEN},
	[WITNESS_ASKED] = {[SEEN_MEMO_PROMPT] = WITNESS_PROMPTED,
			   [SEEN_CONFIRM_PROMPT] = WITNESS_ASKED,
			   [SEEN_REQUEST_LEASE] = WITNESS_ASKED},
};

void witness_init(struct witness *witness)
{
	memset(witness, 0, sizeof(*witness));
}

static enum seen seen_of(const struct event *event)
{
	enum seen seen = 0;

	while (seen < SEEN_COUNT &&
	       (SIGHTS[seen].kind != event->kind ||
		(SIGHTS[seen].field &&
		 !str_equal(event_value(event, SIGHTS[seen].field), SIGHTS[seen].value))))
		seen++;
	return seen;
}

/* The index of the turn's try, or the count. */
static size_t try_of(const struct witness *witness, struct turn_id turn)
{
	size_t at = 0;

	while (at < witness->try_count && witness->tries[at].turn.value != turn.value)
		at++;
	return at;
}

/* One more turn in which the phrase may be said. Too many, and it is another dialogue:
 * the memo can still be approved by a tap. */
static void add_try(struct witness *witness, struct turn_id turn)
{
	if (try_of(witness, turn) < witness->try_count)
		return;
	if (witness->try_count == WITNESS_TRIES_MAX) {
		witness->stage = WITNESS_SPOKEN;
		witness->try_count = 0;
		return;
	}
	witness->tries[witness->try_count].turn = turn;
	witness->tries[witness->try_count].is_used = false;
	witness->try_count++;
}

static bool keep_memo(struct witness *witness, const struct event *event)
{
	const unsigned long ms = strtoul(event_value(event, "used_ms"), NULL, 10);

	witness->sound_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
	return evidence_memo_hash(event, witness->hash);
}

/* A prompt for a memo may be of any turn, a request is of another; all else belongs to the
 * message's own. */
static bool is_of_its_turn(const struct witness *witness, enum seen seen,
			   struct turn_id turn)
{
	const bool is_same = witness->turn.value == turn.value;

	return seen == SEEN_MEMO_PROMPT || (seen == SEEN_REQUEST_LEASE) != is_same;
}

void witness_see(struct witness *witness, const struct event *event)
{
	const enum seen seen = seen_of(event);
	enum witness_stage next;

	if (seen == SEEN_COUNT)
		return;
	next = NEXT[witness->stage][seen];
	if (next == WITNESS_NOTHING || !is_of_its_turn(witness, seen, event->turn)) {
		witness_init(witness);
		return;
	}
	if (next == WITNESS_PROMPTED) {
		witness_init(witness);
		witness->turn = event->turn;
	}
	witness->stage = next;
	if (seen == SEEN_MEMO && !keep_memo(witness, event))
		witness_init(witness);
	if (seen == SEEN_REQUEST_LEASE && next == WITNESS_ASKED)
		add_try(witness, event->turn);
}

bool witness_memo(const struct witness *witness, struct turn_id turn,
		  const uint8_t hash[EVIDENCE_HASH_BYTES], uint32_t *out_sound_ms)
{
	if (witness->stage < WITNESS_SPOKEN || !id_is_none(witness->proposal.bytes) ||
	    witness->turn.value != turn.value ||
	    memcmp(witness->hash, hash, sizeof(witness->hash)) != 0)
		return false;
	*out_sound_ms = witness->sound_ms;
	return true;
}

void witness_take(struct witness *witness, struct proposal_id proposal)
{
	must(witness->stage >= WITNESS_SPOKEN && id_is_none(witness->proposal.bytes));
	witness->proposal = proposal;
}

bool witness_phrase(const struct witness *witness, struct proposal_id proposal,
		    struct turn_id said_in)
{
	const size_t at = try_of(witness, said_in);

	return witness->stage == WITNESS_ASKED && at < witness->try_count &&
	       !witness->tries[at].is_used && !id_is_none(proposal.bytes) &&
	       id_equal(witness->proposal.bytes, proposal.bytes);
}

void witness_use(struct witness *witness, struct turn_id said_in)
{
	const size_t at = try_of(witness, said_in);

	must(at < witness->try_count);
	witness->tries[at].is_used = true;
}
