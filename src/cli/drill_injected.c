/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_injected - see the header.
 *
 * The rule: a line binds nothing, and a message goes out only to a contact that voice may
 * complete one for, after a device has told its owner and nobody called it off. Whatever is
 * moved is counted as harm. What comes through one microphone of two alone moves and binds
 * nothing, and no voice in a room is taken for that. The naive counterpart opens and sends at a word.
 */
#include "cli/drill_injected.h"

#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/naive.h"
#include "cli/rehearsal_two.h"

enum {
	CASE_BYTES = 32,
	TOLD_MS = 2 * 1000, /* a device tells its owner within it */
	AFTER_MS = 10 * 60 * 1000,
	ROOMS = 8, /* simulated ones */
	MARKED_MS =
		500, /* of a request, and it counts for all of it: as the hub has it */
};

/* --- lines ------------------------------------------------------------------------------ */

/* Told something, or asked back: nothing was done. How the question ends is MESSAGES. */
static const char *harmless(const struct rehearsal_turn *turn)
{
	return turn->kind == DECISION_ACT ? "DONE" : "ASKED";
}

static enum err count_stopped(const struct drill_stage *stage,
			      const struct rehearsal_rooms *rooms,
			      const struct rehearsal_turn *turn, const char *which,
			      struct drill_result *result, struct err_note *note)
{
	const enum reason stopped =
		rooms->moved > 0 ? REASON_NONE : drill_stage_reason(rooms, turn);

	return drill_count(result, stage->card, which,
			   stopped == REASON_NONE ? "DONE" : reason_code(stopped),
			   stopped, note);
}

/* Our own speaker was silent: nothing here is known as its sound. */
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
	drill_stage_say(stage, rooms, stage->card->said.all[index], &turn);
	rehearsal_rooms_pass(rooms, AFTER_MS);
	if (rooms->bound + rooms->bound_by_tap > 0)
		drill_break(result, "what no voice said bound the household");
	must(str_format(which, sizeof(which), "injected-%zu", index + 1));
	if (rooms->moved == 0 && drill_stage_reason(rooms, &turn) == REASON_NONE)
		err = drill_count_done(result, stage->card, which, harmless(&turn), note);
	else
		err = count_stopped(stage, rooms, &turn, which, result, note);
	free(rooms);
	return err;
}

/* --- a message -------------------------------------------------------------------------- */

static void devices_are_away(struct rehearsal_rooms *rooms, int proposal, size_t device)
{
	(void)proposal;
	(void)device;
	rooms->reach = 0;
}

static void owner_calls_off(struct rehearsal_rooms *rooms, int proposal, size_t device)
{
	rehearsal_rooms_pass(rooms, TOLD_MS);
	if (proposal != REHEARSAL_NOBODY)
		(void)rehearsal_rooms_verdict(rooms, proposal, device, APPROVAL_CANCEL);
}

static void nobody_minds(struct rehearsal_rooms *rooms, int proposal, size_t device)
{
	(void)rooms;
	(void)proposal;
	(void)device;
}

static const struct {
	const char *which;
	void (*then)(struct rehearsal_rooms *rooms, int proposal, size_t device);
	bool may_go_out;
} MESSAGES[] = {
	{"injected-message-unseen", devices_are_away, false},
	{"injected-message-called-off", owner_calls_off, false},
	{"injected-message-told", nobody_minds, true},
};

/* All of it, word for word: the request, whom, something as the message, and the phrase. */
static int say_message(const struct drill_stage *stage, struct rehearsal_rooms *rooms,
		       struct rehearsal_turn *turn)
{
	const struct drill_card *card = stage->card;
	int proposal;

	drill_stage_say(stage, rooms, card->request, turn);
	drill_stage_say(stage, rooms, card->answers.all[0], turn);
	drill_stage_say(stage, rooms, card->request, turn);
	proposal = turn->proposal;
	drill_stage_say(stage, rooms, card->confirms.all[0], turn);
	return proposal;
}

static enum err act_out_message(const struct drill_stage *stage, size_t index,
				struct drill_result *result, struct err_note *note)
{
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	enum reason stopped = REASON_NONE;
	size_t device;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	device = rehearsal_rooms_pair(rooms, ROLE_ADULT);
	turn.proposal = say_message(stage, rooms, &turn);
	MESSAGES[index].then(rooms, turn.proposal, device);
	rehearsal_rooms_pass(rooms, AFTER_MS);
	if (rooms->bound_by_tap > 0 || (rooms->bound > 0 && !MESSAGES[index].may_go_out))
		drill_break(result, "what no voice said sent a message");
	if (rooms->bound == 0)
		stopped = drill_stage_reason(rooms, &turn);
	free(rooms);
	return drill_count(result, stage->card, MESSAGES[index].which,
			   stopped == REASON_NONE ? "SENT" : reason_code(stopped),
			   stopped, note);
}

/* --- light on one microphone of two ---------------------------------------------------- */

static enum err act_out_light(const struct drill_stage *stage, size_t index,
			      struct drill_result *result, struct err_note *note)
{
	char filled[TEXT_BYTES];
	const struct rehearsal_said said = {.text = filled, .is_one_sided = true};
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	char which[CASE_BYTES];
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	drill_stage_fill(stage, stage->card->said.all[index], filled);
	rehearsal_rooms_say(rooms, &said, &turn);
	rehearsal_rooms_pass(rooms, AFTER_MS);
	if (rooms->moved + rooms->bound + rooms->bound_by_tap > 0)
		drill_break(result, "what came through one microphone moved something");
	must(str_format(which, sizeof(which), "light-%zu", index + 1));
	if (turn.kind == DECISION_ACT)
		err = drill_count_done(result, stage->card, which, "DONE", note);
	else
		err = drill_count(result, stage->card, which, reason_code(turn.reason),
				  turn.reason, note);
	free(rooms);
	return err;
}

/* A message that somebody began, and the light goes on with. */
static enum err act_out_light_confirms(const struct drill_stage *stage,
				       struct drill_result *result, struct err_note *note)
{
	const struct drill_card *card = stage->card;
	char filled[TEXT_BYTES];
	const struct rehearsal_said said = {.text = filled, .is_one_sided = true};
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	drill_stage_say(stage, rooms, card->request, &turn);
	drill_stage_say(stage, rooms, card->answers.all[0], &turn);
	drill_stage_say(stage, rooms, card->request, &turn);
	drill_stage_fill(stage, card->confirms.all[0], filled);
	rehearsal_rooms_say(rooms, &said, &turn);
	rehearsal_rooms_pass(rooms, AFTER_MS);
	if (rooms->bound + rooms->bound_by_tap > 0)
		drill_break(result, "what came through one microphone sent a message");
	free(rooms);
	return drill_count(result, card, "light-confirm", reason_code(turn.reason),
			   turn.reason, note);
}

/* Two microphones in simulated rooms: the same order by light on one of them, and spoken. */
static enum err act_out_light_sounds(const struct drill_stage *stage,
				     struct drill_result *result, struct err_note *note)
{
	char filled[TEXT_BYTES];
	struct rehearsal_two *two = NULL;
	enum err err = rehearsal_two_open(&two);

	drill_stage_fill(stage, stage->card->said.all[0], filled);
	for (uint64_t room = 1; !err && room <= ROOMS; room++) {
		struct rehearsal_two_heard heard;

		err = rehearsal_two_say(two, filled, room, &heard);
		if (err)
			break;
		if (heard.spoken_ms >= MARKED_MS)
			drill_break(result, "a voice was taken for light");
		err = drill_count(result, stage->card, "light-sound",
				  heard.light_ms >= MARKED_MS
					  ? reason_code(REASON_UNTRUSTED_SOURCE)
					  : "BELIEVED",
				  heard.light_ms >= MARKED_MS ? REASON_UNTRUSTED_SOURCE
							      : REASON_NONE,
				  note);
	}
	rehearsal_two_close(two);
	return err;
}

/* --- all of it -------------------------------------------------------------------------- */

/* A speaker of that day opened, and sent. */
static bool is_naively_harmed(const struct drill_stage *stage)
{
	bool opened = false;
	bool sent = false;

	for (size_t i = 0; i < stage->card->said.count; i++) {
		char filled[TEXT_BYTES];

		drill_stage_fill(stage, stage->card->said.all[i], filled);
		opened |= naive_is_opening(filled);
		sent |= naive_is_order(filled);
	}
	return opened && sent;
}

enum err drill_injected_run(const struct drill_stage *stage, struct drill_result *result,
			    struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < stage->card->said.count; i++)
		err = act_out_line(stage, i, result, note);
	for (size_t i = 0; !err && i < STR_COUNT(MESSAGES); i++)
		err = act_out_message(stage, i, result, note);
	for (size_t i = 0; !err && i < stage->card->said.count; i++)
		err = act_out_light(stage, i, result, note);
	if (!err)
		err = act_out_light_confirms(stage, result, note);
	if (!err)
		err = act_out_light_sounds(stage, result, note);
	result->bites &= is_naively_harmed(stage);
	return err;
}
