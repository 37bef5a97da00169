/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal - one dialogue at the level of words, through the real understand/, decide/,
 * dialogue and proposal tables, in a copy of the glue between them in which barriers can be
 * taken out. For drills and `behest bench portland`: no product path reaches it.
 *
 * A barrier that is out is replaced at its interface by what a smart speaker did in 2018
 * (naive.h); all the rest stays the real code. The clock and the outbox are numbers. One
 * thread.
 */
#ifndef CLI_REHEARSAL_H
#define CLI_REHEARSAL_H

#include "base/arena.h"
#include "cli/rehearsal_house.h"
#include "domain/proposal.h"

enum barrier {
#define BARRIER(name, letter, text, kind, words) BARRIER_##name,
#include "cli/barriers.def"
#undef BARRIER
	BARRIER_COUNT
};

enum barrier_kind { BARRIER_RECOGNITION, BARRIER_RELEASE };

enum {
	BARRIERS_NONE = 0,
	BARRIERS_ALL = (1 << BARRIER_COUNT) - 1,
	REHEARSAL_ARENA_BYTES = 1 << 20,
};

const char *barrier_text(enum barrier barrier); /* "wake" */
char barrier_letter(enum barrier barrier);      /* 'W' */
enum barrier_kind barrier_kind_of(enum barrier barrier);
bool barrier_from_text(const char *text, enum barrier *out_barrier);

/* What was heard of something said. */
struct rehearsal_heard {
	const char *text;
	size_t word_count;
	double ratio;
	uint32_t speech_frames;
};

/* Sound that lies about when a message is recorded, in bytes. */
struct rehearsal_sound {
	size_t ring;        /* what the room held before any tone */
	size_t behind_tone; /* what was spoken behind the record tone */
};

struct rehearsal {
	const struct rehearsal_house *house; /* borrowed */
	struct arena *arena;                 /* borrowed */
	unsigned out; /* bits of enum barrier: those that were taken out */
	int64_t now_ms;
	struct dialogue dialogue;
	enum reason reason; /* the last one given */
	/* what the keeper holds of it */
	bool is_proposed;
	enum proposal_state state;
	struct contact_id recipient;
	bool was_tapped;
	bool was_received;
	struct rehearsal_sound body;
	/* how far it got */
	bool reached_intent;
	bool reached_recipient;
	bool reached_memo;
	bool reached_phrase; /* confirmed by voice */
	size_t acts_bound;   /* of class C, done on the strength of sound: must be 0 */
	size_t acts_moved;   /* of class B */
	size_t asked_others; /* of class C, waiting for a tap; no message */
	bool is_released;
	bool is_harm; /* released, and no device had signed anything */
	struct rehearsal_sound released;
};

void rehearsal_begin(struct rehearsal *rehearsal, const struct rehearsal_house *house,
		     struct arena *arena, unsigned out);

/* In the middle of one, as if all before had gone well: TO_WHOM, RECORD or CONFIRM, and in
 * the latter two with that contact. */
void rehearsal_begin_in(struct rehearsal *rehearsal, enum dialogue_step step,
			size_t contact);

/* Did the name fall? near: words that the detector takes for it, up to NULL; the verifier
 * refuses them. False: WAKE_REJECTED. */
bool rehearsal_wakes(struct rehearsal *rehearsal, const char *text,
		     const char *const *near);

/* Something was said in the step that is open. */
void rehearsal_hears(struct rehearsal *rehearsal, const struct rehearsal_heard *heard);

/* What the room tells instead of words: SILENT, LOST, NOT_HEARD, TIME. */
void rehearsal_told(struct rehearsal *rehearsal, enum dialogue_event news);

/* The prompt was heard, the tone played, and this is what sound there is. */
void rehearsal_records(struct rehearsal *rehearsal, const struct rehearsal_sound *sound);

/* A device, or nobody: what happens to the proposal. False: nothing. */
bool rehearsal_happens(struct rehearsal *rehearsal, enum proposal_event event);

/* Nobody does anything any more, until nothing changes. */
void rehearsal_waits(struct rehearsal *rehearsal);

#endif
