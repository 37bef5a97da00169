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
#include "cli/drill_sound.h"
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
static void answer_all(const struct drill_card *card, struct rehearsal *rehearsal)
{
	const struct rehearsal_sound sound = {.ring = strlen(card->before_tone),
					      .behind_tone = strlen(card->behind_tone)};
	size_t answers = 0;
	size_t confirms = 0;

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
		case DIALOGUE_ANNOUNCE:
		case DIALOGUE_WHICH: /* of no message */
		case DIALOGUE_FOLLOW:
		case DIALOGUE_STEP_COUNT:
			return;
		}
	}
}

static void go_on(const struct drill_card *card, struct rehearsal *rehearsal)
{
	say(rehearsal, card->request);
	answer_all(card, rehearsal);
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

static enum err open_stage(struct stage *stage, struct err_note *note)
{
	const struct drill_card *card = stage->card;
	enum err err = rehearsal_house_create(card->contacts, card->contact_count,
					      &stage->house, note);

	for (size_t i = 0; i < card->near.count; i++)
		stage->near[i] = card->near.all[i];
	return err ? err : arena_create(REHEARSAL_ARENA_BYTES, &stage->arena);
}

static void close_stage(struct stage *stage)
{
	arena_destroy(stage->arena);
	rehearsal_house_destroy(stage->house);
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct stage stage = {.card = card};
	enum err err = check_outcomes(card, note);

	if (!err)
		err = open_stage(&stage, note);
	for (unsigned out = 0; !err && out <= BARRIERS_ALL; out++)
		err = act_out(&stage, out, result, note);
	close_stage(&stage);
	return err;
}

/* "To whom?", and the talk goes on, each word of it heard as it was said. */
static enum reason asked(void *context)
{
	const struct stage *stage = context;
	char got[OUTCOME_BYTES];
	struct rehearsal rehearsal;

	rehearsal_begin(&rehearsal, stage->house, stage->arena, BARRIERS_NONE);
	rehearsal_begin_in(&rehearsal, DIALOGUE_TO_WHOM, 0);
	answer_all(stage->card, &rehearsal);
	rehearsal_waits(&rehearsal);
	return outcome_of(&rehearsal, got);
}

/* What was said in that house, as sound; whether the words themselves would have gone out
 * in 2018 is told by them. */
static enum err hear(const struct drill_card *card, const char *folder,
		     struct drill_result *result, struct err_note *note)
{
	struct stage stage = {.card = card};
	struct drill_sound_texts texts = {.asked = asked, .context = &stage};
	struct drill_result words = {0};
	enum err err = run(card, &words, note);

	result->bites = words.bites;
	drill_sound_add(&texts, card->wake);
	drill_sound_add(&texts, card->request);
	drill_sound_add_lines(&texts, &card->answers);
	drill_sound_add_lines(&texts, &card->confirms);
	drill_sound_add(&texts, card->behind_tone);
	if (!err)
		err = open_stage(&stage, note);
	if (!err)
		err = drill_sound_hear(card, &texts, folder, result, note);
	close_stage(&stage);
	return err;
}

const struct drill drill_portland = {
	.name = "portland",
	.needs = NEEDS,
	.run = run,
	.hear = hear,
};
