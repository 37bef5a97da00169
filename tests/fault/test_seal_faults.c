/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_seal_faults - what is under seal.h fails, function by function: the error is handed on,
 * and the next call works. The linker puts ours in the place of the libraries' (--wrap).
 */
#include "unit/cmocka_all.h"

#include <string.h>

/* As base/seal.c does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>

#include "base/hash_chain.h"
#include "base/key_text.h"
#include "base/seal.h"
#include "base/secret.h"
#include "base/str.h"
#include "fault/one_fault.h"

static const char *refused; /* the function that fails; NULL: none */
static unsigned said;       /* lines in the log */

#define REFUSE(type, name, parameters, arguments, failure)                             \
	type __real_##name parameters;                                                 \
	type __wrap_##name parameters;                                                 \
	type __wrap_##name parameters                                                  \
	{                                                                              \
		return refused && str_equal(refused, #name) ? (failure)                \
							    : __real_##name arguments; \
	}

REFUSE(int, sodium_init, (void), (), -1)
REFUSE(int, sodium_mlock, (void *memory, size_t size), (memory, size), -1)
REFUSE(EVP_MD *, EVP_MD_fetch,
       (OSSL_LIB_CTX * library, const char *name, const char *query),
       (library, name, query), NULL)
REFUSE(int, EVP_DigestInit_ex2,
       (EVP_MD_CTX * context, const EVP_MD *type, const OSSL_PARAM *parameters),
       (context, type, parameters), 0)
REFUSE(int, SHA256_Update, (SHA256_CTX * context, const void *bytes, size_t size),
       (context, bytes, size), 0)
REFUSE(int, SHA256_Final, (unsigned char *hash, SHA256_CTX *context), (hash, context), 0)
REFUSE(int, crypto_secretstream_xchacha20poly1305_init_pull,
       (crypto_secretstream_xchacha20poly1305_state * state,
	const unsigned char header[SEAL_STREAM_HEADER_BYTES],
	const unsigned char key[SEAL_KEY_BYTES]),
       (state, header, key), -1)

void __wrap_log_line(const char *format, ...);
void __wrap_log_line(const char *format, ...)
{
	assert_non_null(strstr(format, "RLIMIT_MEMLOCK"));
	said++;
}

static const uint8_t KEY[SEAL_KEY_BYTES] = {1, 2, 3};

/* Before anything else: what was begun stays so. */
static void without_its_libraries_it_does_not_begin(void **state)
{
	(void)state;
	refused = "sodium_init";
	assert_int_equal(seal_init(), ERR_UNSUPPORTED);
	refused = "EVP_MD_fetch";
	assert_int_equal(seal_init(), ERR_UNSUPPORTED);
	refused = NULL;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(seal_init(), OK);
}

static void no_hash_is_no_signature(void **state)
{
	static const char *const each[] = {"SHA256_Init", "SHA256_Update",
					   "SHA256_Final"};
	static const uint8_t block[HASH_CHAIN_BLOCK_BYTES];
	const struct seal_part parts[] = {{"a", 1}, {"b", 1}};
	uint8_t hash[SEAL_HASH_BYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct hash_chain chain;

	(void)state;
	seal_sign_pair(KEY, public_key);
	hash_chain_init(&chain);
	assert_int_equal(seal_sign_labelled(KEY, "x", "a", 1, signature), OK);
	for (size_t i = 0; i < STR_COUNT(each); i++) {
		refused = each[i];
		one_fault_at(i == 0 ? 1 : 0);
		assert_int_equal(seal_sha256(parts, 2, hash), ERR_UNSUPPORTED);
		one_fault_at(i == 0 ? 1 : 0);
		assert_int_equal(seal_verify_labelled(public_key, "x", "a", 1, signature),
				 ERR_UNSUPPORTED);
		one_fault_at(i == 0 ? 1 : 0);
		assert_int_equal(seal_sign_labelled(KEY, "x", "a", 1, signature),
				 ERR_UNSUPPORTED);
		one_fault_at(i == 0 ? 1 : 0);
		assert_int_equal(hash_chain_add(&chain, block, sizeof(block)),
				 ERR_UNSUPPORTED);
		(void)one_fault_end();
		refused = NULL;
		assert_int_equal(seal_verify_labelled(public_key, "x", "a", 1, signature),
				 OK);
		assert_int_equal(chain.blocks, 0);
	}
}

static void no_hash_is_no_text_of_a_key(void **state)
{
	uint8_t key[KEY_TEXT_KEY_BYTES] = {0};
	char text[KEY_TEXT_BYTES];
	char fingerprint[KEY_FINGERPRINT_BYTES];

	(void)state;
	assert_int_equal(key_to_text(KEY, text), OK);
	refused = "SHA256_Final";
	assert_int_equal(key_from_text(text, key), ERR_UNSUPPORTED);
	assert_int_equal(key_fingerprint(KEY, fingerprint), ERR_UNSUPPORTED);
	assert_string_equal(fingerprint, "");
	assert_int_equal(key_to_text(KEY, text), ERR_UNSUPPORTED);
	assert_string_equal(text, "");
	refused = NULL;
	assert_int_equal(key[0], 0);
}

static void a_hash_that_counts_along_wants_memory(void **state)
{
	struct seal_hash *hash = NULL;

	(void)state;
	for (unsigned long place = 1; place <= 2; place++) {
		one_fault_at(place);
		assert_int_equal(seal_hash_start(&hash), ERR_MEMORY);
		(void)one_fault_end();
	}
	refused = "EVP_DigestInit_ex2";
	assert_int_equal(seal_hash_start(&hash), ERR_MEMORY);
	refused = NULL;
	assert_null(hash);
}

static void a_stream_wants_memory(void **state)
{
	const struct seal_part none = {NULL, 0};
	struct seal_stream *stream = NULL;
	uint8_t header[SEAL_STREAM_HEADER_BYTES] = {0};
	uint8_t chunk[SEAL_STREAM_EXTRA_BYTES];
	uint8_t plain[1];

	(void)state;
	one_fault_at(1);
	assert_int_equal(seal_stream_start(KEY, header, &stream), ERR_MEMORY);
	one_fault_at(1);
	assert_int_equal(seal_stream_open(KEY, header, &stream), ERR_MEMORY);
	(void)one_fault_end();
	assert_null(stream);
	assert_int_equal(seal_stream_start(KEY, header, &stream), OK);
	seal_stream_push(stream, none, plain, 0, true, chunk);
	seal_stream_destroy(stream);
	stream = NULL;
	refused = "crypto_secretstream_xchacha20poly1305_init_pull";
	assert_int_equal(seal_stream_open(KEY, header, &stream), ERR_AUTH);
	assert_null(stream);
	assert_int_equal(seal_stream_pull_all(KEY, header, none,
					      (struct seal_part){chunk, sizeof(chunk)},
					      sizeof(chunk), plain),
			 ERR_AUTH);
	refused = NULL;
	assert_int_equal(seal_stream_pull_all(KEY, header, none,
					      (struct seal_part){chunk, sizeof(chunk)},
					      sizeof(chunk), plain),
			 OK);
}

/* The library would go on behind it, as somebody who has the key can. */
static void behind_the_last_chunk_nothing_is_pulled(void **state)
{
	enum { SEALED = 1 + SEAL_STREAM_EXTRA_BYTES };
	const struct seal_part none = {NULL, 0};
	crypto_secretstream_xchacha20poly1305_state state_of_both;
	struct seal_stream *stream = NULL;
	uint8_t header[SEAL_STREAM_HEADER_BYTES];
	uint8_t chunks[2][SEALED];
	uint8_t plain[2] = "a";
	bool last = false;

	(void)state;
	crypto_secretstream_xchacha20poly1305_init_push(&state_of_both, header, KEY);
	for (size_t i = 0; i < 2; i++)
		crypto_secretstream_xchacha20poly1305_push(
			&state_of_both, chunks[i], NULL, plain, 1, NULL, 0,
			crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	assert_int_equal(seal_stream_open(KEY, header, &stream), OK);
	assert_int_equal(seal_stream_pull(stream, none, chunks[0], SEALED, plain, &last),
			 OK);
	assert_true(last);
	assert_int_equal(seal_stream_pull(stream, none, chunks[1], SEALED, plain, &last),
			 ERR_AUTH);
	seal_stream_destroy(stream);
	assert_int_equal(seal_stream_pull_all(KEY, header, none,
					      (struct seal_part){chunks[0], SEALED},
					      SEALED, plain),
			 OK);
	assert_int_equal(seal_stream_pull_all(KEY, header, none,
					      (struct seal_part){chunks[0],
								 sizeof(chunks)},
					      SEALED, plain),
			 ERR_AUTH);
}

/* It goes on, and says so once. */
static void what_cannot_be_locked_is_said(void **state)
{
	struct secret *secrets[2];

	(void)state;
	refused = "sodium_mlock";
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(secret_create(1000, &secrets[i]), OK);
	refused = NULL;
	for (size_t i = 0; i < 2; i++)
		secret_destroy(secrets[i]);
	assert_int_equal(said, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_its_libraries_it_does_not_begin),
		cmocka_unit_test(no_hash_is_no_signature),
		cmocka_unit_test(no_hash_is_no_text_of_a_key),
		cmocka_unit_test(a_hash_that_counts_along_wants_memory),
		cmocka_unit_test(a_stream_wants_memory),
		cmocka_unit_test(behind_the_last_chunk_nothing_is_pulled),
		cmocka_unit_test(what_cannot_be_locked_is_said),
	};

	return cmocka_run_group_tests_name("seal_faults", tests, NULL, NULL);
}
