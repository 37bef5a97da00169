/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_tiles - the journal's tiles: makes those that are missing, and finds the edge from
 * which the journal goes on completing them.
 *
 * A keeper that starts knows the newest checkpoint and is ready; what the tiles are it
 * reads afterwards, while the house goes on: the stored ones, and behind them the entries,
 * which are few where there were tiles before, and all where there were none. Whoever wants a
 * proof meanwhile waits. For the last few entries no batch begins until they are read.
 *
 * Invariants: tiles are written in their order, so that behind the newest none is missing;
 * one batch of those made here is under way at a time; nothing is put in place of one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum {
	WINDOW = STORE_RANGE_ROWS_MAX,
	ROWS_FREE = 4, /* an item takes what one window completes */
};
_Static_assert((int)WINDOW <= (int)TILE_WIDTH,
	       "a window completes at most one tile of a level");

struct tiles_making {
	uint64_t request; /* 0: none out */
	void (*rows)(struct desk *desk, const struct store_rows *rows);
	unsigned level;    /* whose hashes are being read */
	struct item *item; /* owned; what is complete and not yet queued */
	bool is_writing;
	struct tile_edge edge;
	struct tile full[TILE_LEVELS];
};

static void read_on(struct desk *desk);

struct store_key desk_tile_key(const struct desk *desk, struct tile_id id)
{
	uint8_t bytes[TILE_KEY_BYTES];

	tile_key(id, bytes);
	return desk_key(desk, STORE_TILE, bytes, sizeof(bytes));
}

void desk_tiles_drop(struct desk *desk)
{
	struct tiles_making *making = desk->tiles_making;

	desk->tiles_making = NULL;
	desk->tiles_hold = false;
	if (making)
		item_destroy(making->item);
	free(making);
}

/* --- how it ends ------------------------------------------------------------------------ */

static void end_making(struct desk *desk, enum desk_tiles_state state)
{
	desk_tiles_drop(desk);
	desk->tiles = state;
	desk_proof_go_on(desk);
	desk_write_next(desk);
}

/* Proofs are made again once what is stored fits; until then the journal goes on without. */
static void is_wrong(struct desk *desk)
{
	static const char words[] = "the tiles of the journal do not fit it";

	if (desk->trouble[0] == '\0')
		(void)str_format(desk->trouble, sizeof(desk->trouble), "%s", words);
	log_line("keeper: %s; see: behest verify", words);
	end_making(desk, DESK_TILES_WRONG);
}

/* It begins anew with the next tick. */
static void give_up(struct desk *desk, enum err err)
{
	log_line("keeper: tiles of the journal were not made: %s", err_words(err));
	journal_drop_tiles(desk->journal);
	end_making(desk, DESK_TILES_UNKNOWN);
}

static void written(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)item;
	(void)place;
	if (desk->tiles_making)
		desk->tiles_making->is_writing = false;
	if (err != OK && err != ERR_EXISTS) /* that one: desk_tiles_clash */
		give_up(desk, err);
	else if (err == OK && journal_has_tiles(desk->journal))
		end_making(desk, DESK_TILES_KEPT); /* it was the last */
						   /* else: desk_tiles_go_on */
}

void desk_tiles_clash(struct desk *desk)
{
	if (desk->tiles == DESK_TILES_WRONG)
		return;
	journal_drop_tiles(desk->journal);
	is_wrong(desk);
}

static void queue_item(struct desk *desk)
{
	struct tiles_making *making = desk->tiles_making;
	struct item *item = making->item;

	must(item);
	making->item = NULL;
	making->is_writing = true;
	desk_write_take(desk, &item);
}

/* All that is durable is read, and nothing is pending. */
static void settle(struct desk *desk)
{
	struct tiles_making *making = desk->tiles_making;
	const enum err err = journal_resume_tiles(desk->journal, &making->edge);
	struct item *item = making->item;

	making->item = NULL;
	if (err != OK) {
		item_destroy(item);
		if (err == ERR_AUTH)
			is_wrong(desk);
		else
			give_up(desk, err);
		return;
	}
	if (!item) {
		end_making(desk, DESK_TILES_KEPT);
		return;
	}
	/* Before anything that completes the next one. */
	desk_tiles_drop(desk);
	desk_write_take_first(desk, &item);
}

/* --- questions -------------------------------------------------------------------------- */

static void ask(struct desk *desk, const struct store_range *range,
		void (*rows)(struct desk *desk, const struct store_rows *rows))
{
	struct tiles_making *making = desk->tiles_making;
	enum err err;

	making->request = desk_next_id(desk);
	making->rows = rows;
	err = store_range_get(&desk->store, range, making->request);
	if (err != OK)
		give_up(desk, err);
}

bool desk_tiles_rows(struct desk *desk, uint64_t request, enum err err,
		     const struct store_rows *rows)
{
	struct tiles_making *making = desk->tiles_making;

	if (!making || making->request == 0 || request != making->request)
		return false;
	making->request = 0;
	if (err != OK)
		give_up(desk, err);
	else
		making->rows(desk, rows);
	return true;
}

/* --- the entries behind the last tile --------------------------------------------------- */

static enum err keep_full(struct desk *desk, size_t count)
{
	struct tiles_making *making = desk->tiles_making;
	enum err err = OK;

	if (count > 0 && !making->item) {
		err = item_create(NULL, 0, written, &making->item);
		if (err == OK)
			making->item->has_no_event = true;
	}
	for (size_t i = 0; err == OK && i < count; i++) {
		const struct store_key key = desk_tile_key(desk, making->full[i].id);

		err = item_add_row(making->item, &key, making->full[i].hashes,
				   TILE_BYTES);
	}
	return err;
}

static enum err take_entry(struct desk *desk, const struct store_row *row)
{
	struct tile_edge *edge = &desk->tiles_making->edge;
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t place = 0;
	size_t count = 0;
	enum err err;

	if (!desk_number_of(&row->key, &place) || place != edge->size + 1)
		return ERR_AUTH;
	err = tree_leaf_hash(row->value, row->size, hash);
	if (err == OK)
		err = tile_edge_add(edge, hash, desk->tiles_making->full, &count);
	return err == OK ? keep_full(desk, count) : err;
}

static void got_entries(struct desk *desk, const struct store_rows *rows)
{
	enum err err = rows->count > 0 ? OK : ERR_AUTH;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = take_entry(desk, &rows->rows[i]);
	if (err == ERR_AUTH)
		is_wrong(desk);
	else if (err != OK)
		give_up(desk, err);
	else
		read_on(desk);
}

static void ask_entries(struct desk *desk, uint64_t left)
{
	const uint64_t from = desk->tiles_making->edge.size + 1;
	const uint64_t count = left < WINDOW ? left : WINDOW;
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, from),
		.last = desk_key_number(desk, STORE_JOURNAL, from + count - 1),
		.limit = (size_t)count,
	};

	ask(desk, &range, got_entries);
}

/* The next thing to do, if nothing is waited for. */
static void read_on(struct desk *desk)
{
	struct tiles_making *making = desk->tiles_making;
	const uint64_t left = journal_size(desk->journal) - making->edge.size;

	if (making->is_writing || making->request != 0)
		return;
	if (left > WINDOW && making->item &&
	    making->item->row_count > ITEM_ROWS_MAX - ROWS_FREE) {
		queue_item(desk);
		return;
	}
	desk->tiles_hold = left <= WINDOW;
	if (desk->tiles_hold && desk->batch)
		return; /* desk_tiles_go_on */
	if (left == 0)
		settle(desk);
	else
		ask_entries(desk, left);
}

void desk_tiles_go_on(struct desk *desk)
{
	struct tiles_making *making = desk->tiles_making;

	if (making && making->rows == got_entries)
		read_on(desk);
}

/* --- the tiles that there are ----------------------------------------------------------- */

static void ask_level(struct desk *desk);

/* The roots of full tiles are the hashes of the level above. */
static void got_level(struct desk *desk, const struct store_rows *rows)
{
	struct tiles_making *making = desk->tiles_making;
	struct tile_edge *edge = &making->edge;
	const unsigned level = making->level;
	const uint64_t first = tile_full_count(level, edge->size) * TILE_WIDTH;
	enum err err = OK;

	if (rows->count != tile_partial_width(level, edge->size))
		err = ERR_AUTH;
	for (size_t i = 0; err == OK && i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		struct tile_id id;

		if (tile_from_key(row->key.bytes, row->key.size, &id) != OK ||
		    id.level != level - 1 || id.index != first + i ||
		    row->size != TILE_BYTES)
			err = ERR_AUTH;
		if (err == OK) {
			memcpy(making->full[0].hashes, row->value, TILE_BYTES);
			err = tile_root(making->full[0].hashes, TILE_WIDTH,
					edge->hashes[level][i]);
		}
	}
	if (err == ERR_AUTH) {
		is_wrong(desk);
	} else if (err != OK) {
		give_up(desk, err);
	} else {
		making->level++;
		ask_level(desk);
	}
}

static void ask_level(struct desk *desk)
{
	struct tiles_making *making = desk->tiles_making;
	const uint64_t size = making->edge.size;
	struct store_range range;
	uint64_t first;

	while (making->level < TILE_LEVELS &&
	       tile_partial_width(making->level, size) == 0)
		making->level++;
	if (making->level == TILE_LEVELS) {
		making->rows = got_entries;
		read_on(desk);
		return;
	}
	first = tile_full_count(making->level, size) * TILE_WIDTH;
	range.first = desk_tile_key(desk, (struct tile_id){making->level - 1, first});
	range.last = desk_tile_key(
		desk,
		(struct tile_id){making->level - 1,
				 first + tile_partial_width(making->level, size) - 1});
	range.backwards = false;
	range.limit = tile_partial_width(making->level, size);
	ask(desk, &range, got_level);
}

static void got_newest(struct desk *desk, const struct store_rows *rows)
{
	struct tiles_making *making = desk->tiles_making;
	const uint64_t most = tile_full_count(0, journal_size(desk->journal));
	struct tile_id id = {.level = 0};
	uint64_t count = 0;

	if (rows->count > 0) {
		if (tile_from_key(rows->rows[0].key.bytes, rows->rows[0].key.size, &id) !=
			    OK ||
		    id.index >= most) {
			is_wrong(desk);
			return;
		}
		count = id.index + 1;
	}
	making->edge.size = count * TILE_WIDTH;
	making->level = 1;
	ask_level(desk);
}

void desk_tiles_begin(struct desk *desk)
{
	const struct store_range newest = {
		.first = desk_tile_key(desk, (struct tile_id){0, 0}),
		.last = desk_tile_key(desk, (struct tile_id){0, UINT64_MAX}),
		.backwards = true,
		.limit = 1,
	};

	if (desk->tiles != DESK_TILES_UNKNOWN || desk->state != DESK_READY)
		return;
	if (journal_has_tiles(desk->journal)) {
		end_making(desk, DESK_TILES_KEPT);
		return;
	}
	desk->tiles_making = calloc(1, sizeof(*desk->tiles_making));
	if (!desk->tiles_making)
		return; /* the next tick tries again */
	desk->tiles = DESK_TILES_MADE;
	ask(desk, &newest, got_newest);
}
