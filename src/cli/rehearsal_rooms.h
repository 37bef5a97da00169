/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_rooms - a house of several rooms at the level of words: what is said is heard in
 * each, one is elected to answer, and what binds waits for a device. For drills; no product
 * path reaches it.
 *
 * Election, fuses, understand/, decide(), the hourly limits and the proposal's steps are the
 * real ones; the glue between them is a copy of what room, hub and keeper do. The clock is a
 * number. One thread.
 */
#ifndef CLI_REHEARSAL_ROOMS_H
#define CLI_REHEARSAL_ROOMS_H

#include "base/arena.h"
#include "cli/rehearsal_house.h"
#include "domain/approval.h"
#include "domain/decision.h"
#include "domain/hourly.h"
#include "domain/proposal.h"
#include "listen/election.h"
#include "listen/fuse.h"

enum {
	REHEARSAL_ROOMS_MAX = 8,
	REHEARSAL_PROPOSALS_MAX = 512,
	REHEARSAL_NOBODY = -1, /* in place of a room or a proposal */
};

/* Taken out for one case, to see what the others do alone. */
enum rehearsal_without {
	REHEARSAL_WITHOUT_FUSES = 1,
	REHEARSAL_WITHOUT_HOURLY = 2,
};

struct rehearsal_place {
	const char *name; /* of a room, also of its area */
	double db;        /* at which it hears what is said */
	int64_t late_ms;  /* and how much later than the first */
};

struct rehearsal_room {
	double level_db;
	int64_t late_ms;
	struct fuse wakes;
	struct fuse proposals;
	struct dialogue dialogue;
	size_t taken; /* sentences that its microphone took up */
	size_t answered;
};

struct rehearsal_said {
	const char *text;  /* lower case words with one space between */
	double ratio;      /* of the recogniser; the floor where it is believed: 0 */
	bool is_ours;      /* it matches what we play */
	bool is_one_sided; /* it comes through one microphone of two */
};

/* What came of something said. */
struct rehearsal_turn {
	size_t answers; /* rooms that answered */
	int room;       /* the last of them, or NOBODY */
	enum decision_kind kind;
	enum reason reason;
	enum action_kind action;      /* with ACT */
	char entity[ENTITY_ID_BYTES]; /* the first that was moved */
	int proposal;                 /* made by it, or NOBODY */
};

struct rehearsal_proposal {
	enum proposal_kind kind;
	enum proposal_state state;
	int64_t since_ms;
	enum action_kind action;
	unsigned needs; /* capabilities of who approves */
	int room;
	bool was_tapped;
	enum reason reason;
};

struct rehearsal_rooms {
	const struct rehearsal_house *house; /* borrowed */
	struct arena *arena;                 /* borrowed */
	const char *wake_word;
	unsigned without; /* enum rehearsal_without */
	bool is_quiet;    /* the owner's quiet hours */
	int64_t now_ms;
	struct policy policy; /* the house's, with these rooms; fuses mute them in it */
	unsigned reach;       /* what its devices may approve, all of them at hand */
	struct election election;
	struct hourly hourly;
	struct rehearsal_room rooms[REHEARSAL_ROOMS_MAX];
	size_t proposal_count; /* each one is a notice on its devices */
	struct rehearsal_proposal proposals[REHEARSAL_PROPOSALS_MAX];
	size_t moved;        /* class B, done */
	size_t bound;        /* class C, done on the strength of sound: must be 0 */
	size_t bound_by_tap; /* class C, done because a device signed it */
};

/* The caller frees *out_rooms. All rooms may everything and are unmuted. */
MUST_CHECK enum err rehearsal_rooms_create(const struct rehearsal_house *house,
					   struct arena *arena, const char *wake_word,
					   const struct rehearsal_place *places,
					   size_t count,
					   struct rehearsal_rooms **out_rooms);

/* Pairs a device of a new person in that role; its number. */
size_t rehearsal_rooms_pair(struct rehearsal_rooms *rooms, enum person_role role);

struct room_policy *rehearsal_rooms_policy(struct rehearsal_rooms *rooms, size_t room);

/* Said so that all rooms hear it: to the one that waits for an answer, or behind the name.
 * Behind the record tone it is the message. */
void rehearsal_rooms_say(struct rehearsal_rooms *rooms, const struct rehearsal_said *said,
			 struct rehearsal_turn *out_turn);

/* Time passes: who is waited for longer than for an answer is not waited for any more, and
 * devices sign by themselves that they have told their owners. */
void rehearsal_rooms_pass(struct rehearsal_rooms *rooms, int64_t ms);

/* What a device says to a proposal. False: it does nothing. */
bool rehearsal_rooms_verdict(struct rehearsal_rooms *rooms, int proposal, size_t device,
			     enum approval_verdict verdict);

/* What is left of the text behind the word, or NULL. */
const char *rehearsal_behind(const char *text, const char *word);

#endif
