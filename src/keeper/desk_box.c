/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_box - what is nobody's: the household's box, where the owners have switched it on.
 *
 * What is recorded there is sealed like an owner's recordings, but the key above its epochs
 * is one of an hour, sealed to each owner of the house, and is destroyed a day after it was
 * made, or at once where the box is switched off. Nothing of the box is ever exported, and
 * whoever opens something of it is written down where all owners see it (desk_play.c).
 *
 * Invariants: nothing is sealed to a key whose rows are not durable; one change of the keys
 * is under way at a time; no key of the box is older than KEPT_MIN, nor of a time to come;
 * a new key has the number of none under which something lies.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "keeper/desk_inner.h"

/* In minutes of the wall clock, which number the keys. */
enum {
	RENEWED_MIN = 60,
	KEPT_MIN = 24 * 60,
	AHEAD_MIN = 2 * 60, /* a key of so long from now was made by a wrong clock */
	MINUTE_MS = 60 * 1000,
};

struct store_key desk_box_key(const struct desk *desk, uint64_t generation,
			      struct owner_id reader)
{
	uint8_t bytes[BOX_STORE_KEY_BYTES];
	struct pack pack;

	pack_init(&pack, bytes, sizeof(bytes));
	pack_u64(&pack, generation);
	pack_bytes(&pack, reader.bytes, ID_BYTES);
	must(pack_is_whole(&pack));
	return desk_key(desk, STORE_BOX, bytes, sizeof(bytes));
}

struct owner_id desk_box_owner(const struct desk *desk)
{
	return kek_box_owner(desk->parts.household);
}

static uint64_t now_min(const struct desk *desk)
{
	const int64_t now_ms = clock_wall_ms(&desk->parts.clock);

	return now_ms > 0 ? (uint64_t)now_ms / MINUTE_MS : 0;
}

static struct desk_box_key *key_of(struct desk *desk, uint64_t generation)
{
	for (size_t i = 0; i < desk->box.key_count; i++)
		if (desk->box.keys[i].generation == generation)
			return &desk->box.keys[i];
	return NULL;
}

bool desk_box_has_key(const struct desk *desk, uint64_t generation)
{
	for (size_t i = 0; i < desk->box.key_count; i++)
		if (desk->box.keys[i].generation == generation)
			return true;
	return false;
}

/* --- reading them ----------------------------------------------------------------------- */

struct store_range desk_box_range(const struct desk *desk)
{
	uint8_t last[BOX_STORE_KEY_BYTES];

	memset(last, 0xff, sizeof(last));
	return (struct store_range){
		.first = desk_key(desk, STORE_BOX, (const uint8_t[1]){0}, 1),
		.last = desk_key(desk, STORE_BOX, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

/* The newest that can be believed is written under again. */
static void take_row(struct desk *desk, const struct store_row *row)
{
	struct desk_box_key *key;
	struct owner_id reader;
	struct unpack unpack;
	struct kek kek;
	uint64_t generation;
	size_t owner;

	unpack_init(&unpack, row->key.bytes, row->key.size);
	generation = unpack_u64(&unpack);
	unpack_bytes(&unpack, reader.bytes, ID_BYTES);
	owner = unpack_is_whole(&unpack) ? desk_owner_index(desk, reader)
					 : DESK_OWNERS_MAX;
	key = key_of(desk, generation);
	if (owner == DESK_OWNERS_MAX ||
	    (!key && desk->box.key_count == DESK_BOX_KEYS_MAX)) {
		log_line("keeper: a key of the household's box is not one of its own");
		return;
	}
	if (!key) {
		key = &desk->box.keys[desk->box.key_count++];
		*key = (struct desk_box_key){.generation = generation};
	}
	key->readers |= UINT32_C(1) << owner;
	if (kek_read(desk->parts.household, desk->public_key, desk_box_owner(desk),
		     generation, row->value, row->size, &kek) != OK) {
		log_line(
			"keeper: a key of the household's box cannot be believed; what it "
			"opens stays closed");
		return;
	}
	if (!desk->box.is_known || generation > desk->box.now.generation) {
		desk->box.is_known = true;
		desk->box.now = kek;
	}
}

static bool has_ended(const struct desk_box *box, uint64_t generation)
{
	for (size_t i = 0; i < box->ended_count; i++)
		if (box->ended[i] == generation)
			return true;
	return false;
}

/* Something may lie under it. */
static void note_ended(struct desk_box *box, uint64_t generation)
{
	if (has_ended(box, generation))
		return;
	if (box->ended_count < DESK_BOX_ENDED_MAX)
		box->ended[box->ended_count++] = generation;
	else
		box->is_crowded = true;
}

void desk_box_loaded(struct desk *desk, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		take_row(desk, &rows->rows[i]);
	desk->box.must_sweep = true; /* it may have been stopped in the middle */
}

struct store_range desk_box_epoch_range(const struct desk *desk)
{
	uint8_t bytes[2 * ID_BYTES] = {0};
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};

	memcpy(bytes, desk_box_owner(desk).bytes, ID_BYTES);
	range.first = desk_key(desk, STORE_EPOCH, bytes, sizeof(bytes));
	memset(bytes + ID_BYTES, UINT8_MAX, ID_BYTES);
	range.last = desk_key(desk, STORE_EPOCH, bytes, sizeof(bytes));
	return range;
}

/* One that cannot be read opens nothing. */
void desk_box_epochs_loaded(struct desk *desk, const struct store_rows *rows)
{
	uint64_t generation = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (epoch_peek(rows->rows[i].value, rows->rows[i].size, &generation) ==
			    OK &&
		    !desk_box_has_key(desk, generation))
			note_ended(&desk->box, generation);
}

void desk_box_cleared(struct desk *desk)
{
	if (desk->box.must_sweep)
		return; /* another one has ended meanwhile */
	desk->box.is_crowded = false;
	desk->box.ended_count = 0;
	desk_box_tick(desk);
}

/* --- a new key -------------------------------------------------------------------------- */

static void begun(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_box *box = &desk->box;

	(void)place;
	box->is_changing = false;
	if (err != OK) {
		log_line("keeper: a key of the household's box could not be written: %s",
			 err_words(err));
		return;
	}
	must(box->key_count < DESK_BOX_KEYS_MAX);
	box->keys[box->key_count++] =
		(struct desk_box_key){.generation = item->kek.generation,
				      .readers = item->readers};
	box->now = item->kek;
	box->is_known = true;
	desk_seal_end_epoch(desk, DESK_BOX);
	desk_box_tick(desk);
}

static size_t find_readers(const struct desk *desk,
			   const struct owner *readers[DESK_OWNERS_MAX],
			   uint32_t *out_bits)
{
	size_t count = 0;

	*out_bits = 0;
	for (size_t i = 0; i < desk->owner_count; i++) {
		if (!desk_owner_is_active(desk, desk->owners[i].id) ||
		    !desk_certificate_holds(desk, desk->owners[i].id))
			continue;
		readers[count++] = &desk->owners[i];
		*out_bits |= UINT32_C(1) << i;
	}
	return count;
}

/* Behind those that there are, and none that something lies under: that would not open, and
 * be called foul play. 0: there is no time yet. */
static uint64_t free_generation(const struct desk *desk)
{
	const struct desk_box *box = &desk->box;
	uint64_t generation = now_min(desk);

	if (generation == 0)
		return 0;
	for (size_t i = 0; i < box->key_count; i++)
		if (box->keys[i].generation >= generation)
			generation = box->keys[i].generation + 1;
	while (has_ended(box, generation))
		generation++;
	return generation;
}

static enum err add_rows(struct desk *desk, struct item *item)
{
	const struct owner *readers[DESK_OWNERS_MAX];
	uint8_t rows[DESK_OWNERS_MAX][KEK_ROW_BYTES];
	const size_t count = find_readers(desk, readers, &item->readers);
	const uint64_t generation = free_generation(desk);
	enum err err;

	if (count == 0 || generation == 0)
		return ERR_MISSING;
	err = kek_create_box(readers, count, generation,
			     clock_wall_ms(&desk->parts.clock),
			     secret_view(desk->parts.seed), &desk->parts.rand, rows,
			     &item->kek);
	for (size_t i = 0; err == OK && i < count; i++) {
		const struct store_key key =
			desk_box_key(desk, generation, readers[i]->id);

		err = item_add_row(item, &key, rows[i], sizeof(rows[i]));
	}
	return err;
}

static void begin_key(struct desk *desk)
{
	struct item *item = NULL;
	enum err err = item_create(NULL, 0, begun, &item);

	if (err == OK)
		err = add_rows(desk, item);
	if (err != OK) {
		item_destroy(item);
		return;
	}
	desk_event(desk, &item->event, EVENT_BOX_KEY_BEGUN, "");
	event_add_int(&item->event, "generation", (int64_t)item->kek.generation);
	desk->box.is_changing = true;
	desk_write_take(desk, &item);
}

/* --- the end of one --------------------------------------------------------------------- */

/* These readers have it no more; without any it is gone. */
static void forget(struct desk_box *box, uint64_t generation, uint32_t readers)
{
	for (size_t i = 0; i < box->key_count; i++) {
		if (box->keys[i].generation != generation)
			continue;
		box->keys[i].readers &= ~readers;
		if (box->keys[i].readers == 0)
			box->keys[i] = box->keys[--box->key_count];
		else
			return;
	}
	if (box->is_known && box->now.generation == generation)
		box->is_known = false;
}

static void ended(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)place;
	desk->box.is_changing = false;
	if (err != OK) {
		log_line(
			"keeper: a key of the household's box could not be destroyed: %s",
			err_words(err));
		return;
	}
	forget(&desk->box, item->kek.generation, item->readers);
	if (!desk_box_has_key(desk, item->kek.generation))
		note_ended(&desk->box, item->kek.generation);
	desk->box.must_sweep = true;
	desk_box_tick(desk);
}

/* For those readers alone, or, for all, altogether. */
static void end_key(struct desk *desk, const struct desk_box_key *key, uint32_t readers)
{
	struct item *item = NULL;

	if (item_create(NULL, 0, ended, &item) != OK)
		return;
	for (size_t i = 0; i < desk->owner_count; i++) {
		const struct store_key row =
			desk_box_key(desk, key->generation, desk->owners[i].id);

		if (readers & UINT32_C(1) << i)
			item_clear_row(item, &row);
	}
	item->kek.generation = key->generation;
	item->readers = readers;
	desk_event(desk, &item->event, EVENT_BOX_KEY_OVER, "");
	event_add_int(&item->event, "generation", (int64_t)key->generation);
	desk->box.is_changing = true;
	if (readers == key->readers && desk->box.is_known &&
	    desk->box.now.generation == key->generation)
		desk_seal_drop_whose(desk, DESK_BOX);
	desk_write_take(desk, &item);
}

static bool is_over(const struct desk *desk, uint64_t generation)
{
	const uint64_t now = now_min(desk);

	return !desk->policy.has_box || generation + KEPT_MIN <= now ||
	       generation > now + AHEAD_MIN;
}

static bool is_due(const struct desk *desk)
{
	const struct desk_box *box = &desk->box;

	return desk->policy.has_box && !box->is_crowded &&
	       box->key_count < DESK_BOX_KEYS_MAX &&
	       (!box->is_known || box->now.generation + RENEWED_MIN <= now_min(desk));
}

/* Owners who were removed, and still have rows. */
static uint32_t removed_readers(const struct desk *desk, uint32_t readers)
{
	uint32_t removed = 0;

	for (size_t i = 0; i < desk->owner_count; i++)
		if (!desk_owner_is_active(desk, desk->owners[i].id))
			removed |= UINT32_C(1) << i;
	return readers & removed;
}

/* One change; the next one follows when it is written. */
void desk_box_tick(struct desk *desk)
{
	struct desk_box *box = &desk->box;

	if (desk->state != DESK_READY || box->is_changing)
		return;
	for (size_t i = 0; i < box->key_count; i++) {
		const struct desk_box_key *key = &box->keys[i];
		const uint32_t ends = is_over(desk, key->generation)
					      ? key->readers
					      : removed_readers(desk, key->readers);

		if (ends != 0) {
			end_key(desk, key, ends);
			return;
		}
	}
	if (is_due(desk))
		begin_key(desk);
}

const struct kek *desk_box_current(const struct desk *desk)
{
	const struct desk_box *box = &desk->box;

	return box->is_known && !is_over(desk, box->now.generation) ? &box->now : NULL;
}
