/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest - see the header.
 */
#include "cli/nearest.h"

#include <string.h>

#include "base/distance.h"

enum { DISTANCE_MAX = 3 };

const char *nearest(const char *word, const char *const *known, size_t count)
{
	const char *best = NULL;
	unsigned best_distance = DISTANCE_MAX + 1;

	for (size_t i = 0; i < count; i++) {
		unsigned now = distance_letters(word, known[i], DISTANCE_MAX);
		unsigned most = (unsigned)(strlen(known[i]) + 2) / 3;

		if (now <= most && now < best_distance) {
			best = known[i];
			best_distance = now;
		}
	}
	return best;
}
