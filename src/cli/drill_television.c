/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 3, the television: it says the name of a house and an order, in every household that
 * watches, and each of their rooms hears it; then also what binds a house that sells
 * nothing. It talks on while it is asked, and all of it is repeated for an hour.
 *
 * The rule: nothing of class C is done in any household, one room answers, and devices are
 * told of no more than is stated for an hour. The naive counterpart orders, in each room,
 * whatever is said behind the name.
 */
#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill_stage.h"
#include "cli/naive.h"

enum {
	CASE_BYTES = 32,
	MINUTE_MS = 60 * 1000,
	HOUR_MINUTES = 60,
	AFTER_MS = 10 * MINUTE_MS, /* nothing more can come of it then */
};

static const char *const NEEDS[] = {"contacts", "names",      "said",
				    "answers",  "households", "notices_max",
				    "rooms",    "outcomes",   NULL};

/* One line, and what is said on and on while it is asked. */
static void say_on(const struct drill_stage *stage, struct rehearsal_rooms *rooms,
		   const char *line, struct rehearsal_turn *first,
		   struct drill_result *result)
{
	const struct drill_lines *answers = &stage->card->answers;
	struct rehearsal_turn turn;

	drill_stage_say(stage, rooms, line, first);
	if (first->answers > 1)
		drill_break(result, "several rooms answered one television");
	for (size_t i = 0; i < answers->count; i++) {
		drill_stage_say(stage, rooms, answers->all[i], &turn);
		if (first->proposal == REHEARSAL_NOBODY)
			first->proposal = turn.proposal;
	}
}

static void check_bound(const struct rehearsal_rooms *rooms, struct drill_result *result)
{
	if (rooms->bound + rooms->bound_by_tap > 0)
		drill_break(result, "a television bound a household");
}

/* A line on its own, in a house where nothing else was said. */
static enum err act_out_line(const struct drill_stage *stage, size_t index,
			     struct drill_result *result, struct err_note *note)
{
	const char *line = stage->card->said.all[index];
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	char which[CASE_BYTES];
	enum reason stopped;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	say_on(stage, rooms, line, &turn, result);
	rehearsal_rooms_pass(rooms, AFTER_MS);
	check_bound(rooms, result);
	stopped = rooms->bound + rooms->moved > 0 ? REASON_NONE
						  : drill_stage_reason(rooms, &turn);
	must(str_format(which, sizeof(which), "%zu", index + 1));
	err = drill_count(result, stage->card, which,
			  stopped == REASON_NONE ? "DONE" : reason_code(stopped), stopped,
			  note);
	free(rooms);
	return err;
}

/* All lines, one a minute, again and again. */
static enum err act_out_hour(const struct drill_stage *stage, struct drill_result *result,
			     struct err_note *note)
{
	const struct drill_card *card = stage->card;
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn = {0};
	enum reason stopped;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	for (size_t i = 0; i < HOUR_MINUTES; i++) {
		say_on(stage, rooms, card->said.all[i % card->said.count], &turn, result);
		rehearsal_rooms_pass(rooms, MINUTE_MS);
	}
	stopped = turn.reason;
	rehearsal_rooms_pass(rooms, AFTER_MS);
	check_bound(rooms, result);
	if (rooms->proposal_count > card->notices_max)
		drill_break(result, "devices were told more often than is stated");
	err = drill_count(result, card, "hour", reason_code(stopped), stopped, note);
	free(rooms);
	return err;
}

/* What was done in 2017: whatever is said behind the name, in each room. */
static size_t count_naive_orders(const struct drill_stage *stage)
{
	const struct drill_card *card = stage->card;
	size_t orders = 0;
	char filled[TEXT_BYTES];

	for (size_t i = 0; i < card->said.count; i++) {
		drill_stage_fill(stage, card->said.all[i], filled);
		if (naive_has_word(filled, stage->name) && naive_is_purchase(filled))
			orders += card->room_count;
	}
	return orders;
}

static enum err act_out(const struct drill_card *card, size_t number,
			struct drill_result *result, struct err_note *note)
{
	struct drill_stage stage;
	enum err err = drill_stage_open(card, number, &stage, note);

	for (size_t i = 0; !err && i < card->said.count; i++)
		err = act_out_line(&stage, i, result, note);
	if (!err)
		err = act_out_hour(&stage, result, note);
	if (!err)
		result->bites &= count_naive_orders(&stage) > 0;
	drill_stage_close(&stage);
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	enum err err = OK;

	result->bites = true; /* in all of them */
	for (size_t i = 0; !err && i < card->households; i++)
		err = act_out(card, i, result, note);
	return err;
}

const struct drill drill_television = {
	.name = "television",
	.needs = NEEDS,
	.run = run,
};
