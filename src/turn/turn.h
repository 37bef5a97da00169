/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn - one spoken or typed request on its way down the straight line.
 *
 * A turn is a value that travels through the stages; turn.c alone knows their order, as
 * a table of named steps. A step that needs the keeper, the bus or the speaker waits
 * and is resumed by the answer. One thread.
 */
#ifndef TURN_TURN_H
#define TURN_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "act/act.h"
#include "base/arena.h"
#include "base/buf.h"
#include "domain/audio.h"
#include "domain/decision.h"
#include "domain/follow.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "domain/understanding.h"
#include "phrase/phrasebook.h"
#include "port/bus.h"
#include "port/clock.h"
#include "port/keep.h"
#include "port/rand.h"
#include "understand/understand.h"

enum { TURN_ARENA_BYTES = 256 * 1024 };

enum turn_stage {
	TURN_UNDERSTAND,
	TURN_DECIDE,
	TURN_WRITE_DECISION, /* into the journal, before anything is done */
	TURN_ACT,
	TURN_WRITE_OUTCOME,
	TURN_ROUTINE, /* its next line begins anew; else goes on */
	TURN_RECORD,
	TURN_ANSWER,
	TURN_OVER,
};

/* What the listening stage measured. */
struct turn_heard {
	bool spoken;        /* false: typed */
	bool woke;          /* by name, not by a button */
	bool is_answer;     /* under a lease for an answer: without the name */
	int64_t wake_at_ms; /* where the name began, in ms of the sound, as the detector
			     * tells it; `hear` only */
	double wake_score;
	char text[TEXT_BYTES];
	const struct intent
		*intent; /* typed as a command, and understood already; NULL */
	double ratio;
	uint32_t speech_frames;
	uint32_t word_count;
	bool media_match;
	bool one_sided;
	int64_t last_voiced_ms;   /* monotonic: the true end of speech; 0 for typed */
	int64_t endpoint_ms;      /* monotonic: when the end was decided */
	double recognise_ms;      /* from the endpoint to the words */
	double decode_ms;         /* CPU of the recogniser for this utterance */
	enum dialogue_event news; /* no words: what the room told of its dialogue */
	uint8_t memo[ACTION_BODY_BYTES]; /* with DIALOGUE_SPOKEN: SHA-256 of the memo */
};

/* Milliseconds; -1 where a stage did not run. */
struct turn_times {
	double listen;    /* true end of speech to endpoint */
	double recognise; /* endpoint to words */
	double understand;
	double decide;
	double journal; /* until the decision is durable */
	double act;     /* until the devices confirmed */
	double publish; /* true end of speech to the command's publish */
	double total;   /* end of speech to the outcome */
};

struct turn {
	struct turn_id id;
	char room[NAME_BYTES];
	int64_t wall_ms;
	enum turn_stage stage;
	struct turn_heard heard;
	struct understanding understanding;
	enum dialogue_step answers; /* the step that the words or the news came in */
	struct turn_id leans_on;    /* whose question or deed they lean on; 0: none */
	struct decision decision;
	enum reason outcome;            /* NONE once all its actions were done */
	size_t acted;                   /* actions that were done */
	size_t waits;                   /* for a tap, each by itself */
	size_t failed;                  /* of several things or a routine's lines */
	struct saying answer;           /* what will be said, before it has words */
	char said[SAYING_SPOKEN_BYTES]; /* in words; "" is silence */
	bool is_quiet;            /* nothing is said aloud: the answer is a light's */
	struct event_id decided;  /* the decision's place in the journal */
	struct event_id finished; /* the outcome's */
	struct record_id record;  /* the sealed recording; none when not kept */
	struct turn_times times;
};

/* How a turn reaches its surroundings; all borrowed, longer-lived than the line. */
struct turn_parts {
	const struct clock *clock;
	const struct rand *rand;
	struct bus *bus;
	struct music *music; /* NULL: there is no player */
	struct keep *keep;
	struct recent *recent;
	struct follow *follow; /* the room's; NULL: nothing is followed up */
	bool follow_up;        /* replies may be, without the name */
	const struct phrasebook *phrasebook; /* what it says */
	const struct arranged *arranged;     /* by the household; NULL: nothing. What it
					  * holds may be another at each step */
	/* The newest compiled, for what may be said in that step of a dialogue; FOLLOW and
	 * WHICH also where something may be leaned on and no dialogue waits. */
	const struct understand *(*understand)(void *context, enum dialogue_step step);
	int (*volume)(void *context);
	/* As act/act.h; NULL: never any. */
	const struct agenda *(*agenda)(void *context);
	/* The room's, in which an answer is waited for; NULL: it never has one. What it is
	 * after the turn stands in turn->decision, from say() on. */
	const struct dialogue *(*dialogue)(void *context);
	/* As act/act.h; NULL: there are no other rooms. */
	enum reason (*announce)(void *context, const struct act_announcement *what,
				size_t *out_rooms);
	/* As act/act.h; NULL: there are no skills. */
	enum reason (*ask_skill)(void *context, const struct action *action,
				 uint64_t token);
	/* The owner's quiet hours are now; NULL: never. */
	bool (*is_quiet)(void *context);
	size_t (*message_count)(void *context); /* NULL: none ever */
	void (*play_messages)(void *context);
	/* What was asked for in the room and is not over; NULL: never anything. */
	bool (*can_call_off)(void *context);
	void (*call_off)(void *context);
	const struct act_book *book; /* the house book; NULL: nobody keeps one */
	const char *wake_word;       /* as it is said */
	bool carries_to_houses;      /* messages go to other houses */
	void (*set_volume)(void *context, int percent);
	/* Speaks to the room, or not at all when text is ""; turn_spoken follows, always. */
	void (*say)(void *context, const struct turn *turn, const char *text,
		    struct event_id parent);
	/* The keeper was away when this was to be written: write it when it is back. */
	void (*late)(void *context, const struct event *event);
	/* The newest event the keeper has acknowledged: the parent of "I can't write that
	 * down", the one sentence that is spoken when its own reason could not be. */
	struct event_id (*newest)(void *context);
	/* The turn is over; it is wiped after this returns. */
	void (*over)(void *context, const struct turn *turn);
	void *context;
};

struct turn_line; /* runs one turn at a time */

MUST_CHECK enum err turn_line_create(const struct turn_parts *parts,
				     struct turn_line **out_line);
void turn_line_destroy(struct turn_line *line); /* NULL is fine */
bool turn_line_busy(const struct turn_line *line);

/* Starts a turn with what was heard (its times filled) and its sound, which is copied
 * and wiped with the turn; empty for typed. ERR_BUSY while one runs. */
MUST_CHECK enum err turn_begin(struct turn_line *line, struct turn_id id,
			       const char *room, const struct turn_heard *heard,
			       struct audio_span sound);

/* Answers of the surroundings, passed on by token; unknown tokens are ignored. */
void turn_bus_done(struct turn_line *line, uint64_t token, enum err err);
/* Of an action that waited for something else than the bus; said takes the place of what its
 * beginning said, or NULL. */
void turn_act_done(struct turn_line *line, uint64_t token, enum reason reason,
		   const struct saying *said);
void turn_keep_done(struct turn_line *line, uint64_t token, enum err err,
		    struct event_id event, struct record_id record);
/* What the keeper said to what is to be held (NEEDS_TAP) or was confirmed (NONE), or why
 * not; id is what it goes by there. */
void turn_proposed(struct turn_line *line, uint64_t token, enum reason reason,
		   struct proposal_id id);
void turn_spoken(struct turn_line *line, struct turn_id turn, int64_t sound_ms);

/* A fresh id. */
struct turn_id turn_id_make(const struct clock *clock, const struct rand *rand);

/* The step's name in the table: "understand", ... */
const char *turn_stage_text(enum turn_stage stage);

/* 0..1: how sure the turn was of its words, 0.5 being the floor; 1 for typed words. */
double turn_confidence(const struct turn *turn);

/* The outside surface's JSON object for a turn (docs/FORMATS.md); file may be NULL. */
MUST_CHECK enum err turn_to_json(const struct turn *turn, const char *file, int number,
				 struct buf *to);

#endif
