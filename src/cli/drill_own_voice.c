/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 8, our own voice: what we play says our name and an order. At the level of words,
 * where what was heard matches it, as a request and in the middle of a message; and as
 * sound, out of our loudspeaker, through simulated rooms and into our microphone.
 *
 * The rule: what is our own wakes nobody, moves nothing and binds nothing. The naive
 * counterpart listens to itself as to anybody. What ultrasound and light may do that come
 * through as speech is drill_injected.c's.
 */
#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill_injected.h"
#include "cli/drill_stage.h"
#include "cli/rehearsal_playback.h"

enum {
	ROOMS = 8, /* simulated ones */
	CASE_BYTES = 32,
	OWN_MS = 500, /* of a request, and it counts as our own: as the hub has it */
	AFTER_MS = 10 * 60 * 1000,
};

static const char *const NEEDS[] = {"contacts", "said",  "request",  "answers",
				    "confirms", "rooms", "outcomes", NULL};

static void say(const struct drill_stage *stage, struct rehearsal_rooms *rooms,
		const char *text, bool is_ours, struct rehearsal_turn *turn)
{
	char filled[TEXT_BYTES];
	const struct rehearsal_said said = {.text = filled, .is_ours = is_ours};

	drill_stage_fill(stage, text, filled);
	rehearsal_rooms_say(rooms, &said, turn);
}

static void check_rule(const struct rehearsal_rooms *rooms, struct drill_result *result)
{
	if (rooms->moved + rooms->bound + rooms->bound_by_tap > 0)
		drill_break(result, "our own voice moved or bound something");
}

/* --- words ------------------------------------------------------------------------------ */

static enum err act_out_line(const struct drill_stage *stage, size_t index,
			     struct drill_result *result, struct err_note *note)
{
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	char which[CASE_BYTES];
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	say(stage, rooms, stage->card->said.all[index], true, &turn);
	check_rule(rooms, result);
	must(str_format(which, sizeof(which), "%zu", index + 1));
	if (turn.kind == DECISION_ACT)
		err = drill_count_done(result, stage->card, which, "DONE", note);
	else
		err = drill_count(result, stage->card, which, reason_code(turn.reason),
				  turn.reason, note);
	free(rooms);
	return err;
}

/* A message that somebody began, and our own voice goes on with. */
static enum err act_out_dialogue(const struct drill_stage *stage, bool to_the_end,
				 struct drill_result *result, struct err_note *note)
{
	const struct drill_card *card = stage->card;
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	say(stage, rooms, card->request, false, &turn);
	if (to_the_end) { /* whom, and the message, by a person */
		say(stage, rooms, card->answers.all[0], false, &turn);
		say(stage, rooms, card->request, false, &turn);
	}
	say(stage, rooms, to_the_end ? card->confirms.all[0] : card->answers.all[0], true,
	    &turn);
	rehearsal_rooms_pass(rooms, AFTER_MS);
	check_rule(rooms, result);
	free(rooms);
	return drill_count(result, card, to_the_end ? "confirm" : "to-whom",
			   reason_code(turn.reason), turn.reason, note);
}

/* --- sound ------------------------------------------------------------------------------ */

/* Even if the name were believed: what follows sounds like us, and is told so. */
static enum err act_out_request(const struct drill_stage *stage,
				const struct rehearsal_played *played,
				struct drill_result *result, struct err_note *note)
{
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	say(stage, rooms, stage->card->said.all[0], played->own_ms >= OWN_MS, &turn);
	check_rule(rooms, result);
	free(rooms);
	return drill_count(result, stage->card, "playback-believed",
			   reason_code(turn.reason), turn.reason, note);
}

static enum err act_out_sound(const struct drill_stage *stage,
			      struct rehearsal_playback *playback, uint64_t room,
			      struct drill_result *result, struct err_note *note)
{
	struct rehearsal_played played = {0};
	char filled[TEXT_BYTES];
	enum err err;

	drill_stage_fill(stage, stage->card->said.all[0], filled);
	err = rehearsal_playback_say(playback, filled, room, &played);
	if (err)
		return err;
	result->bites |= played.naive_woke > 0;
	if (played.woke > 0)
		drill_break(result, "our own voice said our name, and we woke");
	err = drill_count(result, stage->card, "playback",
			  played.woke > 0 ? "WOKE" : reason_code(REASON_WAKE_REJECTED),
			  played.woke > 0 ? REASON_NONE : REASON_WAKE_REJECTED, note);
	return err ? err : act_out_request(stage, &played, result, note);
}

static enum err act_out_sounds(const struct drill_stage *stage,
			       struct drill_result *result, struct err_note *note)
{
	struct rehearsal_playback *playback = NULL;
	enum err err = rehearsal_playback_open(stage->name, &playback, note);

	for (uint64_t room = 1; !err && room <= ROOMS; room++)
		err = act_out_sound(stage, playback, room, result, note);
	rehearsal_playback_close(playback);
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct drill_stage stage;
	enum err err = drill_stage_open(card, 0, &stage, note);

	for (size_t i = 0; !err && i < card->said.count; i++)
		err = act_out_line(&stage, i, result, note);
	if (!err)
		err = act_out_dialogue(&stage, false, result, note);
	if (!err)
		err = act_out_dialogue(&stage, true, result, note);
	if (!err)
		err = act_out_sounds(&stage, result, note);
	if (!err)
		err = drill_injected_run(&stage, result, note);
	drill_stage_close(&stage);
	return err;
}

/* Our own voice is heard with every run; recordings of people are no part of it. */
static enum err hear(const struct drill_card *card, const char *folder,
		     struct drill_result *result, struct err_note *note)
{
	struct drill_stage stage;
	enum err err = drill_stage_open(card, 0, &stage, note);

	(void)folder;
	if (!err)
		err = drill_injected_hear(&stage, result, note);
	drill_stage_close(&stage);
	return err;
}

const struct drill drill_own_voice = {
	.name = "own-voice",
	.needs = NEEDS,
	.run = run,
	.hear = hear,
};
