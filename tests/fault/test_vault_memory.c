/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_vault_memory - the vault with no memory at each place in turn where it takes some: it
 * says so, hands out nothing, and works again with the next call.
 *
 * The linker puts our functions in the place of the allocating ones (--wrap), for what is
 * linked in; libraries keep theirs.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/seal.h"
#include "base/secret.h"
#include "fake/clock_fake.h"
#include "fake/rand_fake.h"
#include "vault/certificate.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"
#include "vault/recording.h"

enum { PLACES_MAX = 100, PLAIN_BYTES = 100 };

static const struct household_id HOUSE = {{0x40}};
static const uint8_t KEEPER_SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const char PASSPHRASE[] = "correct horse";

static unsigned long taken;   /* allocations so far */
static unsigned long fail_at; /* the one that fails; 0: none */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_seal_memory_create(size_t size, bool *out_locked);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_seal_memory_create(size_t size, bool *out_locked);

static bool fails(void)
{
	return ++taken == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_seal_memory_create(size_t size, bool *out_locked)
{
	return fails() ? NULL : __real_seal_memory_create(size, out_locked);
}

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
	struct secret *plain;
};

static enum err make(struct run *run)
{
	const struct owner_request request = {.household = HOUSE,
					      .name = "alice",
					      .passphrase = PASSPHRASE,
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed = KEEPER_SEED};
	enum err err = owner_create(&request, &world.rand, &run->made);

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
	const struct owner_wrap_row row = {1, run->made.wraps[0], OWNER_WRAP_BYTES};
	const struct owner_wrap_request request = {.kind = OWNER_WRAP_PASSPHRASE,
						   .number = 3,
						   .name = "travel",
						   .words = PASSPHRASE,
						   .cost = {.memory_kib = 8, .passes = 1},
						   .keeper_seed = KEEPER_SEED};
	struct certificate certificate = certificate_of_owner(&run->made.owner);
	struct owner_view *view = NULL;
	uint8_t certificate_row[CERTIFICATE_ROW_BYTES];
	uint8_t wrap[OWNER_WRAP_BYTES];
	uint8_t number = 0;
	enum err err = owner_unlock_any(&run->made.owner, &row, 1, PASSPHRASE,
					&world.clock, &view, &number);

	if (err == OK)
		err = owner_wrap_make(view, &run->made.owner, &request, &world.rand,
				      wrap);
	if (err == OK)
		err = certificate_make(view, KEEPER_SEED, &certificate, certificate_row);
	owner_view_destroy(view);
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

static enum err go(struct run *run)
{
	enum err err = make(run);

	if (err == OK)
		err = sign_in_again_and_add(run);
	if (err == OK)
		err = record(run);
	if (err == OK)
		err = open_it(run);
	return err;
}

static enum err run_once(unsigned long place)
{
	struct run run = {.view = NULL};
	enum err err;

	taken = 0;
	fail_at = place;
	err = go(&run);
	fail_at = 0;
	assert_true((err == OK) == (run.plain != NULL));
	secret_destroy(run.plain);
	epoch_opened_destroy(run.opened);
	recording_writer_destroy(run.writer);
	epoch_destroy(run.epoch);
	owner_view_destroy(run.view);
	owner_made_wipe(&run.made);
	return err;
}

static void each_place_says_that_there_is_none(void **state)
{
	unsigned long places;

	(void)state;
	assert_int_equal(run_once(0), OK);
	places = taken;
	assert_true(places > 10 && places < PLACES_MAX);
	for (unsigned long place = 1; place <= places; place++)
		assert_int_equal(run_once(place), ERR_MEMORY);
	assert_int_equal(run_once(0), OK);
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
