/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parcel - the bytes of parcels, and the table of their kinds. Pure.
 */
#include "domain/parcel.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

static const struct {
	const char *text;
	size_t size_max;
} KINDS[PARCEL_KIND_COUNT] = {
#define PARCEL(name, text, size_max) [PARCEL_##name] = {text, size_max},
	PARCEL_KINDS(PARCEL)
#undef PARCEL
};

const char *parcel_kind_text(enum parcel_kind kind)
{
	must(kind < PARCEL_KIND_COUNT);
	return KINDS[kind].text;
}

bool parcel_kind_from_text(const char *text, enum parcel_kind *out_kind)
{
	for (size_t i = 0; i < PARCEL_KIND_COUNT; i++) {
		if (!str_equal(KINDS[i].text, text))
			continue;
		*out_kind = (enum parcel_kind)i;
		return true;
	}
	return false;
}

size_t parcel_kind_max(enum parcel_kind kind)
{
	must(kind < PARCEL_KIND_COUNT);
	return KINDS[kind].size_max;
}

void parcel_bytes(const struct parcel *parcel, uint8_t to[PARCEL_SIGNED_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, PARCEL_SIGNED_BYTES);
	pack_bytes(&pack, parcel->id.bytes, ID_BYTES);
	pack_u8(&pack, (uint8_t)parcel->kind);
	pack_bytes(&pack, parcel->from, PARCEL_KEY_BYTES);
	pack_bytes(&pack, parcel->to, PARCEL_KEY_BYTES);
	pack_i64(&pack, parcel->at_ms);
	pack_u32(&pack, parcel->size);
	pack_bytes(&pack, parcel->hash, PARCEL_HASH_BYTES);
	must(pack_is_whole(&pack) && pack.size == PARCEL_SIGNED_BYTES);
}

void parcel_letter_bytes(const struct parcel_letter *letter,
			 uint8_t to[PARCEL_LETTER_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, PARCEL_LETTER_BYTES);
	pack_u8(&pack, PARCEL_VERSION);
	pack_bytes(&pack, letter->household.bytes, ID_BYTES);
	pack_bytes(&pack, letter->id.bytes, ID_BYTES);
	pack_i64(&pack, letter->at_ms);
	pack_u32(&pack, letter->sound_ms);
	pack_bytes(&pack, letter->sound_hash, sizeof(letter->sound_hash));
	pack_bytes(&pack, letter->ticket, sizeof(letter->ticket));
	pack_bytes(&pack, letter->box_key, PARCEL_KEY_BYTES);
	must(pack_is_whole(&pack) && pack.size == PARCEL_LETTER_BYTES);
}

enum err parcel_letter_read(const uint8_t bytes[PARCEL_LETTER_BYTES],
			    struct parcel_letter *out_letter)
{
	struct parcel_letter read = {.sound_ms = 0};
	struct unpack unpack;

	unpack_init(&unpack, bytes, PARCEL_LETTER_BYTES);
	if (unpack_u8(&unpack) != PARCEL_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, read.household.bytes, ID_BYTES);
	unpack_bytes(&unpack, read.id.bytes, ID_BYTES);
	read.at_ms = unpack_i64(&unpack);
	read.sound_ms = unpack_u32(&unpack);
	unpack_bytes(&unpack, read.sound_hash, sizeof(read.sound_hash));
	unpack_bytes(&unpack, read.ticket, sizeof(read.ticket));
	unpack_bytes(&unpack, read.box_key, PARCEL_KEY_BYTES);
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	*out_letter = read;
	return OK;
}

enum err parcel_letter_body(const uint8_t *body, size_t size,
			    struct parcel_letter_body *out_body)
{
	struct unpack unpack;

	if (size <= 1 + PARCEL_LETTER_BOX_BYTES || size > PARCEL_BYTES_MAX)
		return ERR_FORMAT;
	unpack_init(&unpack, body, size);
	if (unpack_u8(&unpack) != PARCEL_VERSION)
		return ERR_VERSION;
	out_body->box = unpack_borrow(&unpack, PARCEL_LETTER_BOX_BYTES);
	out_body->row_size = unpack_left(&unpack);
	out_body->row = unpack_borrow(&unpack, out_body->row_size);
	return OK;
}
