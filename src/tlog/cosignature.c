/* SPDX-License-Identifier: Apache-2.0 */
/* cosignature - the signed text, its row and its line; see the header. */
#include "tlog/cosignature.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	ROW_VERSION = 1,
	TEXT_BYTES = CHECKPOINT_BODY_BYTES + 64,
	TIMED_BYTES = 8 + SEAL_SIGNATURE_BYTES,
	NAME_KEY_BYTES = 8,
};

static void write_text(struct household_id household,
		       const struct cosignature *cosignature, char to[TEXT_BYTES])
{
	char body[CHECKPOINT_BODY_BYTES];

	checkpoint_body(household, cosignature->head.size, cosignature->head.root, body);
	must(str_format(to, TEXT_BYTES, "cosignature/v1\ntime %" PRId64 "\n%s",
			cosignature->at_s, body));
}

void cosignature_sign(struct household_id household,
		      const uint8_t seed[SEAL_SIGN_SEED_BYTES],
		      struct cosignature *cosignature)
{
	char text[TEXT_BYTES];

	must(cosignature->at_s >= 0);
	write_text(household, cosignature, text);
	seal_sign(seed, text, strlen(text), cosignature->signature);
}

enum err cosignature_check(struct household_id household,
			   const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			   const struct cosignature *cosignature)
{
	char text[TEXT_BYTES];

	if (cosignature->at_s < 0)
		return ERR_AUTH;
	write_text(household, cosignature, text);
	return seal_verify(public_key, text, strlen(text), cosignature->signature);
}

/* --- as a row --------------------------------------------------------------------------- */

void cosignature_row(const struct cosignature *cosignature,
		     uint8_t to[COSIGNATURE_ROW_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, COSIGNATURE_ROW_BYTES);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, cosignature->head.root, SEAL_HASH_BYTES);
	pack_i64(&pack, cosignature->at_s);
	pack_bytes(&pack, cosignature->signature, SEAL_SIGNATURE_BYTES);
	must(pack_is_whole(&pack) && pack.size == COSIGNATURE_ROW_BYTES);
}

enum err cosignature_read_row(struct household_id household,
			      const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			      uint64_t size, const uint8_t *row, size_t row_size,
			      struct cosignature *out_cosignature)
{
	struct cosignature read = {.head.size = size};
	struct unpack unpack;
	enum err err;

	unpack_init(&unpack, row, row_size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, read.head.root, sizeof(read.head.root));
	read.at_s = unpack_i64(&unpack);
	unpack_bytes(&unpack, read.signature, sizeof(read.signature));
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	err = cosignature_check(household, public_key, &read);
	if (err == OK)
		*out_cosignature = read;
	return err;
}

/* --- as a line -------------------------------------------------------------------------- */

void cosignature_name(struct household_id household,
		      const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
		      char to[NOTE_NAME_BYTES])
{
	char log[CHECKPOINT_NAME_BYTES];
	char hex[2 * NAME_KEY_BYTES + 1];

	checkpoint_name(household, log);
	str_to_hex(hex, public_key, NAME_KEY_BYTES);
	must(str_format(to, NOTE_NAME_BYTES, "%s/device/%s", log, hex));
}

enum err cosignature_line(struct household_id household,
			  const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			  const struct cosignature *cosignature, char to[NOTE_LINE_BYTES])
{
	char name[NOTE_NAME_BYTES];
	uint8_t timed[TIMED_BYTES];
	const struct note_key key = {name, NOTE_COSIGNATURE, public_key};
	struct pack pack;

	cosignature_name(household, public_key, name);
	pack_init(&pack, timed, sizeof(timed));
	pack_i64(&pack, cosignature->at_s);
	pack_bytes(&pack, cosignature->signature, SEAL_SIGNATURE_BYTES);
	return note_write_line(&key, timed, sizeof(timed), to);
}

enum err cosignature_read_line(struct household_id household,
			       const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			       const struct merkle_head *head, const char *line,
			       size_t line_size, struct cosignature *out_cosignature)
{
	struct cosignature read = {.head = *head};
	char name[NOTE_NAME_BYTES];
	uint8_t timed[TIMED_BYTES];
	const struct note_key key = {name, NOTE_COSIGNATURE, public_key};
	struct unpack unpack;
	enum err err;

	cosignature_name(household, public_key, name);
	err = note_read_line(&key, line, line_size, timed, sizeof(timed));
	if (err != OK)
		return err;
	unpack_init(&unpack, timed, sizeof(timed));
	read.at_s = unpack_i64(&unpack);
	unpack_bytes(&unpack, read.signature, sizeof(read.signature));
	err = cosignature_check(household, public_key, &read);
	if (err == OK)
		*out_cosignature = read;
	return err;
}
