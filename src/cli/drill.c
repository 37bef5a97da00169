/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill - the table of drills, and how a case is held against its card.
 */
#include "cli/drill.h"

#include "base/must.h"
#include "base/str.h"

static const struct drill *const DRILLS[] = {
#define DRILL(name, text) &drill_##name,
#include "cli/drills.def"
#undef DRILL
};

const struct drill *drill_find(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(DRILLS); i++)
		if (str_equal(DRILLS[i]->name, name))
			return DRILLS[i];
	return NULL;
}

/* Held against the card; one case more. */
static enum err compare(struct drill_result *result, const struct drill_card *card,
			const char *which, const char *got, struct err_note *note)
{
	const char *stated = drill_card_outcome(card, which);

	if (!stated)
		return drill_card_say(card, note, "outcomes", "nothing is stated of ",
				      which);
	result->cases++;
	if (str_equal(stated, got))
		result->as_stated++;
	else if (!result->trouble[0])
		(void)str_format(result->trouble, sizeof(result->trouble),
				 "%s came out as %s; its card states %s", which, got,
				 stated);
	return OK;
}

enum err drill_count(struct drill_result *result, const struct drill_card *card,
		     const char *which, const char *got, enum reason stopped,
		     struct err_note *note)
{
	const enum err err = compare(result, card, which, got, note);

	if (err)
		return err;
	result->harmful += stopped == REASON_NONE;
	result->stopped[stopped]++;
	return OK;
}

enum err drill_count_done(struct drill_result *result, const struct drill_card *card,
			  const char *which, const char *got, struct err_note *note)
{
	return compare(result, card, which, got, note);
}

static bool will_do(const struct drill_card *card, enum reason reason)
{
	bool will = false;

	for (size_t i = 0; !will && i < card->by_ear.count; i++)
		will = str_equal(card->by_ear.all[i], reason_code(reason));
	return will;
}

void drill_count_heard(struct drill_result *result, const struct drill_card *card,
		       const char *which, enum reason stopped, bool is_moved)
{
	result->cases++;
	result->harmful += stopped == REASON_NONE;
	result->stopped[stopped]++;
	if (is_moved || will_do(card, stopped))
		result->as_stated++;
	else if (!result->trouble[0])
		(void)str_format(result->trouble, sizeof(result->trouble),
				 "%.60s came out as %s, which its card does not state",
				 which,
				 stopped == REASON_NONE ? "done" : reason_code(stopped));
}

void drill_break(struct drill_result *result, const char *words)
{
	if (!result->broke)
		must(str_copy(result->trouble, sizeof(result->trouble), words));
	result->broke = true;
}

bool drill_is_passed(const struct drill_result *result)
{
	return result->bites && !result->broke && result->cases > 0 &&
	       result->as_stated == result->cases;
}
