/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_erasing - destroys a list of recordings: of each its salts and its sealed rows, of
 * every kind, in one batch with the journal's entry that says so.
 *
 * A few go at a time, so that what the house writes meanwhile is not kept waiting. The store
 * answers such a batch once no byte of it is left in its log either; only then does one
 * count as deleted.
 *
 * Invariants: one such list is worked on at a time, in the whole desk, and what the journal
 * says was deleted since it was made is taken out of it when its turn comes: nothing is
 * deleted twice, whoever asks for it at the same time; what was not written stays in the
 * list, and over() says so.
 */
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/recorded.h"

enum { AT_ONCE = 64 };

/* Of a link that is gone; no link has that number. */
static const uint64_t OF_NOBODY = UINT64_MAX;

static const enum recording_kind KINDS[] = {RECORDING_SOUND, RECORDING_TRANSCRIPT};

void desk_erasing_add_rows(const struct desk *desk, struct item *item,
			   struct owner_id owner, struct record_id record)
{
	static const enum store_space SPACES[] = {STORE_SALT, STORE_RECORD};
	uint8_t bytes[RECORDING_KEY_BYTES];

	for (size_t i = 0; i < STR_COUNT(KINDS); i++) {
		recording_key(owner, record, KINDS[i], bytes);
		for (size_t k = 0; k < STR_COUNT(SPACES); k++) {
			const struct store_key key =
				desk_key(desk, SPACES[k], bytes, sizeof(bytes));

			item_clear_row(item, &key);
		}
	}
}

_Static_assert((int)(2 * STR_COUNT(KINDS)) <= (int)ITEM_ROWS_MAX,
	       "one recording fits an item");

static void go_on(struct desk *desk, struct desk_link *link);
static struct desk_link *read_news(struct desk *desk, struct desk_link *link);

/* Whose turn it is now: somebody may have been waiting. NULL: nobody was. */
static struct desk_link *next_one(struct desk *desk)
{
	for (size_t i = 0; desk->erasing == 0 && i < DESK_LINKS_MAX; i++) {
		struct desk_link *next = desk->links[i];

		if (!next || !next->erasing || !next->erasing->waits)
			continue;
		next->erasing->waits = false;
		desk->erasing = next->id;
		return next;
	}
	return NULL;
}

static struct desk_link *end_erasing(struct desk *desk, struct desk_link *link)
{
	desk->erasing = 0;
	link->erasing->over(desk, link);
	return read_news(desk, next_one(desk));
}

/* Its link has gone: what was taken is deleted all the same, and only then others go on. */
static void one_of_nobody(struct desk *desk)
{
	if (desk->erasing != OF_NOBODY)
		return;
	must(desk->erasing_left > 0);
	desk->erasing_left--;
	if (desk->erasing_left > 0)
		return;
	desk->erasing = 0;
	go_on(desk, read_news(desk, next_one(desk)));
}

static void one_erased(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct desk_erasing *erasing = link ? link->erasing : NULL;

	if (!erasing || desk->erasing != item->link_id) {
		one_of_nobody(desk);
		return;
	}
	erasing->under_way--;
	if (err == OK) {
		erasing->set->list[item->token].deleted = place;
		erasing->done++;
	} else {
		erasing->err = err;
	}
	if (erasing->under_way == 0 && !erasing->is_taking)
		go_on(desk, link);
}

static enum err take_one(struct desk *desk, struct desk_link *link, size_t at)
{
	struct desk_erasing *erasing = link->erasing;
	const struct recorded *one = &erasing->set->list[at];
	struct item *item = NULL;
	enum err err = item_create(link, at, one_erased, &item);

	if (err != OK)
		return err;
	desk_event(desk, &item->event, EVENT_DELETED, erasing->set->room);
	item->event.turn = erasing->turn;
	desk_event_add_id(&item->event, "record", one->record.bytes);
	desk_event_add_id(&item->event, "owner", erasing->set->owner.bytes);
	event_add(&item->event, "why", erasing->why);
	desk_erasing_add_rows(desk, item, erasing->set->owner, one->record);
	erasing->under_way++;
	desk_write_take(desk, &item);
	return OK;
}

static void take_some(struct desk *desk, struct desk_link *link)
{
	struct desk_erasing *erasing = link->erasing;
	size_t count = 0;

	erasing->is_taking = true;
	while (erasing->err == OK && erasing->next < erasing->set->count &&
	       count < AT_ONCE) {
		enum err err = take_one(desk, link, erasing->next);

		if (err != OK)
			erasing->err = err;
		erasing->next++;
		count++;
	}
	erasing->is_taking = false;
}

/* The next few; or, when nothing is left or something failed, the end. */
static void go_on(struct desk *desk, struct desk_link *link)
{
	while (link) {
		struct desk_erasing *erasing = link->erasing;

		if (erasing->step && erasing->done > 0)
			erasing->step(desk, link);
		take_some(desk, link);
		link = erasing->under_way == 0 ? end_erasing(desk, link) : NULL;
	}
}

static void got_news(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct desk_link *link = job->link;
	struct desk_erasing *erasing = link->erasing;

	if (err == OK)
		err = recorded_take(desk, erasing->set, rows);
	else if (err == ERR_MISSING)
		err = ERR_IO;
	if (err == OK)
		err = recorded_ask(desk, job, erasing->set, got_news);
	if (err == OK)
		return;
	if (err != ERR_MISSING)
		erasing->err = err;
	go_on(desk, link);
}

/* Whoever has the turn finds out what was deleted since its list was made. The link, where
 * there is nothing to be read, or nobody. */
static struct desk_link *read_news(struct desk *desk, struct desk_link *link)
{
	enum err err;

	if (!link)
		return NULL;
	must(link->job);
	recorded_begin_again(desk, link->erasing->set);
	err = recorded_ask(desk, link->job, link->erasing->set, got_news);
	if (err == OK)
		return NULL;
	if (err != ERR_MISSING)
		link->erasing->err = err;
	return link;
}

void desk_erasing_begin(struct desk *desk, struct desk_link *link)
{
	struct desk_erasing *erasing = link->erasing;

	must(erasing && erasing->set && erasing->over);
	erasing->waits = desk->erasing != 0;
	if (erasing->waits)
		return;
	desk->erasing = link->id;
	go_on(desk, read_news(desk, link));
}

void desk_erasing_closed(struct desk *desk, const struct desk_link *link)
{
	if (desk->erasing != link->id)
		return;
	desk->erasing_left = link->erasing ? link->erasing->under_way : 0;
	desk->erasing = desk->erasing_left > 0 ? OF_NOBODY : 0;
	if (desk->state == DESK_READY)
		go_on(desk, read_news(desk, next_one(desk)));
}
