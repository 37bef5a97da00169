/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack - fixed byte layouts of what we store: big-endian numbers, counted text.
 *
 * Writing beyond the room and reading beyond the end are remembered, not crashed on:
 * write or read everything, then ask pack_is_whole or unpack_is_whole once. Pure.
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack {
	uint8_t *to; /* borrowed */
	size_t capacity;
	size_t size;
	bool overrun;
};

void pack_init(struct pack *pack, void *to, size_t capacity);
void pack_u8(struct pack *pack, uint8_t value);
void pack_u32(struct pack *pack, uint32_t value);
void pack_u64(struct pack *pack, uint64_t value);
void pack_i64(struct pack *pack, int64_t value); /* two's complement */
void pack_bytes(struct pack *pack, const void *bytes, size_t size);
void pack_text(struct pack *pack, const char *text); /* one byte of length; at most 255 */
bool pack_is_whole(const struct pack *pack);

struct unpack {
	const uint8_t *from; /* borrowed */
	size_t size;
	size_t at;
	bool overrun;
};

void unpack_init(struct unpack *unpack, const void *from, size_t size);
/* All of these give zeros or "" once something was missing. */
uint8_t unpack_u8(struct unpack *unpack);
uint32_t unpack_u32(struct unpack *unpack);
uint64_t unpack_u64(struct unpack *unpack);
int64_t unpack_i64(struct unpack *unpack);
void unpack_bytes(struct unpack *unpack, void *to, size_t size);
/* A text that is UTF-8 and fits to; else it counts as an overrun. */
void unpack_text(struct unpack *unpack, char *to, size_t to_size);
/* How many follow, four bytes; more than max counts as an overrun, and none follows. */
size_t unpack_count(struct unpack *unpack, size_t max);
/* The next size bytes themselves, or NULL. */
const uint8_t *unpack_borrow(struct unpack *unpack, size_t size);
size_t unpack_left(const struct unpack *unpack);
/* Nothing was missing and nothing is left. */
bool unpack_is_whole(const struct unpack *unpack);

#endif
