/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vocab - each different text once, with a number from 0.
 *
 * Grows while something is compiled; looking up changes nothing, so any number of
 * threads may look up in one that no longer grows.
 */
#ifndef UNDERSTAND_VOCAB_H
#define UNDERSTAND_VOCAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum { VOCAB_WORDS_MAX = 400000 };
#define VOCAB_NONE UINT32_MAX

struct vocab {
	struct arena *arena; /* borrowed: holds the texts */
	const char **texts;  /* [count] */
	size_t count;
	size_t capacity;
	uint32_t *slots; /* open addressing: number + 1, or 0 */
	size_t slot_count;
};

void vocab_init(struct vocab *vocab, struct arena *arena);
void vocab_finish(struct vocab *vocab); /* NULL is fine */

/* The number of text, new when it was not there. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err vocab_add(struct vocab *vocab, const char *text,
			      uint32_t *out_number);

/* The number of text, or VOCAB_NONE. */
uint32_t vocab_find(const struct vocab *vocab, const char *text);

#endif
