/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_sentence - the part of the template language that a skill may write: words,
 * `[optional]`, `(a|b)` and `{slot}`. No rules, no lists of the household's, no wildcards.
 * Pure.
 */
#ifndef ADAPTER_SKILL_SENTENCE_H
#define ADAPTER_SKILL_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { SKILL_SENTENCE_DEPTH_MAX = 8, SKILL_SENTENCE_WAYS_MAX = 1024 };

/* What a sentence is made of. knows: a slot of the manifest, by its name. */
struct skill_sentence_slots {
	void *context;
	bool (*knows)(void *context, const char *name);
};

/* *out_words: so many words are said at least. NULL: it is in form; else what is wrong. */
const char *skill_sentence_judge(const char *text,
				 const struct skill_sentence_slots *slots,
				 size_t *out_words);

/* Of a sentence that is in form: no way to say it has this number, or a larger one. */
size_t skill_sentence_ways(const char *text);
/* The number-th way to say it, slots as "{name}". False: none has that number, though
 * others above it may be. */
bool skill_sentence_say(const char *text, size_t number, char *to, size_t size);

#endif
