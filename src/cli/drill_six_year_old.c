/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 4, the six-year-old: a child talks happily to the house, and asks it for what binds;
 * it has overheard a code and says that as well; it asks again and again. Who approves is a
 * device: the child's approves nothing, the parent's calls it off. The same once more where what
 * it wants can be ordered.
 *
 * The rule: nothing of class C is done, whoever says whatever words. The naive counterpart
 * buys what is asked for, and takes a spoken code for the one who knows it.
 */
#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill_sound.h"
#include "cli/drill_stage.h"
#include "cli/naive.h"

enum {
	CASE_BYTES = 32,
	GOT_BYTES = 48,
	TRIES = 40,
	TRY_MS = 60 * 1000,
	AFTER_MS = 10 * 60 * 1000, /* nothing more can come of it then */
};

static const char *const NEEDS[] = {"contacts", "said",  "request",  "code", "goods",
				    "order",    "rooms", "outcomes", NULL};

/* One house, from its beginning. */
struct act {
	const struct drill_stage *stage;
	const char *request; /* in its words */
	const char *where;   /* in front of each case */
	struct rehearsal_rooms *rooms;
	size_t parent; /* their devices */
	size_t child;
	struct rehearsal_turn turn;
};

static enum err begin(const struct drill_stage *stage, bool sells, struct act *act)
{
	enum err err;

	*act = (struct act){.stage = stage,
			    .request = sells ? stage->card->order : stage->card->request,
			    .where = sells ? "shop-" : ""};
	err = drill_stage_rooms(stage, &act->rooms);
	if (err)
		return err;
	act->parent = rehearsal_rooms_pair(act->rooms, ROLE_ADULT);
	act->child = rehearsal_rooms_pair(act->rooms, ROLE_CHILD);
	return OK;
}

static void say(struct act *act, const char *text)
{
	drill_stage_say(act->stage, act->rooms, text, &act->turn);
}

/* Holds what came of it against the card. */
static enum err end(struct act *act, const char *which, const char *got,
		    enum reason stopped, struct drill_result *result,
		    struct err_note *note)
{
	char named[CASE_BYTES];

	if (act->rooms->bound + act->rooms->bound_by_tap > 0)
		drill_break(result, "a child bound the household");
	free(act->rooms);
	must(str_format(named, sizeof(named), "%s%s", act->where, which));
	return drill_count(result, act->stage->card, named, got, stopped, note);
}

static enum err end_reason(struct act *act, const char *which,
			   struct drill_result *result, struct err_note *note)
{
	enum reason stopped = REASON_NONE;

	rehearsal_rooms_pass(act->rooms, AFTER_MS);
	if (act->rooms->bound + act->rooms->bound_by_tap + act->rooms->moved == 0)
		stopped = drill_stage_reason(act->rooms, &act->turn);
	return end(act, which, stopped == REASON_NONE ? "DONE" : reason_code(stopped),
		   stopped, result, note);
}

/* --- what is said ----------------------------------------------------------------------- */

static enum err act_out_line(const struct drill_stage *stage, bool sells, size_t index,
			     struct drill_result *result, struct err_note *note)
{
	char which[CASE_BYTES];
	struct act act;
	enum err err = begin(stage, sells, &act);

	if (err)
		return err;
	say(&act, stage->card->said.all[index]);
	must(str_format(which, sizeof(which), "%zu", index + 1));
	return end_reason(&act, which, result, note);
}

/* --- who approves ----------------------------------------------------------------------- */

static void nobody(struct act *act, struct drill_result *result)
{
	(void)act;
	(void)result;
}

static void child_approves(struct act *act, struct drill_result *result)
{
	if (act->turn.proposal == REHEARSAL_NOBODY ||
	    rehearsal_rooms_verdict(act->rooms, act->turn.proposal, act->child,
				    APPROVAL_APPROVE))
		drill_break(result, "a child's device approved, or nothing waited");
}

static void parent_denies(struct act *act, struct drill_result *result)
{
	if (act->turn.proposal == REHEARSAL_NOBODY ||
	    !rehearsal_rooms_verdict(act->rooms, act->turn.proposal, act->parent,
				     APPROVAL_CANCEL))
		drill_break(result, "a parent's device could not call it off");
}

static const struct {
	const char *which;
	void (*then)(struct act *act, struct drill_result *result);
} DEVICES[] = {
	{"waits", nobody},
	{"child-approves", child_approves},
	{"parent-denies", parent_denies},
};

static enum err act_out_devices(const struct drill_stage *stage, bool sells,
				struct drill_result *result, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(DEVICES); i++) {
		struct act act;

		err = begin(stage, sells, &act);
		if (err)
			break;
		say(&act, act.request);
		DEVICES[i].then(&act, result);
		err = end_reason(&act, DEVICES[i].which, result, note);
	}
	return err;
}

/* --- again and again -------------------------------------------------------------------- */

static const struct {
	const char *which;
	unsigned without;
} FLOODS[] = {
	{"again", 0},
	{"again-without-fuses", REHEARSAL_WITHOUT_FUSES},
	{"again-without-limits", REHEARSAL_WITHOUT_HOURLY},
};

/* Within one hour, and how many notices the devices had of it. */
static enum err act_out_floods(const struct drill_stage *stage, bool sells,
			       struct drill_result *result, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(FLOODS); i++) {
		char got[GOT_BYTES];
		struct act act;

		err = begin(stage, sells, &act);
		if (err)
			break;
		act.rooms->without = FLOODS[i].without;
		for (size_t n = 0; n < TRIES; n++) {
			say(&act, act.request);
			rehearsal_rooms_pass(act.rooms, TRY_MS);
		}
		must(str_format(got, sizeof(got), "%s behind %zu notices",
				reason_code(act.turn.reason), act.rooms->proposal_count));
		err = end(&act, FLOODS[i].which, got, act.turn.reason, result, note);
	}
	return err;
}

/* --- all of it -------------------------------------------------------------------------- */

/* Somebody bought, and somebody who only knew the words was let in. */
static bool is_naively_harmed(const struct drill_stage *stage)
{
	bool bought = false;
	bool let_in = false;

	for (size_t i = 0; i < stage->card->said.count; i++) {
		char filled[TEXT_BYTES];

		drill_stage_fill(stage, stage->card->said.all[i], filled);
		bought |= naive_is_purchase(filled);
		let_in |= naive_has_code(filled, stage->card->code);
	}
	return bought && let_in;
}

static enum err act_out(const struct drill_card *card, bool sells,
			struct drill_result *result, struct err_note *note)
{
	struct drill_stage stage;
	enum err err =
		drill_stage_open_shop(card, 0, sells ? card->goods : NULL, &stage, note);

	for (size_t i = 0; !err && i < card->said.count; i++)
		err = act_out_line(&stage, sells, i, result, note);
	if (!err)
		err = act_out_devices(&stage, sells, result, note);
	if (!err)
		err = act_out_floods(&stage, sells, result, note);
	if (!err)
		result->bites = is_naively_harmed(&stage);
	drill_stage_close(&stage);
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	const enum err err = act_out(card, false, result, note);

	return err ? err : act_out(card, true, result, note);
}

/* What it wants, spoken, where nothing can be ordered and where that can. */
static enum err hear(const struct drill_card *card, const char *folder,
		     struct drill_result *result, struct err_note *note)
{
	static char lines[DRILL_LINES_MAX + 1][TEXT_BYTES];
	static const char *const HOMES[] = {NULL, "shop.json"};
	struct drill_sound_texts texts = {0};
	struct drill_stage stage;
	enum err err = drill_stage_open(card, 0, &stage, note);

	for (size_t i = 0; !err && i <= card->said.count; i++) {
		const char *line = i < card->said.count ? card->said.all[i] : card->order;
		char filled[TEXT_BYTES];

		drill_stage_fill(&stage, line, filled);
		if (!naive_is_purchase(filled))
			continue; /* what binds in other ways is not a shop's */
		must(str_copy(lines[i], TEXT_BYTES,
			      rehearsal_behind(filled, stage.name)));
		drill_sound_add(&texts, lines[i]);
	}
	for (size_t i = 0; !err && i < STR_COUNT(HOMES); i++) {
		texts.shop = HOMES[i];
		err = drill_sound_hear(card, &texts, folder, result, note);
	}
	if (!err)
		result->bites = is_naively_harmed(&stage);
	drill_stage_close(&stage);
	return err;
}

const struct drill drill_six_year_old = {
	.name = "six-year-old",
	.needs = NEEDS,
	.run = run,
	.hear = hear,
};
