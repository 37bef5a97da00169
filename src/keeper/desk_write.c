/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_write - the one queue through which everything becomes durable.
 *
 * While a batch is under way, what comes gathers, and goes out as the next batch: one
 * checkpoint, the tiles that the entries complete, and one commit for all of it. Invariants: at most one batch is under way;
 * every item that was taken gets its done() exactly once, in the order they came; the
 * journal's pending entries are exactly those of the batch. A batch of quiet items alone
 * whose end is in doubt counts as not written, unless a key ended with it, which can be
 * seen: who queued those does them again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "keeper/desk_inner.h"

enum {
	ITEM_WRITES = 2, /* beside its rows: its entry, and an epoch */
	/* The checkpoint, tiles, and the backup key that ends with the one that begins. */
	BATCH_WRITES = 1 + JOURNAL_TILES_MAX + 2,
};

/* What a batch is put together in; too large for the stack. */
struct batch {
	size_t count;
	size_t bytes;
	struct store_write writes[STORE_BATCH_WRITES_MAX];
	uint8_t entries[DESK_BATCH_ITEMS_MAX][ENTRY_BYTES_MAX];
	uint8_t checkpoint[JOURNAL_CHECKPOINT_BYTES_MAX];
	uint8_t backup_key[BACKUP_KEY_ROW_BYTES];
};

_Static_assert(ITEM_ROWS_MAX + ITEM_WRITES + BATCH_WRITES <= STORE_BATCH_WRITES_MAX,
	       "any item fits a batch");

enum err item_create(struct desk_link *link, uint64_t token, item_done_fn *done,
		     struct item **out_item)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item)
		return ERR_MEMORY;
	item->link_id = link ? link->id : 0;
	item->token = token;
	item->done = done;
	*out_item = item;
	return OK;
}

static enum err add_row(struct item *item, enum store_act act,
			const struct store_key *key, const void *value, size_t size)
{
	struct item_row *row = &item->rows[item->row_count];

	must(item->row_count < ITEM_ROWS_MAX);
	row->value = malloc(size > 0 ? size : 1);
	if (!row->value)
		return ERR_MEMORY;
	memcpy(row->value, value, size);
	row->act = act;
	row->key = *key;
	row->size = size;
	item->row_count++;
	item->bytes += size;
	return OK;
}

enum err item_add_row(struct item *item, const struct store_key *key, const void *value,
		      size_t size)
{
	return add_row(item, STORE_APPEND, key, value, size);
}

enum err item_put_row(struct item *item, const struct store_key *key, const void *value,
		      size_t size)
{
	return add_row(item, STORE_PUT, key, value, size);
}

void item_destroy_row(struct item *item, const struct store_key *key)
{
	must(item->row_count < ITEM_ROWS_MAX);
	item->rows[item->row_count++] =
		(struct item_row){.act = STORE_DESTROY, .key = *key};
}

void item_clear_row(struct item *item, const struct store_key *key)
{
	item_destroy_row(item, key);
	item->rows[item->row_count - 1].act = STORE_CLEAR;
}

void item_destroy(struct item *item)
{
	if (!item)
		return;
	for (size_t i = 0; i < item->row_count; i++) {
		seal_wipe(item->rows[i].value, item->rows[i].size);
		free(item->rows[i].value);
	}
	desk_epoch_release(item->epoch);
	owner_view_destroy(item->view);
	secret_destroy(item->sound);
	free(item->policy);
	free(item->step);
	seal_wipe(item, sizeof(*item));
	free(item);
}

static void end_item(struct desk *desk, struct item *item, enum err err)
{
	item->done(desk, item, err, err == OK ? item->place : 0);
	item_destroy(item);
}

void desk_write_take(struct desk *desk, struct item **taken)
{
	struct item *item = *taken;

	*taken = NULL;
	if (!desk_end_may_write(desk, item)) {
		end_item(desk, item, ERR_CLOSED);
		return;
	}
	if (desk->state == DESK_BROKEN || desk->queue_count == DESK_QUEUE_ITEMS_MAX ||
	    desk->queue_bytes + item->bytes > DESK_QUEUE_BYTES_MAX) {
		end_item(desk, item, ERR_BUSY);
		return;
	}
	if (desk->queue_last)
		desk->queue_last->next = item;
	else
		desk->queue_first = item;
	desk->queue_last = item;
	desk->queue_count++;
	desk->queue_bytes += item->bytes;
	desk_write_next(desk);
}

void desk_write_take_first(struct desk *desk, struct item **taken)
{
	struct item *item = *taken;

	*taken = NULL;
	item->next = desk->queue_first;
	desk->queue_first = item;
	if (!desk->queue_last)
		desk->queue_last = item;
	desk->queue_count++;
	desk->queue_bytes += item->bytes;
	desk_write_next(desk);
}

static struct item *pop_item(struct desk *desk)
{
	struct item *item = desk->queue_first;

	desk->queue_first = item->next;
	if (!desk->queue_first)
		desk->queue_last = NULL;
	desk->queue_count--;
	desk->queue_bytes -= item->bytes;
	item->next = NULL;
	return item;
}

static void add_write(struct batch *batch, enum store_act act,
		      const struct store_key *key, const uint8_t *value, size_t size)
{
	must(batch->count < sizeof(batch->writes) / sizeof(batch->writes[0]));
	batch->writes[batch->count] =
		(struct store_write){.act = act,
				     .row = {.key = *key, .value = value, .size = size}};
	batch->count++;
	batch->bytes += size;
}

static void append_row(struct batch *batch, const struct store_key *key,
		       const uint8_t *value, size_t size)
{
	add_write(batch, STORE_APPEND, key, value, size);
}

static void add_epoch(struct desk *desk, struct batch *batch, struct desk_epoch *epoch)
{
	uint8_t bytes[2 * ID_BYTES];
	struct store_key key;

	if (!epoch || epoch->stored || epoch->in_batch)
		return;
	memcpy(bytes, epoch_owner(epoch->epoch).bytes, ID_BYTES);
	memcpy(bytes + ID_BYTES, epoch_id_of(epoch->epoch).bytes, ID_BYTES);
	key = desk_key(desk, STORE_EPOCH, bytes, sizeof(bytes));
	append_row(batch, &key, epoch->row, sizeof(epoch->row));
	epoch->in_batch = true;
}

/* The item's entry, unless it is quiet; its epoch if that is new, and its rows. */
static enum err add_item(struct desk *desk, struct batch *batch, struct item *item,
			 uint8_t entry[ENTRY_BYTES_MAX])
{
	struct store_key key;
	size_t size = 0;
	enum err err = OK;

	if (!item->has_no_event) {
		err = journal_add(desk->journal, &item->event, entry, &size,
				  &item->place);
		if (err != OK)
			return err;
		key = desk_key_number(desk, STORE_JOURNAL, item->place);
		append_row(batch, &key, entry, size);
	}
	add_epoch(desk, batch, item->epoch);
	for (size_t i = 0; i < item->row_count; i++)
		add_write(batch, item->rows[i].act, &item->rows[i].key,
			  item->rows[i].value, item->rows[i].size);
	return OK;
}

/* The checkpoint over its entries, if it has any, and the tiles that they complete. */
static enum err add_checkpoint(struct desk *desk, struct batch *batch)
{
	const uint64_t pending = journal_pending_size(desk->journal);
	const struct tile *tiles;
	struct store_key key;
	size_t count = 0;
	size_t size = 0;
	enum err err;

	if (pending == journal_size(desk->journal))
		return OK;
	err = journal_checkpoint(desk->journal, batch->checkpoint, &size);
	if (err != OK)
		return err;
	key = desk_key_number(desk, STORE_CHECKPOINT, pending);
	append_row(batch, &key, batch->checkpoint, size);
	tiles = journal_tiles(desk->journal, &count);
	for (size_t i = 0; i < count; i++) {
		key = desk_tile_key(desk, tiles[i].id);
		append_row(batch, &key, tiles[i].hashes[0], TILE_BYTES);
	}
	return OK;
}

/* Whatever key is destroyed, the key of backups goes with it: here, where everything passes,
 * so that no deletion forgets it. */
static void add_backup_key(struct desk *desk, struct batch *batch)
{
	struct store_key key;

	if (!desk_backup_rotates(desk, batch->writes, batch->count, batch->backup_key))
		return;
	key = desk_key_number(desk, STORE_BACKUP, desk->backup.number);
	if (desk->backup.number > 0)
		add_write(batch, STORE_CLEAR, &key, NULL, 0);
	key = desk_key_number(desk, STORE_BACKUP, desk->backup.next);
	add_write(batch, STORE_PUT, &key, batch->backup_key, sizeof(batch->backup_key));
}

/* With the checkpoint behind it. */
static bool fits(const struct batch *batch, const struct item *item)
{
	return batch->bytes + item->bytes <= (size_t)DESK_BATCH_BYTES_MAX &&
	       batch->count + item->row_count + ITEM_WRITES + BATCH_WRITES <=
		       STORE_BATCH_WRITES_MAX;
}

/* Moves items from the queue into the batch as long as they fit. */
static enum err gather(struct desk *desk, struct batch *batch)
{
	struct item **tail = &desk->batch;
	enum err err = OK;

	for (size_t i = 0; err == OK && i < DESK_BATCH_ITEMS_MAX && desk->queue_first;
	     i++) {
		if (i > 0 && !fits(batch, desk->queue_first))
			break;
		*tail = pop_item(desk);
		err = add_item(desk, batch, *tail, batch->entries[i]);
		tail = &(*tail)->next;
	}
	if (err == OK)
		err = add_checkpoint(desk, batch);
	if (err == OK)
		add_backup_key(desk, batch);
	return err;
}

/* Answers the batch. What its items ask for in turn waits until all are answered. */
static void end_batch(struct desk *desk, enum err err)
{
	struct item *item = desk->batch;

	if (err == OK)
		journal_commit(desk->journal);
	else
		journal_rollback(desk->journal);
	desk_backup_rotated(desk, err);
	desk->batch_count += err == OK;
	desk->batch = NULL;
	desk->batch_request = 0;
	for (struct item *each = item; each; each = each->next) {
		if (each->epoch && each->epoch->in_batch) {
			each->epoch->in_batch = false;
			each->epoch->stored = err == OK;
		}
	}
	desk->is_ending = true;
	while (item) {
		struct item *next = item->next;

		end_item(desk, item, err);
		item = next;
	}
	desk->is_ending = false;
	desk_backup_settled(desk, err);
	desk_tiles_go_on(desk);
	desk_inbox_changed(desk);
	if (desk_end_is_going_on(desk))
		desk_end_tick(desk);
}

static enum err start_batch(struct desk *desk)
{
	struct batch *batch = desk->batch_space;
	enum err err;

	if (!batch)
		batch = malloc(sizeof(*batch));
	if (!batch)
		return ERR_MEMORY;
	desk->batch_space = batch;
	batch->count = 0;
	batch->bytes = 0;
	err = gather(desk, batch);
	desk->batch_request = desk_next_id(desk);
	desk_backup_note(desk, batch->writes, batch->count);
	if (err == OK)
		err = store_submit(&desk->store, batch->writes, batch->count,
				   desk->batch_request);
	if (err != OK)
		end_batch(desk, err);
	return err;
}

void desk_write_next(struct desk *desk)
{
	enum err err = OK;

	if (desk->is_ending || desk->tiles_hold || desk->backup.is_held)
		return;
	if (desk->parts.is_patient && !desk->is_flushing)
		return;
	while (err != ERR_MEMORY && desk->state == DESK_READY && !desk->batch &&
	       desk->queue_first && !desk->tiles_hold && !desk->backup.is_held)
		err = start_batch(desk);
	if (err == ERR_MEMORY)
		log_line("keeper: out of memory; a batch waits");
}

size_t desk_waits(const struct desk *desk)
{
	return desk->state == DESK_READY && !desk->batch && !desk->tiles_hold
		       ? desk->queue_count
		       : 0;
}

void desk_flush(struct desk *desk)
{
	desk->is_flushing = true;
	desk_write_next(desk);
	desk->is_flushing = false;
}

/* Once, until something could be written again. To whoever asked it is a write that
 * failed, and no fault of what they asked: it may be asked for again. */
static void tell_full(struct desk *desk)
{
	if (!desk->is_full)
		log_line("keeper: the disk is full: nothing new is written until there "
			 "is space");
	desk->is_full = true;
}

/* Somebody else's rows stand where the batch's were to be: tiles are done without. */
static void tell_clash(struct desk *desk, enum err err)
{
	size_t tiles = 0;

	(void)journal_tiles(desk->journal, &tiles);
	for (const struct item *item = desk->batch; item; item = item->next)
		tiles += item->row_count > 0 && item->rows[0].key.space == STORE_TILE;
	if (err == ERR_EXISTS && tiles > 0)
		desk_tiles_clash(desk);
}

void desk_written(struct desk *desk, enum err err)
{
	must(desk->batch);
	switch (err) {
	case ERR_OK:
	case ERR_EXISTS:
	case ERR_MISSING:
		if (err != OK)
			log_line("keeper: a batch was not written: %s", err_words(err));
		tell_clash(desk, err);
		desk->is_full = desk->is_full && err != OK;
		end_batch(desk, err);
		desk_write_next(desk);
		return;
	case ERR_LIMIT:
		tell_full(desk);
		end_batch(desk, ERR_IO);
		desk_write_next(desk);
		return;
	case ERR_AUTH:
	case ERR_BUSY:
	case ERR_CLOSED:
	case ERR_DENIED:
	case ERR_FORMAT:
	case ERR_IO:
	case ERR_MEMORY:
	case ERR_RANGE:
	case ERR_TIMEOUT:
	case ERR_UNSUPPORTED:
	case ERR_VERSION:
	case ERR_COUNT:
		break;
	}
	/* All of it or nothing was written: look. */
	log_line("keeper: a batch may not be written: %s", err_words(err));
	desk_load_after_doubt(desk);
}

void desk_write_settled(struct desk *desk, bool was_written)
{
	desk->state = DESK_READY;
	end_batch(desk, was_written ? OK : ERR_IO);
	desk_peer_changed(desk); /* a gate may have come meanwhile */
	desk_write_next(desk);
}

void desk_write_drop_all(struct desk *desk)
{
	free(desk->batch_space);
	desk->batch_space = NULL;
	while (desk->batch) {
		struct item *next = desk->batch->next;

		item_destroy(desk->batch);
		desk->batch = next;
	}
	while (desk->queue_first)
		item_destroy(pop_item(desk));
}
