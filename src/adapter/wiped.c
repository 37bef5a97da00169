/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wiped - a size in front of each block, so that all of it can be wiped.
 *
 * Invariant: a block never moves by the C library's realloc, which would leave a copy.
 */
#include "adapter/wiped.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct block {
	_Alignas(max_align_t) size_t size;
	_Alignas(max_align_t) uint8_t bytes[];
};

static struct block *block_of(void *memory)
{
	return (struct block *)(void *)((uint8_t *)memory -
					offsetof(struct block, bytes));
}

void *wiped_malloc(size_t size)
{
	struct block *block = NULL;

	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	return block->bytes;
}

void *wiped_calloc(size_t count, size_t size)
{
	size_t all = 0;
	void *memory =
		__builtin_mul_overflow(count, size, &all) ? NULL : wiped_malloc(all);

	return memory ? memset(memory, 0, all) : NULL;
}

void *wiped_realloc(void *memory, size_t size)
{
	void *larger = wiped_malloc(size);

	if (memory && larger) {
		const size_t had = block_of(memory)->size;

		memcpy(larger, memory, had < size ? had : size);
		wiped_free(memory);
	}
	return larger;
}

char *wiped_strdup(const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = wiped_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void wiped_free(void *memory)
{
	struct block *block = NULL;

	if (!memory)
		return;
	block = block_of(memory);
	explicit_bzero(block->bytes, block->size);
	free(block);
}
