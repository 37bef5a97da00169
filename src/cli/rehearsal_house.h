/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_house - a household for drills and `behest bench portland`: some contacts, a
 * toy home, the sentences that are shipped, and what may be said in each step, compiled
 * as the hub compiles it. Nobody lives in it and nothing of it is connected.
 */
#ifndef CLI_REHEARSAL_HOUSE_H
#define CLI_REHEARSAL_HOUSE_H

#include "base/err.h"
#include "domain/dialogue.h"
#include "domain/grammar.h"
#include "domain/home.h"
#include "domain/policy.h"
#include "understand/understand.h"

#define REHEARSAL_ROOM "kitchen"
#define REHEARSAL_WAKE_WORD "jarvis"

/* Somebody whom messages may go to. */
struct rehearsal_contact {
	char name[PEOPLE_NAME_BYTES];
	enum contact_kind kind;
	bool voice_allowed;
};

/* What may be said in one step. */
struct rehearsal_words {
	struct understand *compiled;
	struct grammar *grammar;
};

struct rehearsal_house {
	struct home home;
	struct policy policy;
	struct sentences *sentences[DIALOGUE_STEP_COUNT];    /* NULL: nothing is said */
	struct rehearsal_words steps[DIALOGUE_STEP_COUNT];   /* NONE and TO_WHOM */
	struct rehearsal_words phrases[POLICY_CONTACTS_MAX]; /* CONFIRM, by contact */
};

/* Compiles it; the caller owns *out_house. ERR_MISSING: the sentences are not there. */
MUST_CHECK enum err rehearsal_house_create(const struct rehearsal_contact *contacts,
					   size_t count,
					   struct rehearsal_house **out_house,
					   struct err_note *note);
/* The same, where that can be ordered; NULL: nothing can. */
MUST_CHECK enum err rehearsal_house_create_shop(const struct rehearsal_contact *contacts,
						size_t count, const char *goods,
						struct rehearsal_house **out_house,
						struct err_note *note);
void rehearsal_house_destroy(struct rehearsal_house *house); /* NULL is fine */

/* An owner approved the skill of this manifest: its sentences are understood as well. */
MUST_CHECK enum err rehearsal_house_add_skill(struct rehearsal_house *house,
					      const char *manifest,
					      struct err_note *note);

/* What may be said in the step; in CONFIRM to that contact. Borrowed. */
const struct rehearsal_words *rehearsal_house_words(const struct rehearsal_house *house,
						    const struct dialogue *dialogue);

#endif
