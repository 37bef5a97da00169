/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposal - what may become of something that binds the household, step by step.
 *
 * Sound can make a proposal and call one off. Only a paired device's signature takes one
 * further than being held, and only time and the gate's answer do the rest; what was sent
 * waits for its listener. The table of steps (proposal.def) is all there is: what it does
 * not list does not happen. Pure: the keeper verifies what it tells this of, writes each
 * step down first, and carries it out.
 */
#ifndef DOMAIN_PROPOSAL_H
#define DOMAIN_PROPOSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/reason.h"

enum {
	PROPOSAL_WAIT_MS = 5 * 60 * 1000, /* for a tap, and for a receipt */
	PROPOSAL_ORDER_MS = 15 * 1000,    /* for the gate to carry out what moves here */
	PROPOSAL_PURCHASE_MS = 2 * 60 * 1000, /* for it to hand over an order of goods */
	PROPOSAL_DAY_MS = 24 * 3600 * 1000,   /* so long what was bought counts */
	PROPOSAL_DELIVER_MS =
		3 * 24 * 3600 * 1000, /* for the gate to hand over a message */
};

/* For its listener, and then in the list of what was heard. */
#define PROPOSAL_KEEP_MS (30 * 24 * INT64_C(3600) * 1000)

enum proposal_state {
#define STATE(name, text, lasts, is_over, tone, words) PROPOSAL_##name,
#define STEP(from, kinds, event, to, reason)
#include "domain/proposal.def"
#undef STATE
#undef STEP
	PROPOSAL_STATE_COUNT
};

/* What can happen to a proposal. Who tells of it has verified it. */
enum proposal_event {
	PROPOSAL_CONFIRMED, /* by voice: phrase, prompts and memo attested, contact allows it */
	PROPOSAL_RECEIVED, /* a device signed that its owner was told */
	PROPOSAL_TAPPED,   /* a device of somebody who may approve it signed exactly it */
	PROPOSAL_CALLED_OFF, /* by voice, device or mute */
	PROPOSAL_TIME,       /* the state has lasted as long as it may */
	PROPOSAL_CARRIED, /* the gate did it; of a message in the house: it lies there */
	PROPOSAL_FAILED_OUT, /* the gate could not, for good */
	PROPOSAL_DOUBTED,    /* whether the gate did it nobody knows */
	PROPOSAL_LISTENED,   /* it is about to be played to whom it is for; of a message
				to another house: its key is about to be given away */
	PROPOSAL_UNWANTED,   /* whom it came from or whom it is for is gone */
	PROPOSAL_RESTARTED, /* the keeper was started anew: no clock has counted meanwhile */
	PROPOSAL_EVENT_COUNT
};

/* What moves a device is done at once when it was tapped. Messages are held first; one
 * that lies here or at another house can be recalled; a mail takes a tap, and is only
 * stopped, as far as the gate has not handed it over. What came from another house nobody
 * here asked for, and nobody here recalls: it begins in SENT. What is bought is handed over
 * once, and kept for a day, so that what was spent is counted. */
enum proposal_kind {
	PROPOSAL_AT_ONCE,
	PROPOSAL_MESSAGE,
	PROPOSAL_MAIL,
	PROPOSAL_INBOUND,
	PROPOSAL_PURCHASE,
	PROPOSAL_KIND_COUNT
};

/* False, and nothing written: that does not happen in this state. */
bool proposal_step(enum proposal_kind kind, enum proposal_state from,
		   enum proposal_event event, enum proposal_state *out_to,
		   enum reason *out_reason);

/* How long the state lasts at most; hold_ms is the policy's. 0: for ever. */
int64_t proposal_lasts_ms(enum proposal_kind kind, enum proposal_state state,
			  int64_t hold_ms);
/* It waits for somebody's word, or is held: nothing was ordered yet. */
bool proposal_waits(enum proposal_state state);
/* Nothing more will become of it. */
bool proposal_is_over(enum proposal_state state);
/* A message, to or from here. */
bool proposal_is_message(enum proposal_kind kind);
/* Nothing more is to be done about it, though it may be kept. */
bool proposal_is_settled(enum proposal_state state);
/* It lies where its listener finds it: what becomes of it now is no news of the room. */
bool proposal_is_kept(enum proposal_state state);
const char *proposal_state_text(enum proposal_state state);  /* "held" */
const char *proposal_state_tone(enum proposal_state state);  /* "done"; "" for none */
const char *proposal_state_words(enum proposal_state state); /* for people */
bool proposal_state_from_text(const char *text, enum proposal_state *out_state);

#endif
