/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the nearest known word: optimal string alignment distance (Levenshtein with
 * swaps of neighbours), three rows, words of at most NEAREST_WORD_MAX bytes.
 */
#include "cli/nearest.h"

#include <string.h>

#include "base/must.h"

enum { DISTANCE_MAX = 3, ROW = NEAREST_WORD_MAX + 1 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void fill_row(const char *a, const char *b, size_t at, size_t b_size,
		     unsigned rows[3][ROW])
{
	rows[2][0] = (unsigned)at + 1;
	for (size_t j = 0; j < b_size; j++) {
		unsigned same = a[at] == b[j] ? 0 : 1;
		unsigned best = least(rows[1][j] + same, rows[1][j + 1] + 1);

		best = least(best, rows[2][j] + 1);
		if (at > 0 && j > 0 && a[at] == b[j - 1] && a[at - 1] == b[j])
			best = least(best, rows[0][j - 1] + 1);
		rows[2][j + 1] = best;
	}
}

static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][ROW] = {{0}};
	size_t a_size = strlen(a);
	size_t b_size = strlen(b);

	must(a_size <= NEAREST_WORD_MAX && b_size <= NEAREST_WORD_MAX);
	for (size_t j = 0; j <= b_size; j++)
		rows[1][j] = (unsigned)j;
	for (size_t i = 0; i < a_size; i++) {
		fill_row(a, b, i, b_size, rows);
		memcpy(rows[0], rows[1], sizeof(rows[0]));
		memcpy(rows[1], rows[2], sizeof(rows[1]));
	}
	return rows[1][b_size];
}

const char *nearest(const char *word, const char *const *known, size_t count)
{
	const char *best = NULL;
	unsigned best_distance = DISTANCE_MAX + 1;

	if (strlen(word) > NEAREST_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned now = distance(word, known[i]);
		unsigned most = (unsigned)(strlen(known[i]) + 2) / 3;

		if (now <= most && now < best_distance) {
			best = known[i];
			best_distance = now;
		}
	}
	return best;
}
