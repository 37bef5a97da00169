/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_export_proofs - for each recording in an archive the journal's entry that tells of it,
 * as it is stored, and its proof of inclusion (C2SP tlog-proof) in the archive's checkpoint.
 *
 * The tree is at hand: the journal was read whole. Proofs are made from the hashes of then;
 * an entry that is another by now does not leave.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_export_inner.h"
#include "tlog/proof_text.h"

/* --- the tree --------------------------------------------------------------------------- */

/* Where the level of that height begins; it has size >> height nodes. */
static uint64_t level_at(const struct export_job *export, unsigned height)
{
	uint64_t at = 0;

	for (unsigned i = 0; i < height; i++)
		at += export->limit >> i;
	return at;
}

static enum err node_of(void *context, unsigned height, uint64_t index,
			uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct export_job *export = context;

	if (index >= export->limit >> height)
		return ERR_MISSING;
	memcpy(out_hash, export->nodes[level_at(export, height) + index],
	       SEAL_HASH_BYTES);
	return OK;
}

static enum err grow_tree(struct export_job *export)
{
	enum err err = OK;

	for (unsigned height = 1; err == OK && export->limit >> height > 0; height++) {
		const uint64_t below = level_at(export, height - 1);
		const uint64_t here = below + (export->limit >> (height - 1));

		for (uint64_t i = 0; err == OK && i < export->limit >> height; i++)
			err = tree_node_hash(export->nodes[below + 2 * i],
					     export->nodes[below + 2 * i + 1],
					     export->nodes[here + i]);
	}
	return err;
}

/* --- which ------------------------------------------------------------------------------ */

static int by_place(const void *one, const void *other)
{
	const uint64_t *a = one;
	const uint64_t *b = other;

	return (*a > *b) - (*a < *b);
}

static enum err list_places(struct export_job *export)
{
	const size_t wanted = export_set_wanted(&export->set);

	export->places = calloc(wanted > 0 ? wanted : 1, sizeof(*export->places));
	if (!export->places)
		return ERR_MEMORY;
	for (size_t i = 0; i < export->set.count; i++) {
		if (export_set_wants(&export->set, &export->set.records[i]))
			export->places[export->proof_count++] =
				export->set.records[i].place;
	}
	qsort(export->places, export->proof_count, sizeof(*export->places), by_place);
	return OK;
}

/* --- the files -------------------------------------------------------------------------- */

static enum err add_file(struct export_job *export, uint64_t place, const char *ending,
			 const void *bytes, size_t size)
{
	char path[EXPORT_PATH_BYTES];
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err;

	must(str_format(path, sizeof(path), "journal/%" PRIu64 ".%s", place, ending));
	export_open_file(export, path, export->made_ms, size);
	err = export_add(export, bytes, size);
	return err == OK ? export_close_file(export, hash) : err;
}

static enum err add_proof(struct export_job *export, uint64_t place)
{
	const struct merkle_source source = {export, node_of};
	struct proof_text proof = {.index = place - 1};
	struct buf text;
	enum err err = merkle_inclusion(&source, place - 1, export->limit, &proof.proof);

	if (err != OK)
		return err;
	proof.checkpoint = export->checkpoint;
	proof.checkpoint_size = strlen(export->checkpoint);
	buf_init(&text, PROOF_TEXT_BYTES_MAX);
	err = proof_text_write(&proof, &text);
	if (err == OK)
		err = add_file(export, place, "tlog-proof", text.bytes, text.size);
	buf_finish(&text);
	return err;
}

/* Rows that are not asked for lie between them. */
static enum err add_entry(struct export_job *export, const struct store_row *row)
{
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t place = 0;
	enum err err;

	if (!desk_number_of(&row->key, &place))
		return ERR_AUTH;
	if (export->proof_at == export->proof_count ||
	    place != export->places[export->proof_at])
		return OK;
	export->proof_at++;
	err = tree_leaf_hash(row->value, row->size, hash);
	if (err == OK && memcmp(hash, export->nodes[place - 1], sizeof(hash)) != 0)
		err = ERR_AUTH;
	if (err == OK)
		err = add_file(export, place, "entry", row->value, row->size);
	return err == OK ? add_proof(export, place) : err;
}

static export_step ask_entries;

static void got_entries(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;
	const size_t before = export->proof_at;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = add_entry(export, &rows->rows[i]);
	if (err == OK && export->proof_at == before)
		err = ERR_AUTH; /* the first of them is gone */
	if (err != OK) {
		export_abort(desk, export,
			     err == ERR_AUTH ? EXPORT_JOURNAL_CHANGED
					     : export_reason_of(err),
			     NULL);
		return;
	}
	export->step = ask_entries;
	if (export_pump(export))
		ask_entries(desk, export);
}

/* From the next place on. */
static void ask_entries(struct desk *desk, struct export_job *export)
{
	struct store_range range = {.limit = EXPORT_WINDOW_ROWS};
	enum err err;

	if (export->proof_at == export->proof_count) {
		export_proofs_over(desk, export);
		return;
	}
	range.first =
		desk_key_number(desk, STORE_JOURNAL, export->places[export->proof_at]);
	range.last = desk_key_number(desk, STORE_JOURNAL, export->limit);
	err = desk_job_range(desk, &export->job, &range, got_entries);
	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

void export_proofs_begin(struct desk *desk, struct export_job *export)
{
	enum err err = list_places(export);

	if (err == OK && export->proof_count > 0)
		err = grow_tree(export);
	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
	else
		ask_entries(desk, export);
}
