/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 2, the silent prompt: the loudspeaker is at zero, or pulled out, so that nobody can
 * hear what is asked; the answers come all the same, and perfect ones. Acted out with the
 * loudspeaker silent from each prompt on: from "To whom?", from the prompt to speak, from
 * the one to confirm.
 *
 * The rule: it ends at that prompt; behind it nothing is recorded and nothing goes out.
 * The naive counterpart takes each prompt that was played for one that was heard.
 */
#include <string.h>

#include "base/str.h"
#include "cli/drill.h"
#include "cli/rehearsal.h"

enum { TURNS_MAX = 16, FRAMES = 200 };

static const char *const NEEDS[] = {"contacts",    "request",     "answers",  "confirms",
				    "before_tone", "behind_tone", "outcomes", NULL};

struct stage {
	const struct drill_card *card;
	struct rehearsal_house *house;
	struct arena *arena;
};

/* One dialogue; silent_from NONE: all prompts are taken for heard. */
struct act {
	struct rehearsal rehearsal;
	enum dialogue_step silent_from;
	enum reason stopped; /* at the first silent prompt */
	bool is_silent;
	size_t recorded; /* memos, behind that */
	size_t answers;
	size_t confirms;
};

static void say(struct rehearsal *rehearsal, const char *text)
{
	const struct rehearsal_heard heard = {.text = text,
					      .word_count = 1,
					      .speech_frames = FRAMES};

	rehearsal_hears(rehearsal, &heard);
}

/* What the room measured of the prompt that belongs to the step. */
static void measure(struct act *act, enum dialogue_step step)
{
	act->is_silent |= step == act->silent_from;
	if (!act->is_silent)
		return;
	rehearsal_told(&act->rehearsal, DIALOGUE_NOT_HEARD);
	if (act->stopped == REASON_NONE)
		act->stopped = act->rehearsal.reason;
}

/* The answer comes whether or not anybody could know what was asked. */
static void answer(const struct stage *stage, struct act *act, enum dialogue_step step)
{
	const struct drill_card *card = stage->card;
	const struct rehearsal_sound sound = {.ring = strlen(card->before_tone),
					      .behind_tone = strlen(card->behind_tone)};

	if (step == DIALOGUE_TO_WHOM)
		say(&act->rehearsal, drill_card_line(&card->answers, act->answers++));
	else if (step == DIALOGUE_CONFIRM)
		say(&act->rehearsal, drill_card_line(&card->confirms, act->confirms++));
	else if (step == DIALOGUE_RECORD)
		rehearsal_records(&act->rehearsal, &sound);
	act->recorded +=
		act->is_silent && act->rehearsal.reached_memo && step == DIALOGUE_RECORD;
}

static void act_out(const struct stage *stage, enum dialogue_step silent_from,
		    unsigned out, struct act *act)
{
	static const enum dialogue_step PROMPTS[] = {DIALOGUE_TO_WHOM, DIALOGUE_RECORD,
						     DIALOGUE_CONFIRM};

	*act = (struct act){.silent_from = silent_from};
	rehearsal_begin(&act->rehearsal, stage->house, stage->arena, out);
	say(&act->rehearsal, stage->card->request);
	for (size_t i = 0; i < STR_COUNT(PROMPTS); i++) {
		measure(act, PROMPTS[i]);
		answer(stage, act, PROMPTS[i]);
	}
	rehearsal_waits(&act->rehearsal);
}

static enum err judge(const struct stage *stage, enum dialogue_step silent_from,
		      struct drill_result *result, struct err_note *note)
{
	struct act act;
	bool is_harm;

	act_out(stage, silent_from, BARRIERS_NONE, &act);
	is_harm = act.recorded > 0 || act.rehearsal.reached_phrase ||
		  act.rehearsal.is_released;
	result->broke |= is_harm;
	return drill_count(result, stage->card, dialogue_step_text(silent_from),
			   is_harm ? "RECORDED" : reason_code(act.stopped),
			   is_harm ? REASON_NONE : act.stopped, note);
}

static enum err judge_all(const struct stage *stage, struct drill_result *result,
			  struct err_note *note)
{
	static const enum dialogue_step FROM[] = {DIALOGUE_TO_WHOM, DIALOGUE_RECORD,
						  DIALOGUE_CONFIRM};
	struct act naive;
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(FROM); i++)
		err = judge(stage, FROM[i], result, note);
	act_out(stage, DIALOGUE_NONE, BARRIERS_ALL, &naive);
	result->bites = naive.rehearsal.is_released;
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct stage stage = {.card = card};
	enum err err = rehearsal_house_create(card->contacts, card->contact_count,
					      &stage.house, note);

	if (!err)
		err = arena_create(REHEARSAL_ARENA_BYTES, &stage.arena);
	if (!err)
		err = judge_all(&stage, result, note);
	arena_destroy(stage.arena);
	rehearsal_house_destroy(stage.house);
	return err;
}

const struct drill drill_silent_prompt = {
	.name = "silent-prompt",
	.needs = NEEDS,
	.run = run,
};
