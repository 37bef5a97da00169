/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told_turns - turns put together from the journal's events, read from its end.
 *
 * Events of several turns lie between one another, and some come long after their turn. A
 * turn's number holds the time at which it began: once the events are older than that, it
 * is whole. Turns come out newest first. Pure; one thread.
 */
#ifndef KEEPER_TOLD_TURNS_H
#define KEEPER_TOLD_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/event.h"
#include "domain/ids.h"
#include "keeper/ended.h"

enum {
	TOLD_TURNS_OPEN_MAX = 128, /* more at a time come out before they are whole */
	TOLD_TURNS_DONE_MAX = 128, /* of which late pieces are known and passed over */
	TOLD_WORD_BYTES = 40,
};

struct told_turn {
	struct turn_id turn;
	struct room_name room;
	struct record_id record; /* none: a row without sound */
	struct owner_id owner;   /* whose the recording is; none: there is none */
	uint32_t sound_ms;
	char by[TOLD_WORD_BYTES]; /* how it came to be theirs: "room", "device" ... */
	char decision[TOLD_WORD_BYTES];
	char action[TOLD_WORD_BYTES];
	char reason[TOLD_WORD_BYTES];
	char device[TOLD_WORD_BYTES]; /* fingerprint of one that took part; "": none */
	char opened
		[NAME_BYTES]; /* who listened to it, where it was nobody's: "bob, alice" */
	bool has_failed;
	struct ended_end deleted; /* of its recording; at_ms 0: not as far as is known */
};

struct told_turns {
	size_t open_count;
	struct told_turn open[TOLD_TURNS_OPEN_MAX];
	size_t done_count; /* ever */
	struct turn_id done[TOLD_TURNS_DONE_MAX];
	bool is_over;  /* there are no older events */
	int64_t at_ms; /* of the oldest event so far */
};

void told_turns_init(struct told_turns *turns);
/* Takes the next older event. Those outside turns only move the time. */
void told_turns_take(struct told_turns *turns, const struct event *event);
/* The recording that the event, taken just now, tells of ended so. */
void told_turns_deleted(struct told_turns *turns, const struct event *event,
			const struct ended_end *end);
/* There are no older events. */
void told_turns_end(struct told_turns *turns);
/* The newest turn that is whole, if there is one; it is forgotten. */
bool told_turns_next(struct told_turns *turns, struct told_turn *out_turn);

/* What became of it: "act light.on: NONE". */
void told_turn_outcome(const struct told_turn *turn, char *to, size_t size);
/* Whether the word (ASCII, folded) is its decision, its action or its reason; "kept" is
 * any with a recording. "" is every turn's. */
bool told_turn_became(const struct told_turn *turn, const char *word);

#endif
