/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool - see the header. Which files are taken depends on the seed and the names alone.
 */
#include "train/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { KIND_POOL = 401, SECONDS_MIN = 8 };

/* Adds up to count_max samples of a file; a damaged one gives what it gives. */
static void add_file(const struct outside_reader *reader, const char *path,
		     size_t count_max, struct sound *pool)
{
	struct err_note note = {""};
	struct audio_frame frame;
	void *file = NULL;
	size_t until = pool->count + count_max;

	if (reader->open(path, &file, &note))
		return;
	while (pool->count + AUDIO_FRAME_SAMPLES <= pool->room && pool->count < until &&
	       reader->read(file, &frame, &note) == OK) {
		struct sound rest = {pool->samples + pool->count, 0, AUDIO_FRAME_SAMPLES};

		sound_take(&rest,
			   (struct audio_span){frame.samples, AUDIO_FRAME_SAMPLES});
		pool->count += rest.count;
	}
	reader->close(file);
}

enum err pool_fill(const struct outside *outside, const struct listing *listing,
		   uint64_t seed, size_t seconds, struct sound *out_pool)
{
	struct random random = random_stream(seed, KIND_POOL, listing->count);
	size_t *order = calloc(listing->count + 1, sizeof(*order));
	struct sound made = {.samples = NULL};
	size_t share;

	if (!order || sound_init(&made, seconds * AUDIO_HZ)) {
		free(order);
		return ERR_MEMORY;
	}
	for (size_t i = 0; i < listing->count; i++) {
		size_t other = random_below(&random, i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	share = listing->count ? seconds / listing->count : 0;
	share = share > SECONDS_MIN ? share : SECONDS_MIN;
	for (size_t i = 0; i < listing->count && made.count < made.room; i++)
		add_file(&outside->reader, listing->files[order[i]].path,
			 share * AUDIO_HZ, &made);
	free(order);
	*out_pool = made;
	return OK;
}
