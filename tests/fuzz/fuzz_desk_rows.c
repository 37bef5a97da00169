/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_desk_rows - rows that the desk reads back and that are not the vault's: proposals,
 * amendments of the policy, the two rows of a voice message, the backup key and what is known
 * of the newest backup, how far the chores have come.
 *
 * The first byte chooses which; the second whether a signed row is signed anew by the keeper.
 * What is signed or sealed counts, without that, only as it was written; what is neither is
 * taken exactly as it would be written.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/approval.h"
#include "fake/rand_fake.h"
#include "keeper/amend_row.h"
#include "keeper/chores_row.h"
#include "keeper/memo_row.h"
#include "keeper/proposal_row.h"
#include "vault/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROW_BYTES_MAX = 4096, JOURNAL_SIZE = 1000, VERSION = 3, KEY_NUMBER = 7 };

static const struct household_id HOUSE = {{0x40}};
static const struct memo_place PLACE = {{{0x40}}, {{0x41}}};
/* Other ones in each process: a saved row of another run was never this keeper's. */
static uint8_t keeper_seed[SEAL_SIGN_SEED_BYTES];
static uint8_t house_key[SEAL_KEY_BYTES];

struct true_row {
	size_t size;
	uint8_t bytes[ROW_BYTES_MAX];
};

static struct {
	bool is_made;
	uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t proposal_key[PROPOSAL_KEY_BYTES];
	struct true_row proposal, amendment, memo, memo_key, backup_key, backup_last,
		chores, clock;
} world;

static void keep(struct true_row *to, const void *bytes, size_t size)
{
	must(size <= sizeof(to->bytes));
	memcpy(to->bytes, bytes, size);
	to->size = size;
}

/* --- the rows as they are written ------------------------------------------------------- */

static void make_proposal(void)
{
	struct proposal proposal = {.id = PLACE.proposal,
				    .turn = {9},
				    .kind = PROPOSAL_MESSAGE,
				    .state = PROPOSAL_HELD,
				    .step = 2,
				    .asked_ms = 1,
				    .since_ms = 2,
				    .sound_ms = 900};
	uint8_t row[PROPOSAL_ROW_BYTES_MAX];
	size_t size = 0;

	proposal.action.kind = ACTION_SEND_MESSAGE;
	must(str_copy(proposal.action.entity, sizeof(proposal.action.entity), "anna"));
	must(proposal_hash(&proposal) == OK);
	proposal_row_key(&proposal, world.proposal_key);
	must(proposal_row_write(HOUSE, &proposal, keeper_seed, row, &size) == OK);
	keep(&world.proposal, row, size);
}

static void make_amendment(void)
{
	struct amendment amendment = {.room = "kitchen", .on = true, .at_ms = 5};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t signed_bytes[APPROVAL_MUTE_BYTES_MAX];
	uint8_t row[AMEND_ROW_BYTES_MAX];
	struct approval_mute mute = {.household = HOUSE, .on = true, .number = 4};
	size_t size = 0;

	seal_random(seed, sizeof(seed));
	seal_sign_pair(seed, amendment.device);
	must(str_copy(mute.room, sizeof(mute.room), amendment.room));
	memset(mute.nonce, 6, sizeof(mute.nonce));
	memcpy(amendment.nonce, mute.nonce, sizeof(amendment.nonce));
	amendment.number = mute.number;
	size = approval_mute_bytes(&mute, signed_bytes);
	must(seal_sign_labelled(seed, APPROVAL_MUTE_LABEL, signed_bytes, size,
				amendment.signature) == OK);
	must(amend_row_write(HOUSE, VERSION, &amendment, keeper_seed, row, &size) == OK);
	keep(&world.amendment, row, size);
}

static void make_memo(void)
{
	struct rand_fake fake;
	const struct rand rand = rand_fake_init(&fake, 1);
	struct memo_writer *writer = NULL;
	uint8_t key[MEMO_ROW_KEY_BYTES];
	const uint8_t *row;
	size_t size = 0;

	must(memo_row_begin(&PLACE, &rand, &writer) == OK);
	must(memo_row_add(writer, "dinner", 6, false) == OK);
	must(memo_row_add(writer, " is ready", 9, true) == OK);
	row = memo_row_bytes(writer, &size);
	keep(&world.memo, row, size);
	memo_row_key(writer, house_key, key);
	keep(&world.memo_key, key, sizeof(key));
	memo_writer_destroy(writer);
}

static void make_backup(void)
{
	const uint8_t key[SEAL_KEY_BYTES] = {8};
	const struct backup_last last = {.made_ms = 11, .key_number = KEY_NUMBER};
	uint8_t row[BACKUP_KEY_ROW_BYTES];
	uint8_t last_row[BACKUP_LAST_ROW_BYTES];

	backup_key_lock(HOUSE, house_key, KEY_NUMBER, key, row);
	keep(&world.backup_key, row, sizeof(row));
	backup_last_lock(HOUSE, house_key, &last, last_row);
	keep(&world.backup_last, last_row, sizeof(last_row));
}

static void make_chores(void)
{
	const struct desk_chores chores = {.kept_from = 3,
					   .must_sweep = true,
					   .sweep_from = 1,
					   .sweep_size = 20};
	const struct desk_clock watch = {.even_ms = 4, .wall_ms = 5};

	chores_row_write(&chores, world.chores.bytes);
	world.chores.size = CHORES_ROW_BYTES;
	chores_row_write_clock(&watch, world.clock.bytes);
	world.clock.size = CHORES_CLOCK_ROW_BYTES;
}

static void make_world(void)
{
	if (world.is_made)
		return;
	world.is_made = true;
	must(seal_init() == OK);
	seal_random(keeper_seed, sizeof(keeper_seed));
	seal_random(house_key, sizeof(house_key));
	seal_sign_pair(keeper_seed, world.keeper_public);
	make_proposal();
	make_amendment();
	make_memo();
	make_backup();
	make_chores();
}

/* --- what reads them -------------------------------------------------------------------- */

typedef enum err read_fn(const uint8_t *row, size_t size);

static enum err read_proposal(const uint8_t *row, size_t size)
{
	struct proposal proposal;

	return proposal_row_read(HOUSE, world.proposal_key, world.keeper_public, row,
				 size, &proposal);
}

static enum err read_amendment(const uint8_t *row, size_t size)
{
	struct amendment amendment;

	return amend_row_read(HOUSE, VERSION, world.keeper_public, row, size, &amendment);
}

static enum err open_memo(const uint8_t *key, size_t key_size, const uint8_t *sound,
			  size_t sound_size)
{
	const struct memo_rows rows = {key, key_size, sound, sound_size};
	struct secret *plain = NULL;
	enum err err = memo_row_open(&PLACE, house_key, &rows, &plain);

	must((err == OK) == (plain != NULL));
	secret_destroy(plain);
	return err;
}

static enum err read_memo(const uint8_t *row, size_t size)
{
	struct memo_head head;
	const enum err looked = memo_row_look(row, size, &head);
	const enum err err =
		open_memo(world.memo_key.bytes, world.memo_key.size, row, size);

	must(looked == OK || err != OK);
	return err;
}

static enum err read_memo_key(const uint8_t *row, size_t size)
{
	struct secret *key = NULL;
	const enum err err = memo_row_open_key(&PLACE, house_key, row, size, &key);

	must((err == OK) == (key != NULL));
	secret_destroy(key);
	return err == OK ? open_memo(row, size, world.memo.bytes, world.memo.size) : err;
}

static enum err read_backup_key(const uint8_t *row, size_t size)
{
	uint8_t key[SEAL_KEY_BYTES];

	return backup_key_unlock(HOUSE, house_key, KEY_NUMBER, row, size, key);
}

static enum err read_backup_last(const uint8_t *row, size_t size)
{
	struct backup_last last;

	return backup_last_unlock(HOUSE, house_key, row, size, &last);
}

/* What is taken is what would be written for it. */
static enum err read_chores(const uint8_t *row, size_t size)
{
	struct desk_chores chores;
	uint8_t again[CHORES_ROW_BYTES];
	const enum err err = chores_row_read(row, size, JOURNAL_SIZE, &chores);

	if (err != OK)
		return err;
	must(chores.sweep_size <= JOURNAL_SIZE && chores.swept <= JOURNAL_SIZE);
	chores_row_write(&chores, again);
	must(size == sizeof(again) && memcmp(again, row, size) == 0);
	return OK;
}

static enum err read_clock(const uint8_t *row, size_t size)
{
	struct desk_clock watch = {.even_ms = 0};
	uint8_t again[CHORES_CLOCK_ROW_BYTES];
	const enum err err = chores_row_read_clock(row, size, &watch);

	if (err != OK)
		return err;
	must(watch.even_ms >= 0 && watch.wall_ms > 0);
	chores_row_write_clock(&watch, again);
	must(size == sizeof(again) && memcmp(again, row, size) == 0);
	return OK;
}

static const struct {
	read_fn *read;
	const struct true_row *row;
	bool is_bare;      /* neither signed nor sealed */
	const char *label; /* the keeper signs its end with; NULL: not signed */
} kinds[] = {
	{read_proposal, &world.proposal, false, "behest proposal row v1"},
	{read_amendment, &world.amendment, false, "behest amendment row v1"},
	{read_memo, &world.memo, false, NULL},
	{read_memo_key, &world.memo_key, false, NULL},
	{read_backup_key, &world.backup_key, false, NULL},
	{read_backup_last, &world.backup_last, false, NULL},
	{read_chores, &world.chores, true, NULL},
	{read_clock, &world.clock, true, NULL},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void sign_anew(uint8_t *row, size_t size, const char *label)
{
	if (size < SEAL_SIGNATURE_BYTES)
		return;
	must(seal_sign_labelled(keeper_seed, label, row, size - SEAL_SIGNATURE_BYTES,
				row + size - SEAL_SIGNATURE_BYTES) == OK);
}

/* The true row counts, and with any bit of the input's choice turned, it does not. */
static void turn_a_bit(size_t kind, const uint8_t *bytes, size_t size)
{
	const struct true_row *truth = kinds[kind].row;
	uint8_t row[ROW_BYTES_MAX];
	size_t bit;

	memcpy(row, truth->bytes, truth->size);
	must(kinds[kind].read(row, truth->size) == OK);
	if (size < 2 || kinds[kind].is_bare)
		return;
	bit = ((size_t)bytes[0] << 8 | bytes[1]) % (truth->size * 8);
	row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	must(kinds[kind].read(row, truth->size) != OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t row[ROW_BYTES_MAX];
	size_t kind;
	bool is_anew;
	enum err err;

	make_world();
	if (size < 2 || size - 2 > sizeof(row))
		return 0;
	kind = bytes[0] % KINDS;
	is_anew = (bytes[1] & 1) && kinds[kind].label;
	size -= 2;
	bytes += 2;
	memcpy(row, bytes, size);
	if (is_anew)
		sign_anew(row, size, kinds[kind].label);
	err = kinds[kind].read(row, size);
	must(err == OK || err == ERR_AUTH || err == ERR_FORMAT || err == ERR_VERSION);
	if (err == OK && !is_anew && !kinds[kind].is_bare)
		must(size == kinds[kind].row->size &&
		     memcmp(row, kinds[kind].row->bytes, size) == 0);
	turn_a_bit(kind, bytes, size);
	return 0;
}
