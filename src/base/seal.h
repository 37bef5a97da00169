/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal - the cryptography of the house, in our own words. The only user of libsodium
 * and OpenSSL.
 *
 * Call seal_init() once before anything else here. Keys go in and out as bytes; whoever
 * holds them for longer keeps them in base/secret.h. Any thread.
 *
 * Sources: RFC 9106 (Argon2id), RFC 7748 (X25519), RFC 8032 (Ed25519), RFC 7693
 * (BLAKE2b), FIPS 180-4 (SHA-256), libsodium's sealed box and secretstream.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	SEAL_KEY_BYTES = 32,
	SEAL_HASH_BYTES = 32,
	SEAL_COMMIT_BYTES = 32,
	SEAL_PASSPHRASE_SALT_BYTES = 16,
	SEAL_BOX_PUBLIC_BYTES = 32,
	SEAL_BOX_SECRET_BYTES = 32,
	SEAL_BOX_EXTRA_BYTES = 48, /* a sealed box is longer than its contents by this */
	SEAL_SIGN_SEED_BYTES = 32,
	SEAL_SIGN_PUBLIC_BYTES = 32,
	SEAL_SIGNATURE_BYTES = 64,
	SEAL_LOCK_EXTRA_BYTES = 24 + 16,
	SEAL_STREAM_HEADER_BYTES = 24,
	SEAL_STREAM_EXTRA_BYTES = 17, /* of each chunk */
	SEAL_PARTS_MAX = 8,
	SEAL_LONG_HASH_BYTES = 64,
	SEAL_AGE_NONCE_BYTES = 12,
	SEAL_AGE_TAG_BYTES = 16,
};

/* A borrowed stretch of bytes; several make one input without being copied together. */
struct seal_part {
	const void *bytes;
	size_t size;
};

/* ERR_UNSUPPORTED when the machine's libraries cannot start. */
MUST_CHECK enum err seal_init(void);

void seal_random(uint8_t *bytes, size_t size);
/* Overwrites in a way that no compiler removes. */
void seal_wipe(void *bytes, size_t size);
/* Constant time. */
bool seal_equal(const void *a, const void *b, size_t size);

/* SHA-256 over the parts one behind the other (no lengths between them). */
MUST_CHECK enum err seal_sha256(const struct seal_part *parts, size_t count,
				uint8_t out_hash[SEAL_HASH_BYTES]);

/* The same over what comes bit by bit. One thread per hash. ERR_MEMORY. */
struct seal_hash;
MUST_CHECK enum err seal_hash_start(struct seal_hash **out_hash);
void seal_hash_add(struct seal_hash *hash, const void *bytes, size_t size);
/* Nothing may be added behind it. */
void seal_hash_end(struct seal_hash *hash, uint8_t out_hash[SEAL_HASH_BYTES]);
void seal_hash_destroy(struct seal_hash *hash); /* wipes; NULL is fine */

/* BLAKE2b-512, without a key: what minisign signs. */
void seal_blake2b(const void *bytes, size_t size, uint8_t out_hash[SEAL_LONG_HASH_BYTES]);

/* BLAKE2b-256 keyed with key over label and parts, each with its length in front: one
 * key gives unrelated ones for different labels and parts. */
void seal_derive(const uint8_t key[SEAL_KEY_BYTES], const char *label,
		 const struct seal_part *parts, size_t count,
		 uint8_t out_key[SEAL_KEY_BYTES]);
/* What to store beside a ciphertext and to compare before opening it: no second key has
 * the same commitment. */
void seal_commit(const uint8_t key[SEAL_KEY_BYTES],
		 uint8_t out_commit[SEAL_COMMIT_BYTES]);

/* Argon2id. memory_kib 8..1048576, passes 1..16. Takes a tenth of a second and
 * memory_kib on purpose. ERR_MEMORY, ERR_RANGE. */
MUST_CHECK enum err seal_passphrase_key(const char *passphrase, size_t passphrase_size,
					const uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES],
					uint32_t memory_kib, uint32_t passes,
					uint8_t out_key[SEAL_KEY_BYTES]);

/* X25519 sealed boxes: anybody can close one for a public key, anonymously. */
void seal_box_pair(const uint8_t secret[SEAL_BOX_SECRET_BYTES],
		   uint8_t out_public[SEAL_BOX_PUBLIC_BYTES]);
/* out_box has size + SEAL_BOX_EXTRA_BYTES. ERR_AUTH for a public key that is no key. */
MUST_CHECK enum err seal_box_close(const uint8_t public_key[SEAL_BOX_PUBLIC_BYTES],
				   const uint8_t *plain, size_t size, uint8_t *out_box);
/* out_plain has box_size - SEAL_BOX_EXTRA_BYTES. ERR_AUTH. */
MUST_CHECK enum err seal_box_open(const uint8_t secret[SEAL_BOX_SECRET_BYTES],
				  const uint8_t *box, size_t box_size,
				  uint8_t *out_plain);

/* One piece under a key (XChaCha20-Poly1305, random nonce in front). Does not commit to
 * its key: see seal_commit. out_locked has size + SEAL_LOCK_EXTRA_BYTES. */
void seal_lock(const uint8_t key[SEAL_KEY_BYTES], struct seal_part bound,
	       const uint8_t *plain, size_t size, uint8_t *out_locked);
/* ERR_AUTH when a bit of it or of bound differs; then out_plain is zero. */
MUST_CHECK enum err seal_unlock(const uint8_t key[SEAL_KEY_BYTES], struct seal_part bound,
				const uint8_t *locked, size_t locked_size,
				uint8_t *out_plain);

/* Ed25519 from a 32-byte seed. */
void seal_sign_pair(const uint8_t seed[SEAL_SIGN_SEED_BYTES],
		    uint8_t out_public[SEAL_SIGN_PUBLIC_BYTES]);
void seal_sign(const uint8_t seed[SEAL_SIGN_SEED_BYTES], const void *bytes, size_t size,
	       uint8_t out_signature[SEAL_SIGNATURE_BYTES]);
/* ERR_AUTH. */
MUST_CHECK enum err seal_verify(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				const void *bytes, size_t size,
				const uint8_t signature[SEAL_SIGNATURE_BYTES]);

/* The same over SHA-256 of label, NUL and bytes, so that a row signed as one thing never
 * passes for another. */
MUST_CHECK enum err seal_sign_labelled(const uint8_t seed[SEAL_SIGN_SEED_BYTES],
				       const char *label, const void *bytes, size_t size,
				       uint8_t out_signature[SEAL_SIGNATURE_BYTES]);
MUST_CHECK enum err seal_verify_labelled(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
					 const char *label, const void *bytes,
					 size_t size,
					 const uint8_t signature[SEAL_SIGNATURE_BYTES]);

/* A stream of chunks under one key (secretstream): order, number and end are
 * authenticated. One thread per stream. */
struct seal_stream;
MUST_CHECK enum err seal_stream_start(const uint8_t key[SEAL_KEY_BYTES],
				      uint8_t out_header[SEAL_STREAM_HEADER_BYTES],
				      struct seal_stream **out_stream);
/* out_chunk has size + SEAL_STREAM_EXTRA_BYTES. Nothing may follow the last. */
void seal_stream_push(struct seal_stream *stream, struct seal_part bound,
		      const uint8_t *plain, size_t size, bool last, uint8_t *out_chunk);
MUST_CHECK enum err seal_stream_open(const uint8_t key[SEAL_KEY_BYTES],
				     const uint8_t header[SEAL_STREAM_HEADER_BYTES],
				     struct seal_stream **out_stream);
/* ERR_AUTH. out_plain has chunk_size - SEAL_STREAM_EXTRA_BYTES. */
MUST_CHECK enum err seal_stream_pull(struct seal_stream *stream, struct seal_part bound,
				     const uint8_t *chunk, size_t chunk_size,
				     uint8_t *out_plain, bool *out_last);
void seal_stream_destroy(struct seal_stream *stream); /* wipes; NULL is fine */
/* A whole stream at once, for whoever opens many: all chunks but the last are chunk_size
 * long. ERR_AUTH also when its end is missing; then `to` holds what is not to be used. */
MUST_CHECK enum err seal_stream_pull_all(const uint8_t key[SEAL_KEY_BYTES],
					 const uint8_t header[SEAL_STREAM_HEADER_BYTES],
					 struct seal_part bound, struct seal_part chunks,
					 size_t chunk_size, uint8_t *to);

/* What the age format is made of (age-encryption.org/v1): X25519, HKDF-SHA256 (RFC 5869),
 * HMAC-SHA256, ChaCha20-Poly1305 (RFC 8439). */
/* ERR_AUTH: a public key with which every secret would be the same. */
MUST_CHECK enum err seal_agree(const uint8_t secret[SEAL_BOX_SECRET_BYTES],
			       const uint8_t public_key[SEAL_BOX_PUBLIC_BYTES],
			       uint8_t out_shared[SEAL_KEY_BYTES]);
/* 32 bytes; salt_size 0: none. */
void seal_hkdf(const void *salt, size_t salt_size, const uint8_t input[], size_t size,
	       const char *info, uint8_t out_key[SEAL_KEY_BYTES]);
void seal_hmac(const uint8_t key[SEAL_KEY_BYTES], const void *bytes, size_t size,
	       uint8_t out_code[SEAL_HASH_BYTES]);
/* out_locked has size + SEAL_AGE_TAG_BYTES; it may be plain itself. */
void seal_age_lock(const uint8_t key[SEAL_KEY_BYTES],
		   const uint8_t nonce[SEAL_AGE_NONCE_BYTES], const uint8_t *plain,
		   size_t size, uint8_t *out_locked);

/* Standard base64 with padding; to has seal_base64_bytes(size). */
#define SEAL_BASE64_BYTES(size) (((size) + 2) / 3 * 4 + 1)
void seal_base64(char *to, size_t to_size, const uint8_t *bytes, size_t size);
MUST_CHECK enum err seal_from_base64(const char *text, size_t text_size,
				     uint8_t *out_bytes, size_t size);

/* Memory between guard pages, kept out of swap and core dumps where the machine lets
 * us, wiped when freed; for base/secret.c. NULL when there is none. */
void *seal_memory_create(size_t size, bool *out_locked);
/* is_locked: as create said. Wiped; some is kept for who comes next. NULL is fine. */
void seal_memory_destroy(void *memory, size_t size, bool is_locked);

#endif
