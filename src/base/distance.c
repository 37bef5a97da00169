/* SPDX-License-Identifier: Apache-2.0 */
/*
 * distance - the table of the alignment, of which three rows are kept.
 */
#include "base/distance.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ROW = DISTANCE_LETTERS_MAX + 1 };

struct letters {
	size_t count;
	uint32_t at[DISTANCE_LETTERS_MAX];
};

/* A letter is its bytes as one number: enough to tell it from others. 0: too many. */
static size_t read_letters(const char *text, struct letters *letters)
{
	letters->count = 0;
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		const int goes_on = (*at & 0xc0) == 0x80;
		if (goes_on && letters->count) {
			letters->at[letters->count - 1] =
				letters->at[letters->count - 1] << 8 | *at;
			continue;
		}
		if (letters->count == DISTANCE_LETTERS_MAX)
			return 0;
		letters->at[letters->count++] = *at;
	}
	return letters->count;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Fills the last row for the letter `at` of a; returns its least number. */
static unsigned fill_row(const struct letters *a, const struct letters *b, size_t at,
			 unsigned rows[3][ROW])
{
	unsigned lowest = rows[2][0] = (unsigned)at + 1;
	for (size_t j = 0; j < b->count; j++) {
		unsigned best = least(rows[1][j + 1] + 1, rows[2][j] + 1);
		best = least(best, rows[1][j] + (a->at[at] != b->at[j]));
		if (at > 0 && j > 0 && a->at[at] == b->at[j - 1] &&
		    a->at[at - 1] == b->at[j])
			best = least(best, rows[0][j - 1] + 1);
		rows[2][j + 1] = best;
		lowest = least(lowest, best);
	}
	return lowest;
}

unsigned distance_letters(const char *a, const char *b, unsigned most)
{
	unsigned rows[3][ROW] = {{0}};
	struct letters left;
	struct letters right;
	const size_t longer = read_letters(a, &left);
	const size_t shorter = read_letters(b, &right);
	const size_t apart = longer > shorter ? longer - shorter : shorter - longer;
	if (!longer || !shorter || apart > most)
		return most + 1;
	for (size_t j = 0; j <= right.count; j++)
		rows[1][j] = (unsigned)j;
	for (size_t i = 0; i < left.count; i++) {
		if (fill_row(&left, &right, i, rows) > most)
			return most + 1;
		memcpy(rows[0], rows[1], sizeof(rows[0]));
		memcpy(rows[1], rows[2], sizeof(rows[1]));
	}
	return least(rows[1][right.count], most + 1);
}
