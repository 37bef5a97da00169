/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_kek - which key each owner's epochs are sealed to, and its end.
 *
 * An owner has one generation of it; the next begins where all that was recorded before is
 * destroyed at once. Houses made before there were such keys get theirs at the start.
 * Invariants: nothing is sealed to a key whose row is not durable; while a generation ends,
 * and until the next one is durable, nothing is recorded for its owner.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

struct store_key desk_kek_key(const struct desk *desk, struct owner_id owner,
			      uint64_t generation)
{
	uint8_t bytes[KEK_STORE_KEY_BYTES];

	kek_store_key(owner, generation, bytes);
	return desk_key(desk, STORE_KEK, bytes, sizeof(bytes));
}

/* --- reading them ----------------------------------------------------------------------- */

struct store_range desk_kek_range(const struct desk *desk)
{
	uint8_t last[KEK_STORE_KEY_BYTES];

	memset(last, 0xff, sizeof(last));
	return (struct store_range){
		.first = desk_key(desk, STORE_KEK, (const uint8_t[1]){0}, 1),
		.last = desk_key(desk, STORE_KEK, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

/* What is not the newest is only remembered, to be destroyed with it. */
static bool remember_row(struct desk_kek *kek, uint64_t generation)
{
	if (kek->other_count == DESK_KEK_OTHERS_MAX)
		return false;
	kek->others[kek->other_count++] = generation;
	return true;
}

/* Rows come in the order of their generations. False: too many of one owner. */
static bool take_row(struct desk *desk, const struct store_row *row)
{
	struct owner_id id;
	uint64_t generation = 0;
	struct kek now;
	struct desk_kek *kek;
	size_t owner = DESK_OWNERS_MAX;

	if (kek_from_store_key(row->key.bytes, row->key.size, &id, &generation) == OK &&
	    generation < DESK_KEK_GENERATIONS_MAX)
		owner = desk_owner_index(desk, id);
	if (owner == DESK_OWNERS_MAX) {
		log_line("keeper: a key of recordings belongs to nobody here");
		return true;
	}
	kek = &desk->keks[owner];
	kek->last_generation = generation;
	if (kek_read(desk->parts.household, desk->public_key, id, generation, row->value,
		     row->size, &now) != OK) {
		(void)str_format(desk->trouble, sizeof(desk->trouble),
				 "generation %" PRIu64
				 " of a key of recordings is not one of this keeper's;"
				 " what it opens stays closed",
				 generation);
		log_line("keeper: %s", desk->trouble);
		return remember_row(kek, generation);
	}
	if (kek->is_known && !remember_row(kek, kek->now.generation))
		return false;
	kek->is_known = true;
	kek->now = now;
	return true;
}

bool desk_kek_loaded(struct desk *desk, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (!take_row(desk, &rows->rows[i])) {
			desk_break(desk, "an owner has more keys of recordings than one"
					 " can have");
			return false;
		}
	}
	return true;
}

/* --- a new generation ------------------------------------------------------------------- */

static enum err add_next(struct desk *desk, const struct owner *owner,
			 uint64_t generation, struct item *item)
{
	uint8_t row[KEK_ROW_BYTES];
	struct store_key key;
	enum err err = kek_create(owner, generation, clock_wall_ms(&desk->parts.clock),
				  secret_view(desk->parts.seed), &desk->parts.rand, row,
				  &item->kek);

	if (err != OK)
		return err;
	key = desk_kek_key(desk, owner->id, generation);
	return item_add_row(item, &key, row, sizeof(row));
}

enum err desk_kek_add_first(struct desk *desk, const struct owner *owner,
			    struct item *item)
{
	return add_next(desk, owner, 1, item);
}

static uint64_t next_generation(const struct desk_kek *kek)
{
	uint64_t last = kek->last_generation;

	if (kek->is_known && kek->now.generation > last)
		last = kek->now.generation;
	return last + 1;
}

/* All the rows there are. */
static void destroy_rows(struct desk *desk, size_t owner, struct item *item)
{
	const struct desk_kek *kek = &desk->keks[owner];
	struct store_key key;

	if (kek->is_known) {
		key = desk_kek_key(desk, desk->owners[owner].id, kek->now.generation);
		item_clear_row(item, &key);
	}
	for (size_t i = 0; i < kek->other_count; i++) {
		key = desk_kek_key(desk, desk->owners[owner].id, kek->others[i]);
		item_clear_row(item, &key);
	}
}

enum err desk_kek_renew(struct desk *desk, size_t owner, struct item *item)
{
	struct desk_kek *kek = &desk->keks[owner];
	enum err err;

	if (kek->is_changing)
		return ERR_BUSY;
	err = add_next(desk, &desk->owners[owner], next_generation(kek), item);
	if (err != OK)
		return err;
	destroy_rows(desk, owner, item);
	kek->is_changing = true;
	desk_seal_drop_whose(desk, owner);
	return OK;
}

enum err desk_kek_end(struct desk *desk, size_t owner, struct item *item)
{
	struct desk_kek *kek = &desk->keks[owner];

	if (kek->is_changing)
		return ERR_BUSY;
	item->kek = (struct kek){.generation = 0,
				 .household = desk->parts.household,
				 .owner = desk->owners[owner].id};
	destroy_rows(desk, owner, item);
	kek->is_changing = true;
	desk_seal_drop_whose(desk, owner);
	return OK;
}

/* NULL: it was not written, or is of nobody. */
static struct desk_kek *settle(struct desk *desk, const struct item *item, enum err err)
{
	size_t owner = desk_owner_index(desk, item->kek.owner);
	struct desk_kek *kek;

	if (owner == DESK_OWNERS_MAX)
		return NULL;
	kek = &desk->keks[owner];
	kek->is_changing = false;
	if (err != OK)
		return NULL;
	kek->is_known = item->kek.generation > 0;
	kek->is_over = !kek->is_known;
	kek->now = item->kek;
	if (item->kek.generation > kek->last_generation)
		kek->last_generation = item->kek.generation;
	return kek;
}

void desk_kek_written(struct desk *desk, const struct item *item, enum err err)
{
	struct desk_kek *kek = settle(desk, item, err);

	if (kek)
		kek->other_count = 0;
}

/* --- houses of before ------------------------------------------------------------------- */

static void begun(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)place;
	if (err != OK)
		log_line("keeper: a new key of recordings could not be written down: %s",
			 err_words(err));
	(void)settle(desk, item, err);
}

static void add_words(struct item *item)
{
	desk_event_add_id(&item->event, "owner", item->kek.owner.bytes);
	event_add_int(&item->event, "generation", (int64_t)item->kek.generation);
}

/* Begins one for an owner who has none that can be believed. The rows there are stay: what
 * they open may come back from a backup. */
static void begin_one(struct desk *desk, size_t owner)
{
	struct desk_kek *kek = &desk->keks[owner];
	struct item *item = NULL;
	enum err err = item_create(NULL, 0, begun, &item);

	if (err == OK)
		err = add_next(desk, &desk->owners[owner], next_generation(kek), item);
	if (err != OK) {
		log_line("keeper: no new key of recordings: %s", err_words(err));
		item_destroy(item);
		return;
	}
	desk_event(desk, &item->event, EVENT_KEK_BEGUN, "");
	add_words(item);
	kek->is_changing = true;
	desk_write_take(desk, &item);
}

/* Who was removed and has none has ended it. */
static bool may_begin(const struct desk *desk, size_t owner)
{
	const struct desk_kek *kek = &desk->keks[owner];

	return !kek->is_known && !kek->is_changing && !kek->is_over &&
	       desk_owner_is_active(desk, desk->owners[owner].id);
}

void desk_kek_ready(struct desk *desk)
{
	for (size_t i = 0; i < desk->owner_count; i++) {
		if (may_begin(desk, i))
			begin_one(desk, i);
	}
}

enum err desk_kek_current(struct desk *desk, size_t owner, const struct kek **out_kek)
{
	const struct desk_kek *kek = &desk->keks[owner];

	if (may_begin(desk, owner))
		begin_one(desk, owner);
	if (kek->is_changing)
		return ERR_BUSY;
	if (!kek->is_known)
		return ERR_DENIED;
	*out_kek = &kek->now;
	return OK;
}
