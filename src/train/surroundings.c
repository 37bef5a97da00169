/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surroundings - see the header. Everything comes from the seed and the sound given.
 */
#include "train/surroundings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum {
	KIND_ROOM = 101,
	KIND_NOISE,
	REFLECTIONS = 10,
	PINK_POLES = 3,
	HUM_HARMONICS = 12,
	TUNE_VOICES = 3,
	TUNE_HARMONICS = 6,
	TUNE_NOTES = 4, /* in a second */
	BABBLE_VOICES = 6,
	MADE_SAMPLES = SURROUNDINGS_MADE_SECONDS * AUDIO_HZ,
};

static const double TWO_PI = 6.283185307179586;
static const double DECAY_60_DB = 6.907755278982137; /* ln 1000 */

static enum err make_room(uint64_t seed, size_t index, struct room_taps *room)
{
	struct random random = random_stream(seed, KIND_ROOM, index);
	double decay_s = random_range(&random, 0.15, 0.8);
	double direct_db = random_range(&random, -2, 14); /* over what is reflected */
	double mixing = AUDIO_HZ * random_range(&random, 0.008, 0.03);
	double sum = 0;

	room->decay_ms = 1000 * decay_s;
	room->count = (size_t)fmin(CONVOLVE_TAPS_MAX, decay_s * AUDIO_HZ);
	room->taps = calloc(room->count, sizeof(*room->taps));
	if (!room->taps)
		return ERR_MEMORY;
	for (size_t i = (size_t)mixing; i < room->count; i++)
		room->taps[i] =
			(float)(random_normal(&random) *
				exp(-DECAY_60_DB * (double)i / (decay_s * AUDIO_HZ)));
	for (size_t i = 0; i < REFLECTIONS; i++) {
		size_t at =
			(size_t)random_range(&random, AUDIO_HZ * 0.001, AUDIO_HZ * 0.03);
		double sign = random_chance(&random, 0.5) ? 1 : -1;

		room->taps[at] += (float)(sign * random_range(&random, 1, 6));
	}
	for (size_t i = 0; i < room->count; i++)
		sum += (double)room->taps[i] * (double)room->taps[i];
	for (size_t i = 0; i < room->count; i++)
		room->taps[i] *= (float)(pow(10, -direct_db / 20) / sqrt(sum));
	room->taps[0] = 1;
	return OK;
}

static void make_white(struct sound *noise, struct random *random)
{
	for (size_t i = 0; i < noise->count; i++)
		noise->samples[i] = (float)random_normal(random);
}

/* White noise through three slow averages an octave and a half apart: about -3 dB for
 * each octave. */
static void make_pink(struct sound *noise, struct random *random)
{
	static const double KEEP[PINK_POLES] = {0.997, 0.965, 0.7};
	double state[PINK_POLES] = {0};

	for (size_t i = 0; i < noise->count; i++) {
		double white = random_normal(random);
		double sum = 0.1 * white;

		for (int pole = 0; pole < PINK_POLES; pole++) {
			state[pole] =
				KEEP[pole] * state[pole] + sqrt(1 - KEEP[pole]) * white;
			sum += 0.25 * state[pole];
		}
		noise->samples[i] = (float)sum;
	}
}

static void make_hum(struct sound *noise, struct random *random)
{
	double step = TWO_PI * 50 / AUDIO_HZ;

	sound_clear(noise, noise->count);
	for (int harmonic = 1; harmonic <= HUM_HARMONICS; harmonic++) {
		double level = random_range(random, 0.2, 1) / harmonic;
		double phase = random_range(random, 0, TWO_PI);

		for (size_t i = 0; i < noise->count; i++)
			noise->samples[i] +=
				(float)(level * sin(phase + harmonic * step * (double)i));
	}
	for (size_t i = 0; i < noise->count; i++)
		noise->samples[i] += (float)(0.05 * random_normal(random));
}

static void add_note(struct sound *noise, size_t at, size_t count, double hz)
{
	for (size_t i = 0; i < count && at + i < noise->count; i++) {
		double fade = exp(-3.0 * (double)i / (double)count);
		double sum = 0;

		for (int harmonic = 1; harmonic <= TUNE_HARMONICS; harmonic++)
			sum += sin(TWO_PI * hz * harmonic * (double)i / AUDIO_HZ) /
			       harmonic;
		noise->samples[at + i] += (float)(fade * sum);
	}
}

static void make_tune(struct sound *noise, struct random *random)
{
	static const int SCALE[] = {0, 2, 4, 7, 9};
	size_t note = AUDIO_HZ / TUNE_NOTES;

	sound_clear(noise, noise->count);
	for (size_t at = 0; at < noise->count; at += note) {
		for (int voice = 0; voice < TUNE_VOICES; voice++) {
			int step = SCALE[random_below(random, 5)] +
				   12 * (int)random_below(random, 3);

			if (random_chance(random, 0.7))
				add_note(noise, at, 2 * note, 110 * pow(2, step / 12.0));
		}
	}
}

static void make_babble(struct sound *noise, const struct sound *talk,
			struct random *random)
{
	if (talk->count == 0) {
		make_pink(noise, random);
		return;
	}
	sound_clear(noise, noise->count);
	for (int voice = 0; voice < BABBLE_VOICES; voice++) {
		size_t at = random_below(random, talk->count);

		for (size_t i = 0; i < noise->count; i++)
			noise->samples[i] += talk->samples[(at + i) % talk->count];
	}
}

/* All at the same power, so that a ratio means the same for each. */
static void level(struct sound *noise)
{
	double power = sound_power(noise->samples, noise->count);

	if (power > 0)
		sound_scale(noise, (float)(0.1 / sqrt(power)));
}

static enum err make_noise(enum noise_kind kind, uint64_t seed, const struct sound *given,
			   const struct sound *talk, struct sound *noise)
{
	struct random random = random_stream(seed, KIND_NOISE, kind);
	bool copies = kind == NOISE_GIVEN && given->count > 0;
	enum err err = sound_init(noise, copies ? given->count : MADE_SAMPLES);

	if (err)
		return err;
	sound_clear(noise, noise->room);
	switch (kind) {
	case NOISE_GIVEN:
		if (copies)
			sound_copy(noise, given);
		else
			make_white(noise, &random);
		return OK; /* at its own level: a quiet place in it is a quiet place */
	case NOISE_WHITE:
		make_white(noise, &random);
		break;
	case NOISE_PINK:
		make_pink(noise, &random);
		break;
	case NOISE_HUM:
		make_hum(noise, &random);
		break;
	case NOISE_TUNE:
		make_tune(noise, &random);
		break;
	case NOISE_BABBLE:
		make_babble(noise, talk, &random);
		break;
	case NOISE_COUNT:
		break;
	}
	level(noise);
	return OK;
}

enum err surroundings_create(uint64_t seed, const struct sound *noise,
			     const struct sound *talk,
			     struct surroundings **out_surroundings)
{
	struct surroundings *made = calloc(1, sizeof(*made));
	enum err err = made ? sound_init(&made->talk, talk->count) : ERR_MEMORY;

	if (!err)
		sound_copy(&made->talk, talk);
	for (size_t i = 0; !err && i < SURROUNDINGS_ROOMS; i++)
		err = make_room(seed, i, &made->rooms[i]);
	for (int kind = 0; !err && kind < NOISE_COUNT; kind++)
		err = make_noise((enum noise_kind)kind, seed, noise, talk,
				 &made->noises[kind]);
	if (!err) {
		*out_surroundings = made;
		made = NULL;
	}
	surroundings_destroy(made);
	return err;
}

void surroundings_destroy(struct surroundings *surroundings)
{
	if (!surroundings)
		return;
	for (size_t i = 0; i < SURROUNDINGS_ROOMS; i++)
		free(surroundings->rooms[i].taps);
	for (int kind = 0; kind < NOISE_COUNT; kind++)
		sound_finish(&surroundings->noises[kind]);
	sound_finish(&surroundings->talk);
	free(surroundings);
}

bool surroundings_excerpt(const struct sound *pool, struct random *random, size_t count,
			  float *to)
{
	size_t at;

	if (pool->count == 0)
		return false;
	at = random_below(random, pool->count);
	for (size_t i = 0; i < count; i++) {
		to[i] = pool->samples[at];
		at = at + 1 < pool->count ? at + 1 : 0;
	}
	return true;
}
