/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof: what keeper and gate sign counts for one nonce, one household and one process.
 */
#include "cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/proof.h"
#include "keeper/proof.h"

enum { PROCESS = 4711 };

static struct household household = {.id = {{1, 2, 3}}};
static uint8_t key[SEAL_SIGN_PUBLIC_BYTES];

static int setup(void **state)
{
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {7};

	(void)state;
	assert_int_equal(seal_init(), OK);
	seal_sign_pair(seed, key);
	return secret_copy(seed, sizeof(seed), &household.seed);
}

static int teardown(void **state)
{
	(void)state;
	household_close(&household);
	return 0;
}

static enum err verify(struct household_id id, const uint8_t nonce[PROOF_NONCE_BYTES],
		       uint32_t process, const char *label,
		       const uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t bytes[PROOF_BYTES];

	proof_bytes(id, nonce, process, bytes);
	return seal_verify_labelled(key, label, bytes, sizeof(bytes), signature);
}

static void it_counts_for_who_asked(void **state)
{
	const uint8_t nonce[PROOF_NONCE_BYTES] = {5};
	const uint8_t other[PROOF_NONCE_BYTES] = {6};
	const struct wire_prove asked = {.nonce = {nonce, sizeof(nonce)}};
	const struct household_id elsewhere = {{9}};
	uint8_t signature[SEAL_SIGNATURE_BYTES];

	(void)state;
	assert_int_equal(proof_give(&household, &asked, PROCESS, signature), OK);
	assert_int_equal(verify(household.id, nonce, PROCESS, PROOF_KEEPER_LABEL,
				signature),
			 OK);
	assert_int_equal(verify(household.id, other, PROCESS, PROOF_KEEPER_LABEL,
				signature),
			 ERR_AUTH);
	assert_int_equal(verify(household.id, nonce, PROCESS + 1, PROOF_KEEPER_LABEL,
				signature),
			 ERR_AUTH);
	assert_int_equal(verify(elsewhere, nonce, PROCESS, PROOF_KEEPER_LABEL, signature),
			 ERR_AUTH);
	assert_int_equal(verify(household.id, nonce, PROCESS, PROOF_GATE_LABEL,
				signature),
			 ERR_AUTH);
}

static void only_the_gate_is_the_gate(void **state)
{
	const uint8_t nonce[PROOF_NONCE_BYTES] = {5};
	const uint8_t other_nonce[PROOF_NONCE_BYTES] = {6};
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {8};
	const uint8_t other_seed[SEAL_SIGN_SEED_BYTES] = {9};
	uint8_t gate[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t other[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t bytes[PROOF_BYTES];
	struct wire_identity said = {.key = {gate, sizeof(gate)},
				     .signature = {signature, sizeof(signature)}};

	(void)state;
	seal_sign_pair(seed, gate);
	seal_sign_pair(other_seed, other);
	proof_bytes(household.id, nonce, PROCESS, bytes);
	assert_int_equal(seal_sign_labelled(seed, PROOF_GATE_LABEL, bytes, sizeof(bytes),
					    signature),
			 OK);
	assert_true(proof_is_gates(&household, gate, nonce, PROCESS, &said));
	assert_false(proof_is_gates(&household, gate, other_nonce, PROCESS, &said));
	assert_false(proof_is_gates(&household, gate, nonce, PROCESS + 1, &said));
	assert_false(proof_is_gates(&household, other, nonce, PROCESS, &said));
	said.signature.size = 0;
	assert_false(proof_is_gates(&household, gate, nonce, PROCESS, &said));
	said.signature.size = sizeof(signature);
	said.key.size = 0;
	assert_false(proof_is_gates(&household, gate, nonce, PROCESS, &said));
	said.key = (struct wire_slice){other, sizeof(other)};
	assert_int_equal(seal_sign_labelled(other_seed, PROOF_GATE_LABEL, bytes,
					    sizeof(bytes), signature),
			 OK);
	assert_false(proof_is_gates(&household, gate, nonce, PROCESS, &said));
}

static void what_is_no_nonce_is_not_signed(void **state)
{
	const uint8_t nonce[PROOF_NONCE_BYTES] = {5};
	struct wire_prove asked = {.nonce = {nonce, 0}};
	uint8_t signature[SEAL_SIGNATURE_BYTES];

	(void)state;
	assert_int_equal(proof_give(&household, &asked, PROCESS, signature), ERR_FORMAT);
	asked.nonce.size = sizeof(nonce) - 1;
	assert_int_equal(proof_give(&household, &asked, PROCESS, signature), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_counts_for_who_asked),
		cmocka_unit_test(only_the_gate_is_the_gate),
		cmocka_unit_test(what_is_no_nonce_is_not_signed),
	};

	return cmocka_run_group_tests_name("proof", tests, setup, teardown);
}
