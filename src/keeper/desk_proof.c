/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_proof - proofs about the journal: reads what one needs, a row at a time, and hands it
 * to whoever asked.
 *
 * Making a proof says which tile it misses; that is read, and it is made again. Invariant:
 * what is handed out was checked against the checkpoint, as whoever gets it does: a damaged
 * tile makes no proof, and no false alarm.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "keeper/desk_inner.h"
#include "tlog/proof_text.h"

enum {
	TILES_MAX = 4 * TILE_LEVELS,
	PROVES_MAX = 256,
	PROVES_AT_ONCE = 8, /* so many questions to the store */
};

struct prove {
	struct prove *next;
	desk_proven_fn *proven;
	void *context;
	uint64_t request; /* 0: it waits */
	bool is_put_off;  /* until the next tick: the store took no question */
	void (*got)(struct desk *desk, struct prove *prove, const struct store_row *row);
	bool is_inclusion;
	uint64_t place; /* of inclusion */
	uint64_t since; /* of consistency */
	uint8_t leaf[SEAL_HASH_BYTES];
	size_t row_size;
	uint8_t row[ENTRY_BYTES_MAX]; /* the entry */
	struct merkle_head head;
	char checkpoint[CHECKPOINT_TEXT_BYTES];
	size_t checkpoint_size;
	const struct tile_edge *edge; /* while one is tried */
	struct tile_id misses;
	size_t tile_count;
	struct tile *tiles[TILES_MAX]; /* owned */
};

static void destroy(struct prove *prove)
{
	for (size_t i = 0; i < prove->tile_count; i++)
		free(prove->tiles[i]);
	free(prove);
}

static void unlist(struct desk *desk, const struct prove *prove)
{
	struct prove **at = &desk->proves;

	while (*at != prove)
		at = &(*at)->next;
	*at = prove->next;
}

static void end(struct desk *desk, struct prove *prove, enum err err,
		const struct desk_proven *proven)
{
	unlist(desk, prove);
	prove->proven(desk, prove->context, err, proven);
	destroy(prove);
}

void desk_proof_drop_all(struct desk *desk)
{
	while (desk->proves) {
		struct prove *prove = desk->proves;

		desk->proves = prove->next;
		destroy(prove);
	}
}

void desk_proof_forget(struct desk *desk, const void *context)
{
	struct prove **at = &desk->proves;

	while (*at) {
		struct prove *prove = *at;

		if (prove->context == context) {
			*at = prove->next;
			destroy(prove);
		} else {
			at = &prove->next;
		}
	}
}

/* --- reading ---------------------------------------------------------------------------- */

static void ask(struct desk *desk, struct prove *prove, const struct store_key *key,
		void (*got)(struct desk *desk, struct prove *prove,
			    const struct store_row *row))
{
	enum err err;

	prove->request = desk_next_id(desk);
	prove->got = got;
	err = store_get(&desk->store, key, prove->request);
	if (err != OK) {
		prove->request = 0;
		prove->is_put_off = true;
	}
}

bool desk_proof_rows(struct desk *desk, uint64_t request, enum err err,
		     const struct store_rows *rows)
{
	struct prove *prove = desk->proves;

	while (prove && prove->request != request)
		prove = prove->next;
	if (!prove)
		return false;
	prove->request = 0;
	if (err != OK)
		end(desk, prove, err, NULL);
	else
		prove->got(desk, prove, &rows->rows[0]);
	desk_proof_go_on(desk);
	return true;
}

/* --- making ----------------------------------------------------------------------------- */

static enum err node(void *context, unsigned height, uint64_t index,
		     uint8_t out_hash[SEAL_HASH_BYTES])
{
	struct prove *prove = context;
	size_t first;
	const struct tile_id id = tile_of(height, index, &first);
	enum err err = tile_edge_node(prove->edge, height, index, out_hash);

	if (err != ERR_MISSING)
		return err;
	for (size_t i = 0; i < prove->tile_count; i++) {
		const struct tile *tile = prove->tiles[i];

		if (tile->id.level == id.level && tile->id.index == id.index)
			return tile_root(&tile->hashes[first],
					 (size_t)1 << (height % TILE_HEIGHT), out_hash);
	}
	prove->misses = id;
	return ERR_MISSING;
}

static enum err make_inclusion(struct prove *prove, const struct merkle_source *source,
			       struct merkle_proof *proof)
{
	const uint64_t index = prove->place - 1;
	enum err err = merkle_inclusion(source, index, prove->head.size, proof);

	return err == OK ? merkle_check_inclusion(prove->leaf, index, prove->head.size,
						  proof, prove->head.root)
			 : err;
}

static enum err make_consistency(struct prove *prove, const struct merkle_source *source,
				 struct merkle_proof *proof)
{
	struct merkle_head from = {.size = prove->since};
	enum err err = merkle_root(source, prove->since, from.root);

	if (err == OK)
		err = merkle_consistency(source, prove->since, prove->head.size, proof);
	return err == OK ? merkle_check_consistency(&from, &prove->head, proof) : err;
}

static void hand_out(struct desk *desk, struct prove *prove,
		     const struct merkle_proof *proof)
{
	struct desk_proven proven = {
		.head = prove->head,
		.checkpoint = prove->checkpoint,
		.checkpoint_size = prove->checkpoint_size,
		.proof = proof,
		.row = prove->row,
		.row_size = prove->row_size,
	};
	const struct proof_text text = {
		.index = prove->place - 1,
		.proof = *proof,
		.checkpoint = prove->checkpoint,
		.checkpoint_size = prove->checkpoint_size,
	};
	struct buf written;
	enum err err = OK;

	buf_init(&written, PROOF_TEXT_BYTES_MAX);
	if (prove->is_inclusion)
		err = proof_text_write(&text, &written);
	proven.text = (const char *)written.bytes;
	proven.text_size = written.size;
	end(desk, prove, err, err == OK ? &proven : NULL);
	buf_finish(&written);
}

static void try_it(struct desk *desk, struct prove *prove);

static void got_tile(struct desk *desk, struct prove *prove, const struct store_row *row)
{
	struct tile *tile;

	if (row->size != TILE_BYTES || prove->tile_count == TILES_MAX) {
		end(desk, prove, ERR_AUTH, NULL);
		return;
	}
	tile = malloc(sizeof(*tile));
	if (!tile) {
		end(desk, prove, ERR_MEMORY, NULL);
		return;
	}
	tile->id = prove->misses;
	memcpy(tile->hashes, row->value, TILE_BYTES);
	prove->tiles[prove->tile_count++] = tile;
	try_it(desk, prove);
}

static void try_it(struct desk *desk, struct prove *prove)
{
	const struct merkle_source source = {prove, node};
	struct merkle_proof proof = {.count = 0};
	struct store_key key;
	enum err err = ERR_BUSY;

	prove->edge = journal_tile_edge(desk->journal);
	if (prove->edge)
		err = prove->is_inclusion ? make_inclusion(prove, &source, &proof)
					  : make_consistency(prove, &source, &proof);
	prove->edge = NULL;
	if (err == OK) {
		hand_out(desk, prove, &proof);
	} else if (err == ERR_MISSING) {
		key = desk_tile_key(desk, prove->misses);
		ask(desk, prove, &key, got_tile);
	} else {
		end(desk, prove, err, NULL);
	}
}

/* --- what it is about ------------------------------------------------------------------- */

static void got_entry(struct desk *desk, struct prove *prove, const struct store_row *row)
{
	enum err err = ERR_AUTH;

	if (row->size <= sizeof(prove->row)) {
		memcpy(prove->row, row->value, row->size);
		prove->row_size = row->size;
		err = tree_leaf_hash(row->value, row->size, prove->leaf);
	}
	if (err == OK)
		try_it(desk, prove);
	else
		end(desk, prove, err, NULL);
}

static void got_checkpoint(struct desk *desk, struct prove *prove,
			   const struct store_row *row)
{
	struct journal_stated stated;
	struct store_key key;

	if (journal_read_checkpoint(desk->journal, row->value, row->size, &stated) !=
		    OK ||
	    stated.size != prove->head.size) {
		end(desk, prove, ERR_AUTH, NULL);
		return;
	}
	must(stated.text_size < sizeof(prove->checkpoint));
	memcpy(prove->head.root, stated.root, sizeof(prove->head.root));
	memcpy(prove->checkpoint, stated.text, stated.text_size);
	prove->checkpoint_size = stated.text_size;
	if (prove->is_inclusion) {
		key = desk_key_number(desk, STORE_JOURNAL, prove->place);
		ask(desk, prove, &key, got_entry);
	} else {
		try_it(desk, prove);
	}
}

static void start(struct desk *desk, struct prove *prove)
{
	const uint64_t size = journal_size(desk->journal);
	struct store_key key;

	if (desk->tiles == DESK_TILES_WRONG) {
		end(desk, prove, ERR_AUTH, NULL);
		return;
	}
	if (prove->head.size == 0)
		prove->head.size = size;
	if (prove->head.size == 0 || prove->head.size > size ||
	    prove->place > prove->head.size) {
		end(desk, prove, ERR_MISSING, NULL);
		return;
	}
	if (prove->since > prove->head.size) {
		end(desk, prove, ERR_RANGE, NULL);
		return;
	}
	key = desk_key_number(desk, STORE_CHECKPOINT, prove->head.size);
	ask(desk, prove, &key, got_checkpoint);
}

/* The first that waits, while few enough do not. */
static struct prove *next_waiting(const struct desk *desk)
{
	struct prove *waiting = NULL;
	size_t running = 0;

	for (struct prove *prove = desk->proves; prove; prove = prove->next) {
		if (prove->request != 0)
			running++;
		else if (!waiting && !prove->is_put_off)
			waiting = prove;
	}
	return running < PROVES_AT_ONCE ? waiting : NULL;
}

void desk_proof_go_on(struct desk *desk)
{
	struct prove *waiting = NULL;

	if (desk->tiles == DESK_TILES_UNKNOWN || desk->tiles == DESK_TILES_MADE)
		return;
	while ((waiting = next_waiting(desk)))
		start(desk, waiting);
}

void desk_proof_tick(struct desk *desk)
{
	for (struct prove *prove = desk->proves; prove; prove = prove->next)
		prove->is_put_off = false;
	desk_proof_go_on(desk);
}

static enum err begin(struct desk *desk, const struct prove *what)
{
	struct prove **at = &desk->proves;
	struct prove *prove;
	size_t count = 0;

	for (; *at; at = &(*at)->next)
		count++;
	if (count == PROVES_MAX)
		return ERR_BUSY;
	prove = malloc(sizeof(*prove));
	if (!prove)
		return ERR_MEMORY;
	*prove = *what;
	*at = prove;
	desk_proof_go_on(desk);
	return OK;
}

/* The answer comes from inside the store's step, never from inside the question. */
enum err desk_proof_of_entry(struct desk *desk, uint64_t place, uint64_t size,
			     desk_proven_fn *proven, void *context)
{
	const struct prove what = {.proven = proven,
				   .context = context,
				   .is_inclusion = true,
				   .place = place,
				   .head.size = size};

	if (place == 0 || place > journal_size(desk->journal) ||
	    size > journal_size(desk->journal) || (size > 0 && place > size))
		return ERR_MISSING;
	return desk->tiles == DESK_TILES_WRONG ? ERR_AUTH : begin(desk, &what);
}

enum err desk_proof_since(struct desk *desk, uint64_t size, desk_proven_fn *proven,
			  void *context)
{
	const struct prove what = {.proven = proven, .context = context, .since = size};

	if (journal_size(desk->journal) == 0)
		return ERR_MISSING;
	if (size > journal_size(desk->journal))
		return ERR_RANGE;
	return desk->tiles == DESK_TILES_WRONG ? ERR_AUTH : begin(desk, &what);
}
