/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint - writes the note, and reads one back by writing what it should be: there
 * is exactly one text for a size, a root and a key, so anything else is wrong.
 */
#include "tlog/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "tlog/note.h"

void checkpoint_name(struct household_id household, char to[CHECKPOINT_NAME_BYTES])
{
	char id[ID_TEXT_BYTES];

	id_to_text(id, household.bytes);
	must(str_format(to, CHECKPOINT_NAME_BYTES, "behest/%s", id));
}

void checkpoint_body(struct household_id household, uint64_t size,
		     const uint8_t root[SEAL_HASH_BYTES], char to[CHECKPOINT_BODY_BYTES])
{
	char name[CHECKPOINT_NAME_BYTES];
	char base64[SEAL_BASE64_BYTES(SEAL_HASH_BYTES)];

	checkpoint_name(household, name);
	seal_base64(base64, sizeof(base64), root, SEAL_HASH_BYTES);
	must(str_format(to, CHECKPOINT_BODY_BYTES, "%s\n%" PRIu64 "\n%s\n", name, size,
			base64));
}

enum err checkpoint_write(struct household_id household,
			  const uint8_t seed[SEAL_SIGN_SEED_BYTES], uint64_t size,
			  const uint8_t root[SEAL_HASH_BYTES],
			  char to[CHECKPOINT_TEXT_BYTES])
{
	char name[CHECKPOINT_NAME_BYTES];
	char body[CHECKPOINT_BODY_BYTES];
	char line[NOTE_LINE_BYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct note_key key = {name, NOTE_ED25519, public_key};
	enum err err;

	checkpoint_name(household, name);
	checkpoint_body(household, size, root, body);
	seal_sign_pair(seed, public_key);
	seal_sign(seed, body, strlen(body), signature);
	err = note_write_line(&key, signature, sizeof(signature), line);
	if (err == OK)
		must(str_format(to, CHECKPOINT_TEXT_BYTES, "%s\n%s", body, line));
	return err;
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

enum { LINE_NAME, LINE_SIZE, LINE_ROOT, LINE_COUNT };

/* What the three lines say; nothing of it is believed yet. */
static enum err read_lines(const char *name, const char *text, size_t text_size,
			   uint64_t *out_size, uint8_t out_root[SEAL_HASH_BYTES])
{
	const char *lines[LINE_COUNT];
	size_t sizes[LINE_COUNT];
	size_t at = 0;

	for (size_t i = 0; i < LINE_COUNT; i++) {
		if (!next_line(text, text_size, &at, &lines[i], &sizes[i]))
			return ERR_FORMAT;
	}
	if (sizes[LINE_NAME] != strlen(name) ||
	    memcmp(lines[LINE_NAME], name, sizes[LINE_NAME]) != 0)
		return ERR_AUTH;
	if (!read_size(lines[LINE_SIZE], sizes[LINE_SIZE], out_size))
		return ERR_FORMAT;
	return seal_from_base64(lines[LINE_ROOT], sizes[LINE_ROOT], out_root,
				SEAL_HASH_BYTES);
}

enum err checkpoint_read(struct household_id household,
			 const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			 const char *text, size_t text_size, uint64_t *out_size,
			 uint8_t out_root[SEAL_HASH_BYTES])
{
	char name[CHECKPOINT_NAME_BYTES];
	char body[CHECKPOINT_BODY_BYTES];
	uint8_t root[SEAL_HASH_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct note_key key = {name, NOTE_ED25519, public_key};
	uint64_t size = 0;
	size_t body_size;
	enum err err;

	checkpoint_name(household, name);
	err = read_lines(name, text, text_size, &size, root);
	if (err != OK)
		return err;
	checkpoint_body(household, size, root, body);
	body_size = strlen(body);
	if (text_size <= body_size || memcmp(text, body, body_size) != 0 ||
	    text[body_size] != '\n')
		return ERR_FORMAT;
	err = note_read_line(&key, text + body_size + 1, text_size - body_size - 1,
			     signature, sizeof(signature));
	if (err == OK)
		err = seal_verify(public_key, body, body_size, signature);
	if (err == OK) {
		*out_size = size;
		memcpy(out_root, root, sizeof(root));
	}
	return err;
}

enum err checkpoint_skim(struct household_id household, const char *text,
			 size_t text_size, uint64_t *out_size,
			 uint8_t out_root[SEAL_HASH_BYTES])
{
	char name[CHECKPOINT_NAME_BYTES];
	uint8_t root[SEAL_HASH_BYTES];
	uint64_t size = 0;
	enum err err;

	checkpoint_name(household, name);
	err = read_lines(name, text, text_size, &size, root);
	if (err == OK) {
		*out_size = size;
		memcpy(out_root, root, sizeof(root));
	}
	return err;
}
