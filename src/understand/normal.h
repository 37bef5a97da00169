/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normal - text as it would be spoken: lower case words, one space between.
 *
 * Letters are folded and joined with their marks (letters.h), "ß" is "ss", punctuation
 * and what is not seen goes, hyphens separate, apostrophes stay inside words, numbers
 * become words ("21.5" is "twenty one point five"), "%" is "percent", "°" is "degrees".
 * A letter of a script without spaces (Thai, Japanese, Chinese) is a word. Both sides of
 * every comparison pass through here. Pure.
 */
#ifndef UNDERSTAND_NORMAL_H
#define UNDERSTAND_NORMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NORMAL_WORDS_MAX = 160, NORMAL_BYTES = 4096 };

struct normal_word {
	uint32_t at;   /* index of its text, ended, in bytes */
	uint32_t from; /* where its source begins and ends: "21" gives two words of */
	uint32_t to;   /* one and the same source */
};

struct normal {
	size_t count;
	struct normal_word words[NORMAL_WORDS_MAX];
	bool space_before; /* the source began with a space or what counts as one */
	bool space_after;
	size_t used;
	char bytes[NORMAL_BYTES];
};

enum normal_mode {
	NORMAL_TEXT, /* a whole text: apostrophes at the ends of words go */
	NORMAL_PIECE /* part of a template that may be glued to its neighbours */
};

/* False when text is not UTF-8 or has too many words; out_normal is then unspecified. */
bool normal_split(const char *text, size_t size, enum normal_mode mode,
		  struct normal *out_normal);

/* True for texts of the same words, in whatever spelling; false for what is no text. */
bool normal_equal(const char *a, const char *b);

static inline const char *normal_word(const struct normal *normal, size_t index)
{
	return normal->bytes + normal->words[index].at;
}

#endif
