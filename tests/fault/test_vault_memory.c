/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_vault_memory - the vault with no memory, or no hash, at each place in turn where it
 * takes some: it says so, hands out nothing, and works again with the next call.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/seal.h"
#include "base/secret.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/rand_fake.h"
#include "fault/one_fault.h"
#include "vault/backup.h"
#include "vault/certificate.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"
#include "vault/recording.h"

enum { PLACES_MAX = 300, PLAIN_BYTES = 100, KEPT_BYTES = 3, KEPT = 16 };

static const struct household_id HOUSE = {{0x40}};
static const uint8_t KEEPER_SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const char PASSPHRASE[] = "correct horse";

/* --- everything that the vault does, one behind the other ------------------------------- */

static struct {
	struct clock_fake ticks;
	struct rand_fake dice;
	struct clock clock;
	struct rand rand;
	uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];
} world;

/* What a run has made so far; all of it is destroyed at its end, however that comes. */
struct run {
	struct owner_made made;
	struct owner_view *view;
	struct kek kek;
	uint8_t kek_row[KEK_ROW_BYTES];
	struct epoch *epoch;
	uint8_t epoch_row[EPOCH_ROW_BYTES];
	struct recording_writer *writer;
	struct epoch_opened *opened;
	struct backup_rows *backup;
	struct secret *plain;
};

static enum err make(struct run *run)
{
	const struct owner_request request = {.household = HOUSE,
					      .name = "alice",
					      .passphrase = PASSPHRASE,
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed = KEEPER_SEED};
	struct owner again;
	enum err err = owner_create(&request, &world.rand, &run->made);

	if (err == OK)
		err = owner_read(HOUSE, world.keeper_public, run->made.row,
				 run->made.row_size, &again);
	if (err == OK)
		err = owner_unlock(&run->made.owner, OWNER_WRAP_PASSPHRASE,
				   run->made.wraps[0], OWNER_WRAP_BYTES, PASSPHRASE,
				   &world.clock, &run->view);
	if (err == OK)
		err = kek_create(&run->made.owner, 1, 5, KEEPER_SEED, &world.rand,
				 run->kek_row, &run->kek);
	if (err == OK)
		err = epoch_create(&run->kek, KEEPER_SEED, &world.rand, &world.clock,
				   run->epoch_row, &run->epoch);
	return err;
}

static enum err sign_in_again_and_add(struct run *run)
{
	const struct owner_wrap_row rows[] = {{1, run->made.wraps[0], OWNER_WRAP_BYTES},
					      {2, run->made.wraps[1], OWNER_WRAP_BYTES}};
	const struct owner_wrap_request request = {.kind = OWNER_WRAP_PASSPHRASE,
						   .number = 3,
						   .name = "travel",
						   .words = PASSPHRASE,
						   .cost = {.memory_kib = 8, .passes = 1},
						   .keeper_seed = KEEPER_SEED};
	struct owner_wrap_about about;
	struct owner_view *view = NULL;
	uint8_t wrap[OWNER_WRAP_BYTES];
	uint8_t number = 0;
	enum err err = owner_unlock_any(&run->made.owner, rows, 2, run->made.recovery,
					&world.clock, &view, &number);

	if (err == OK)
		err = owner_wrap_make(view, &run->made.owner, &request, &world.rand,
				      wrap);
	if (err == OK)
		err = owner_wrap_read(&run->made.owner,
				      &(struct owner_wrap_row){3, wrap, sizeof(wrap)},
				      &about);
	owner_view_destroy(view);
	return err;
}

static enum err certify(struct run *run)
{
	struct certificate certificate = certificate_of_owner(&run->made.owner);
	uint8_t row[CERTIFICATE_ROW_BYTES];
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = certificate_make(run->view, KEEPER_SEED, &certificate, row);

	if (err == OK)
		err = certificate_read(HOUSE, world.keeper_public, row, sizeof(row),
				       &certificate);
	if (err == OK)
		err = certificate_check(&run->made.owner, row, sizeof(row));
	return err == OK ? certificate_hash(row, sizeof(row), hash) : err;
}

static enum err take_row(void *context, const struct backup_row *row)
{
	(void)context;
	(void)row;
	return OK;
}

static enum err back_up(struct run *run)
{
	const uint8_t id[ID_BYTES] = {8};
	const struct backup_by by = {HOUSE, world.keeper_public, id, 5};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	enum err err = backup_rows_create(take_row, NULL, &run->backup);

	if (err == OK)
		err = backup_by_sign(run->view, &by, signature);
	if (err == OK)
		err = backup_by_verify(&run->made.owner, &by, signature,
				       sizeof(signature));
	return err;
}

static struct recording_about about_of(const struct run *run)
{
	return (struct recording_about){.household = HOUSE,
					.owner = run->made.owner.id,
					.record = {{7}},
					.kind = RECORDING_SOUND,
					.epoch = epoch_id_of(run->epoch),
					.room = {"kitchen"},
					.size = PLAIN_BYTES};
}

static enum err record(struct run *run)
{
	const uint8_t plain[PLAIN_BYTES] = {1};
	const struct recording_about about = about_of(run);
	enum err err = recording_begin(&about, run->epoch, &world.rand, &run->writer);

	if (err == OK)
		err = recording_add(run->writer, plain, sizeof(plain));
	return err == OK ? recording_end(run->writer) : err;
}

static enum err open_it(struct run *run)
{
	const struct epoch_rows of_epoch = {run->epoch_row, EPOCH_ROW_BYTES, run->kek_row,
					    KEK_ROW_BYTES};
	struct recording_rows rows = {.epoch = run->epoch_row,
				      .epoch_size = EPOCH_ROW_BYTES,
				      .kek = run->kek_row,
				      .kek_size = KEK_ROW_BYTES,
				      .salt = recording_salt_row(run->writer),
				      .salt_size = RECORDING_SALT_ROW_BYTES};
	struct recording_about about;
	enum err err;

	rows.record = recording_row(run->writer, &rows.record_size);
	err = recording_open(run->view, HOUSE, world.keeper_public, about_of(run).record,
			     RECORDING_SOUND, &rows, &about, &run->plain);
	if (err != OK)
		return err;
	secret_destroy(run->plain);
	run->plain = NULL;
	err = epoch_open(run->view, HOUSE, world.keeper_public, about.epoch, &of_epoch,
			 &run->opened);
	return err == OK
		       ? recording_open_under(run->view, HOUSE, run->opened, about.record,
					      RECORDING_SOUND, &rows, &about, &run->plain)
		       : err;
}

/* The same into memory of ours. */
static enum err open_into(struct run *run)
{
	struct recording_rows rows = {.salt = recording_salt_row(run->writer),
				      .salt_size = RECORDING_SALT_ROW_BYTES};
	struct recording_about about;
	uint8_t plain[PLAIN_BYTES];

	rows.record = recording_row(run->writer, &rows.record_size);
	return recording_open_into(run->view, HOUSE, run->opened, about_of(run).record,
				   RECORDING_SOUND, &rows, &about, plain, sizeof(plain));
}

/* An epoch of the household's box, by the owner as one of its readers. */
static enum err open_box(struct run *run)
{
	const struct owner *reader = &run->made.owner;
	uint8_t row[1][KEK_ROW_BYTES];
	uint8_t epoch_row[EPOCH_ROW_BYTES];
	const struct epoch_rows rows = {epoch_row, EPOCH_ROW_BYTES, row[0],
					KEK_ROW_BYTES};
	struct epoch *epoch = NULL;
	struct epoch_opened *opened = NULL;
	struct kek kek;
	enum err err =
		kek_create_box(&reader, 1, 1, 5, KEEPER_SEED, &world.rand, row, &kek);

	if (err == OK)
		err = epoch_create(&kek, KEEPER_SEED, &world.rand, &world.clock,
				   epoch_row, &epoch);
	if (err == OK)
		err = epoch_open(run->view, HOUSE, world.keeper_public,
				 epoch_id_of(epoch), &rows, &opened);
	epoch_opened_destroy(opened);
	epoch_destroy(epoch);
	return err;
}

/* Guarded memory that was given back is handed out again: all of it becomes of a size that
 * nobody else asks for. */
static enum err forget_kept(struct run *run)
{
	struct secret *secrets[KEPT] = {NULL};
	enum err err = OK;

	(void)run;
	for (size_t i = 0; err == OK && i < KEPT; i++)
		err = secret_create(KEPT_BYTES, &secrets[i]);
	for (size_t i = 0; i < KEPT; i++)
		secret_destroy(secrets[i]);
	return err;
}

static enum err go(struct run *run)
{
	static enum err (*const steps[])(struct run *) = {
		forget_kept, make,   sign_in_again_and_add, certify, back_up,
		open_box,    record, forget_kept,           open_it, open_into};
	enum err err = OK;

	for (size_t i = 0; err == OK && i < STR_COUNT(steps); i++)
		err = steps[i](run);
	return err;
}

static enum err run_once(unsigned long place, unsigned long *out_places)
{
	struct run run = {.view = NULL};
	enum err err;

	one_fault_at(place);
	err = go(&run);
	*out_places = one_fault_end();
	assert_true(err == OK || !run.plain || run.opened);
	secret_destroy(run.plain);
	backup_rows_destroy(run.backup);
	epoch_opened_destroy(run.opened);
	recording_writer_destroy(run.writer);
	epoch_destroy(run.epoch);
	owner_view_destroy(run.view);
	owner_made_wipe(&run.made);
	return err;
}

static void each_place_says_that_there_is_none(void **state)
{
	unsigned long place = 0;
	unsigned long places;
	enum err err;

	(void)state;
	assert_int_equal(run_once(0, &places), OK);
	while ((err = run_once(++place, &places)) != OK) {
		assert_true(places >= place && place < PLACES_MAX);
		/* A signature that cannot be checked is as good as a wrong one. */
		if (one_fault_was_memory())
			assert_int_equal(err, ERR_MEMORY);
		else
			assert_true(err == ERR_UNSUPPORTED || err == ERR_AUTH);
	}
	assert_true(places < place && places > 10); /* behind the last one */
	printf("%lu places\n", places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_says_that_there_is_none),
	};

	if (seal_init() != OK)
		return 1;
	world.clock = clock_fake_init(&world.ticks);
	world.rand = rand_fake_init(&world.dice, 9);
	seal_sign_pair(KEEPER_SEED, world.keeper_public);
	return cmocka_run_group_tests_name("vault_memory", tests, NULL, NULL);
}
