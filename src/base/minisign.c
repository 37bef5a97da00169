/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minisign - lines of base64 between two kinds of comments. Reads strictly: as minisign
 * writes them, and not otherwise.
 */
#include "base/minisign.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	NUMBER_BYTES = 8,
	HEAD_BYTES = 2 + NUMBER_BYTES,
	KEY_BODY_BYTES = HEAD_BYTES + SEAL_SIGN_PUBLIC_BYTES,
	SIGNATURE_BODY_BYTES = HEAD_BYTES + SEAL_SIGNATURE_BYTES,
	GLOBAL_BYTES_MAX = SEAL_SIGNATURE_BYTES + MINISIGN_COMMENT_BYTES,
};

static const char UNTRUSTED[] = "untrusted comment: ";
static const char TRUSTED[] = "trusted comment: ";

static void number_of(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
		      uint8_t to[NUMBER_BYTES])
{
	uint8_t hash[SEAL_LONG_HASH_BYTES];

	seal_blake2b(public_key, SEAL_SIGN_PUBLIC_BYTES, hash);
	memcpy(to, hash, NUMBER_BYTES);
}

/* As minisign shows it: little-endian. */
static uint64_t shown(const uint8_t number[NUMBER_BYTES])
{
	uint64_t value = 0;

	for (size_t i = NUMBER_BYTES; i > 0; i--)
		value = value << 8 | number[i - 1];
	return value;
}

void minisign_key_write(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			char to[MINISIGN_KEY_BYTES])
{
	uint8_t body[KEY_BODY_BYTES] = {'E', 'd'};
	char text[SEAL_BASE64_BYTES(KEY_BODY_BYTES)];

	number_of(public_key, body + 2);
	memcpy(body + HEAD_BYTES, public_key, SEAL_SIGN_PUBLIC_BYTES);
	seal_base64(text, sizeof(text), body, sizeof(body));
	must(str_format(to, MINISIGN_KEY_BYTES,
			"%sminisign public key %016" PRIX64 "\n%s\n", UNTRUSTED,
			shown(body + 2), text));
}

/* The next line without its end, or NULL. */
static const char *next_line(const char **at, const char *end, size_t *out_size)
{
	const char *line = *at;
	const char *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (!stop)
		return NULL;
	*out_size = (size_t)(stop - line);
	*at = stop + 1;
	return line;
}

static bool skip_comment(const char **at, const char *end)
{
	size_t size = 0;
	const char *line = next_line(at, end, &size);

	return line && size >= sizeof(UNTRUSTED) - 1 &&
	       memcmp(line, UNTRUSTED, sizeof(UNTRUSTED) - 1) == 0;
}

static enum err read_body(const char **at, const char *end, const char *algorithm,
			  uint8_t *body, size_t body_size)
{
	size_t size = 0;
	const char *line = next_line(at, end, &size);

	if (!line || seal_from_base64(line, size, body, body_size) != OK ||
	    (algorithm && memcmp(body, algorithm, 2) != 0))
		return ERR_FORMAT;
	return OK;
}

enum err minisign_key_read(const char *text, size_t size,
			   uint8_t out_key[SEAL_SIGN_PUBLIC_BYTES])
{
	uint8_t body[KEY_BODY_BYTES];
	const char *at = text;

	if (!skip_comment(&at, text + size) ||
	    read_body(&at, text + size, "Ed", body, sizeof(body)) != OK ||
	    at != text + size)
		return ERR_FORMAT;
	memcpy(out_key, body + HEAD_BYTES, SEAL_SIGN_PUBLIC_BYTES);
	return OK;
}

/* What is signed a second time. */
static size_t join(uint8_t to[GLOBAL_BYTES_MAX], const uint8_t *signature,
		   const char *trusted)
{
	size_t size = strlen(trusted);

	must(size < MINISIGN_COMMENT_BYTES);
	memcpy(to, signature, SEAL_SIGNATURE_BYTES);
	memcpy(to + SEAL_SIGNATURE_BYTES, trusted, size);
	return SEAL_SIGNATURE_BYTES + size;
}

void minisign_write(const uint8_t seed[SEAL_SIGN_SEED_BYTES], const void *bytes,
		    size_t size, const char *trusted, char to[MINISIGN_SIGNATURE_BYTES])
{
	uint8_t body[SIGNATURE_BODY_BYTES] = {'E', 'D'};
	uint8_t hash[SEAL_LONG_HASH_BYTES];
	uint8_t joined[GLOBAL_BYTES_MAX];
	uint8_t global[SEAL_SIGNATURE_BYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	char texts[2][SEAL_BASE64_BYTES(SIGNATURE_BODY_BYTES)];

	seal_sign_pair(seed, public_key);
	number_of(public_key, body + 2);
	seal_blake2b(bytes, size, hash);
	seal_sign(seed, hash, sizeof(hash), body + HEAD_BYTES);
	seal_sign(seed, joined, join(joined, body + HEAD_BYTES, trusted), global);
	seal_base64(texts[0], sizeof(texts[0]), body, sizeof(body));
	seal_base64(texts[1], sizeof(texts[1]), global, sizeof(global));
	must(str_format(to, MINISIGN_SIGNATURE_BYTES,
			"%ssignature of a behest keeper\n%s\n%s%s\n%s\n", UNTRUSTED,
			texts[0], TRUSTED, trusted, texts[1]));
}

static enum err read_trusted(const char **at, const char *end,
			     char out_trusted[MINISIGN_COMMENT_BYTES])
{
	const size_t prefix = sizeof(TRUSTED) - 1;
	size_t size = 0;
	const char *line = next_line(at, end, &size);

	if (!line || size < prefix || memcmp(line, TRUSTED, prefix) != 0 ||
	    memchr(line, '\0', size) ||
	    !str_copy_bytes(out_trusted, MINISIGN_COMMENT_BYTES, line + prefix,
			    size - prefix))
		return ERR_FORMAT;
	return OK;
}

enum err minisign_check(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			const void *bytes, size_t size, const char *text,
			size_t text_size, char out_trusted[MINISIGN_COMMENT_BYTES])
{
	const char *end = text + text_size;
	const char *at = text;
	uint8_t body[SIGNATURE_BODY_BYTES];
	uint8_t global[SEAL_SIGNATURE_BYTES];
	uint8_t joined[GLOBAL_BYTES_MAX];
	uint8_t hash[SEAL_LONG_HASH_BYTES];
	uint8_t number[NUMBER_BYTES];
	enum err err;

	if (!skip_comment(&at, end) ||
	    read_body(&at, end, "ED", body, sizeof(body)) != OK ||
	    read_trusted(&at, end, out_trusted) != OK ||
	    read_body(&at, end, NULL, global, sizeof(global)) != OK || at != end)
		return ERR_FORMAT;
	number_of(public_key, number);
	if (memcmp(number, body + 2, sizeof(number)) != 0)
		return ERR_AUTH;
	seal_blake2b(bytes, size, hash);
	err = seal_verify(public_key, hash, sizeof(hash), body + HEAD_BYTES);
	if (err == OK)
		err = seal_verify(public_key, joined,
				  join(joined, body + HEAD_BYTES, out_trusted), global);
	return err;
}
