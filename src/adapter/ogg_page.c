/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ogg_page - see the header. Numbers in a page are little-endian.
 *
 * Follows no stream: a packet that goes on to the next page is not put together. The sum
 * is CRC-32 of its own kind (polynomial 0x04C11DB7, not reversed, from zero), taken half a
 * byte at a time.
 *
 * Invariant: a page that was read lies within the bytes it was read from.
 */
#include "adapter/ogg_page.h"

#include <string.h>

#include "base/must.h"

enum {
	FLAGS_AT = 5,
	GRANULE_AT = 6,
	SERIAL_AT = 14,
	SEQUENCE_AT = 18,
	SUM_AT = 22,
	SEGMENTS_AT = 26,
};

static const uint8_t BEGINNING[] = {'O', 'g', 'g', 'S', 0}; /* and version 0 */

static const uint32_t REMAINDERS[16] = {
	0x00000000, 0x04C11DB7, 0x09823B6E, 0x0D4326D9, 0x130476DC, 0x17C56B6B,
	0x1A864DB2, 0x1E475005, 0x2608EDB8, 0x22C9F00F, 0x2F8AD6D6, 0x2B4BCB61,
	0x350C9B64, 0x31CD86D3, 0x3C8EA00A, 0x384FBDBD,
};

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < sizeof(value); i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

bool ogg_page_read(const uint8_t *bytes, size_t size, struct ogg_page *out_page)
{
	size_t whole = OGG_PAGE_HEADER_BYTES;
	size_t segments = 0;

	if (size < OGG_PAGE_HEADER_BYTES ||
	    memcmp(bytes, BEGINNING, sizeof(BEGINNING)) != 0)
		return false;
	segments = bytes[SEGMENTS_AT];
	whole += segments;
	if (size < whole)
		return false;
	for (size_t i = 0; i < segments; i++)
		whole += bytes[OGG_PAGE_HEADER_BYTES + i];
	if (size < whole)
		return false;
	*out_page = (struct ogg_page){
		.flags = bytes[FLAGS_AT],
		.granule = (uint64_t)get_u32(bytes + GRANULE_AT) |
			   (uint64_t)get_u32(bytes + GRANULE_AT + 4) << 32,
		.serial = get_u32(bytes + SERIAL_AT),
		.sequence = get_u32(bytes + SEQUENCE_AT),
		.sum = get_u32(bytes + SUM_AT),
		.lacing = bytes + OGG_PAGE_HEADER_BYTES,
		.segments = segments,
		.body = bytes + OGG_PAGE_HEADER_BYTES + segments,
		.size = whole,
	};
	return true;
}

/* A packet is segments of 255 bytes and one that is shorter. */
bool ogg_page_next(const struct ogg_page *page, struct ogg_packet *packet)
{
	const uint8_t *bytes = packet->bytes ? packet->bytes + packet->size : page->body;
	size_t size = 0;

	for (size_t i = packet->segment; i < page->segments; i++) {
		size += page->lacing[i];
		if (page->lacing[i] < OGG_PAGE_SEGMENT_BYTES_MAX) {
			*packet = (struct ogg_packet){bytes, size, i + 1};
			return true;
		}
	}
	return false;
}

static uint32_t sum_byte(uint32_t sum, uint8_t byte)
{
	sum ^= (uint32_t)byte << 24;
	sum = sum << 4 ^ REMAINDERS[sum >> 28];
	return sum << 4 ^ REMAINDERS[sum >> 28];
}

uint32_t ogg_page_sum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	/* The sum's own place counts as zeros. */
	for (size_t i = 0; i < size; i++)
		sum = sum_byte(sum, i >= SUM_AT && i < SEGMENTS_AT ? 0 : bytes[i]);
	return sum;
}

void ogg_page_seal(uint8_t *bytes, size_t size, uint32_t serial)
{
	must(size >= OGG_PAGE_HEADER_BYTES);
	put_u32(bytes + SERIAL_AT, serial);
	put_u32(bytes + SUM_AT, ogg_page_sum(bytes, size));
}
