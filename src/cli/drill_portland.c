/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 1, Portland: a family's talk is taken for the name, for an order, for a contact and
 * for a yes, and their talk is sent. Acted out with each of the six barriers there and out,
 * in all 64 combinations, at the level of words: talk goes on through all prompts and tones,
 * and nobody does anything.
 *
 * The rule: no byte goes out as long as one barrier against mishearing and one against
 * letting go stand.
 */
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill.h"
#include "cli/rehearsal.h"

enum {
	TURNS_MAX = 16,
	FRAMES = 200, /* long enough for the lowest of floors; what is said is believed */
	WHICH_BYTES = BARRIER_COUNT + 1,
	OUTCOME_BYTES = 32,
};

static const char *const NEEDS[] = {"contacts", "near",     "wake",        "request",
				    "answers",  "confirms", "before_tone", "behind_tone",
				    "outcomes", NULL};

struct stage {
	const struct drill_card *card;
	struct rehearsal_house *house;
	struct arena *arena;
	const char *near[DRILL_LINES_MAX + 1];
};

static void say(struct rehearsal *rehearsal, const char *text)
{
	const struct rehearsal_heard heard = {.text = text,
					      .word_count = 1,
					      .speech_frames = FRAMES};

	rehearsal_hears(rehearsal, &heard);
}

/* The talk that goes on, whatever is asked. */
static void go_on(const struct drill_card *card, struct rehearsal *rehearsal)
{
	const struct rehearsal_sound sound = {.ring = strlen(card->before_tone),
					      .behind_tone = strlen(card->behind_tone)};
	size_t answers = 0;
	size_t confirms = 0;

	say(rehearsal, card->request);
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		switch (rehearsal->dialogue.step) {
		case DIALOGUE_TO_WHOM:
			say(rehearsal, drill_card_line(&card->answers, answers++));
			break;
		case DIALOGUE_RECORD:
			rehearsal_records(rehearsal, &sound);
			break;
		case DIALOGUE_CONFIRM:
			say(rehearsal, drill_card_line(&card->confirms, confirms++));
			break;
		case DIALOGUE_NONE:
		case DIALOGUE_STEP_COUNT:
			return;
		}
	}
}

/* Which barriers stand: their letters, and a dash for each that is out. */
static void name_case(unsigned out, char to[WHICH_BYTES])
{
	for (unsigned i = 0; i < BARRIER_COUNT; i++)
		to[i] = out & (1U << i) ? '-' : barrier_letter((enum barrier)i);
	to[BARRIER_COUNT] = '\0';
}

static bool has_kind(unsigned out, enum barrier_kind kind)
{
	for (unsigned i = 0; i < BARRIER_COUNT; i++)
		if (!(out & (1U << i)) && barrier_kind_of((enum barrier)i) == kind)
			return true;
	return false;
}

/* What went out, or what stopped it. */
static enum reason outcome_of(const struct rehearsal *rehearsal, char to[OUTCOME_BYTES])
{
	const struct rehearsal_sound *out = &rehearsal->released;
	enum reason stopped = REASON_NONE;

	if (out->ring > 0)
		must(str_copy(to, OUTCOME_BYTES, "SENT ring"));
	else if (out->behind_tone > 0)
		must(str_copy(to, OUTCOME_BYTES, "SENT memo"));
	else
		stopped = rehearsal->reason;
	if (stopped != REASON_NONE)
		must(str_copy(to, OUTCOME_BYTES, reason_code(stopped)));
	return stopped;
}

static enum err act_out(const struct stage *stage, unsigned out,
			struct drill_result *result, struct err_note *note)
{
	struct rehearsal rehearsal;
	char which[WHICH_BYTES];
	char got[OUTCOME_BYTES] = "NOTHING";
	enum reason stopped;

	rehearsal_begin(&rehearsal, stage->house, stage->arena, out);
	if (rehearsal_wakes(&rehearsal, stage->card->wake, stage->near))
		go_on(stage->card, &rehearsal);
	rehearsal_waits(&rehearsal);
	name_case(out, which);
	stopped = outcome_of(&rehearsal, got);
	result->bites |= out == BARRIERS_ALL && stopped == REASON_NONE;
	result->broke |= stopped == REASON_NONE && has_kind(out, BARRIER_RECOGNITION) &&
			 has_kind(out, BARRIER_RELEASE);
	return drill_count(result, stage->card, which, got, stopped, note);
}

static enum err check_outcomes(const struct drill_card *card, struct err_note *note)
{
	if (card->outcomes.count == 1 << BARRIER_COUNT)
		return OK;
	return drill_card_say(card, note, "outcomes", "expected one for each of ",
			      "64 combinations");
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct stage stage = {.card = card};
	enum err err = check_outcomes(card, note);

	for (size_t i = 0; i < card->near.count; i++)
		stage.near[i] = card->near.all[i];
	if (!err)
		err = rehearsal_house_create(card->contacts, card->contact_count,
					     &stage.house, note);
	if (!err)
		err = arena_create(REHEARSAL_ARENA_BYTES, &stage.arena);
	for (unsigned out = 0; !err && out <= BARRIERS_ALL; out++)
		err = act_out(&stage, out, result, note);
	arena_destroy(stage.arena);
	rehearsal_house_destroy(stage.house);
	return err;
}

const struct drill drill_portland = {
	.name = "portland",
	.needs = NEEDS,
	.run = run,
};
