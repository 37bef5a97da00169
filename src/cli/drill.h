/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill - an incident of a smart speaker, acted out against the real code: one file each
 * (drill_<name>.c), listed in drills.def.
 *
 * What has to come of it stands beforehand in its card. The same is acted out against what
 * the speaker of that day did: where that does not go wrong, the drill does not bite, and
 * has failed like one in which ours does.
 */
#ifndef CLI_DRILL_H
#define CLI_DRILL_H

#include "cli/drill_card.h"
#include "domain/reason.h"

struct drill_result {
	size_t cases;
	size_t as_stated; /* in the card */
	size_t harmful;   /* cases in which something was done that nobody wanted */
	bool broke;       /* one went wrong where, by the drill's rule, none may */
	bool bites;       /* the naive counterpart went wrong */
	size_t stopped[REASON_COUNT]; /* cases, by what stopped them */
	char trouble[ERR_NOTE_BYTES]; /* the first case that differed; "" none */
};

struct drill {
	const char *name;
	const char *const *needs; /* keys of its card, up to NULL, beside those of all */
	enum err (*run)(const struct drill_card *card, struct drill_result *result,
			struct err_note *note);
	/* The same as sound, also as far as recordings of people in a folder (NULL: none);
	 * NULL: not yet. */
	enum err (*hear)(const struct drill_card *card, const char *folder,
			 struct drill_result *result, struct err_note *note);
};

#define DRILL(name, text) extern const struct drill drill_##name;
#include "cli/drills.def"
#undef DRILL

/* Counts one case and holds it against its card. stopped: NONE where something went out,
 * which is got's to say; got is what the card should state. ERR_FORMAT: the card states
 * nothing of that case. */
MUST_CHECK enum err drill_count(struct drill_result *result,
				const struct drill_card *card, const char *which,
				const char *got, enum reason stopped,
				struct err_note *note);

/* The same for a case in which what was asked for is to be done. */
MUST_CHECK enum err drill_count_done(struct drill_result *result,
				     const struct drill_card *card, const char *which,
				     const char *got, struct err_note *note);

/* A case as sound: any of the card's reasons for that will do. NONE: something was done,
 * which will do only where it is moved and nothing more; the drill counts how often. */
void drill_count_heard(struct drill_result *result, const struct drill_card *card,
		       const char *which, enum reason stopped, bool is_moved);

/* Something went wrong that, by the drill's rule, never may; the first of these is told. */
void drill_break(struct drill_result *result, const char *words);

bool drill_is_passed(const struct drill_result *result);

const struct drill *drill_find(const char *name); /* NULL: none */

#endif
