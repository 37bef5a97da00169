/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint - writes the note, and reads one back by writing what it should be: there
 * is exactly one text for a size, a root and a key, so anything else is wrong.
 */
#include "journal/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	KEY_ID_BYTES = 4,
	NOTE_SIGNATURE_BYTES = KEY_ID_BYTES + SEAL_SIGNATURE_BYTES,
	NAME_TEXT_BYTES = 64,
	NOTE_ED25519 = 1, /* signature type in the note's key id */
};

static void write_name(struct household_id household, char to[NAME_TEXT_BYTES])
{
	char id[ID_TEXT_BYTES];

	id_to_text(id, household.bytes);
	must(str_format(to, NAME_TEXT_BYTES, "behest/%s", id));
}

/* The signed part of the note. */
static void write_body(const char *name, uint64_t size,
		       const uint8_t root[SEAL_HASH_BYTES],
		       char to[CHECKPOINT_TEXT_BYTES])
{
	char base64[SEAL_BASE64_BYTES(SEAL_HASH_BYTES)];

	seal_base64(base64, sizeof(base64), root, SEAL_HASH_BYTES);
	must(str_format(to, CHECKPOINT_TEXT_BYTES, "%s\n%" PRIu64 "\n%s\n", name, size,
			base64));
}

static enum err write_key_id(const char *name,
			     const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			     uint8_t out_id[KEY_ID_BYTES])
{
	const uint8_t type = NOTE_ED25519;
	const struct seal_part parts[] = {{name, strlen(name)},
					  {"\n", 1},
					  {&type, 1},
					  {public_key, SEAL_SIGN_PUBLIC_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, 4, hash);

	if (err == OK)
		memcpy(out_id, hash, KEY_ID_BYTES);
	return err;
}

static void add_signature_line(const char *name,
			       const uint8_t signature[NOTE_SIGNATURE_BYTES],
			       char to[CHECKPOINT_TEXT_BYTES])
{
	char base64[SEAL_BASE64_BYTES(NOTE_SIGNATURE_BYTES)];

	seal_base64(base64, sizeof(base64), signature, NOTE_SIGNATURE_BYTES);
	must(str_append(to, CHECKPOINT_TEXT_BYTES, "\n\xe2\x80\x94 %s %s\n", name,
			base64));
}

enum err checkpoint_write(struct household_id household,
			  const uint8_t seed[SEAL_SIGN_SEED_BYTES], uint64_t size,
			  const uint8_t root[SEAL_HASH_BYTES],
			  char to[CHECKPOINT_TEXT_BYTES])
{
	char name[NAME_TEXT_BYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[NOTE_SIGNATURE_BYTES];
	enum err err;

	write_name(household, name);
	write_body(name, size, root, to);
	seal_sign_pair(seed, public_key);
	err = write_key_id(name, public_key, signature);
	if (err != OK)
		return err;
	seal_sign(seed, to, strlen(to), signature + KEY_ID_BYTES);
	add_signature_line(name, signature, to);
	return OK;
}

/* The line that begins at *at, moved behind; false when there is none. */
static bool next_line(const char *text, size_t text_size, size_t *at,
		      const char **out_line, size_t *out_size)
{
	const char *end = memchr(text + *at, '\n', text_size - *at);

	if (!end)
		return false;
	*out_line = text + *at;
	*out_size = (size_t)(end - *out_line);
	*at += *out_size + 1;
	return true;
}

static bool read_size(const char *line, size_t line_size, uint64_t *out_size)
{
	char text[24];
	int64_t value;

	if (!str_copy_bytes(text, sizeof(text), line, line_size) ||
	    !str_to_int(text, 0, INT64_MAX, &value))
		return false;
	*out_size = (uint64_t)value;
	return true;
}

enum { LINE_NAME, LINE_SIZE, LINE_ROOT, LINE_EMPTY, LINE_SIGNATURE, LINE_COUNT };

/* The signature line must be ours to the letter, but for the signature itself. */
static enum err check_signature(const char *name, const char *body,
				const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				const char *text, size_t text_size, const char *base64,
				size_t base64_size)
{
	uint8_t signature[NOTE_SIGNATURE_BYTES];
	uint8_t id[KEY_ID_BYTES];
	char expected[CHECKPOINT_TEXT_BYTES];
	enum err err =
		seal_from_base64(base64, base64_size, signature, sizeof(signature));

	if (err == OK)
		err = write_key_id(name, public_key, id);
	if (err != OK)
		return err;
	must(str_copy(expected, sizeof(expected), body));
	add_signature_line(name, signature, expected);
	if (strlen(expected) != text_size || memcmp(expected, text, text_size) != 0)
		return ERR_FORMAT;
	if (memcmp(id, signature, KEY_ID_BYTES) != 0)
		return ERR_AUTH;
	return seal_verify(public_key, body, strlen(body), signature + KEY_ID_BYTES);
}

enum err checkpoint_read(struct household_id household,
			 const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			 const char *text, size_t text_size, uint64_t *out_size,
			 uint8_t out_root[SEAL_HASH_BYTES])
{
	char name[NAME_TEXT_BYTES];
	char body[CHECKPOINT_TEXT_BYTES];
	const char *lines[LINE_COUNT];
	size_t sizes[LINE_COUNT];
	uint8_t root[SEAL_HASH_BYTES];
	uint64_t size = 0;
	size_t at = 0;
	size_t before;
	enum err err;

	for (size_t i = 0; i < LINE_COUNT; i++) {
		if (!next_line(text, text_size, &at, &lines[i], &sizes[i]))
			return ERR_FORMAT;
	}
	write_name(household, name);
	if (sizes[LINE_NAME] != strlen(name) ||
	    memcmp(lines[LINE_NAME], name, sizes[LINE_NAME]) != 0)
		return ERR_AUTH;
	if (!read_size(lines[LINE_SIZE], sizes[LINE_SIZE], &size))
		return ERR_FORMAT;
	err = seal_from_base64(lines[LINE_ROOT], sizes[LINE_ROOT], root, sizeof(root));
	if (err != OK)
		return err;
	write_body(name, size, root, body);
	before = strlen("\xe2\x80\x94 ") + strlen(name) + 1;
	if (sizes[LINE_SIGNATURE] <= before)
		return ERR_FORMAT;
	err = check_signature(name, body, public_key, text, text_size,
			      lines[LINE_SIGNATURE] + before,
			      sizes[LINE_SIGNATURE] - before);
	if (err == OK) {
		*out_size = size;
		memcpy(out_root, root, sizeof(root));
	}
	return err;
}
