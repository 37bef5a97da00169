/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sound - see the header. count <= room holds after every call.
 */
#include "train/sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { LOUD_SAMPLES = AUDIO_HZ / 10, LOUD_STEP = LOUD_SAMPLES / 2 };

static const float FULL_SCALE = 32768.0F;
static const double QUIET_POWER = 1e-12;

enum err sound_init(struct sound *sound, size_t room)
{
	sound->samples = calloc(room ? room : 1, sizeof(*sound->samples));
	sound->count = 0;
	sound->room = room;
	return sound->samples ? OK : ERR_MEMORY;
}

void sound_finish(struct sound *sound)
{
	if (sound->samples)
		explicit_bzero(sound->samples, sound->room * sizeof(*sound->samples));
	free(sound->samples);
	*sound = (struct sound){.samples = NULL};
}

void sound_take(struct sound *sound, struct audio_span from)
{
	sound->count = from.count < sound->room ? from.count : sound->room;
	for (size_t i = 0; i < sound->count; i++)
		sound->samples[i] = (float)from.samples[i] / FULL_SCALE;
}

void sound_copy(struct sound *to, const struct sound *from)
{
	to->count = from->count < to->room ? from->count : to->room;
	if (to->count > 0)
		memcpy(to->samples, from->samples, to->count * sizeof(*to->samples));
}

void sound_clear(struct sound *sound, size_t count)
{
	sound->count = count < sound->room ? count : sound->room;
	memset(sound->samples, 0, sound->count * sizeof(*sound->samples));
}

void sound_mix(struct sound *to, size_t at, const float *from, size_t count, float gain)
{
	for (size_t i = 0; i < count && at + i < to->count; i++)
		to->samples[at + i] += gain * from[i];
}

void sound_scale(struct sound *sound, float gain)
{
	for (size_t i = 0; i < sound->count; i++)
		sound->samples[i] *= gain;
}

double sound_power(const float *samples, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i] * (double)samples[i];
	return count ? sum / (double)count : 0;
}

double sound_loudest(const float *samples, size_t count)
{
	double loudest = 0;

	if (count <= LOUD_SAMPLES)
		return sound_power(samples, count);
	for (size_t at = 0; at + LOUD_SAMPLES <= count; at += LOUD_STEP)
		loudest = fmax(loudest, sound_power(samples + at, LOUD_SAMPLES));
	return loudest;
}

double sound_db(double power)
{
	return 10 * log10(power + QUIET_POWER);
}

void sound_give(const struct sound *sound, int16_t *to)
{
	must(sound->count <= sound->room);
	for (size_t i = 0; i < sound->count; i++) {
		float value = roundf(sound->samples[i] * FULL_SCALE);

		to[i] = (int16_t)fminf(fmaxf(value, INT16_MIN), INT16_MAX);
	}
}
