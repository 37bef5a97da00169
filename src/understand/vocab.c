/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vocab - each different text once, with a number.
 *
 * Never forgets. Invariants: at most half the slots are used, so a search ends; every
 * text has exactly one slot.
 */
#include "understand/vocab.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "understand/grow.h"

enum { SLOTS_FIRST = 1024 };

void vocab_init(struct vocab *vocab, struct arena *arena)
{
	*vocab = (struct vocab){.arena = arena};
}

void vocab_finish(struct vocab *vocab)
{
	if (!vocab)
		return;
	free(vocab->texts);
	free(vocab->slots);
	*vocab = (struct vocab){.arena = vocab->arena};
}

/* FNV-1a, 64 bit. */
static uint64_t hash_text(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

/* The slot that holds text, or the free one where it would go. */
static size_t find_slot(const struct vocab *vocab, const char *text)
{
	size_t mask = vocab->slot_count - 1;
	size_t slot = (size_t)hash_text(text) & mask;
	while (vocab->slots[slot] &&
	       strcmp(vocab->texts[vocab->slots[slot] - 1], text) != 0)
		slot = (slot + 1) & mask;
	return slot;
}

static enum err double_slots(struct vocab *vocab)
{
	size_t count = vocab->slot_count ? vocab->slot_count * 2 : SLOTS_FIRST;
	uint32_t *slots = calloc(count, sizeof(*slots));
	if (!slots)
		return ERR_MEMORY;
	free(vocab->slots);
	vocab->slots = slots;
	vocab->slot_count = count;
	for (size_t i = 0; i < vocab->count; i++) {
		size_t slot = find_slot(vocab, vocab->texts[i]);
		must(!slots[slot]);
		slots[slot] = (uint32_t)i + 1;
	}
	return OK;
}

enum err vocab_add(struct vocab *vocab, const char *text, uint32_t *out_number)
{
	if (2 * (vocab->count + 1) > vocab->slot_count) {
		enum err err = double_slots(vocab);
		if (err)
			return err;
	}
	size_t slot = find_slot(vocab, text);
	if (vocab->slots[slot]) {
		*out_number = vocab->slots[slot] - 1;
		return OK;
	}
	char *copy = NULL;
	enum err err = grow_room(&vocab->texts, &vocab->capacity, vocab->count + 1,
				 sizeof(*vocab->texts), VOCAB_WORDS_MAX);
	if (!err)
		err = arena_copy_text(vocab->arena, text, &copy);
	if (err)
		return err;
	vocab->texts[vocab->count] = copy;
	vocab->slots[slot] = (uint32_t)++vocab->count;
	*out_number = (uint32_t)vocab->count - 1;
	return OK;
}

uint32_t vocab_find(const struct vocab *vocab, const char *text)
{
	if (!vocab->slot_count)
		return VOCAB_NONE;
	size_t slot = find_slot(vocab, text);
	return vocab->slots[slot] ? vocab->slots[slot] - 1 : VOCAB_NONE;
}
