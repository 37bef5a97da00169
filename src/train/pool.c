/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool - see the header. Which files are taken depends on the seed and the names alone.
 */
#include "train/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { KIND_POOL = 401, SAMPLES_MIN = 8 * AUDIO_HZ };

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

static void shuffle(struct random *random, size_t first, size_t count, size_t *out_order)
{
	for (size_t i = 0; i < count; i++) {
		size_t other = random_below(random, i + 1);

		out_order[i] = out_order[other];
		out_order[other] = first + i;
	}
}

/* One source's part: round after round over its files. */
static void add_source(const struct outside_reader *reader, const struct listing *listing,
		       const size_t *order, size_t count, size_t samples,
		       struct sound *pool)
{
	size_t until = pool->count + samples;
	size_t each = samples / count;
	size_t before;

	each = each > SAMPLES_MIN ? each : SAMPLES_MIN;
	do {
		before = pool->count;
		for (size_t i = 0; i < count && pool->count < until; i++)
			add_file(reader, listing->files[order[i]].path,
				 until - pool->count < each ? until - pool->count : each,
				 pool);
	} while (pool->count > before && pool->count + AUDIO_FRAME_SAMPLES <= until);
}

enum err pool_fill(const struct outside *outside, const struct listing *listing,
		   uint64_t seed, size_t seconds, struct sound *out_pool)
{
	struct random random = random_stream(seed, KIND_POOL, listing->count);
	size_t *order = calloc(listing->count + 1, sizeof(*order));
	struct sound made = {.samples = NULL};

	if (!order || sound_init(&made, seconds * AUDIO_HZ)) {
		free(order);
		return ERR_MEMORY;
	}
	for (size_t i = 0; i < listing->source_count; i++) {
		const struct listing_source *source = &listing->sources[i];

		shuffle(&random, source->first, source->count, order);
		add_source(&outside->reader, listing, order, source->count,
			   made.room / listing->source_count, &made);
	}
	free(order);
	*out_pool = made;
	return OK;
}
