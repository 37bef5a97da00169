/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take - see the header. Samples in one buffer, changed in place.
 *
 * Does not judge anything. Invariants: begin <= end <= count; the room is a copy, so what
 * is done to the sound does not change it; no randomness but a fixed sequence.
 */
#include "cli/take.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum {
	SAMPLES_MAX = TAKE_SECONDS_MAX * AUDIO_HZ,
	BLOCK = AUDIO_HZ / 100,
	BLOCKS_MAX = SAMPLES_MAX / BLOCK,
	ROOM_BLOCKS = 12, /* 120 ms of the quietest */
	ROOM_SAMPLES = ROOM_BLOCKS * BLOCK,
	FADE = BLOCK, /* between two stretches of the room */
	TAPS = 24,    /* of the interpolation, to each side */
	APART_BLOCKS = 30,
	TAIL_BLOCKS = 20,
	CLICK_AFTER = 80,
	CLICK_WITHIN = 40,
	CLICK_BLOCKS = 15,
	GAP_BLOCKS = 4, /* a place is the middle of that many quiet ones */
};

static const double UNDER_LOUDEST = 35; /* decibels */
static const double OVER_ROOM = 10;
static const double TAIL_UNDER = 25; /* louder than that it is speech */
static const double HISS = 12;       /* amplitude */
static const double DEAD = 6;        /* no room is that quiet */

struct take {
	size_t count;
	size_t begin;
	size_t end;
	size_t room_at; /* how far the room was used */
	uint32_t seed;
	int16_t room[ROOM_SAMPLES];
	double level[BLOCKS_MAX]; /* decibels of each block as measured */
	int16_t samples[SAMPLES_MAX];
};

enum err take_create(struct take **out_take)
{
	struct take *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	*out_take = made;
	return OK;
}

void take_destroy(struct take *take)
{
	free(take);
}

void take_clear(struct take *take)
{
	take->count = take->begin = take->end = take->room_at = 0;
	take->seed = 1;
}

static int16_t clip(double value)
{
	return (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, value)));
}

/* A windowed sinc, lowered to what the faster sound can hold. */
static double sample_at(struct audio_span sound, double at, double factor)
{
	const double half_turn = acos(-1);
	double cut = factor > 1 ? 1 / factor : 1;
	ptrdiff_t middle = (ptrdiff_t)at;
	double sum = 0;

	for (ptrdiff_t i = middle - TAPS + 1; i <= middle + TAPS; i++) {
		double away = (double)i - at;
		double x = half_turn * away * cut;
		double weight = fabs(x) < 1e-9 ? 1 : sin(x) / x;
		if (i < 0 || (size_t)i >= sound.count || fabs(away) >= TAPS)
			continue;
		weight *= 0.5 + 0.5 * cos(half_turn * away / TAPS);
		sum += cut * weight * sound.samples[i];
	}
	return sum;
}

enum err take_add(struct take *take, struct audio_span sound, double factor)
{
	must(factor >= 0.5 && factor <= 2);
	size_t count = (size_t)((double)sound.count / factor);
	bool same = fabs(factor - 1) < 1e-9;

	if (count > SAMPLES_MAX - take->count)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++)
		take->samples[take->count + i] =
			same ? sound.samples[i]
			     : clip(sample_at(sound, (double)i * factor, factor));
	take->count += count;
	return OK;
}

void take_cut_end(struct take *take)
{
	take->count = take->end;
}

static double loudest_level(const struct take *take, size_t blocks)
{
	double loudest = -INFINITY;

	for (size_t i = 0; i < blocks; i++)
		loudest = fmax(loudest, take->level[i]);
	return loudest;
}

void take_cut_silence(struct take *take, size_t from)
{
	size_t blocks = take->end / BLOCK;
	double over = loudest_level(take, blocks) - UNDER_LOUDEST;
	size_t to = (from + BLOCK - 1) / BLOCK;

	while (to < blocks && take->level[to] < over)
		to++;
	size_t cut = to * BLOCK - from;
	memmove(take->samples + from, take->samples + from + cut,
		(take->count - from - cut) * sizeof(*take->samples));
	take->count -= cut;
	take->end -= cut;
}

static double block_level(const int16_t *samples)
{
	double sum = 0;
	double mean = 0;

	for (size_t i = 0; i < BLOCK; i++)
		mean += samples[i];
	mean /= BLOCK;
	for (size_t i = 0; i < BLOCK; i++)
		sum += (samples[i] - mean) * (samples[i] - mean);
	return 10 * log10(sum / BLOCK + 1e-3);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double mean_level(const struct take *take, size_t from, size_t blocks)
{
	double sum = 0;

	for (size_t i = from; i < from + blocks; i++)
		sum += take->level[i];
	return sum / (double)blocks;
}

/* The level below which a tenth of the blocks lie, or that of what is behind the speech
 * where that is louder. */
static double room_level(const struct take *take, size_t blocks, double loudest)
{
	static double sorted[BLOCKS_MAX];

	memcpy(sorted, take->level, blocks * sizeof(*sorted));
	qsort(sorted, blocks, sizeof(*sorted), compare);
	double room = blocks > 0 ? sorted[blocks / 10] : 0;
	if (blocks >= TAIL_BLOCKS) {
		double tail = mean_level(take, blocks - TAIL_BLOCKS, TAIL_BLOCKS);
		if (tail < loudest - TAIL_UNDER && tail > room)
			room = tail;
	}
	return room;
}

/* Less sound than a word has, long after one. */
static bool is_click(const struct take *take, size_t at, size_t blocks, double over)
{
	size_t loud = 0;

	for (size_t i = at; i < blocks && i < at + CLICK_WITHIN; i++)
		loud += take->level[i] >= over;
	return loud < CLICK_BLOCKS;
}

static void find_ends(struct take *take, size_t blocks)
{
	double loudest = loudest_level(take, blocks);
	double over = fmax(loudest - UNDER_LOUDEST,
			   room_level(take, blocks, loudest) + OVER_ROOM);
	size_t first = blocks;
	size_t last = 0;

	for (size_t i = 0; i < blocks; i++) {
		if (take->level[i] < over)
			continue;
		if (last > 0 && i - last > CLICK_AFTER && is_click(take, i, blocks, over))
			continue;
		first = first < i ? first : i;
		last = i + 1;
	}
	take->begin = first < last ? first * BLOCK : 0;
	take->end = last * BLOCK;
}

static int16_t hiss(struct take *take)
{
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		take->seed = take->seed * 1664525U + 1013904223U;
		sum += (double)take->seed / 2147483648.0 - 1;
	}
	return clip(HISS * sum);
}

/* A voice that was computed has no room: it gets a faint one. */
static void add_hiss(struct take *take)
{
	for (size_t i = 0; i < take->count; i++)
		take->samples[i] = clip(take->samples[i] + hiss(take));
	for (size_t i = 0; i < ROOM_SAMPLES; i++)
		take->room[i] = clip(take->room[i] + hiss(take));
}

/* The quietest stretch outside the speech. */
static void find_room(struct take *take, size_t blocks)
{
	size_t best = blocks;
	double lowest = INFINITY;

	for (size_t i = 0; i + ROOM_BLOCKS <= blocks; i++) {
		bool outside = (i + ROOM_BLOCKS) * BLOCK <= take->begin ||
			       i * BLOCK >= take->end;
		double level = mean_level(take, i, ROOM_BLOCKS);
		if (!outside || level >= lowest)
			continue;
		best = i;
		lowest = level;
	}
	memset(take->room, 0, sizeof(take->room));
	if (best < blocks)
		memcpy(take->room, take->samples + best * BLOCK, sizeof(take->room));
	if (best == blocks || lowest < DEAD)
		add_hiss(take);
}

void take_measure(struct take *take)
{
	size_t blocks = take->count / BLOCK;

	for (size_t i = 0; i < blocks; i++)
		take->level[i] = block_level(take->samples + i * BLOCK);
	find_ends(take, blocks);
	find_room(take, blocks);
}

static bool apart(size_t block, const size_t *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t other = places[i] / BLOCK;
		if (block < other + APART_BLOCKS && other < block + APART_BLOCKS)
			return false;
	}
	return true;
}

size_t take_places(const struct take *take, size_t places[TAKE_PLACES_MAX])
{
	size_t length = (take->end - take->begin) / BLOCK;
	size_t from = take->begin / BLOCK + length / 5;
	size_t to = take->end / BLOCK - length / 5;
	size_t count = 0;

	while (count < TAKE_PLACES_MAX) {
		size_t best = 0;
		double lowest = INFINITY;
		for (size_t i = from; i + GAP_BLOCKS <= to; i++) {
			double level = mean_level(take, i, GAP_BLOCKS);
			if (level >= lowest || !apart(i + GAP_BLOCKS / 2, places, count))
				continue;
			best = i + GAP_BLOCKS / 2;
			lowest = level;
		}
		if (best == 0)
			break;
		places[count++] = best * BLOCK;
	}
	return count;
}

/* The room forwards and backwards by turns, so that it has no seams. */
static void fill(struct take *take, size_t from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = take->room_at++ % (2 * ROOM_SAMPLES);
		if (at >= ROOM_SAMPLES)
			at = 2 * ROOM_SAMPLES - 1 - at;
		take->samples[from + i] = take->room[at];
	}
}

static enum err insert_room(struct take *take, size_t place, int64_t ms)
{
	size_t count = (size_t)ms * AUDIO_HZ / 1000;

	must(place <= take->count);
	if (count > SAMPLES_MAX - take->count)
		return ERR_LIMIT;
	memmove(take->samples + place + count, take->samples + place,
		(take->count - place) * sizeof(*take->samples));
	fill(take, place, count);
	take->count += count;
	if (place <= take->begin)
		take->begin += count;
	if (place < take->end)
		take->end += count;
	return OK;
}

/* What is cut in two fades out and in. */
static void fade(struct take *take, size_t place, bool in)
{
	for (size_t i = 0; i < FADE && i < place && place + i < take->count; i++) {
		double share = (double)i / FADE;
		int16_t *sample =
			in ? &take->samples[place + i] : &take->samples[place - 1 - i];
		*sample = clip(*sample * share);
	}
}

enum err take_pause(struct take *take, size_t place, int64_t ms)
{
	fade(take, place, false);
	fade(take, place, true);
	return insert_room(take, place, ms);
}

enum err take_surround(struct take *take, int64_t before_ms, int64_t after_ms)
{
	enum err err = insert_room(take, 0, before_ms);

	return err ? err : insert_room(take, take->count, after_ms);
}

size_t take_begin(const struct take *take)
{
	return take->begin;
}

size_t take_end(const struct take *take)
{
	return take->end;
}

int16_t *take_samples(struct take *take, size_t *out_count)
{
	*out_count = take->count;
	return take->samples;
}
