/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack - see the header. Knows no meaning of what it writes.
 *
 * Invariant: size <= capacity and at <= size; after an overrun neither moves any more.
 */
#include "base/pack.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

void pack_init(struct pack *pack, void *to, size_t capacity)
{
	*pack = (struct pack){.to = to, .capacity = capacity};
}

void pack_bytes(struct pack *pack, const void *bytes, size_t size)
{
	if (pack->overrun || size > pack->capacity - pack->size) {
		pack->overrun = true;
		return;
	}
	if (size > 0)
		memcpy(pack->to + pack->size, bytes, size);
	pack->size += size;
}

static void pack_number(struct pack *pack, uint64_t value, size_t width)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
	pack_bytes(pack, bytes, width);
}

void pack_u8(struct pack *pack, uint8_t value)
{
	pack_number(pack, value, 1);
}

void pack_u32(struct pack *pack, uint32_t value)
{
	pack_number(pack, value, 4);
}

void pack_u64(struct pack *pack, uint64_t value)
{
	pack_number(pack, value, 8);
}

void pack_i64(struct pack *pack, int64_t value)
{
	pack_number(pack, (uint64_t)value, 8);
}

void pack_text(struct pack *pack, const char *text)
{
	size_t size = strlen(text);

	must(size <= UINT8_MAX);
	pack_u8(pack, (uint8_t)size);
	pack_bytes(pack, text, size);
}

bool pack_is_whole(const struct pack *pack)
{
	return !pack->overrun;
}

void unpack_init(struct unpack *unpack, const void *from, size_t size)
{
	*unpack = (struct unpack){.from = from, .size = size};
}

size_t unpack_count(struct unpack *unpack, size_t max)
{
	const size_t count = unpack_u32(unpack);

	if (count <= max)
		return count;
	unpack->overrun = true;
	return 0;
}

const uint8_t *unpack_borrow(struct unpack *unpack, size_t size)
{
	const uint8_t *bytes;

	if (unpack->overrun || size > unpack->size - unpack->at) {
		unpack->overrun = true;
		return NULL;
	}
	bytes = unpack->from + unpack->at;
	unpack->at += size;
	return bytes;
}

static uint64_t unpack_number(struct unpack *unpack, size_t width)
{
	const uint8_t *bytes = unpack_borrow(unpack, width);
	uint64_t value = 0;

	for (size_t i = 0; bytes && i < width; i++)
		value = value << 8 | bytes[i];
	return value;
}

uint8_t unpack_u8(struct unpack *unpack)
{
	return (uint8_t)unpack_number(unpack, 1);
}

uint32_t unpack_u32(struct unpack *unpack)
{
	return (uint32_t)unpack_number(unpack, 4);
}

uint64_t unpack_u64(struct unpack *unpack)
{
	return unpack_number(unpack, 8);
}

int64_t unpack_i64(struct unpack *unpack)
{
	return (int64_t)unpack_number(unpack, 8);
}

void unpack_bytes(struct unpack *unpack, void *to, size_t size)
{
	const uint8_t *bytes = unpack_borrow(unpack, size);

	if (bytes)
		memcpy(to, bytes, size);
	else
		memset(to, 0, size);
}

void unpack_text(struct unpack *unpack, char *to, size_t to_size)
{
	size_t size = unpack_u8(unpack);
	const uint8_t *bytes = unpack_borrow(unpack, size);

	to[0] = '\0';
	if (!bytes)
		return;
	if (!str_is_utf8((const char *)bytes, size) ||
	    !str_copy_bytes(to, to_size, (const char *)bytes, size))
		unpack->overrun = true;
}

size_t unpack_left(const struct unpack *unpack)
{
	return unpack->size - unpack->at;
}

bool unpack_is_whole(const struct unpack *unpack)
{
	return !unpack->overrun && unpack->at == unpack->size;
}
