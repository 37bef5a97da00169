/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposal - reads the table of proposal.def; adds nothing to it. Pure.
 */
#include "domain/proposal.h"

#include <stddef.h>

#include "base/must.h"
#include "base/str.h"

enum lasts { LASTS_EVER, LASTS_WAIT, LASTS_HOLD, LASTS_ORDER, LASTS_KEEP, LASTS_DAY };

static const struct {
	const char *text;
	const char *tone;
	const char *words;
	enum lasts lasts;
	bool is_over;
} STATES[PROPOSAL_STATE_COUNT] = {
#define STATE(name, text, lasts, is_over, tone, words) \
	[PROPOSAL_##name] = {text, tone, words, LASTS_##lasts, is_over},
#define STEP(from, kinds, event, to, reason)
#include "domain/proposal.def"
#undef STATE
#undef STEP
};

/* The kinds that the table names together. */
enum {
	KINDS_AT_ONCE = 1 << PROPOSAL_AT_ONCE,
	KINDS_MESSAGE = 1 << PROPOSAL_MESSAGE,
	KINDS_MAIL = 1 << PROPOSAL_MAIL,
	KINDS_INBOUND = 1 << PROPOSAL_INBOUND,
	KINDS_PURCHASE = 1 << PROPOSAL_PURCHASE,
	KINDS_HELD = KINDS_MESSAGE | KINDS_MAIL,
	KINDS_LISTED = KINDS_MESSAGE | KINDS_INBOUND,
	KINDS_ANY = KINDS_AT_ONCE | KINDS_HELD | KINDS_PURCHASE,
};

static const struct {
	enum proposal_state from;
	unsigned kinds;
	enum proposal_event event;
	enum proposal_state to;
	enum reason reason;
} STEPS[] = {
#define STATE(name, text, lasts, is_over, tone, words)
#define STEP(from, kinds, event, to, reason)                              \
	{PROPOSAL_##from, KINDS_##kinds, PROPOSAL_##event, PROPOSAL_##to, \
	 REASON_##reason},
#include "domain/proposal.def"
#undef STATE
#undef STEP
};

bool proposal_step(enum proposal_kind kind, enum proposal_state from,
		   enum proposal_event event, enum proposal_state *out_to,
		   enum reason *out_reason)
{
	must(kind < PROPOSAL_KIND_COUNT);
	for (size_t i = 0; i < STR_COUNT(STEPS); i++) {
		if (STEPS[i].from != from || STEPS[i].event != event ||
		    !(STEPS[i].kinds & (1U << kind)))
			continue;
		*out_to = STEPS[i].to;
		*out_reason = STEPS[i].reason;
		return true;
	}
	return false;
}

static int64_t order_ms(enum proposal_kind kind)
{
	if (kind == PROPOSAL_PURCHASE)
		return PROPOSAL_PURCHASE_MS;
	return kind == PROPOSAL_AT_ONCE ? PROPOSAL_ORDER_MS : PROPOSAL_DELIVER_MS;
}

int64_t proposal_lasts_ms(enum proposal_kind kind, enum proposal_state state,
			  int64_t hold_ms)
{
	must(state < PROPOSAL_STATE_COUNT);
	switch (STATES[state].lasts) {
	case LASTS_WAIT:
		return PROPOSAL_WAIT_MS;
	case LASTS_HOLD:
		return hold_ms;
	case LASTS_ORDER:
		return order_ms(kind);
	case LASTS_DAY:
		return PROPOSAL_DAY_MS;
	case LASTS_KEEP:
		return PROPOSAL_KEEP_MS;
	case LASTS_EVER:
		break;
	}
	return 0;
}

bool proposal_is_over(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].is_over;
}

bool proposal_is_message(enum proposal_kind kind)
{
	return kind == PROPOSAL_MESSAGE || kind == PROPOSAL_MAIL ||
	       kind == PROPOSAL_INBOUND;
}

bool proposal_is_settled(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].is_over || STATES[state].lasts == LASTS_DAY;
}

bool proposal_waits(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].lasts == LASTS_WAIT || STATES[state].lasts == LASTS_HOLD;
}

bool proposal_is_kept(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].lasts == LASTS_KEEP;
}

const char *proposal_state_text(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].text;
}

const char *proposal_state_tone(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].tone;
}

const char *proposal_state_words(enum proposal_state state)
{
	must(state < PROPOSAL_STATE_COUNT);
	return STATES[state].words;
}

bool proposal_state_from_text(const char *text, enum proposal_state *out_state)
{
	for (size_t i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		if (!str_equal(STATES[i].text, text))
			continue;
		*out_state = (enum proposal_state)i;
		return true;
	}
	return false;
}
