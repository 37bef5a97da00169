/* SPDX-License-Identifier: Apache-2.0 */
/* test_certificate - whose word a public key is: what is signed, by whom, and every bit of it. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/rand_fake.h"
#include "vault/certificate.h"
#include "vault/owner.h"

static const struct household_id HOUSE = {{0x40}};
static const struct household_id OTHER_HOUSE = {{0x41}};
static const uint8_t KEEPER_SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t FORGER_SEED[SEAL_SIGN_SEED_BYTES] = {0x12};
static const uint8_t DEVICE[SEAL_SIGN_PUBLIC_BYTES] = {0x21, 0x22};
static const char PASSPHRASE[] = "correct horse";

static struct clock_fake the_clock;
static struct rand_fake the_rand;
static struct clock clock_port;
static struct rand rand_port;
static uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];

static struct owner_view *make_owner(const char *name, struct owner *owner)
{
	const struct owner_request request = {.household = HOUSE,
					      .name = name,
					      .passphrase = PASSPHRASE,
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed = KEEPER_SEED};
	struct owner_view *view = NULL;
	struct owner_made made;

	assert_int_equal(owner_create(&request, &rand_port, &made), OK);
	assert_int_equal(owner_unlock(&made.owner, OWNER_WRAP_PASSPHRASE, made.wraps[0],
				      OWNER_WRAP_BYTES, PASSPHRASE, &clock_port, &view),
			 OK);
	*owner = made.owner;
	return view;
}

static struct certificate of_device(void)
{
	struct certificate certificate = {.kind = CERTIFICATE_DEVICE,
					  .household = HOUSE,
					  .at_ms = 5,
					  .after = 77};

	memcpy(certificate.sign_public, DEVICE, sizeof(DEVICE));
	return certificate;
}

static void an_owners_word_stands_behind_a_key(void **state)
{
	struct owner alice;
	struct owner bob;
	struct owner_view *as_alice = make_owner("alice", &alice);
	struct owner_view *as_bob = make_owner("bob", &bob);
	struct certificate certificate = of_device();
	struct certificate read;
	uint8_t row[CERTIFICATE_ROW_BYTES];

	(void)state;
	assert_int_equal(certificate_make(as_alice, KEEPER_SEED, &certificate, row), OK);
	assert_int_equal(certificate_read(HOUSE, keeper_public, row, sizeof(row), &read),
			 OK);
	assert_int_equal(read.kind, CERTIFICATE_DEVICE);
	assert_memory_equal(read.sign_public, DEVICE, sizeof(DEVICE));
	assert_memory_equal(read.by.bytes, alice.id.bytes, ID_BYTES);
	assert_int_equal(read.at_ms, 5);
	assert_int_equal(read.after, 77);
	assert_int_equal(certificate_check(&alice, row, sizeof(row)), OK);
	assert_int_equal(certificate_check(&bob, row, sizeof(row)), ERR_AUTH);
	assert_int_equal(certificate_check(&alice, row, sizeof(row) - 1), ERR_AUTH);
	assert_int_equal(certificate_read(OTHER_HOUSE, keeper_public, row, sizeof(row),
					  &read),
			 ERR_AUTH);
	clock_fake_pass(&the_clock, OWNER_IDLE_MS);
	assert_int_equal(certificate_make(as_bob, KEEPER_SEED, &certificate, row),
			 ERR_DENIED);
	owner_view_destroy(as_alice);
	owner_view_destroy(as_bob);
}

/* Either of the two alone is not enough. */
static void both_signatures_count(void **state)
{
	struct owner alice;
	struct owner mallory;
	struct owner_view *as_alice = make_owner("alice", &alice);
	struct owner_view *as_mallory = make_owner("mallory", &mallory);
	struct certificate certificate = of_device();
	struct certificate read;
	uint8_t row[CERTIFICATE_ROW_BYTES];

	(void)state;
	assert_int_equal(certificate_make(as_alice, FORGER_SEED, &certificate, row), OK);
	assert_int_equal(certificate_read(HOUSE, keeper_public, row, sizeof(row), &read),
			 ERR_AUTH);
	assert_int_equal(certificate_make(as_mallory, KEEPER_SEED, &certificate, row),
			 OK);
	mallory.id = alice.id; /* claims to be her */
	assert_int_equal(certificate_check(&alice, row, sizeof(row)), ERR_AUTH);
	assert_int_equal(certificate_check(&mallory, row, sizeof(row)), ERR_AUTH);
	owner_view_destroy(as_alice);
	owner_view_destroy(as_mallory);
}

static void every_bit_and_length_counts(void **state)
{
	struct owner alice;
	struct owner_view *view = make_owner("alice", &alice);
	struct certificate certificate = certificate_of_owner(&alice);
	struct certificate read;
	uint8_t row[CERTIFICATE_ROW_BYTES];

	(void)state;
	assert_int_equal(certificate_make(view, KEEPER_SEED, &certificate, row), OK);
	for (size_t bit = 0; bit < sizeof(row) * 8; bit++) {
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(certificate_read(HOUSE, keeper_public, row,
						      sizeof(row), &read),
				     OK);
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < sizeof(row); size++)
		assert_int_not_equal(certificate_read(HOUSE, keeper_public, row, size,
						      &read),
				     OK);
	assert_int_equal(certificate_read(HOUSE, keeper_public, row, sizeof(row), &read),
			 OK);
	owner_view_destroy(view);
}

/* What the keeper itself would not write. */
static void forms_are_kept_to(void **state)
{
	struct owner alice;
	struct owner_view *view = make_owner("alice", &alice);
	struct certificate wrong[] = {
		of_device(),
		of_device(),
		certificate_of_owner(&alice),
		certificate_of_owner(&alice),
		of_device(),
	};
	struct certificate read;
	uint8_t row[CERTIFICATE_ROW_BYTES];

	(void)state;
	wrong[0].owner = alice.id;
	wrong[1].box_public[3] = 1;
	memset(&wrong[2].owner, 0, sizeof(wrong[2].owner));
	memset(wrong[3].box_public, 0, sizeof(wrong[3].box_public));
	wrong[4].kind = (enum certificate_kind)4;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		assert_int_equal(certificate_make(view, KEEPER_SEED, &wrong[i], row), OK);
		assert_int_equal(certificate_read(HOUSE, keeper_public, row, sizeof(row),
						  &read),
				 ERR_FORMAT);
	}
	owner_view_destroy(view);
}

static void an_owners_is_of_both_keys(void **state)
{
	struct owner alice;
	struct owner_view *view = make_owner("alice", &alice);
	const struct certificate certificate = certificate_of_owner(&alice);
	struct owner other = alice;
	struct certificate device = of_device();
	uint8_t key[CERTIFICATE_STORE_KEY_BYTES_MAX];

	(void)state;
	assert_true(certificate_is_of_owner(&certificate, &alice));
	other.box_public[0] ^= 1;
	assert_false(certificate_is_of_owner(&certificate, &other));
	other = alice;
	other.sign_public[0] ^= 1;
	assert_false(certificate_is_of_owner(&certificate, &other));
	other = alice;
	other.id.bytes[0] ^= 1;
	assert_false(certificate_is_of_owner(&certificate, &other));
	other = alice;
	other.household = OTHER_HOUSE;
	assert_false(certificate_is_of_owner(&certificate, &other));
	assert_false(certificate_is_of_owner(&device, &alice));
	assert_int_equal(certificate_store_key(&certificate, key), 1 + ID_BYTES);
	assert_memory_equal(key + 1, alice.id.bytes, ID_BYTES);
	assert_int_equal(certificate_store_key(&device, key), 1 + sizeof(DEVICE));
	assert_memory_equal(key + 1, DEVICE, sizeof(DEVICE));
	owner_view_destroy(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owners_word_stands_behind_a_key),
		cmocka_unit_test(both_signatures_count),
		cmocka_unit_test(every_bit_and_length_counts),
		cmocka_unit_test(forms_are_kept_to),
		cmocka_unit_test(an_owners_is_of_both_keys),
	};

	if (seal_init() != OK)
		return 1;
	rand_port = rand_fake_init(&the_rand, 8);
	clock_port = clock_fake_init(&the_clock);
	seal_sign_pair(KEEPER_SEED, keeper_public);
	return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
