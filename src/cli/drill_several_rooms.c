/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 10, several rooms: one request gets to three rooms, in each order of loudness and
 * with each delay between them; then with the nearest muted, with one that may not send
 * messages, and with a storm of wakes.
 *
 * The rule: one room answers, which is the loudest that listens; a muted one takes up
 * nothing. The naive counterpart answers in each room that heard it.
 */
#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill_stage.h"
#include "cli/rehearsal_sound.h"

enum {
	ROOMS = 3,
	ORDERS = 6,
	SKEWS = 3,
	SKEW_MS = 150,
	GOT_BYTES = 48,
	TOO_LATE_MS = ELECTION_WINDOW_MS + 150,
	STORM = 1000,
	STORM_MS = 3600,
};

static const char *const NEEDS[] = {"contacts", "said",     "request",
				    "rooms",    "outcomes", NULL};

struct act {
	const struct drill_stage *stage;
	struct rehearsal_rooms *rooms;
	struct rehearsal_heard_by heard[ROOMS];
	struct rehearsal_turn turn;
};

/* Which of the card's three levels each room has, in all orders. */
static const size_t LEVELS[ORDERS][ROOMS] = {
	{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0},
};

/* --- one situation ---------------------------------------------------------------------- */

/* Each room hears it by itself, and what its listening stage measured is what counts. */
static enum err hear(struct act *act, size_t order, size_t skew, int muted)
{
	const struct drill_card *card = act->stage->card;
	enum err err = drill_stage_rooms(act->stage, &act->rooms);

	for (size_t i = 0; !err && i < ROOMS; i++) {
		const struct rehearsal_place place = {
			.name = card->rooms[i].name,
			.db = card->rooms[LEVELS[order][i]].db,
			.late_ms = (int64_t)(i * skew * SKEW_MS / (SKEWS - 1)),
		};

		rehearsal_rooms_policy(act->rooms, i)->muted = (int)i == muted;
		err = rehearsal_sound_hear(order * SKEWS + skew + 1, &place,
					   (int)i == muted, &act->heard[i]);
		act->rooms->rooms[i].level_db = act->heard[i].level_db;
		act->rooms->rooms[i].late_ms = act->heard[i].at_ms;
	}
	if (!err)
		(void)rehearsal_rooms_pair(act->rooms, ROLE_ADULT);
	return err;
}

static int loudest_of(size_t order, int but)
{
	int best = REHEARSAL_NOBODY;

	for (int i = 0; i < ROOMS; i++)
		if (i != but &&
		    (best == REHEARSAL_NOBODY || LEVELS[order][i] < LEVELS[order][best]))
			best = i;
	return best;
}

/* Is what was moved in the room that answered? */
static bool is_moved_here(const struct act *act)
{
	const struct home *home = &act->stage->house->home;
	const struct entity *entity = home_find_const(home, act->turn.entity);

	return entity && entity->area >= 0 && act->turn.room >= 0 &&
	       str_equal_folded(home->areas[entity->area].name,
				act->stage->card->rooms[act->turn.room].name);
}

static void check_rule(const struct act *act, int muted, struct drill_result *result)
{
	size_t woke = 0;

	for (int i = 0; i < ROOMS; i++) {
		woke += act->heard[i].woke;
		if (i == muted && act->heard[i].frames + act->rooms->rooms[i].taken > 0)
			drill_break(result, "a muted room took something up");
	}
	if (act->turn.answers > 1)
		drill_break(result, "more than one room answered");
	result->bites |= woke > 1;
}

static enum err act_out_light(const struct drill_stage *stage, size_t order, size_t skew,
			      bool mutes, struct drill_result *result,
			      struct err_note *note)
{
	const int muted = mutes ? loudest_of(order, REHEARSAL_NOBODY) : REHEARSAL_NOBODY;
	struct act act = {.stage = stage};
	const char *got = "REFUSED";
	enum err err = hear(&act, order, skew, muted);

	if (!err) {
		drill_stage_say(stage, act.rooms, stage->card->request, &act.turn);
		check_rule(&act, muted, result);
		if (act.rooms->moved == 1 && is_moved_here(&act))
			got = act.turn.room == loudest_of(order, muted)
				      ? "DONE where it was loudest"
				      : "DONE elsewhere";
		err = drill_count_done(result, stage->card, mutes ? "muted" : "light",
				       got, note);
	}
	free(act.rooms);
	return err;
}

static enum err act_out_lights(const struct drill_stage *stage,
			       struct drill_result *result, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < (size_t)ORDERS * SKEWS; i++) {
		err = act_out_light(stage, i / SKEWS, i % SKEWS, false, result, note);
		if (!err)
			err = act_out_light(stage, i / SKEWS, i % SKEWS, true, result,
					    note);
	}
	return err;
}

/* Rooms that tell of it only when it has been decided who answers. */
static enum err act_out_late(const struct drill_stage *stage, struct drill_result *result,
			     struct err_note *note)
{
	struct act act = {.stage = stage};
	enum err err = drill_stage_rooms(stage, &act.rooms);

	if (err)
		return err;
	for (size_t i = 1; i < ROOMS; i++)
		act.rooms->rooms[i].late_ms = TOO_LATE_MS;
	drill_stage_say(stage, act.rooms, stage->card->request, &act.turn);
	check_rule(&act, REHEARSAL_NOBODY, result);
	err = drill_count_done(result, stage->card, "too-late",
			       is_moved_here(&act) && act.turn.answers == 1
				       ? "DONE where it was loudest"
				       : "DONE elsewhere",
			       note);
	free(act.rooms);
	return err;
}

/* --- a room that may not send messages -------------------------------------------------- */

static enum err act_out_without(const struct drill_stage *stage,
				struct drill_result *result, struct err_note *note)
{
	struct act act = {.stage = stage};
	enum err err = drill_stage_rooms(stage, &act.rooms);

	if (err)
		return err;
	(void)rehearsal_rooms_pair(act.rooms, ROLE_ADULT);
	rehearsal_rooms_policy(act.rooms, 0)->capabilities =
		MAY_ALL & ~(unsigned)MAY_MESSAGE;
	drill_stage_say(stage, act.rooms, stage->card->request, &act.turn);
	err = drill_count_done(result, stage->card, "without-messages-light",
			       is_moved_here(&act) ? "DONE where it was loudest"
						   : reason_code(act.turn.reason),
			       note);
	for (size_t i = 0; !err && i < stage->card->said.count; i++) {
		drill_stage_say(stage, act.rooms, stage->card->said.all[i], &act.turn);
		if (act.turn.kind != DECISION_REFUSE)
			drill_break(result, "a room that may send no messages began one");
		err = drill_count(result, stage->card, "without-messages",
				  reason_code(act.turn.reason), act.turn.reason, note);
	}
	free(act.rooms);
	return err;
}

/* --- a storm ---------------------------------------------------------------------------- */

static enum err act_out_storm(const struct drill_stage *stage,
			      struct drill_result *result, struct err_note *note)
{
	struct act act = {.stage = stage};
	size_t answers = 0;
	char got[GOT_BYTES];
	enum err err = drill_stage_rooms(stage, &act.rooms);

	if (err)
		return err;
	for (size_t i = 0; i < STORM; i++) {
		act.rooms->now_ms = (int64_t)i * STORM_MS;
		drill_stage_say(stage, act.rooms, stage->name, &act.turn);
		answers += act.turn.answers;
	}
	for (size_t i = 0; i < ROOMS; i++)
		if (act.rooms->rooms[i].taken > FUSE_WAKES_MAX + 1)
			drill_break(result, "a room listened on in a storm");
	must(str_format(got, sizeof(got), "%s behind %zu answers",
			reason_code(act.turn.reason), answers));
	free(act.rooms);
	return drill_count(result, stage->card, "storm", got, act.turn.reason, note);
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct drill_stage stage;
	enum err err = OK;

	if (card->room_count != ROOMS)
		return drill_card_say(card, note, "rooms", "expected exactly ", "3");
	err = drill_stage_open(card, 0, &stage, note);
	if (!err)
		err = act_out_lights(&stage, result, note);
	if (!err)
		err = act_out_late(&stage, result, note);
	if (!err)
		err = act_out_without(&stage, result, note);
	if (!err)
		err = act_out_storm(&stage, result, note);
	drill_stage_close(&stage);
	return err;
}

const struct drill drill_several_rooms = {
	.name = "several-rooms",
	.needs = NEEDS,
	.run = run,
};
