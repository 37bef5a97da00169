/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note - a line is read by writing what it should be: there is exactly one text for a key
 * and a signature, so anything else is wrong.
 */
#include "tlog/note.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

#define DASH "\xe2\x80\x94"

enum { BLOB_BYTES = NOTE_KEY_ID_BYTES + NOTE_SIGNATURE_BYTES_MAX };

enum err note_key_id(const char *name, enum note_type type,
		     const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
		     uint8_t out_id[NOTE_KEY_ID_BYTES])
{
	const uint8_t byte = (uint8_t)type;
	const struct seal_part parts[] = {{name, strlen(name)},
					  {"\n", 1},
					  {&byte, 1},
					  {public_key, SEAL_SIGN_PUBLIC_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, STR_COUNT(parts), hash);

	if (err == OK)
		memcpy(out_id, hash, NOTE_KEY_ID_BYTES);
	return err;
}

static void write_line(const char *name, const uint8_t *blob, size_t size,
		       char to[NOTE_LINE_BYTES])
{
	char base64[SEAL_BASE64_BYTES(BLOB_BYTES)];

	seal_base64(base64, sizeof(base64), blob, size);
	must(str_format(to, NOTE_LINE_BYTES, DASH " %s %s\n", name, base64));
}

enum err note_write_line(const struct note_key *key, const uint8_t *signature,
			 size_t size, char to[NOTE_LINE_BYTES])
{
	uint8_t blob[BLOB_BYTES];
	enum err err;

	must(size <= NOTE_SIGNATURE_BYTES_MAX && strlen(key->name) < NOTE_NAME_BYTES);
	err = note_key_id(key->name, key->type, key->public_key, blob);
	if (err != OK)
		return err;
	memcpy(blob + NOTE_KEY_ID_BYTES, signature, size);
	write_line(key->name, blob, NOTE_KEY_ID_BYTES + size, to);
	return OK;
}

enum err note_read_line(const struct note_key *key, const char *line, size_t line_size,
			uint8_t *out_signature, size_t size)
{
	const size_t before = strlen(DASH " ") + strlen(key->name) + 1;
	uint8_t blob[BLOB_BYTES];
	uint8_t id[NOTE_KEY_ID_BYTES];
	char expected[NOTE_LINE_BYTES];
	enum err err;

	must(size <= NOTE_SIGNATURE_BYTES_MAX && strlen(key->name) < NOTE_NAME_BYTES);
	if (line_size != before + SEAL_BASE64_BYTES(NOTE_KEY_ID_BYTES + size))
		return ERR_FORMAT; /* a newline is as long as a NUL */
	err = seal_from_base64(line + before, line_size - before - 1, blob,
			       NOTE_KEY_ID_BYTES + size);
	if (err == OK)
		err = note_key_id(key->name, key->type, key->public_key, id);
	if (err != OK)
		return err;
	write_line(key->name, blob, NOTE_KEY_ID_BYTES + size, expected);
	if (memcmp(expected, line, line_size) != 0)
		return ERR_FORMAT;
	if (memcmp(id, blob, sizeof(id)) != 0)
		return ERR_AUTH;
	memcpy(out_signature, blob + NOTE_KEY_ID_BYTES, size);
	return OK;
}
