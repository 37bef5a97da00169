/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_ultrasound - see the header. Block by block: up to a rate that has room for the
 * carrier twice over, through the microphone, and down again, whose filter takes away what
 * a converter's does.
 */
#include "cli/rehearsal_ultrasound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/resample.h"
#include "cli/room_sound.h"

enum {
	UP = REHEARSAL_ULTRASOUND_HZ / AUDIO_HZ,
	BLOCK = RESAMPLE_BLOCK / UP / 2, /* its sound at the high rate fits one push */
};

static const double PI = 3.14159265358979323846;
static const double SQUARE = 0.05;     /* of the microphone, beside the linear part */
static const double COUPLING = 0.9961; /* a capacitor behind it: from 10 Hz on */
static const double GAIN = 8.0;        /* so that 16 bit hold it finely enough */

struct passage {
	struct resample *up;
	struct resample *down;
	double scale; /* of samples to modulation */
	uint64_t at;  /* high samples so far */
	double last_in;
	double last_out;
};

static void close_passage(struct passage *passage)
{
	resample_destroy(passage->up);
	resample_destroy(passage->down);
}

static float through_air_and_microphone(struct passage *passage, int16_t sample)
{
	const double carrier = cos(2.0 * PI * REHEARSAL_ULTRASOUND_CARRIER_HZ *
				   (double)(passage->at++ % REHEARSAL_ULTRASOUND_HZ) /
				   REHEARSAL_ULTRASOUND_HZ);
	const double sent = (1.0 + passage->scale * sample) * carrier;

	return (float)(sent + SQUARE * sent * sent);
}

static int16_t couple(struct passage *passage, int16_t sample)
{
	const double out =
		(double)sample - passage->last_in + COUPLING * passage->last_out;

	passage->last_in = sample;
	passage->last_out = out;
	return (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, out * GAIN)));
}

/* What is ready at the end of it; returns how many. */
static size_t take_down(struct passage *passage, int16_t *to, size_t count_max)
{
	const size_t count = resample_pull(passage->down, to, count_max);
	int16_t rest[RESAMPLE_BLOCK];

	for (size_t i = 0; i < count; i++)
		to[i] = couple(passage, to[i]);
	while (resample_pull(passage->down, rest, RESAMPLE_BLOCK) > 0) {
	}
	return count;
}

static size_t push_high(struct passage *passage, bool last, int16_t *to, size_t count_max)
{
	size_t done = 0;

	for (;;) {
		int16_t high[RESAMPLE_BLOCK];
		float heard[RESAMPLE_BLOCK];
		const size_t count = resample_pull(passage->up, high, RESAMPLE_BLOCK);

		for (size_t i = 0; i < count; i++)
			heard[i] = through_air_and_microphone(passage, high[i]);
		resample_push(passage->down, heard, count, last && count == 0);
		done += take_down(passage, to + done, count_max - done);
		if (count == 0)
			return done;
	}
}

static void pass(struct passage *passage, struct audio_span speech, int16_t *to)
{
	size_t done = 0;

	for (size_t at = 0; at < speech.count; at += BLOCK) {
		const size_t left = speech.count - at;
		const bool last = left <= BLOCK;

		resample_push_s16(passage->up, speech.samples + at, last ? left : BLOCK,
				  last);
		done += push_high(passage, last, to + done, speech.count - done);
	}
	memset(to + done, 0, (speech.count - done) * sizeof(*to));
}

static int peak_of(struct audio_span speech)
{
	int peak = 1;

	for (size_t i = 0; i < speech.count; i++)
		peak = abs(speech.samples[i]) > peak ? abs(speech.samples[i]) : peak;
	return peak;
}

static void make_as_loud(struct audio_span speech, int16_t *to)
{
	const double gain = room_sound_level_s16(speech.samples, speech.count) /
			    (room_sound_level_s16(to, speech.count) + 1.0);

	for (size_t i = 0; i < speech.count; i++)
		to[i] = (int16_t)lround(
			fmax(INT16_MIN, fmin(INT16_MAX, gain * (double)to[i])));
}

enum err rehearsal_ultrasound(struct audio_span speech, double depth, int16_t *to)
{
	struct passage passage = {.scale = depth / peak_of(speech)};
	enum err err = resample_create(AUDIO_HZ, 1, REHEARSAL_ULTRASOUND_HZ, &passage.up);

	if (!err)
		err = resample_create(REHEARSAL_ULTRASOUND_HZ, 1, AUDIO_HZ,
				      &passage.down);
	if (!err) {
		pass(&passage, speech, to);
		make_as_loud(speech, to);
	}
	close_passage(&passage);
	return err;
}
