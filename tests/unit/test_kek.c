/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kek - the keys above the epochs: what opens one, what an epoch needs of it, that its
 * end is the end of all that was under it, and that houses without one still open.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/rand_fake.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"

static const struct household_id HOUSE = {{0x40}};
static const struct household_id OTHER_HOUSE = {{0x41}};
static const uint8_t KEEPER_SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t FORGER_SEED[SEAL_SIGN_SEED_BYTES] = {0x12};
static const char PASSPHRASE[] = "correct horse";

static struct clock_fake the_clock;
static struct rand_fake the_rand;
static struct clock clock_port;
static struct rand rand_port;
static uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];

struct person {
	struct owner_made made;
	struct owner_view *view;
	struct kek kek;
	uint8_t kek_row[KEK_ROW_BYTES];
	struct epoch *epoch;
	uint8_t epoch_row[EPOCH_ROW_BYTES];
	struct epoch_rows rows;
};

static struct person *make_person(struct person *person)
{
	const struct owner_request request = {.household = HOUSE,
					      .name = "alice",
					      .passphrase = PASSPHRASE,
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed = KEEPER_SEED};

	memset(person, 0, sizeof(*person));
	assert_int_equal(owner_create(&request, &rand_port, &person->made), OK);
	assert_int_equal(owner_unlock(&person->made.owner, OWNER_WRAP_PASSPHRASE,
				      person->made.wraps[0], OWNER_WRAP_BYTES, PASSPHRASE,
				      &clock_port, &person->view),
			 OK);
	assert_int_equal(kek_create(&person->made.owner, 7, 99, KEEPER_SEED, &rand_port,
				    person->kek_row, &person->kek),
			 OK);
	assert_int_equal(epoch_create(&person->kek, KEEPER_SEED, &rand_port, &clock_port,
				      person->epoch_row, &person->epoch),
			 OK);
	person->rows = (struct epoch_rows){.epoch = person->epoch_row,
					   .epoch_size = EPOCH_ROW_BYTES,
					   .kek = person->kek_row,
					   .kek_size = KEK_ROW_BYTES};
	return person;
}

static void person_finish(struct person *person)
{
	epoch_destroy(person->epoch);
	owner_view_destroy(person->view);
	owner_made_wipe(&person->made);
}

static enum err open_kek(struct person *person, uint64_t generation, const uint8_t *row,
			 size_t size)
{
	struct secret *secret = NULL;
	enum err err = kek_open(person->view, HOUSE, keeper_public, generation, row, size,
				&secret);

	assert_true((err == OK) == (secret != NULL));
	secret_destroy(secret);
	return err;
}

static enum err open_epoch(struct person *person, struct household_id household,
			   const struct epoch_rows *rows)
{
	struct epoch_opened *opened = NULL;
	enum err err = epoch_open(person->view, household, keeper_public,
				  epoch_id_of(person->epoch), rows, &opened);

	assert_true((err == OK) == (opened != NULL));
	if (opened)
		assert_true(secret_equal(epoch_opened_key(opened, household,
							  person->made.owner.id,
							  epoch_id_of(person->epoch)),
					 epoch_key(person->epoch)));
	epoch_opened_destroy(opened);
	return err;
}

/* --- the row ---------------------------------------------------------------------------- */

static void its_owner_opens_it(void **state)
{
	struct person alice;
	struct kek read;
	struct secret *secret = NULL;
	uint8_t box_public[SEAL_BOX_PUBLIC_BYTES];

	(void)state;
	make_person(&alice);
	assert_int_equal(kek_read(HOUSE, keeper_public, alice.made.owner.id, 7,
				  alice.kek_row, KEK_ROW_BYTES, &read),
			 OK);
	assert_int_equal(read.generation, 7);
	assert_int_equal(read.created_ms, 99);
	assert_memory_equal(read.box_public, alice.kek.box_public, sizeof(box_public));
	assert_int_equal(kek_open(alice.view, HOUSE, keeper_public, 7, alice.kek_row,
				  KEK_ROW_BYTES, &secret),
			 OK);
	seal_box_pair(secret_view(secret), box_public);
	assert_memory_equal(read.box_public, box_public, sizeof(box_public));
	secret_destroy(secret);
	clock_fake_pass(&the_clock, OWNER_IDLE_MS);
	assert_int_equal(open_kek(&alice, 7, alice.kek_row, KEK_ROW_BYTES), ERR_DENIED);
	person_finish(&alice);
}

static void nobody_elses_key_and_no_other_generation_fits(void **state)
{
	struct person alice;
	struct person bob;
	struct kek kek;
	uint8_t row[KEK_ROW_BYTES];

	(void)state;
	make_person(&alice);
	make_person(&bob);
	assert_int_equal(open_kek(&bob, 7, alice.kek_row, KEK_ROW_BYTES), ERR_AUTH);
	assert_int_equal(open_kek(&alice, 6, alice.kek_row, KEK_ROW_BYTES), ERR_AUTH);
	assert_int_equal(open_kek(&alice, 0, alice.kek_row, KEK_ROW_BYTES), ERR_AUTH);
	assert_int_equal(kek_read(OTHER_HOUSE, keeper_public, alice.made.owner.id, 7,
				  alice.kek_row, KEK_ROW_BYTES, &kek),
			 ERR_AUTH);
	/* Sealed to alice by somebody who is not this keeper. */
	assert_int_equal(kek_create(&alice.made.owner, 7, 99, FORGER_SEED, &rand_port,
				    row, &kek),
			 OK);
	assert_int_equal(open_kek(&alice, 7, row, sizeof(row)), ERR_AUTH);
	person_finish(&alice);
	person_finish(&bob);
}

static void every_bit_of_it_counts(void **state)
{
	struct person alice;

	(void)state;
	make_person(&alice);
	for (size_t bit = 0; bit < KEK_ROW_BYTES * 8; bit++) {
		enum err err;

		alice.kek_row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		err = open_kek(&alice, 7, alice.kek_row, KEK_ROW_BYTES);
		assert_int_equal(err, bit < 8 ? ERR_VERSION : ERR_AUTH);
		alice.kek_row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < KEK_ROW_BYTES; size++)
		assert_int_equal(open_kek(&alice, 7, alice.kek_row, size),
				 size == 0 ? ERR_VERSION : ERR_FORMAT);
	assert_int_equal(open_kek(&alice, 7, alice.kek_row, KEK_ROW_BYTES), OK);
	person_finish(&alice);
}

/* A keeper that was taken over signs what it likes: the halves still have to fit. */
static void its_halves_belong_together(void **state)
{
	enum { COMMIT_AT = 81, BOX_AT = 113, SIGNATURE_AT = 193 };
	struct person alice;
	struct kek kek;
	uint8_t other[KEK_ROW_BYTES];
	uint8_t row[KEK_ROW_BYTES];

	(void)state;
	make_person(&alice);
	assert_int_equal(kek_create(&alice.made.owner, 7, 99, KEEPER_SEED, &rand_port,
				    other, &kek),
			 OK);
	memcpy(row, alice.kek_row, sizeof(row));
	memcpy(row + BOX_AT, other + BOX_AT, SIGNATURE_AT - BOX_AT);
	assert_int_equal(seal_sign_labelled(KEEPER_SEED, "behest kek row v1", row,
					    SIGNATURE_AT, row + SIGNATURE_AT),
			 OK);
	assert_int_equal(open_kek(&alice, 7, row, sizeof(row)), ERR_AUTH);
	memcpy(row + COMMIT_AT, other + COMMIT_AT, BOX_AT - COMMIT_AT);
	assert_int_equal(seal_sign_labelled(KEEPER_SEED, "behest kek row v1", row,
					    SIGNATURE_AT, row + SIGNATURE_AT),
			 OK);
	assert_int_equal(open_kek(&alice, 7, row, sizeof(row)), ERR_AUTH);
	person_finish(&alice);
}

/* Nor does it help that the secret commits to the public half of another. */
static void a_commitment_alone_is_not_enough(void **state)
{
	enum { PUBLIC_AT = 49, COMMIT_AT = 81, SIGNATURE_AT = 193 };
	const uint8_t generation[8] = {[7] = 7};
	struct person alice;
	struct kek other;
	struct secret *secret = NULL;
	uint8_t row[KEK_ROW_BYTES];
	const struct seal_part parts[] = {{HOUSE.bytes, ID_BYTES},
					  {alice.made.owner.id.bytes, ID_BYTES},
					  {generation, sizeof(generation)},
					  {row + PUBLIC_AT, SEAL_BOX_PUBLIC_BYTES}};

	(void)state;
	make_person(&alice);
	assert_int_equal(kek_open(alice.view, HOUSE, keeper_public, 7, alice.kek_row,
				  KEK_ROW_BYTES, &secret),
			 OK);
	assert_int_equal(kek_create(&alice.made.owner, 7, 99, KEEPER_SEED, &rand_port,
				    row, &other),
			 OK);
	for (size_t i = 0; i < 2; i++) { /* its own public half, then the other one */
		memcpy(row, alice.kek_row, sizeof(row));
		if (i == 1)
			memcpy(row + PUBLIC_AT, other.box_public, SEAL_BOX_PUBLIC_BYTES);
		seal_derive(secret_view(secret), "behest kek commitment v1", parts, 4,
			    row + COMMIT_AT);
		assert_int_equal(seal_sign_labelled(KEEPER_SEED, "behest kek row v1", row,
						    SIGNATURE_AT, row + SIGNATURE_AT),
				 OK);
		assert_int_equal(open_kek(&alice, 7, row, sizeof(row)),
				 i == 0 ? OK : ERR_AUTH);
	}
	secret_destroy(secret);
	person_finish(&alice);
}

static void its_place_in_the_store_says_whose_it_is(void **state)
{
	const struct owner_id owner = {{1, 2, 3}};
	struct owner_id read = {{0}};
	uint8_t key[KEK_STORE_KEY_BYTES + 1] = {0};
	uint64_t generation = 0;

	(void)state;
	kek_store_key(owner, 258, key);
	assert_int_equal(kek_from_store_key(key, KEK_STORE_KEY_BYTES, &read, &generation),
			 OK);
	assert_memory_equal(read.bytes, owner.bytes, ID_BYTES);
	assert_int_equal(generation, 258);
	assert_int_equal(kek_from_store_key(key, sizeof(key), &read, &generation),
			 ERR_FORMAT);
	assert_int_equal(kek_from_store_key(key, KEK_STORE_KEY_BYTES - 1, &read,
					    &generation),
			 ERR_FORMAT);
	kek_store_key(owner, 0, key);
	assert_int_equal(kek_from_store_key(key, KEK_STORE_KEY_BYTES, &read, &generation),
			 ERR_FORMAT);
}

/* A public key of zeros is no key: nothing can be sealed to it. */
static void what_is_no_key_seals_nothing(void **state)
{
	struct person alice;
	struct owner owner;
	struct kek kek;
	struct epoch *epoch = NULL;
	uint8_t row[KEK_ROW_BYTES];

	(void)state;
	make_person(&alice);
	owner = alice.made.owner;
	memset(owner.box_public, 0, sizeof(owner.box_public));
	assert_int_equal(kek_create(&owner, 1, 5, KEEPER_SEED, &rand_port, row, &kek),
			 ERR_AUTH);
	kek = alice.kek;
	memset(kek.box_public, 0, sizeof(kek.box_public));
	assert_int_equal(epoch_create(&kek, KEEPER_SEED, &rand_port, &clock_port, row,
				      &epoch),
			 ERR_AUTH);
	assert_null(epoch);
	person_finish(&alice);
}

/* --- epochs ----------------------------------------------------------------------------- */

static void an_epoch_opens_with_its_kek_only(void **state)
{
	struct person alice;
	struct person bob;
	struct epoch_rows rows;
	struct kek kek;
	uint8_t row[KEK_ROW_BYTES];
	uint64_t generation = 0;

	(void)state;
	make_person(&alice);
	make_person(&bob);
	assert_int_equal(epoch_peek(alice.epoch_row, EPOCH_ROW_BYTES, &generation), OK);
	assert_int_equal(generation, 7);
	assert_int_equal(open_epoch(&alice, HOUSE, &alice.rows), OK);
	assert_int_equal(open_epoch(&alice, OTHER_HOUSE, &alice.rows), ERR_AUTH);
	rows = alice.rows;
	rows.kek = NULL;
	assert_int_equal(open_epoch(&alice, HOUSE, &rows), ERR_AUTH);
	rows.kek = bob.kek_row;
	assert_int_equal(open_epoch(&alice, HOUSE, &rows), ERR_AUTH);
	/* The next generation, and another of the same number: both alice's, both signed. */
	rows.kek = row;
	for (uint64_t next = 7; next <= 8; next++) {
		assert_int_equal(kek_create(&alice.made.owner, next, 99, KEEPER_SEED,
					    &rand_port, row, &kek),
				 OK);
		assert_int_equal(open_epoch(&alice, HOUSE, &rows), ERR_AUTH);
	}
	person_finish(&alice);
	person_finish(&bob);
}

static void every_bit_of_an_epoch_counts(void **state)
{
	struct person alice;

	(void)state;
	make_person(&alice);
	for (size_t bit = 0; bit < EPOCH_ROW_BYTES * 8; bit++) {
		alice.epoch_row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(open_epoch(&alice, HOUSE, &alice.rows), OK);
		alice.epoch_row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (alice.rows.epoch_size = 0; alice.rows.epoch_size < EPOCH_ROW_BYTES;
	     alice.rows.epoch_size++)
		assert_int_not_equal(open_epoch(&alice, HOUSE, &alice.rows), OK);
	assert_int_equal(open_epoch(&alice, HOUSE, &alice.rows), OK);
	person_finish(&alice);
}

/* Signed by a keeper that was taken over: the key has to be the one committed to. */
static void an_epoch_keeps_to_its_commitment(void **state)
{
	enum { COMMIT_AT = 65, SIGNATURE_AT = EPOCH_ROW_BYTES - SEAL_SIGNATURE_BYTES };
	struct person alice;

	(void)state;
	make_person(&alice);
	for (size_t i = 0; i < 2; i++) { /* changed, and as it was */
		alice.epoch_row[COMMIT_AT] ^= 1;
		assert_int_equal(seal_sign_labelled(KEEPER_SEED, "behest epoch row v2",
						    alice.epoch_row, SIGNATURE_AT,
						    alice.epoch_row + SIGNATURE_AT),
				 OK);
		assert_int_equal(open_epoch(&alice, HOUSE, &alice.rows),
				 i == 0 ? ERR_AUTH : OK);
	}
	person_finish(&alice);
}

static void an_opened_epoch_is_no_other(void **state)
{
	const struct owner_id nobody = {{9}};
	const struct epoch_id none = {{9}};
	struct person alice;
	struct epoch_opened *opened = NULL;
	struct owner_id id;

	(void)state;
	make_person(&alice);
	id = alice.made.owner.id;
	assert_int_equal(epoch_open(alice.view, HOUSE, keeper_public,
				    epoch_id_of(alice.epoch), &alice.rows, &opened),
			 OK);
	assert_null(epoch_opened_key(opened, OTHER_HOUSE, id, epoch_id_of(alice.epoch)));
	assert_null(epoch_opened_key(opened, HOUSE, nobody, epoch_id_of(alice.epoch)));
	assert_null(epoch_opened_key(opened, HOUSE, id, none));
	assert_non_null(epoch_opened_key(opened, HOUSE, id, epoch_id_of(alice.epoch)));
	epoch_opened_destroy(opened);
	epoch_opened_destroy(NULL);
	person_finish(&alice);
}

/* As houses made before have them: sealed to the owner's own key. */
static size_t old_row(const struct person *person, uint8_t to[EPOCH_ROW_OLD_BYTES])
{
	const struct owner *owner = &person->made.owner;
	const struct epoch_id id = epoch_id_of(person->epoch);
	const uint8_t *key = secret_view(epoch_key(person->epoch));
	const struct seal_part parts[] = {{owner->household.bytes, ID_BYTES},
					  {owner->id.bytes, ID_BYTES},
					  {id.bytes, ID_BYTES}};
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[SEAL_KEY_BYTES + SEAL_BOX_EXTRA_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;

	seal_derive(key, "behest epoch commitment v1", parts, 3, commit);
	assert_int_equal(seal_box_close(owner->box_public, key, SEAL_KEY_BYTES, box), OK);
	pack_init(&pack, to, EPOCH_ROW_OLD_BYTES);
	pack_u8(&pack, 1);
	pack_bytes(&pack, owner->household.bytes, ID_BYTES);
	pack_bytes(&pack, owner->id.bytes, ID_BYTES);
	pack_bytes(&pack, id.bytes, ID_BYTES);
	pack_i64(&pack, 5);
	pack_bytes(&pack, commit, sizeof(commit));
	pack_bytes(&pack, box, sizeof(box));
	assert_int_equal(seal_sign_labelled(KEEPER_SEED, "behest epoch row v1", to,
					    pack.size, signature),
			 OK);
	pack_bytes(&pack, signature, sizeof(signature));
	assert_true(pack_is_whole(&pack));
	return pack.size;
}

static void an_epoch_of_before_still_opens(void **state)
{
	struct person alice;
	uint8_t row[EPOCH_ROW_OLD_BYTES];
	struct epoch_rows rows = {.epoch = row};
	uint64_t generation = 1;

	(void)state;
	make_person(&alice);
	rows.epoch_size = old_row(&alice, row);
	assert_int_equal(rows.epoch_size, EPOCH_ROW_OLD_BYTES);
	assert_int_equal(epoch_peek(row, sizeof(row), &generation), OK);
	assert_int_equal(generation, 0);
	assert_int_equal(open_epoch(&alice, HOUSE, &rows), OK);
	for (size_t bit = 0; bit < sizeof(row) * 8; bit++) {
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(open_epoch(&alice, HOUSE, &rows), OK);
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* Its generation is not to be had by changing the number of the layout. */
	row[0] = 2;
	assert_int_equal(epoch_peek(row, sizeof(row), &generation), ERR_FORMAT);
	row[0] = 3;
	assert_int_equal(epoch_peek(row, sizeof(row), &generation), ERR_VERSION);
	person_finish(&alice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_owner_opens_it),
		cmocka_unit_test(nobody_elses_key_and_no_other_generation_fits),
		cmocka_unit_test(every_bit_of_it_counts),
		cmocka_unit_test(its_halves_belong_together),
		cmocka_unit_test(a_commitment_alone_is_not_enough),
		cmocka_unit_test(its_place_in_the_store_says_whose_it_is),
		cmocka_unit_test(what_is_no_key_seals_nothing),
		cmocka_unit_test(an_epoch_opens_with_its_kek_only),
		cmocka_unit_test(every_bit_of_an_epoch_counts),
		cmocka_unit_test(an_epoch_keeps_to_its_commitment),
		cmocka_unit_test(an_opened_epoch_is_no_other),
		cmocka_unit_test(an_epoch_of_before_still_opens),
	};

	if (seal_init() != OK)
		return 1;
	rand_port = rand_fake_init(&the_rand, 7);
	clock_port = clock_fake_init(&the_clock);
	seal_sign_pair(KEEPER_SEED, keeper_public);
	return cmocka_run_group_tests_name("kek", tests, NULL, NULL);
}
