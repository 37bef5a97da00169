/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - memory for everything that lives as long as one turn (or one load).
 *
 * Allocations are 16-byte aligned, zeroed, and freed in one go. One thread.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"

struct arena;

/* size_max bounds the sum of everything ever allocated between two resets. */
MUST_CHECK enum err arena_create(size_t size_max, struct arena **out_arena);
void arena_destroy(struct arena *arena); /* NULL is fine */

/* Frees all allocations, keeps one block for the next turn. */
void arena_reset(struct arena *arena);

/* ERR_LIMIT or ERR_MEMORY. size 0 gives a valid pointer. */
MUST_CHECK enum err arena_take(struct arena *arena, size_t size, void **out_memory);

/* Zeroed room for count items of item_size; overflow is ERR_LIMIT. */
MUST_CHECK enum err arena_take_array(struct arena *arena, size_t count, size_t item_size,
				     void **out_memory);

/* A copy of text that lives as long as the arena. */
MUST_CHECK enum err arena_copy_text(struct arena *arena, const char *text,
				    char **out_text);

size_t arena_used(const struct arena *arena);

#endif
