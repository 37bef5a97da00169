/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_log - what is read back of the journal: checkpoints as texts and as rows, proofs,
 * cosignatures as rows and lines, tiles and their keys, entries; and what a walk makes of
 * them in any order.
 *
 * The first byte chooses which; each ends and says one error. What is taken is exactly what
 * would be written for it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "journal/walk.h"
#include "tlog/cosignature.h"
#include "tlog/proof_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct household_id HOUSE = {{0x40}};
static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {0x22};
static uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];

static struct journal *make_journal(void)
{
	const struct journal_keys keys = {
		.household = HOUSE, .seed = SEED, .house_key = HOUSE_KEY};
	struct journal *journal = NULL;

	must(journal_create(&keys, &journal) == OK);
	return journal;
}

static void read_checkpoint(const uint8_t *bytes, size_t size)
{
	char again[CHECKPOINT_TEXT_BYTES];
	struct merkle_head head;

	if (checkpoint_read(HOUSE, public_key, (const char *)bytes, size, &head.size,
			    head.root) == OK) {
		must(checkpoint_write(HOUSE, SEED, head.size, head.root, again) == OK);
		must(strlen(again) == size && memcmp(again, bytes, size) == 0);
	}
	if (checkpoint_skim(HOUSE, (const char *)bytes, size, &head.size, head.root) ==
	    OK)
		must(head.size <= INT64_MAX);
}

static void read_row(const uint8_t *bytes, size_t size)
{
	struct journal *journal = make_journal();
	struct journal_stated stated;

	if (journal_resume(journal, bytes, size) == OK)
		must(journal_read_checkpoint(journal, bytes, size, &stated) == OK &&
		     stated.size == journal_size(journal));
	(void)!journal_skim_checkpoint(journal, bytes, size, &stated);
	journal_destroy(journal);
}

static void read_proof(const uint8_t *bytes, size_t size)
{
	const uint8_t leaf[SEAL_HASH_BYTES] = {0};
	struct proof_text proof;
	struct merkle_head head;
	struct buf again;

	if (proof_text_read((const char *)bytes, size, &proof) == OK) {
		buf_init(&again, size + 1);
		must(proof_text_write(&proof, &again) == OK);
		must(again.size == size && memcmp(again.bytes, bytes, size) == 0);
		buf_finish(&again);
	}
	must(proof_text_check(HOUSE, public_key, leaf, (const char *)bytes, size, &proof,
			      &head) != OK);
}

static void read_cosignature(const uint8_t *bytes, size_t size)
{
	struct cosignature cosignature;
	struct cosignature unsigned_one = {.head.size = 7};
	uint8_t row[COSIGNATURE_ROW_BYTES];
	char line[NOTE_LINE_BYTES];

	if (cosignature_read_row(HOUSE, public_key, 7, bytes, size, &cosignature) == OK) {
		cosignature_row(&cosignature, row);
		must(size == sizeof(row) && memcmp(row, bytes, size) == 0);
	}
	if (cosignature_read_line(HOUSE, public_key, &unsigned_one.head,
				  (const char *)bytes, size, &cosignature) == OK) {
		must(cosignature_line(HOUSE, public_key, &cosignature, line) == OK);
		must(strlen(line) == size && memcmp(line, bytes, size) == 0);
	}
}

static void read_tile(const uint8_t *bytes, size_t size)
{
	uint8_t key[TILE_KEY_BYTES];
	char path[TILE_PATH_BYTES];
	struct tile_id id;

	if (tile_from_key(bytes, size, &id) != OK)
		return;
	tile_key(id, key);
	must(size == sizeof(key) && memcmp(key, bytes, size) == 0);
	tile_path(id, 1 + bytes[1], path);
}

static void read_entry(const uint8_t *bytes, size_t size)
{
	struct entry_visible visible;
	struct event event;

	(void)!entry_peek(bytes, size, &visible);
	(void)!entry_open(HOUSE, HOUSE_KEY, 1, bytes, size, &event);
}

/* Rows of any kind as the store might give them: kind, length, bytes. */
static void walk_rows(const uint8_t *bytes, size_t size)
{
	struct journal *journal = make_journal();
	struct walk *walk = malloc(sizeof(*walk));
	struct unpack unpack;

	must(walk);
	walk_begin(walk, journal);
	unpack_init(&unpack, bytes, size);
	while (unpack_left(&unpack) > 2) {
		const uint8_t kind = unpack_u8(&unpack);
		const size_t length = unpack_u8(&unpack);
		const uint64_t at = kind < 200 ? walk->size + 1 : kind;
		const uint8_t *row = unpack_borrow(&unpack, length);

		if (!row)
			break;
		if (kind % 3 < 2)
			walk_entry(walk, at, row, length);
		else
			walk_checkpoint(walk, walk->size, row, length);
	}
	walk_end(walk, walk->size + (size & 1));
	for (uint64_t i = walk->from; walk->has_suspects && i <= walk->to; i++)
		walk_suspect(walk, i, bytes, size);
	walk_settle(walk);
	must((walk->wrong == WALK_NOTHING) == (walk->words[0] == '\0'));
	free(walk);
	journal_destroy(journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static void (*const ways[])(const uint8_t *bytes, size_t size) = {
		read_checkpoint, read_row,   read_proof, read_cosignature,
		read_tile,       read_entry, walk_rows,
	};

	must(seal_init() == OK);
	seal_sign_pair(SEED, public_key);
	if (size > 0)
		ways[bytes[0] % (sizeof(ways) / sizeof(ways[0]))](bytes + 1, size - 1);
	return 0;
}
