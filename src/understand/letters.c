/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters - see the header.
 *
 * Knows no languages. Compatibility forms (full width, ligatures) stay what they are.
 */
#include "understand/letters.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Letters whose small form lies a fixed step further (around the end of the numbers where
 * it lies before), or at the next odd/even number; sorted. */
static const struct {
	uint32_t from;
	uint32_t to;
	uint32_t step;
	bool alternating; /* small letters stand behind each large one */
} FOLDS[] = {
	{'A', 'Z', 32, false},
	{0xc0, 0xd6, 32, false},
	{0xd8, 0xde, 32, false},
	{0x100, 0x12f, 1, true},
	{0x130, 0x130, (uint32_t)'i' - 0x130, false},
	{0x131, 0x131, (uint32_t)'i' - 0x131, false},
	{0x132, 0x137, 1, true},
	{0x139, 0x148, 1, true},
	{0x14a, 0x177, 1, true},
	{0x178, 0x178, (uint32_t)0xff - 0x178, false},
	{0x179, 0x17e, 1, true},
	{0x17f, 0x17f, (uint32_t)'s' - 0x17f, false},
	{0x181, 0x181, 210, false},
	{0x18a, 0x18a, 205, false},
	{0x18f, 0x18f, 202, false},
	{0x198, 0x198, 1, false},
	{0x1a0, 0x1a5, 1, true},
	{0x1af, 0x1af, 1, false},
	{0x1b3, 0x1b6, 1, true},
	{0x1cd, 0x1dc, 1, true},
	{0x1de, 0x1ef, 1, true},
	{0x1f8, 0x21f, 1, true},
	{0x222, 0x233, 1, true},
	{0x386, 0x386, 38, false},
	{0x388, 0x38a, 37, false},
	{0x38c, 0x38c, 64, false},
	{0x38e, 0x38f, 63, false},
	{0x391, 0x3a1, 32, false},
	{0x3a3, 0x3ab, 32, false},
	{0x3c2, 0x3c2, 1, false},
	{0x400, 0x40f, 80, false},
	{0x410, 0x42f, 32, false},
	{0x460, 0x481, 1, true},
	{0x48a, 0x4bf, 1, true},
	{0x4c0, 0x4c0, 15, false},
	{0x4c1, 0x4ce, 1, true},
	{0x4d0, 0x52f, 1, true},
	{0x531, 0x556, 48, false},
	{0x1e00, 0x1e95, 1, true},
	{0x1ea0, 0x1eff, 1, true},
	{0x2126, 0x2126, (uint32_t)0x3c9 - 0x2126, false},
	{0x212a, 0x212a, (uint32_t)'k' - 0x212a, false},
	{0x212b, 0x212b, (uint32_t)0xe5 - 0x212b, false},
};

uint32_t letters_fold(uint32_t character)
{
	for (size_t i = 0; i < STR_COUNT(FOLDS) && FOLDS[i].from <= character; i++) {
		if (character > FOLDS[i].to)
			continue;
		if (FOLDS[i].alternating)
			return character % 2 == FOLDS[i].from % 2 ? character + 1
								  : character;
		return character + FOLDS[i].step;
	}
	return character;
}

static const struct {
	uint16_t letter;
	uint16_t mark;
	uint16_t whole;
} COMPOSED[] = {
#define COMPOSED(letter, mark, whole) {letter, mark, whole},
#include "understand/composed.def"
#undef COMPOSED
};

/* Korean syllables are put together by arithmetic (Unicode, 3.12). */
enum {
	LEADS = 0x1100,
	LEAD_COUNT = 19,
	VOWELS = 0x1161,
	VOWEL_COUNT = 21,
	TRAILS = 0x11a7, /* one before the first: none */
	TRAIL_COUNT = 28,
	SYLLABLES = 0xac00,
	SYLLABLE_COUNT = LEAD_COUNT * VOWEL_COUNT * TRAIL_COUNT
};

static bool is_in(uint32_t character, uint32_t from, uint32_t count)
{
	return character >= from && character < from + count;
}

static uint32_t compose_syllable(uint32_t letter, uint32_t mark)
{
	if (is_in(letter, LEADS, LEAD_COUNT) && is_in(mark, VOWELS, VOWEL_COUNT))
		return SYLLABLES +
		       ((letter - LEADS) * VOWEL_COUNT + mark - VOWELS) * TRAIL_COUNT;
	if (is_in(letter, SYLLABLES, SYLLABLE_COUNT) &&
	    (letter - SYLLABLES) % TRAIL_COUNT == 0 &&
	    is_in(mark, TRAILS + 1, TRAIL_COUNT - 1))
		return letter + mark - TRAILS;
	return 0;
}

uint32_t letters_compose(uint32_t letter, uint32_t mark)
{
	size_t low = 0;
	size_t high = STR_COUNT(COMPOSED);
	if (mark < LETTERS_FIRST_MARK)
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t at = COMPOSED[middle].letter;
		if (at < letter || (at == letter && COMPOSED[middle].mark < mark))
			low = middle + 1;
		else
			high = middle;
	}
	if (low < STR_COUNT(COMPOSED) && COMPOSED[low].letter == letter &&
	    COMPOSED[low].mark == mark)
		return COMPOSED[low].whole;
	return compose_syllable(letter, mark);
}
