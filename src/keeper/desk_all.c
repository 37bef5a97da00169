/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_all - destroys everything that was recorded for an owner, in one small write: the key
 * that all of it is sealed to ends, however much that is. What then lies there opens for
 * nobody any more, and is swept away afterwards (desk_sweep.c).
 *
 * A house of before there were such keys has epochs that the owner's own key opens: the first
 * time, those are destroyed before anything is called erased.
 */
#include <string.h>

#include "base/must.h"
#include "keeper/desk_inner.h"
#include "keeper/receipt.h"

static void all_written(struct desk *desk, struct item *item, enum err err,
			uint64_t place)
{
	const size_t owner = desk_owner_index(desk, item->owner.id);
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	const struct receipt receipt = {.owner = item->owner.id,
					.why = "its owner asked for it",
					.generation = item->token,
					.erased = place};

	desk_kek_written(desk, item, err);
	if (owner < DESK_OWNERS_MAX && err == OK) {
		struct desk_chores *chores = &desk->chores[owner];

		if (!chores->must_sweep)
			chores->sweep_size = place - 1;
		chores->must_sweep = true;
	}
	if (link)
		link->all.over(desk, link, err, &receipt);
}

/* The row that makes the sweep go on after a restart. */
static enum err add_sweep(struct desk *desk, struct item *item, size_t owner)
{
	struct desk_chores chores = desk->chores[owner];

	if (!chores.must_sweep)
		chores.sweep_size = journal_size(desk->journal);
	chores.must_sweep = true;
	if (chores.sweep_from == 0)
		chores.sweep_from = 1;
	desk->chores[owner].sweep_from = chores.sweep_from;
	return desk_chores_add(desk, item, owner, &chores);
}

static enum err write_all(struct desk *desk, struct desk_link *link, size_t owner)
{
	struct item *item = NULL;
	enum err err;

	if (!desk->keks[owner].is_known)
		return ERR_BUSY; /* it is being made */
	err = item_create(link, desk->keks[owner].now.generation, all_written, &item);
	if (err != OK)
		return err;
	item->owner = desk->owners[owner];
	desk_event(desk, &item->event, EVENT_ERASED, "");
	item->event.turn = link->all.turn;
	desk_event_add_id(&item->event, "owner", item->owner.id.bytes);
	event_add_int(&item->event, "generation", (int64_t)item->token);
	event_add(&item->event, "why", link->all.why);
	err = add_sweep(desk, item, owner);
	if (err == OK)
		err = desk_kek_renew(desk, owner, item);
	if (err != OK) {
		item_destroy(item);
		return err;
	}
	desk_write_take(desk, &item);
	return OK;
}

bool desk_all_is_of_before(const struct desk *desk, struct owner_id id)
{
	const size_t owner = desk_owner_index(desk, id);
	const struct kek *now;

	if (owner == DESK_OWNERS_MAX)
		return false;
	now = &desk->keks[owner].now; /* else its keys are as old as the owner */
	return now->generation == 1 && now->created_ms != desk->owners[owner].created_ms;
}

static void go_on(struct desk *desk, struct desk_link *link, enum err err)
{
	const size_t owner = desk_owner_index(desk, link->all.owner);

	if (err == OK && owner == DESK_OWNERS_MAX)
		err = ERR_MISSING;
	if (err == OK)
		err = write_all(desk, link, owner);
	if (err != OK)
		link->all.over(desk, link, err, NULL);
}

void desk_all_begin(struct desk *desk, struct desk_link *link, const struct desk_all *all)
{
	enum err err = OK;

	link->all = *all;
	if (desk_all_is_of_before(desk, all->owner))
		err = desk_epochs_clear(desk, link, all->owner, 1, go_on);
	else
		go_on(desk, link, OK);
	if (err != OK)
		all->over(desk, link, err, NULL);
}

/* --- by its owner, who is signed in ----------------------------------------------------- */

static void over(struct desk *desk, struct desk_link *link, enum err err,
		 const struct receipt *receipt)
{
	const struct wire_erased erased = {.done = 0, .count = 0};

	if (!receipt) {
		desk_refuse(link, err == ERR_BUSY || err == ERR_MEMORY
					  ? DESK_REFUSE_TOO_MUCH_WAITS
					  : DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	if (err == OK)
		desk_say(link, WIRE_erased, &erased);
	desk_receipt(desk, link, err, receipt);
}

void desk_erase_all(struct desk *desk, struct desk_link *link)
{
	const struct desk_all all = {.owner = owner_view_id(link->view),
				     .why = "all",
				     .over = over};

	desk_erase_closed(link);
	desk_all_begin(desk, link, &all);
}
