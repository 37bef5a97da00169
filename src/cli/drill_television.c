/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 3, the television: it says the name of a house and an order, in every household that
 * watches, and each of their rooms hears it; and also what binds a house. First nothing can be
 * ordered, then exactly what it says can. It talks on while it is asked, confirms it aloud, and
 * all of it is repeated for an hour.
 *
 * The rule: nothing of class C is done in any household, one room answers, an order is one
 * card however many rooms heard it, of which there are three an hour, and devices are told
 * of no more than is stated for an hour. The naive counterpart orders, in each room,
 * whatever is said behind the name.
 */
#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill_sound.h"
#include "cli/drill_stage.h"
#include "cli/naive.h"

enum {
	CASE_BYTES = 32,
	MINUTE_MS = 60 * 1000,
	HOUR_MINUTES = 60,
	AFTER_MS = 10 * MINUTE_MS, /* nothing more can come of it then */
	ORDERS_MAX = 3,            /* cards within an hour */
};

static const char *const NEEDS[] = {"contacts",   "names",       "said",  "answers",
				    "households", "notices_max", "rooms", "goods",
				    "outcomes",   NULL};

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

static size_t count_orders(const struct rehearsal_rooms *rooms)
{
	size_t count = 0;

	for (size_t i = 0; i < rooms->proposal_count; i++)
		count += rooms->proposals[i].kind == PROPOSAL_PURCHASE;
	return count;
}

static void check_bound(const struct rehearsal_rooms *rooms, size_t orders_max,
			struct drill_result *result)
{
	if (count_orders(rooms) > orders_max)
		drill_break(result, "devices were shown an order more often than may be");
	if (rooms->bound + rooms->bound_by_tap > 0)
		drill_break(result, "a television bound a household");
}

/* A line on its own, in a house where nothing else was said. */
static enum err act_out_line(const struct drill_stage *stage, const char *where,
			     size_t index, struct drill_result *result,
			     struct err_note *note)
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
	check_bound(rooms, 1, result);
	stopped = rooms->bound + rooms->moved > 0 ? REASON_NONE
						  : drill_stage_reason(rooms, &turn);
	must(str_format(which, sizeof(which), "%s%zu", where, index + 1));
	err = drill_count(result, stage->card, which,
			  stopped == REASON_NONE ? "DONE" : reason_code(stopped), stopped,
			  note);
	free(rooms);
	return err;
}

/* All lines, one a minute, again and again. */
static enum err act_out_hour(const struct drill_stage *stage, const char *where,
			     struct drill_result *result, struct err_note *note)
{
	char which[CASE_BYTES];
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
	check_bound(rooms, ORDERS_MAX, result);
	if (rooms->proposal_count > card->notices_max)
		drill_break(result, "devices were told more often than is stated");
	must(str_format(which, sizeof(which), "%shour", where));
	err = drill_count(result, card, which, reason_code(stopped), stopped, note);
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

/* goods NULL: nothing can be ordered there. */
static enum err act_out(const struct drill_card *card, size_t number, const char *goods,
			struct drill_result *result, struct err_note *note)
{
	const char *where = goods ? "shop-" : "";
	struct drill_stage stage;
	enum err err = drill_stage_open_shop(card, number, goods, &stage, note);

	for (size_t i = 0; !err && i < card->said.count; i++)
		err = act_out_line(&stage, where, i, result, note);
	if (!err)
		err = act_out_hour(&stage, where, result, note);
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
		err = act_out(card, i, NULL, result, note);
	for (size_t i = 0; !err && i < card->households; i++)
		err = act_out(card, i, card->goods, result, note);
	return err;
}

/* The same sound in one house: as talk beside it, and as if its name had been said before, where
 * nothing can be ordered and where that can. */
static enum err hear(const struct drill_card *card, const char *folder,
		     struct drill_result *result, struct err_note *note)
{
	static char lines[DRILL_LINES_MAX][TEXT_BYTES];
	static const char *const HOMES[] = {NULL, "shop.json"};
	struct drill_sound_texts texts = {0};
	struct drill_stage stage;
	enum err err = drill_stage_open(card, 0, &stage, note);

	for (size_t i = 0; !err && i < card->said.count; i++) {
		char filled[TEXT_BYTES];
		const char *behind;

		drill_stage_fill(&stage, card->said.all[i], filled);
		behind = rehearsal_behind(filled, stage.name);
		if (!behind || !naive_is_purchase(behind))
			continue; /* what binds in other ways is not a shop's */
		must(str_copy(lines[i], TEXT_BYTES, behind));
		drill_sound_add(&texts, lines[i]);
	}
	if (!err)
		drill_sound_add_lines(&texts, &card->answers);
	for (size_t i = 0; !err && i < STR_COUNT(HOMES); i++) {
		texts.shop = HOMES[i];
		err = drill_sound_hear(card, &texts, folder, result, note);
	}
	if (!err)
		result->bites = count_naive_orders(&stage) > 0;
	drill_stage_close(&stage);
	return err;
}

const struct drill drill_television = {
	.name = "television",
	.needs = NEEDS,
	.run = run,
	.hear = hear,
};
