/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_vault - rows as somebody with the keeper's store may have changed them: owners, their
 * wraps, the keys above epochs, epochs, recordings with their salts, certificates, policies.
 *
 * The first byte chooses which; the second whether the row is signed anew by the keeper, so
 * that what stands in front of the signature is reached. A row counts, without that, only when
 * it is byte for byte the one that was written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "fake/clock_fake.h"
#include "keeper/policy_row.h"
#include "vault/certificate.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"
#include "vault/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROW_BYTES_MAX = 8192, PLAIN_BYTES = 40 };

static const struct household_id HOUSE = {{0x40}};
/* Another one in each process: a saved row of another run was never signed by this keeper. */
static uint8_t keeper_seed[SEAL_SIGN_SEED_BYTES];

/* A row as it was written. */
struct true_row {
	size_t size;
	uint8_t bytes[ROW_BYTES_MAX];
};

static struct {
	bool is_made;
	uint8_t ids; /* drawn */
	struct rand rand;
	struct clock_fake ticks;
	struct clock clock;
	uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];
	struct owner_made made;
	struct owner_view *view;
	struct kek kek;
	struct epoch_id epoch;
	struct epoch_opened *opened;
	struct record_id record;
	struct true_row owner_row, wrap_row, kek_row, epoch_row, record_row, salt_row,
		certificate_row, policy_row;
} world;

/* Ids are the same in each process, so that saved rows have the right ones; keys are not, so
 * that none of them fits. */
static void draw(void *self, uint8_t *bytes, size_t size)
{
	(void)self;
	if (size == ID_BYTES)
		memset(bytes, ++world.ids, size);
	else
		seal_random(bytes, size);
}

static const struct rand_ops rand_ops = {draw};

static void keep(struct true_row *to, const void *bytes, size_t size)
{
	must(size <= sizeof(to->bytes));
	memcpy(to->bytes, bytes, size);
	to->size = size;
}

static void make_owner(void)
{
	const struct owner_request request = {.household = HOUSE,
					      .name = "alice",
					      .passphrase = "correct horse",
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed = keeper_seed};
	struct certificate certificate;
	uint8_t row[CERTIFICATE_ROW_BYTES];

	must(owner_create(&request, &world.rand, &world.made) == OK);
	must(owner_unlock(&world.made.owner, OWNER_WRAP_PASSPHRASE, world.made.wraps[0],
			  OWNER_WRAP_BYTES, request.passphrase, &world.clock,
			  &world.view) == OK);
	keep(&world.owner_row, world.made.row, world.made.row_size);
	keep(&world.wrap_row, world.made.wraps[0], OWNER_WRAP_BYTES);
	certificate = certificate_of_owner(&world.made.owner);
	must(certificate_make(world.view, keeper_seed, &certificate, row) == OK);
	keep(&world.certificate_row, row, sizeof(row));
}

static void make_record(const struct epoch *epoch)
{
	const struct recording_about about = {.household = HOUSE,
					      .owner = world.made.owner.id,
					      .record = world.record,
					      .kind = RECORDING_SOUND,
					      .epoch = world.epoch,
					      .room = {"kitchen"},
					      .size = PLAIN_BYTES};
	const uint8_t plain[PLAIN_BYTES] = {1};
	struct recording_writer *writer = NULL;
	const uint8_t *row;
	size_t size = 0;

	must(recording_begin(&about, epoch, &world.rand, &writer) == OK);
	must(recording_add(writer, plain, sizeof(plain)) == OK);
	must(recording_end(writer) == OK);
	row = recording_row(writer, &size);
	keep(&world.record_row, row, size);
	keep(&world.salt_row, recording_salt_row(writer), RECORDING_SALT_ROW_BYTES);
	recording_writer_destroy(writer);
}

static struct epoch_rows epoch_rows(const uint8_t *row, size_t size)
{
	return (struct epoch_rows){.epoch = row,
				   .epoch_size = size,
				   .kek = world.kek_row.bytes,
				   .kek_size = world.kek_row.size};
}

static void make_epoch(void)
{
	uint8_t kek[KEK_ROW_BYTES];
	uint8_t row[EPOCH_ROW_BYTES];
	struct epoch *epoch = NULL;
	struct epoch_rows rows;

	must(kek_create(&world.made.owner, 1, 5, keeper_seed, &world.rand, kek,
			&world.kek) == OK);
	keep(&world.kek_row, kek, sizeof(kek));
	must(epoch_create(&world.kek, keeper_seed, &world.rand, &world.clock, row,
			  &epoch) == OK);
	keep(&world.epoch_row, row, sizeof(row));
	world.epoch = epoch_id_of(epoch);
	rows = epoch_rows(world.epoch_row.bytes, world.epoch_row.size);
	must(epoch_open(world.view, HOUSE, world.keeper_public, world.epoch, &rows,
			&world.opened) == OK);
	make_record(epoch);
	epoch_destroy(epoch);
}

static void make_policy(void)
{
	static struct policy policy;
	struct buf row;

	policy_init(&policy);
	buf_init(&row, POLICY_ROW_BYTES_MAX);
	must(policy_row_write(HOUSE, 1, &policy, world.view, keeper_seed, &row) == OK);
	keep(&world.policy_row, row.bytes, row.size);
	buf_finish(&row);
}

static void make_world(void)
{
	must(seal_init() == OK);
	if (world.is_made)
		return;
	world.is_made = true;
	seal_random(keeper_seed, sizeof(keeper_seed));
	world.rand = (struct rand){.ops = &rand_ops};
	world.clock = clock_fake_init(&world.ticks);
	seal_sign_pair(keeper_seed, world.keeper_public);
	rand_fill(&world.rand, world.record.bytes, ID_BYTES);
	make_owner();
	make_epoch();
	make_policy();
}

/* --- what reads them -------------------------------------------------------------------- */

typedef enum err read_fn(const uint8_t *row, size_t size);

static enum err read_owner(const uint8_t *row, size_t size)
{
	struct owner owner;

	return owner_read(HOUSE, world.keeper_public, row, size, &owner);
}

static enum err read_wrap(const uint8_t *row, size_t size)
{
	const struct owner_wrap_row given = {1, row, size};
	struct owner_wrap_about about;
	enum err err = owner_wrap_read(&world.made.owner, &given, &about);

	if (err == OK)
		must(strlen(about.name) < sizeof(about.name));
	/* One of layout 1 is not signed: it is read, and opens nothing. */
	return err == OK && owner_wrap_is_old(&given) ? ERR_AUTH : err;
}

static enum err read_kek(const uint8_t *row, size_t size)
{
	struct secret *secret = NULL;
	struct kek kek;
	enum err read = kek_read(HOUSE, world.keeper_public, world.made.owner.id, 1, row,
				 size, &kek);
	enum err err =
		kek_open(world.view, HOUSE, world.keeper_public, 1, row, size, &secret);

	must(read == OK || err != OK);
	must((err == OK) == (secret != NULL));
	secret_destroy(secret);
	return err;
}

static enum err read_epoch(const uint8_t *row, size_t size)
{
	const struct epoch_rows rows = epoch_rows(row, size);
	struct epoch_opened *opened = NULL;
	uint64_t generation = 0;
	enum err peeked = epoch_peek(row, size, &generation);
	enum err err = epoch_open(world.view, HOUSE, world.keeper_public, world.epoch,
				  &rows, &opened);

	must(peeked == OK || err == peeked);
	must((err == OK) == (opened != NULL));
	epoch_opened_destroy(opened);
	return err;
}

static enum err open_rows(const uint8_t *record, size_t record_size, const uint8_t *salt,
			  size_t salt_size)
{
	const struct recording_rows rows = {.salt = salt,
					    .salt_size = salt_size,
					    .record = record,
					    .record_size = record_size};
	struct recording_about about;
	struct secret *plain = NULL;
	enum err err = recording_open_under(world.view, HOUSE, world.opened, world.record,
					    RECORDING_SOUND, &rows, &about, &plain);

	must((err == OK) == (plain != NULL));
	secret_destroy(plain);
	return err;
}

static enum err read_record(const uint8_t *row, size_t size)
{
	struct recording_about about;
	enum err peeked = recording_peek(row, size, &about);
	enum err err = open_rows(row, size, world.salt_row.bytes, world.salt_row.size);

	must(peeked == OK || err != OK);
	return err;
}

static enum err read_salt(const uint8_t *row, size_t size)
{
	return open_rows(world.record_row.bytes, world.record_row.size, row, size);
}

static enum err read_certificate(const uint8_t *row, size_t size)
{
	struct certificate certificate;
	enum err err =
		certificate_read(HOUSE, world.keeper_public, row, size, &certificate);

	return err == OK ? certificate_check(&world.made.owner, row, size) : err;
}

static enum err read_policy(const uint8_t *row, size_t size)
{
	static struct policy policy;
	const struct policy_signers signers = {.keeper_public = world.keeper_public,
					       .owners = &world.made.owner,
					       .owner_count = 1};

	return policy_row_read(HOUSE, 1, &signers, row, size, &policy);
}

static const struct {
	read_fn *read;
	const struct true_row *row;
	const char *label; /* the keeper signs its end with; NULL: not signed */
} kinds[] = {
	{read_owner, &world.owner_row, "behest owner row v1"},
	{read_wrap, &world.wrap_row, "behest owner wrap row v2"},
	{read_kek, &world.kek_row, "behest kek row v1"},
	{read_epoch, &world.epoch_row, "behest epoch row v2"},
	{read_record, &world.record_row, NULL},
	{read_salt, &world.salt_row, NULL},
	{read_certificate, &world.certificate_row, "behest certificate row v1"},
	{read_policy, &world.policy_row, "behest policy row v1"},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Where size allows it: a row that the keeper seems to have said. */
static void sign_anew(uint8_t *row, size_t size, const char *label)
{
	if (!label || size < SEAL_SIGNATURE_BYTES)
		return;
	must(seal_sign_labelled(keeper_seed, label, row, size - SEAL_SIGNATURE_BYTES,
				row + size - SEAL_SIGNATURE_BYTES) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t row[ROW_BYTES_MAX];
	const struct true_row *truth;
	size_t kind;
	bool anew;
	enum err err;

	make_world();
	if (size < 2 || size - 2 > sizeof(row))
		return 0;
	kind = bytes[0] % KINDS;
	anew = bytes[1] & 1;
	size -= 2;
	memcpy(row, bytes + 2, size);
	truth = kinds[kind].row;
	if (anew)
		sign_anew(row, size, kinds[kind].label);
	err = kinds[kind].read(row, size);
	must(err == OK || err == ERR_AUTH || err == ERR_FORMAT || err == ERR_VERSION);
	if (err == OK && !anew)
		must(size == truth->size && memcmp(row, truth->bytes, size) == 0);
	/* The true row counts, and with any bit of the input's choice turned, none. */
	memcpy(row, truth->bytes, truth->size);
	must(kinds[kind].read(row, truth->size) == OK);
	if (size >= 2) {
		size_t bit = ((size_t)bytes[2] << 8 | bytes[3]) % (truth->size * 8);

		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		must(kinds[kind].read(row, truth->size) != OK);
	}
	return 0;
}
