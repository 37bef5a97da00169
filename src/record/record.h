/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - what happened in a turn, as journal events and as what may be kept.
 * tour 7/10: the last stage of the straight line; next: port/clock.h.
 *
 * Writes plain events and says whether the sound of a turn may be kept at all; sealing
 * and chaining are the keeper's. Events hold codes, numbers and ids, never words.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/decision.h"
#include "domain/event.h"
#include "domain/intent.h"
#include "domain/lease.h"

/* A name, or what was not believed to be one. ratio 0: no second opinion was asked; why:
 * what it held against it, "" nothing. */
struct record_wake {
	bool accepted;
	double score;
	double floor;
	double level_db;
	double ratio;
	const char *why;
};
void record_wake(struct event *event, const struct record_wake *wake);
void record_lease_opened(struct event *event, enum lease_reason reason);
void record_lease_closed(struct event *event, int64_t used_ms, const char *cause);

struct record_heard {
	bool is_news; /* no words: the room told how a prompt or a memo ended */
	bool spoken;
	double ratio;
	double floor;
	double confidence;          /* of understanding */
	const char *intent;         /* "" none */
	bool is_answer;             /* under a lease for an answer: without the name */
	enum dialogue_step answers; /* the step that it came in */
	struct turn_id leans_on;    /* what was said before; none: nothing */
	unsigned routine_line;      /* of the routine that was called; 0: none */
};
void record_decided(struct event *event, const struct decision *decision,
		    const struct record_heard *heard);
void record_outcome(struct event *event, const struct action *action, enum reason reason);
void record_spoken(struct event *event, struct event_id parent, int64_t sound_ms);
void record_not_sealed(struct event *event, enum reason reason);
void record_fuse_blown(struct event *event, const char *what);
/* The dialogue ends with a question of ours, and why. */
void record_question_over(struct event *event, enum reason reason);
void record_announcement_refused(struct event *event, const char *topic, const char *why);

/* Whether sound that led to this decision may be kept: only what was addressed to us
 * and believed. */
bool record_may_keep(const struct decision *decision);

#endif
