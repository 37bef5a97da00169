/* SPDX-License-Identifier: Apache-2.0 */
/* test_seal - known answers from the standards; every wrong key, bit and order is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/seal.h"
#include "base/secret.h"
#include "base/str.h"

static const uint8_t KEY[SEAL_KEY_BYTES] = {1, 2, 3};
static const struct seal_part NO_PART = {NULL, 0};

static void assert_hex(const uint8_t *bytes, size_t size, const char *hex)
{
	char text[129];

	assert_true(size <= 64);
	str_to_hex(text, bytes, size);
	assert_string_equal(text, hex);
}

static void sha256_matches_fips_180(void **state)
{
	const struct seal_part parts[] = {{"a", 1}, {"", 0}, {"bc", 2}};
	uint8_t hash[SEAL_HASH_BYTES];

	(void)state;
	assert_int_equal(seal_sha256(parts, 3, hash), OK);
	assert_hex(hash, sizeof(hash),
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(seal_sha256(NULL, 0, hash), OK);
	assert_hex(hash, sizeof(hash),
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* However it is cut. */
static void a_hash_counts_along(void **state)
{
	static const char text[] = "a voice message, piece by piece";
	uint8_t whole[SEAL_HASH_BYTES];
	uint8_t counted[SEAL_HASH_BYTES];

	(void)state;
	assert_int_equal(seal_sha256(&(struct seal_part){text, sizeof(text)}, 1, whole),
			 OK);
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		struct seal_hash *hash = NULL;

		assert_int_equal(seal_hash_start(&hash), OK);
		seal_hash_add(hash, text, cut);
		seal_hash_add(hash, text + cut, sizeof(text) - cut);
		seal_hash_end(hash, counted);
		seal_hash_destroy(hash);
		assert_memory_equal(counted, whole, sizeof(whole));
	}
	seal_hash_destroy(NULL);
}

static void ed25519_matches_rfc_8032(void **state)
{
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];

	(void)state;
	assert_true(str_from_hex(seed, sizeof(seed),
				 "9d61b19deffd5a60ba844af492ec2cc4"
				 "4449c5697b326919703bac031cae7f60"));
	seal_sign_pair(seed, public_key);
	assert_hex(public_key, sizeof(public_key),
		   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	seal_sign(seed, "", 0, signature);
	assert_hex(signature, sizeof(signature),
		   "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		   "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
	assert_int_equal(seal_verify(public_key, "", 0, signature), OK);
	assert_int_equal(seal_verify(public_key, "x", 1, signature), ERR_AUTH);
	signature[40] ^= 1;
	assert_int_equal(seal_verify(public_key, "", 0, signature), ERR_AUTH);
}

static void x25519_matches_rfc_7748(void **state)
{
	uint8_t secret[SEAL_BOX_SECRET_BYTES];
	uint8_t public_key[SEAL_BOX_PUBLIC_BYTES];

	(void)state;
	assert_true(str_from_hex(secret, sizeof(secret),
				 "77076d0a7318a57d3c16c17251b26645"
				 "df4c2f87ebc0992ab177fba51db92c2a"));
	seal_box_pair(secret, public_key);
	assert_hex(public_key, sizeof(public_key),
		   "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
}

static void a_sealed_box_opens_only_with_its_secret(void **state)
{
	const uint8_t plain[5] = "hello";
	const uint8_t other[SEAL_BOX_SECRET_BYTES] = {9};
	uint8_t public_key[SEAL_BOX_PUBLIC_BYTES];
	uint8_t box[sizeof(plain) + SEAL_BOX_EXTRA_BYTES];
	uint8_t opened[sizeof(plain)];

	(void)state;
	seal_box_pair(KEY, public_key);
	assert_int_equal(seal_box_close(public_key, plain, sizeof(plain), box), OK);
	assert_int_equal(seal_box_open(KEY, box, sizeof(box), opened), OK);
	assert_memory_equal(opened, plain, sizeof(plain));
	assert_int_equal(seal_box_open(other, box, sizeof(box), opened), ERR_AUTH);
	assert_int_equal(seal_box_open(KEY, box, SEAL_BOX_EXTRA_BYTES - 1, opened),
			 ERR_AUTH);
	for (size_t bit = 0; bit < sizeof(box) * 8; bit++) {
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(seal_box_open(KEY, box, sizeof(box), opened), ERR_AUTH);
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void a_locked_piece_notices_every_bit(void **state)
{
	const uint8_t plain[7] = "secret";
	const struct seal_part bound = {"here", 4};
	const struct seal_part elsewhere = {"there", 5};
	uint8_t locked[sizeof(plain) + SEAL_LOCK_EXTRA_BYTES];
	uint8_t opened[sizeof(plain)];

	(void)state;
	seal_lock(KEY, bound, plain, sizeof(plain), locked);
	assert_int_equal(seal_unlock(KEY, bound, locked, sizeof(locked), opened), OK);
	assert_memory_equal(opened, plain, sizeof(plain));
	assert_int_equal(seal_unlock(KEY, elsewhere, locked, sizeof(locked), opened),
			 ERR_AUTH);
	for (size_t bit = 0; bit < sizeof(locked) * 8; bit++) {
		locked[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(seal_unlock(KEY, bound, locked, sizeof(locked), opened),
				 ERR_AUTH);
		locked[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < sizeof(locked); size++)
		assert_int_equal(seal_unlock(KEY, bound, locked, size, opened), ERR_AUTH);
}

enum {
	CHUNKS = 3,
	CHUNK_PLAIN = 10,
	CHUNK_SEALED = CHUNK_PLAIN + SEAL_STREAM_EXTRA_BYTES
};

static void make_stream(uint8_t header[SEAL_STREAM_HEADER_BYTES],
			uint8_t chunks[CHUNKS][CHUNK_SEALED])
{
	struct seal_stream *stream = NULL;
	uint8_t plain[CHUNK_PLAIN];

	assert_int_equal(seal_stream_start(KEY, header, &stream), OK);
	for (size_t i = 0; i < CHUNKS; i++) {
		memset(plain, (int)i, sizeof(plain));
		seal_stream_push(stream, NO_PART, plain, sizeof(plain), i + 1 == CHUNKS,
				 chunks[i]);
	}
	seal_stream_destroy(stream);
}

/* How many chunks open when they come in this order. */
static size_t opens(const uint8_t header[SEAL_STREAM_HEADER_BYTES],
		    uint8_t chunks[CHUNKS][CHUNK_SEALED], const size_t order[CHUNKS],
		    bool *out_last)
{
	struct seal_stream *stream = NULL;
	uint8_t plain[CHUNK_PLAIN];
	size_t opened = 0;

	*out_last = false;
	assert_int_equal(seal_stream_open(KEY, header, &stream), OK);
	while (opened < CHUNKS && seal_stream_pull(stream, NO_PART, chunks[order[opened]],
						   CHUNK_SEALED, plain, out_last) == OK)
		opened++;
	seal_stream_destroy(stream);
	return opened;
}

static void a_stream_keeps_order_number_and_end(void **state)
{
	uint8_t header[SEAL_STREAM_HEADER_BYTES];
	uint8_t chunks[CHUNKS][CHUNK_SEALED];
	bool last;

	(void)state;
	make_stream(header, chunks);
	assert_int_equal(opens(header, chunks, (const size_t[]){0, 1, 2}, &last), 3);
	assert_true(last);
	assert_int_equal(opens(header, chunks, (const size_t[]){1, 0, 2}, &last), 0);
	assert_int_equal(opens(header, chunks, (const size_t[]){0, 2, 1}, &last), 1);
	assert_false(last);
	header[0] ^= 1;
	assert_int_equal(opens(header, chunks, (const size_t[]){0, 1, 2}, &last), 0);
}

/* Piece by piece and at once. */
static void a_stream_ends_with_its_last_chunk(void **state)
{
	uint8_t header[SEAL_STREAM_HEADER_BYTES];
	uint8_t chunks[CHUNKS + 1][CHUNK_SEALED] = {{0}};
	uint8_t plain[(CHUNKS + 1) * CHUNK_PLAIN];
	struct seal_stream *stream = NULL;
	bool last = false;

	(void)state;
	make_stream(header, chunks);
	assert_int_equal(seal_stream_open(KEY, header, &stream), OK);
	assert_int_equal(seal_stream_pull(stream, NO_PART, chunks[0],
					  SEAL_STREAM_EXTRA_BYTES - 1, plain, &last),
			 ERR_AUTH);
	for (size_t i = 0; i < CHUNKS; i++)
		assert_int_equal(seal_stream_pull(stream, NO_PART, chunks[i],
						  CHUNK_SEALED, plain, &last),
				 OK);
	assert_true(last);
	assert_int_equal(seal_stream_pull(stream, NO_PART, chunks[CHUNKS], CHUNK_SEALED,
					  plain, &last),
			 ERR_AUTH);
	seal_stream_destroy(stream);
	for (size_t size = 0; size <= sizeof(chunks); size++)
		assert_int_equal(seal_stream_pull_all(KEY, header, NO_PART,
						      (struct seal_part){chunks[0], size},
						      CHUNK_SEALED, plain),
				 size == CHUNKS * CHUNK_SEALED ? OK : ERR_AUTH);
	for (size_t i = 0; i < CHUNKS * CHUNK_PLAIN; i++)
		assert_int_equal(plain[i], i / CHUNK_PLAIN);
}

static void derived_keys_differ_by_label_part_and_boundary(void **state)
{
	const struct seal_part ab_c[] = {{"ab", 2}, {"c", 1}};
	const struct seal_part a_bc[] = {{"a", 1}, {"bc", 2}};
	const struct seal_part abc_[] = {{"abc", 3}, {NULL, 0}};
	uint8_t keys[5][SEAL_KEY_BYTES];

	(void)state;
	seal_derive(KEY, "x", ab_c, 2, keys[0]);
	seal_derive(KEY, "x", a_bc, 2, keys[1]);
	seal_derive(KEY, "y", ab_c, 2, keys[2]);
	seal_commit(KEY, keys[3]);
	seal_derive(KEY, "x", abc_, 2, keys[4]);
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = i + 1; j < 5; j++)
			assert_memory_not_equal(keys[i], keys[j], SEAL_KEY_BYTES);
	}
}

static void passphrase_keys_follow_passphrase_salt_and_cost(void **state)
{
	const uint8_t salt[2][SEAL_PASSPHRASE_SALT_BYTES] = {{1}, {2}};
	uint8_t keys[4][SEAL_KEY_BYTES];
	uint8_t again[SEAL_KEY_BYTES];

	(void)state;
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 64, 1, keys[0]), OK);
	assert_int_equal(seal_passphrase_key("pasS", 4, salt[0], 64, 1, keys[1]), OK);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[1], 64, 1, keys[2]), OK);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 64, 2, keys[3]), OK);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 64, 1, again), OK);
	assert_memory_equal(keys[0], again, SEAL_KEY_BYTES);
	for (size_t i = 1; i < 4; i++)
		assert_memory_not_equal(keys[0], keys[i], SEAL_KEY_BYTES);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 7, 1, again), ERR_RANGE);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 2000000, 1, again),
			 ERR_RANGE);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 64, 0, again),
			 ERR_RANGE);
	assert_int_equal(seal_passphrase_key("pass", 4, salt[0], 64, 17, again),
			 ERR_RANGE);
}

static void base64_goes_both_ways(void **state)
{
	const uint8_t bytes[4] = {0, 0xff, 0x10, 0x83};
	uint8_t back[4];
	char text[SEAL_BASE64_BYTES(4)];

	(void)state;
	seal_base64(text, sizeof(text), bytes, sizeof(bytes));
	assert_string_equal(text, "AP8Qgw==");
	assert_int_equal(seal_from_base64(text, strlen(text), back, sizeof(back)), OK);
	assert_memory_equal(bytes, back, sizeof(back));
	assert_int_equal(seal_from_base64("AP8Qgw=", 7, back, sizeof(back)), ERR_FORMAT);
	assert_int_equal(seal_from_base64("AP8Q", 4, back, sizeof(back)), ERR_FORMAT);
	assert_int_equal(seal_from_base64("AP8Qg_==", 8, back, sizeof(back)), ERR_FORMAT);
	assert_int_equal(seal_from_base64("AP8\xafgw==", 8, back, sizeof(back)),
			 ERR_FORMAT);
}

static void secrets_hold_compare_and_have_limits(void **state)
{
	struct secret *a = NULL;
	struct secret *b = NULL;
	struct secret *none = NULL;

	(void)state;
	assert_int_equal(secret_create(0, &none), ERR_RANGE);
	assert_int_equal(secret_create(SECRET_BYTES_MAX + 1, &none), ERR_RANGE);
	assert_null(none);
	assert_int_equal(secret_create(5, &a), OK);
	assert_int_equal(secret_copy("abcd", 4, &b), OK);
	assert_false(secret_equal(a, b));
	secret_destroy(b);
	assert_int_equal(secret_copy("abcde", 5, &b), OK);
	assert_int_equal(secret_view(a)[0], 0);
	assert_false(secret_equal(a, b));
	memcpy(secret_bytes(a), "abcde", 5);
	assert_true(secret_equal(a, b));
	assert_int_equal(secret_size(a), 5);
	secret_destroy(a);
	secret_destroy(b);
	secret_destroy(NULL);
	seal_memory_destroy(NULL, 0, false);
}

enum { THREADS = 4, ROUNDS = 40000, AT_ONCE = 8, MARKED = 8 };

static bool is_all(const struct secret *secret, uint8_t mark)
{
	for (size_t at = 0; at < MARKED; at++) {
		if (secret_view(secret)[at] != mark)
			return false;
	}
	return true;
}

static void *make_and_destroy(void *context)
{
	const uint8_t mark = *(const uint8_t *)context;
	void *result = context;

	for (size_t round = 0; result && round < ROUNDS; round++) {
		struct secret *secrets[AT_ONCE] = {NULL};

		for (size_t i = 0; i < AT_ONCE; i++) {
			if (secret_create(MARKED, &secrets[i]) != OK ||
			    !is_all(secrets[i], 0))
				return NULL;
			memset(secret_bytes(secrets[i]), mark, MARKED);
		}
		for (size_t i = 0; i < AT_ONCE; i++) {
			result = is_all(secrets[i], mark) ? result : NULL;
			secret_destroy(secrets[i]);
		}
	}
	return result;
}

/* Their memory is handed from one to the next: to one only, and wiped. */
static void threads_have_their_own_secrets(void **state)
{
	uint8_t marks[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		marks[i] = (uint8_t)(i + 1);
		assert_int_equal(pthread_create(&threads[i], NULL, make_and_destroy,
						&marks[i]),
				 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		void *back = NULL;

		assert_int_equal(pthread_join(threads[i], &back), 0);
		assert_ptr_equal(back, &marks[i]);
	}
}

/* More than any machine lets us lock: it must go on, with one line in the log. */
static void secrets_degrade_beyond_the_lock_limit(void **state)
{
	enum { MANY = 3 };
	struct secret *secrets[MANY] = {NULL};

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(secret_create(SECRET_BYTES_MAX, &secrets[i]), OK);
		secret_bytes(secrets[i])[SECRET_BYTES_MAX - 1] = 7;
	}
	for (size_t i = 0; i < MANY; i++)
		secret_destroy(secrets[i]);
}

/* What the kernel knows of the page that bytes lie in: "rd wr mr mw me lo ac dd ...". */
static void page_flags(const void *bytes, char to[256])
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	char line[512];
	bool is_here = false;
	unsigned long from = 0;
	unsigned long end = 0;

	assert_non_null(maps);
	to[0] = '\0';
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx ", &from, &end) == 2)
			is_here = (uintptr_t)bytes >= from && (uintptr_t)bytes < end;
		if (is_here && strncmp(line, "VmFlags:", 8) == 0)
			assert_true(str_copy_bytes(to, 256, line, strcspn(line, "\n")));
	}
	(void)fclose(maps);
}

/* In no core file; and, as far as the limit goes, in no swap. */
static void a_secret_stays_in_memory(void **state)
{
	struct secret *secret = NULL;
	char flags[256];

	(void)state;
	assert_int_equal(secret_create(32, &secret), OK);
	page_flags(secret_view(secret), flags);
	if (flags[0] == '\0')
		skip(); /* a kernel that does not tell */
	assert_non_null(strstr(flags, " dd"));
#ifndef __SANITIZE_ADDRESS__ /* which takes mlock for done */
	assert_non_null(strstr(flags, " lo"));
#endif
	secret_destroy(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_matches_fips_180),
		cmocka_unit_test(a_hash_counts_along),
		cmocka_unit_test(ed25519_matches_rfc_8032),
		cmocka_unit_test(x25519_matches_rfc_7748),
		cmocka_unit_test(a_sealed_box_opens_only_with_its_secret),
		cmocka_unit_test(a_locked_piece_notices_every_bit),
		cmocka_unit_test(a_stream_keeps_order_number_and_end),
		cmocka_unit_test(a_stream_ends_with_its_last_chunk),
		cmocka_unit_test(derived_keys_differ_by_label_part_and_boundary),
		cmocka_unit_test(passphrase_keys_follow_passphrase_salt_and_cost),
		cmocka_unit_test(base64_goes_both_ways),
		cmocka_unit_test(secrets_hold_compare_and_have_limits),
		cmocka_unit_test(threads_have_their_own_secrets),
		cmocka_unit_test(secrets_degrade_beyond_the_lock_limit),
		cmocka_unit_test(a_secret_stays_in_memory),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
