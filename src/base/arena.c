/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - memory for everything that lives as long as one turn.
 *
 * A list of blocks, the newest first; an allocation comes from the newest block or makes
 * a new one. Everything handed out is zero. Blocks never move. The contents are wiped
 * when they are given up, because a turn holds what somebody said.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { ALIGNMENT = 16, BLOCK_BYTES = 64 * 1024 };

struct block {
	struct block *next;
	size_t size; /* of bytes */
	size_t used;
	alignas(ALIGNMENT) uint8_t bytes[];
};

struct arena {
	struct block *blocks;
	size_t size_max;
	size_t used; /* sum of everything handed out since the reset */
};

enum err arena_create(size_t size_max, struct arena **out_arena)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	if (!arena)
		return ERR_MEMORY;
	arena->size_max = size_max;
	*out_arena = arena;
	return OK;
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *next = block->next;
		explicit_bzero(block->bytes, block->used);
		free(block);
		block = next;
	}
}

void arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->blocks);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	arena->used = 0;
	if (!arena->blocks)
		return;
	free_blocks(arena->blocks->next);
	struct block *kept = arena->blocks;
	kept->next = NULL;
	explicit_bzero(kept->bytes, kept->used);
	kept->used = 0;
	if (kept->size > BLOCK_BYTES) {
		/* One large turn must not hold its memory for ever. */
		free(kept);
		arena->blocks = NULL;
	}
}

static enum err add_block(struct arena *arena, size_t size)
{
	size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
	if (bytes > SIZE_MAX - sizeof(struct block))
		return ERR_LIMIT;
	struct block *block = calloc(1, sizeof(*block) + bytes);
	if (!block)
		return ERR_MEMORY;
	block->size = bytes;
	block->next = arena->blocks;
	arena->blocks = block;
	return OK;
}

enum err arena_take(struct arena *arena, size_t size, void **out_memory)
{
	must(arena->used <= arena->size_max);
	if (size > SIZE_MAX - ALIGNMENT)
		return ERR_LIMIT;
	size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (rounded == 0)
		rounded = ALIGNMENT;
	if (rounded > arena->size_max - arena->used)
		return ERR_LIMIT;
	struct block *block = arena->blocks;
	if (!block || rounded > block->size - block->used) {
		enum err err = add_block(arena, rounded);
		if (err != OK)
			return err;
		block = arena->blocks;
	}
	*out_memory = block->bytes + block->used;
	block->used += rounded;
	arena->used += rounded;
	must(block->used <= block->size);
	return OK;
}

enum err arena_take_array(struct arena *arena, size_t count, size_t item_size,
			  void **out_memory)
{
	size_t size = 0;
	if (__builtin_mul_overflow(count, item_size, &size))
		return ERR_LIMIT;
	return arena_take(arena, size, out_memory);
}

enum err arena_copy_text(struct arena *arena, const char *text, char **out_text)
{
	size_t size = strlen(text) + 1;
	void *memory = NULL;
	enum err err = arena_take(arena, size, &memory);
	if (err != OK)
		return err;
	memcpy(memory, text, size);
	*out_text = memory;
	return OK;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
