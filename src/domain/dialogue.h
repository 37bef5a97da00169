/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialogue - "To whom?": the steps from a request to a voice message that is held, "Speak
 * after the tone": to an announcement in other rooms, and "Which lamp?": what may be said
 * without the name.
 *
 * A table (dialogue.def) and nothing else: each step takes a closed set of events, asks
 * again at most once, and ends in silence after a while. A dialogue is a plain value of
 * its room; it carries no authority: what it ends in is a proposal, which the keeper looks
 * at by itself. Pure.
 */
#ifndef DOMAIN_DIALOGUE_H
#define DOMAIN_DIALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/evidence.h"
#include "domain/ids.h"
#include "domain/people.h"
#include "domain/reason.h"
#include "domain/saying.h"

enum {
	DIALOGUE_ANSWER_MS = 8000, /* for an answer, and for the phrase to begin */
	DIALOGUE_PROMPT_MS = 4000, /* for the room to say that it has heard a prompt */
	DIALOGUE_MEMO_MS = 130000, /* for a memo, its tones and its way here */
};

enum dialogue_step {
#define STEP(name, text, then) DIALOGUE_##name,
#define GO(from, event, to, says, does, reason)
#include "domain/dialogue.def"
#undef STEP
#undef GO
	DIALOGUE_STEP_COUNT
};

/* What can happen to one. */
enum dialogue_event {
	DIALOGUE_WORDS,   /* something was said: decide/ makes one of the rest of it */
	DIALOGUE_NOBODY,  /* a message was asked for, to nobody */
	DIALOGUE_NAMED,   /* the name of exactly one contact */
	DIALOGUE_PHRASE,  /* the name of the house, "send it to", the full name */
	DIALOGUE_UNCLEAR, /* anything else, or nothing */
	DIALOGUE_UNCLEAR_AGAIN,
	DIALOGUE_CALLED_OFF, /* "cancel", "no", "stop" */
	DIALOGUE_OWN_VOICE,  /* it sounds like what we play */
	DIALOGUE_ONE_SIDED,  /* it came through one microphone of two alone */
	DIALOGUE_SPOKEN,     /* a memo has come; of a message which of the next two the
			      * contact says */
	DIALOGUE_SPOKEN_VOICE,
	DIALOGUE_SPOKEN_TAP,
	DIALOGUE_SILENT,    /* nobody spoke after the tone */
	DIALOGUE_LOST,      /* the memo ended without its sound */
	DIALOGUE_NOT_HEARD, /* the prompt was not measured as heard in the room */
	DIALOGUE_TIME,
	DIALOGUE_ASKED,   /* a request is asked back about */
	DIALOGUE_DONE,    /* something was done, and more may follow */
	DIALOGUE_BINDS,   /* said without the name, and it binds the household */
	DIALOGUE_TO_ALL,  /* an announcement is to be spoken, for all other rooms */
	DIALOGUE_TO_ROOM, /* or for the one of that name */
	DIALOGUE_EVENT_COUNT
};

/* What is asked of the keeper then. */
enum dialogue_does {
	DIALOGUE_DOES_NOTHING,
	DIALOGUE_DOES_PROPOSE,
	DIALOGUE_DOES_CONFIRM,
	DIALOGUE_DOES_CALL_OFF,
};

struct dialogue {
	enum dialogue_step step;
	bool asked_again; /* in this step */
	struct contact_id contact;
	char name[NAME_BYTES]; /* in full, as enrolled; of an announcement its room's, ""
				* all others */
	struct proposal_id proposal; /* once the keeper has the memo */
};

struct dialogue_went {
	enum saying_key says; /* REFUSED: what the reason says */
	enum dialogue_does does;
	enum evidence_then then;
	enum reason reason;
};

/* Makes the step. UNCLEAR becomes UNCLEAR_AGAIN by itself. False, and nothing changed: that
 * does not happen in this step. Whoever the event names is put into the dialogue before. */
bool dialogue_go(struct dialogue *dialogue, enum dialogue_event event,
		 struct dialogue_went *out_went);

/* What is spoken after the prompt is recorded. */
bool dialogue_records(enum dialogue_step step);

/* Of no message: what is said there is a request like others. */
bool dialogue_is_ordinary(enum dialogue_step step);

const char *dialogue_step_text(enum dialogue_step step); /* "to whom" */

#endif
