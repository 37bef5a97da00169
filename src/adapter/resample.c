/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resample - rate and channel conversion; the only user of libsamplerate.
 *
 * Mixes to mono first and converts one channel, so that seven channels cost little more
 * than one. Holds one block of input and what one block can become, nothing more.
 *
 * Invariant: `ready` samples wait in `output` from `taken` on, and a push is only allowed
 * when none wait.
 */
#include "adapter/resample.h"

#include <math.h>
#include <samplerate.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum {
	OUTPUT_MARGIN = 4096, /* what the filter may hold back and give at the end */
	FLUSH_ROUNDS_MAX = 64,
};

static const float FULL_SCALE = 32768.0F;

struct resample {
	uint32_t channels;
	double ratio;
	SRC_STATE *state; /* NULL: equal rates */
	float mono[RESAMPLE_BLOCK];
	float *output; /* output_max values */
	size_t output_max;
	size_t taken;
	size_t ready;
};

static bool rate_is_fine(uint32_t hz)
{
	return hz >= RESAMPLE_HZ_MIN && hz <= RESAMPLE_HZ_MAX;
}

enum err resample_create(uint32_t from_hz, uint32_t channels, uint32_t to_hz,
			 struct resample **out_resample)
{
	enum err err = ERR_MEMORY;
	struct resample *made = NULL;

	if (!rate_is_fine(from_hz) || !rate_is_fine(to_hz))
		return ERR_RANGE;
	if (channels < 1 || channels > RESAMPLE_CHANNELS_MAX)
		return ERR_RANGE;
	made = calloc(1, sizeof(*made));
	if (!made)
		goto out;
	made->channels = channels;
	made->ratio = (double)to_hz / (double)from_hz;
	made->output_max = (size_t)(RESAMPLE_BLOCK * made->ratio) + OUTPUT_MARGIN;
	made->output = calloc(made->output_max, sizeof(*made->output));
	if (!made->output)
		goto out;
	if (from_hz != to_hz) {
		int trouble = 0;

		if (!src_is_valid_ratio(made->ratio)) {
			err = ERR_RANGE;
			goto out;
		}
		made->state = src_new(SRC_SINC_MEDIUM_QUALITY, 1, &trouble);
		if (!made->state)
			goto out;
	}
	*out_resample = made;
	made = NULL;
	err = OK;
out:
	resample_destroy(made);
	return err;
}

void resample_destroy(struct resample *resample)
{
	if (!resample)
		return;
	if (resample->state)
		src_delete(resample->state);
	free(resample->output);
	free(resample);
}

void resample_reset(struct resample *resample)
{
	resample->taken = 0;
	resample->ready = 0;
	if (resample->state)
		must(src_reset(resample->state) == 0);
}

/* Runs the converter over the mono block. With last set it is asked again until it has
 * given everything: one call may leave samples behind. */
static void convert(struct resample *resample, size_t count, bool last)
{
	SRC_DATA data = {
		.data_in = resample->mono,
		.input_frames = (long)count,
		.src_ratio = resample->ratio,
		.end_of_input = last ? 1 : 0,
	};

	for (unsigned round = 0; round < FLUSH_ROUNDS_MAX; round++) {
		data.data_out = resample->output + resample->ready;
		data.output_frames = (long)(resample->output_max - resample->ready);
		must(src_process(resample->state, &data) == 0);
		resample->ready += (size_t)data.output_frames_gen;
		data.data_in += data.input_frames_used;
		data.input_frames -= data.input_frames_used;
		if (data.output_frames_gen == 0 && data.input_frames_used == 0)
			break;
		if (data.input_frames == 0 && !last)
			break;
	}
	must(data.input_frames == 0);
}

static void run(struct resample *resample, size_t count, bool last)
{
	if (resample->state) {
		convert(resample, count, last);
	} else {
		memcpy(resample->output, resample->mono,
		       count * sizeof(resample->mono[0]));
		resample->ready = count;
	}
}

static float number_or_silence(float value)
{
	return isfinite(value) ? value : 0.0F;
}

static void begin_push(struct resample *resample, size_t count)
{
	must(resample->taken == resample->ready);
	must(count <= RESAMPLE_BLOCK);
	resample->taken = 0;
	resample->ready = 0;
}

void resample_push(struct resample *resample, const float *interleaved, size_t count,
		   bool last)
{
	const float *at = interleaved;

	begin_push(resample, count);
	for (size_t i = 0; i < count; i++) {
		double sum = 0.0;

		for (uint32_t c = 0; c < resample->channels; c++)
			sum += (double)number_or_silence(*at++);
		resample->mono[i] = number_or_silence((float)(sum / resample->channels));
	}
	run(resample, count, last);
}

void resample_push_s16(struct resample *resample, const int16_t *interleaved,
		       size_t count, bool last)
{
	const int16_t *at = interleaved;

	begin_push(resample, count);
	for (size_t i = 0; i < count; i++) {
		int32_t sum = 0;

		for (uint32_t c = 0; c < resample->channels; c++)
			sum += *at++;
		resample->mono[i] = (float)sum / (FULL_SCALE * (float)resample->channels);
	}
	run(resample, count, last);
}

static int16_t to_s16(float value)
{
	const float scaled = number_or_silence(value) * FULL_SCALE;

	if (scaled >= (float)INT16_MAX)
		return INT16_MAX;
	if (scaled <= (float)INT16_MIN)
		return INT16_MIN;
	return (int16_t)lrintf(scaled);
}

size_t resample_pull(struct resample *resample, int16_t *to, size_t count_max)
{
	const size_t waiting = resample->ready - resample->taken;
	const size_t count = waiting < count_max ? waiting : count_max;

	for (size_t i = 0; i < count; i++)
		to[i] = to_s16(resample->output[resample->taken + i]);
	resample->taken += count;
	return count;
}
