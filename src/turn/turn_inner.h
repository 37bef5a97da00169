/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_inner - the state of a line, shared by its own files only: turn.c knows the order
 * of the steps, binding.c what is asked of the keeper, outcome.c what is written and said of
 * what became of them, remember.c what is kept of a turn that is over.
 */
#ifndef TURN_TURN_INNER_H
#define TURN_TURN_INNER_H

#include <assert.h>

#include "turn/report.h"
#include "turn/session.h"
#include "turn/turn.h"

enum { SOUND_SAMPLES = SESSION_SECONDS_MAX * AUDIO_HZ };

/* The low byte of a token says what it answers; the rest is the turn's own, and new for
 * each line of a routine. */
enum {
	TOKEN_ACTION = 0, /* .. DECISION_WARRANTS_MAX - 1 */
	TOKEN_SEALED = DECISION_WARRANTS_MAX,
	TOKEN_PROPOSED, /* .. + DECISION_PROPOSALS_MAX - 1 */
	TOKEN_EVENT = TOKEN_PROPOSED +
		      DECISION_PROPOSALS_MAX, /* and on: events, by their place in
						 line->asked */
};

/* Events that the turn has asked the keeper to write. */
enum {
	ASKED_DECIDED,
	ASKED_HELD, /* what binds, of a decision that does the rest */
	ASKED_NOT_SEALED,
	ASKED_SPOKEN,
	ASKED_OUTCOME, /* .. of each action, each proposal and what was left */
	ASKED_NOT_HELD = ASKED_OUTCOME + DECISION_WARRANTS_MAX,
	ASKED_LEFT = ASKED_NOT_HELD + DECISION_PROPOSALS_MAX,
	ASKED_COUNT = ASKED_LEFT + DECISION_LEFT_MAX,
};
static_assert(TOKEN_EVENT + ASKED_COUNT <= 256, "tokens have one byte");

/* The request that called a routine, while its lines are gone through. */
struct turn_call {
	struct understanding understanding;
	struct decision decision;
	struct event_id decided;
};

struct turn_line {
	struct turn_parts parts;
	struct arena *arena;      /* of the request */
	struct arena *line_arena; /* of the line of its routine */
	struct turn turn;
	bool busy;
	bool running;           /* a step is being run: answers only count down */
	enum turn_stage next;   /* the step that follows the one being run */
	unsigned waiting;       /* answers the current step still needs */
	bool sealing;           /* the recording's answer is still out */
	bool speaking;          /* the room's answer is still out */
	struct event_id parent; /* because of which it speaks */
	uint64_t token_base;    /* low byte 0 */
	int64_t begun_us;
	double floor; /* what the ratio was held against */
	enum reason results[DECISION_WARRANTS_MAX];
	enum reason held[DECISION_PROPOSALS_MAX]; /* what the keeper answered to each */
	bool in_routine;                          /* lines are gone through */
	size_t at;                                /* the line; count: behind the last */
	struct routine routine;
	struct turn_call call;
	bool reports; /* report is what is answered */
	struct report report;
	struct event asked[ASKED_COUNT];
	struct saying first_said;
	int16_t *sound; /* [SOUND_SAMPLES], locked where the system lets us */
	size_t sample_count;
};

/* turn.c */
struct event turn_event(const struct turn_line *line, enum event_kind kind);
struct event turn_decision_event(const struct turn_line *line,
				 const struct decision *decision);
/* Appends an event that the turn waits for. What cannot be written now is kept for later,
 * but a decision is not made then: who writes one looks at what this returns. */
enum err turn_write(struct turn_line *line, const struct event *event, unsigned asked);
/* What it would have led to does not happen. */
void turn_leave_dialogue(struct decision *decision);

/* binding.c */
/* What binds, of a decision that does the rest: a decision of its own. */
struct event turn_held_event(const struct turn_line *line);
/* That could not be written down, so nothing is asked for; the rest is as it was. */
void turn_unheld(struct turn_line *line);
/* What binds the household is the keeper's to hold and the gate's to do. */
void turn_propose_all(struct turn_line *line);

/* remember.c */
void turn_remember(struct turn_line *line);

/* outcome.c */
/* Everything was tried: sums it up, and writes it down. */
void turn_write_outcome(struct turn_line *line);
/* The same of the request that called a routine, behind its last line. */
void turn_write_call(struct turn_line *line);
/* What is said, in words. */
void turn_put_words(struct turn_line *line);

#endif
