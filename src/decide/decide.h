/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide - may this be done? The only stage that makes warrants.
 *
 * Pure: what was understood, the house and the owner's policy in; act, ask, hold or
 * refuse out, always with a reason. Every safety rule of the house is a row or a line here.
 */
#ifndef DECIDE_DECIDE_H
#define DECIDE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/arranged.h"
#include "domain/decision.h"
#include "domain/follow.h"
#include "domain/home.h"
#include "domain/policy.h"
#include "domain/understanding.h"

struct decide_input {
	const struct understanding *understanding;
	const struct home *home;
	const struct arranged *arranged; /* NULL: nothing */
	const struct policy *policy;
	const char *room; /* where it was asked; also the name of its area */
	bool spoken;      /* false: typed by somebody signed in on this machine */
	double ratio;     /* spoken: the recogniser's log-likelihood ratio per frame */
	uint32_t speech_frames;
	uint32_t word_count;
	int volume_percent; /* of the room's speaker now, for "louder" */
	int music_percent;  /* of the music player; -1: there is none, or it has none */
	bool bus_down;      /* the home cannot be reached now */
	bool media_match;   /* what was heard matches what our own speaker played */
	bool one_sided;     /* it came through one microphone of two alone */
	bool can_hold;   /* somebody is there who holds what binds until it is approved */
	unsigned reach;  /* what devices that were heard lately may approve */
	bool is_answer;  /* heard under a lease for an answer: nobody said the name */
	bool in_routine; /* it is a line of one: neither asks nor leans */
	bool follow_up;  /* replies may be followed up without it */
	const struct follow *follow; /* what was done or asked; NULL: never anything */
	const struct dialogue *dialogue; /* the room's; NULL: it never has one */
	enum dialogue_event news;        /* of that dialogue; WORDS: something was said */
	const uint8_t *memo;             /* with SPOKEN: SHA-256 of it */
	bool can_call_off;      /* something that was asked for here is not over */
	bool carries_to_houses; /* messages go to other houses; else there is no way */
	const char *wake_word;  /* the name of the house, to be said aloud */
	int64_t now_ms;         /* warrants are good from here */
};

/* Fills the decision; warrants live in the arena. ERR_MEMORY or ERR_LIMIT only. */
MUST_CHECK enum err decide(const struct decide_input *input, struct arena *arena,
			   struct decision *out_decision);

#endif
