/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal - thin words over libsodium, and SHA-256 from OpenSSL (seven times as fast here).
 * Chooses algorithms, checks every return value, and decides nothing about what is
 * sealed for whom: that is vault/ and journal/.
 *
 * Invariant: no function leaves key material on its stack.
 */
#include "base/seal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* SHA256_Init and its like, for seal_sha256. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>

#include "base/must.h"

_Static_assert(SEAL_BOX_EXTRA_BYTES == crypto_box_SEALBYTES, "sealed box");
_Static_assert(SEAL_BOX_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "box key");
_Static_assert(SEAL_BOX_SECRET_BYTES == crypto_box_SECRETKEYBYTES, "box key");
_Static_assert(SEAL_SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "sign key");
_Static_assert(SEAL_SIGN_SEED_BYTES == crypto_sign_SEEDBYTES, "sign seed");
_Static_assert(SEAL_SIGNATURE_BYTES == crypto_sign_BYTES, "signature");
_Static_assert(SEAL_PASSPHRASE_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(SEAL_LOCK_EXTRA_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
						crypto_aead_xchacha20poly1305_ietf_ABYTES,
	       "lock");
_Static_assert(SEAL_STREAM_HEADER_BYTES ==
		       crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	       "stream header");
_Static_assert(SEAL_STREAM_EXTRA_BYTES == crypto_secretstream_xchacha20poly1305_ABYTES,
	       "stream chunk");

enum {
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	PASSPHRASE_MEMORY_KIB_MIN = 8,
	PASSPHRASE_MEMORY_KIB_MAX = 1048576,
	PASSPHRASE_PASSES_MAX = 16,
};

struct seal_stream {
	crypto_secretstream_xchacha20poly1305_state state;
	bool over;
	bool is_locked;
};

struct seal_hash {
	EVP_MD_CTX *context;
};

static const EVP_MD *sha256;

enum err seal_init(void)
{
	if (sodium_init() < 0)
		return ERR_UNSUPPORTED;
	if (!sha256)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	return sha256 ? OK : ERR_UNSUPPORTED;
}

void seal_random(uint8_t *bytes, size_t size)
{
	randombytes_buf(bytes, size);
}

void seal_wipe(void *bytes, size_t size)
{
	if (bytes)
		sodium_memzero(bytes, size);
}

bool seal_equal(const void *a, const void *b, size_t size)
{
	return sodium_memcmp(a, b, size) == 0;
}

/* By the library's older functions, which need no memory: a context of the newer ones costs
 * several times the hash of a short input, and a journal has millions of those. */
enum err seal_sha256(const struct seal_part *parts, size_t count,
		     uint8_t out_hash[SEAL_HASH_BYTES])
{
	SHA256_CTX context;
	bool good;

	must(sha256); /* seal_init() came first */
	good = SHA256_Init(&context) == 1;
	for (size_t i = 0; good && i < count; i++)
		good = SHA256_Update(&context, parts[i].bytes, parts[i].size) == 1;
	good = good && SHA256_Final(out_hash, &context) == 1;
	sodium_memzero(&context, sizeof(context));
	return good ? OK : ERR_UNSUPPORTED;
}

enum err seal_hash_start(struct seal_hash **out_hash)
{
	struct seal_hash *hash = calloc(1, sizeof(*hash));

	must(sha256); /* seal_init() came first */
	if (!hash)
		return ERR_MEMORY;
	hash->context = EVP_MD_CTX_new();
	if (!hash->context || EVP_DigestInit_ex2(hash->context, sha256, NULL) != 1) {
		seal_hash_destroy(hash);
		return ERR_MEMORY;
	}
	*out_hash = hash;
	return OK;
}

void seal_hash_add(struct seal_hash *hash, const void *bytes, size_t size)
{
	must(size == 0 || EVP_DigestUpdate(hash->context, bytes, size) == 1);
}

void seal_hash_end(struct seal_hash *hash, uint8_t out_hash[SEAL_HASH_BYTES])
{
	must(EVP_DigestFinal_ex(hash->context, out_hash, NULL) == 1);
}

void seal_hash_destroy(struct seal_hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context); /* which wipes */
	free(hash);
}

static void hash_part(crypto_generichash_state *state, const void *bytes, size_t size)
{
	uint8_t length[8];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (uint8_t)((uint64_t)size >> (8 * (sizeof(length) - 1 - i)));
	must(crypto_generichash_update(state, length, sizeof(length)) == 0);
	if (size > 0)
		must(crypto_generichash_update(state, bytes, size) == 0);
}

void seal_derive(const uint8_t key[SEAL_KEY_BYTES], const char *label,
		 const struct seal_part *parts, size_t count,
		 uint8_t out_key[SEAL_KEY_BYTES])
{
	crypto_generichash_state state;

	must(count <= SEAL_PARTS_MAX);
	must(crypto_generichash_init(&state, key, SEAL_KEY_BYTES, SEAL_KEY_BYTES) == 0);
	hash_part(&state, label, strlen(label));
	for (size_t i = 0; i < count; i++)
		hash_part(&state, parts[i].bytes, parts[i].size);
	must(crypto_generichash_final(&state, out_key, SEAL_KEY_BYTES) == 0);
	sodium_memzero(&state, sizeof(state));
}

void seal_commit(const uint8_t key[SEAL_KEY_BYTES], uint8_t out_commit[SEAL_COMMIT_BYTES])
{
	seal_derive(key, "behest key commitment v1", NULL, 0, out_commit);
}

enum err seal_passphrase_key(const char *passphrase, size_t passphrase_size,
			     const uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES],
			     uint32_t memory_kib, uint32_t passes,
			     uint8_t out_key[SEAL_KEY_BYTES])
{
	if (memory_kib < PASSPHRASE_MEMORY_KIB_MIN ||
	    memory_kib > PASSPHRASE_MEMORY_KIB_MAX || passes < 1 ||
	    passes > PASSPHRASE_PASSES_MAX)
		return ERR_RANGE;
	if (crypto_pwhash(out_key, SEAL_KEY_BYTES, passphrase, passphrase_size, salt,
			  passes, (size_t)memory_kib * 1024,
			  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR_MEMORY;
	return OK;
}

void seal_box_pair(const uint8_t secret[SEAL_BOX_SECRET_BYTES],
		   uint8_t out_public[SEAL_BOX_PUBLIC_BYTES])
{
	must(crypto_scalarmult_base(out_public, secret) == 0);
}

enum err seal_box_close(const uint8_t public_key[SEAL_BOX_PUBLIC_BYTES],
			const uint8_t *plain, size_t size, uint8_t *out_box)
{
	return crypto_box_seal(out_box, plain, size, public_key) == 0 ? OK : ERR_AUTH;
}

enum err seal_box_open(const uint8_t secret[SEAL_BOX_SECRET_BYTES], const uint8_t *box,
		       size_t box_size, uint8_t *out_plain)
{
	uint8_t public_key[SEAL_BOX_PUBLIC_BYTES];

	if (box_size < SEAL_BOX_EXTRA_BYTES)
		return ERR_AUTH;
	seal_box_pair(secret, public_key);
	return crypto_box_seal_open(out_plain, box, box_size, public_key, secret) == 0
		       ? OK
		       : ERR_AUTH;
}

void seal_lock(const uint8_t key[SEAL_KEY_BYTES], struct seal_part bound,
	       const uint8_t *plain, size_t size, uint8_t *out_locked)
{
	randombytes_buf(out_locked, NONCE_BYTES);
	must(crypto_aead_xchacha20poly1305_ietf_encrypt(out_locked + NONCE_BYTES, NULL,
							plain, size, bound.bytes,
							bound.size, NULL, out_locked,
							key) == 0);
}

enum err seal_unlock(const uint8_t key[SEAL_KEY_BYTES], struct seal_part bound,
		     const uint8_t *locked, size_t locked_size, uint8_t *out_plain)
{
	if (locked_size < SEAL_LOCK_EXTRA_BYTES)
		return ERR_AUTH;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    out_plain, NULL, NULL, locked + NONCE_BYTES,
		    locked_size - NONCE_BYTES, bound.bytes, bound.size, locked, key) == 0)
		return OK;
	seal_wipe(out_plain, locked_size - SEAL_LOCK_EXTRA_BYTES);
	return ERR_AUTH;
}

void seal_sign_pair(const uint8_t seed[SEAL_SIGN_SEED_BYTES],
		    uint8_t out_public[SEAL_SIGN_PUBLIC_BYTES])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	must(crypto_sign_seed_keypair(out_public, secret, seed) == 0);
	sodium_memzero(secret, sizeof(secret));
}

void seal_sign(const uint8_t seed[SEAL_SIGN_SEED_BYTES], const void *bytes, size_t size,
	       uint8_t out_signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];

	must(crypto_sign_seed_keypair(public_key, secret, seed) == 0);
	must(crypto_sign_detached(out_signature, NULL, bytes, size, secret) == 0);
	sodium_memzero(secret, sizeof(secret));
}

enum err seal_verify(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES], const void *bytes,
		     size_t size, const uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	return crypto_sign_verify_detached(signature, bytes, size, public_key) == 0
		       ? OK
		       : ERR_AUTH;
}

static enum err hash_labelled(const char *label, const void *bytes, size_t size,
			      uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct seal_part parts[] = {{label, strlen(label) + 1}, {bytes, size}};

	return seal_sha256(parts, 2, out_hash);
}

enum err seal_sign_labelled(const uint8_t seed[SEAL_SIGN_SEED_BYTES], const char *label,
			    const void *bytes, size_t size,
			    uint8_t out_signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = hash_labelled(label, bytes, size, hash);

	if (err == OK)
		seal_sign(seed, hash, sizeof(hash), out_signature);
	return err;
}

enum err seal_verify_labelled(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			      const char *label, const void *bytes, size_t size,
			      const uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = hash_labelled(label, bytes, size, hash);

	if (err == OK)
		err = seal_verify(public_key, hash, sizeof(hash), signature);
	return err;
}

/* --- guarded memory --------------------------------------------------------------------- */

/* Mapping, protecting and locking pages costs more than sealing what lies in them: of what
 * is given back some is wiped and kept for the next who wants as much. Its guard pages stand
 * all the while; the check for what was written in front of it is left out. */
enum { KEPT_MAX = 16, KEPT_BYTES_MAX = 65536 };

static pthread_mutex_t kept_mutex = PTHREAD_MUTEX_INITIALIZER;
static size_t kept_count;
static struct kept {
	void *memory;
	size_t size;
	bool is_locked;
} kept[KEPT_MAX];

static void kept_lock(void)
{
	must(pthread_mutex_lock(&kept_mutex) == 0);
}

static void kept_unlock(void)
{
	must(pthread_mutex_unlock(&kept_mutex) == 0);
}

/* Of exactly that size; NULL: there is none. */
static void *take_kept(size_t size, bool *out_locked)
{
	void *memory = NULL;

	kept_lock();
	for (size_t i = kept_count; !memory && i > 0; i--) {
		if (kept[i - 1].size != size)
			continue;
		memory = kept[i - 1].memory;
		*out_locked = kept[i - 1].is_locked;
		kept[i - 1] = kept[--kept_count];
	}
	kept_unlock();
	return memory;
}

/* The oldest makes room. */
static void *keep(void *memory, size_t size, bool is_locked)
{
	void *oldest = NULL;

	kept_lock();
	if (kept_count == KEPT_MAX) {
		oldest = kept[0].memory;
		kept_count--;
		memmove(kept, kept + 1, kept_count * sizeof(kept[0]));
	}
	kept[kept_count++] = (struct kept){memory, size, is_locked};
	kept_unlock();
	return oldest;
}

void *seal_memory_create(size_t size, bool *out_locked)
{
	void *memory = take_kept(size, out_locked);

	if (memory)
		return memory;
	memory = sodium_malloc(size);
	/* sodium_malloc locks what it may and does not say whether it could. */
	if (memory)
		*out_locked = sodium_mlock(memory, size) == 0;
	return memory;
}

void seal_memory_destroy(void *memory, size_t size, bool is_locked)
{
	if (!memory)
		return;
	sodium_memzero(memory, size);
	if (size <= KEPT_BYTES_MAX)
		memory = keep(memory, size, is_locked);
	sodium_free(memory);
}

/* --- streams ---------------------------------------------------------------------------- */

static struct seal_stream *stream_new(void)
{
	bool is_locked = false;
	struct seal_stream *stream = seal_memory_create(sizeof(*stream), &is_locked);

	if (!stream)
		return NULL;
	memset(stream, 0, sizeof(*stream));
	stream->is_locked = is_locked;
	return stream;
}

enum err seal_stream_start(const uint8_t key[SEAL_KEY_BYTES],
			   uint8_t out_header[SEAL_STREAM_HEADER_BYTES],
			   struct seal_stream **out_stream)
{
	struct seal_stream *stream = stream_new();

	if (!stream)
		return ERR_MEMORY;
	must(crypto_secretstream_xchacha20poly1305_init_push(&stream->state, out_header,
							     key) == 0);
	*out_stream = stream;
	return OK;
}

void seal_stream_push(struct seal_stream *stream, struct seal_part bound,
		      const uint8_t *plain, size_t size, bool last, uint8_t *out_chunk)
{
	must(!stream->over);
	must(crypto_secretstream_xchacha20poly1305_push(
		     &stream->state, out_chunk, NULL, plain, size, bound.bytes,
		     bound.size,
		     last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0) == 0);
	stream->over = last;
}

enum err seal_stream_open(const uint8_t key[SEAL_KEY_BYTES],
			  const uint8_t header[SEAL_STREAM_HEADER_BYTES],
			  struct seal_stream **out_stream)
{
	struct seal_stream *stream = stream_new();

	if (!stream)
		return ERR_MEMORY;
	if (crypto_secretstream_xchacha20poly1305_init_pull(&stream->state, header,
							    key) != 0) {
		seal_stream_destroy(stream);
		return ERR_AUTH;
	}
	*out_stream = stream;
	return OK;
}

enum err seal_stream_pull(struct seal_stream *stream, struct seal_part bound,
			  const uint8_t *chunk, size_t chunk_size, uint8_t *out_plain,
			  bool *out_last)
{
	unsigned char tag = 0;

	if (stream->over || chunk_size < SEAL_STREAM_EXTRA_BYTES)
		return ERR_AUTH;
	if (crypto_secretstream_xchacha20poly1305_pull(&stream->state, out_plain, NULL,
						       &tag, chunk, chunk_size,
						       bound.bytes, bound.size) != 0)
		return ERR_AUTH;
	stream->over = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	*out_last = stream->over;
	return OK;
}

/* One chunk to *to, which goes on behind it. */
static enum err pull_chunk(crypto_secretstream_xchacha20poly1305_state *state,
			   struct seal_part bound, struct seal_part chunk, uint8_t **to,
			   bool *out_last)
{
	unsigned char tag = 0;

	if (chunk.size < SEAL_STREAM_EXTRA_BYTES ||
	    crypto_secretstream_xchacha20poly1305_pull(state, *to, NULL, &tag,
						       chunk.bytes, chunk.size,
						       bound.bytes, bound.size) != 0)
		return ERR_AUTH;
	*to += chunk.size - SEAL_STREAM_EXTRA_BYTES;
	*out_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return OK;
}

enum err seal_stream_pull_all(const uint8_t key[SEAL_KEY_BYTES],
			      const uint8_t header[SEAL_STREAM_HEADER_BYTES],
			      struct seal_part bound, struct seal_part chunks,
			      size_t chunk_size, uint8_t *to)
{
	crypto_secretstream_xchacha20poly1305_state state;
	const uint8_t *from = chunks.bytes;
	size_t left = chunks.size;
	bool last = false;
	enum err err =
		crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key) == 0
			? OK
			: ERR_AUTH;

	while (err == OK && left > 0 && !last) {
		const size_t size = left < chunk_size ? left : chunk_size;

		err = pull_chunk(&state, bound, (struct seal_part){from, size}, &to,
				 &last);
		from += size;
		left -= size;
	}
	seal_wipe(&state, sizeof(state));
	return err == OK && (!last || left > 0) ? ERR_AUTH : err;
}

void seal_stream_destroy(struct seal_stream *stream)
{
	if (stream)
		seal_memory_destroy(stream, sizeof(*stream), stream->is_locked);
}

void seal_base64(char *to, size_t to_size, const uint8_t *bytes, size_t size)
{
	must(to_size >= SEAL_BASE64_BYTES(size));
	(void)sodium_bin2base64(to, to_size, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

enum err seal_from_base64(const char *text, size_t text_size, uint8_t *out_bytes,
			  size_t size)
{
	size_t got = 0;

	/* Where char is signed, the library takes some of these for a '/'. */
	for (size_t i = 0; i < text_size; i++) {
		if ((unsigned char)text[i] >= 0x80)
			return ERR_FORMAT;
	}
	if (sodium_base642bin(out_bytes, size, text, text_size, NULL, &got, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    got != size)
		return ERR_FORMAT;
	return OK;
}

/* --- for files of foreign tools --------------------------------------------------------- */

_Static_assert(SEAL_AGE_NONCE_BYTES == crypto_aead_chacha20poly1305_ietf_NPUBBYTES &&
		       SEAL_AGE_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES,
	       "age chunk");
_Static_assert(SEAL_HASH_BYTES == crypto_auth_hmacsha256_BYTES, "hmac");

void seal_blake2b(const void *bytes, size_t size, uint8_t out_hash[SEAL_LONG_HASH_BYTES])
{
	must(crypto_generichash(out_hash, SEAL_LONG_HASH_BYTES, bytes, size, NULL, 0) ==
	     0);
}

enum err seal_agree(const uint8_t secret[SEAL_BOX_SECRET_BYTES],
		    const uint8_t public_key[SEAL_BOX_PUBLIC_BYTES],
		    uint8_t out_shared[SEAL_KEY_BYTES])
{
	return crypto_scalarmult_curve25519(out_shared, secret, public_key) == 0
		       ? OK
		       : ERR_AUTH;
}

static void hmac(const void *key, size_t key_size, const struct seal_part *parts,
		 size_t count, uint8_t out_code[SEAL_HASH_BYTES])
{
	crypto_auth_hmacsha256_state state;

	must(crypto_auth_hmacsha256_init(&state, key, key_size) == 0);
	for (size_t i = 0; i < count; i++)
		must(crypto_auth_hmacsha256_update(&state, parts[i].bytes,
						   parts[i].size) == 0);
	must(crypto_auth_hmacsha256_final(&state, out_code) == 0);
	seal_wipe(&state, sizeof(state));
}

void seal_hkdf(const void *salt, size_t salt_size, const uint8_t input[], size_t size,
	       const char *info, uint8_t out_key[SEAL_KEY_BYTES])
{
	static const uint8_t none[SEAL_HASH_BYTES];
	const struct seal_part extract = {input, size};
	const struct seal_part expand[] = {{info, strlen(info)}, {"\x01", 1}};
	uint8_t key[SEAL_HASH_BYTES];

	hmac(salt_size > 0 ? salt : none, salt_size > 0 ? salt_size : sizeof(none),
	     &extract, 1, key);
	hmac(key, sizeof(key), expand, 2, out_key);
	seal_wipe(key, sizeof(key));
}

void seal_hmac(const uint8_t key[SEAL_KEY_BYTES], const void *bytes, size_t size,
	       uint8_t out_code[SEAL_HASH_BYTES])
{
	hmac(key, SEAL_KEY_BYTES, &(struct seal_part){bytes, size}, 1, out_code);
}

void seal_age_lock(const uint8_t key[SEAL_KEY_BYTES],
		   const uint8_t nonce[SEAL_AGE_NONCE_BYTES], const uint8_t *plain,
		   size_t size, uint8_t *out_locked)
{
	must(crypto_aead_chacha20poly1305_ietf_encrypt(out_locked, NULL, plain, size,
						       NULL, 0, NULL, nonce, key) == 0);
}
