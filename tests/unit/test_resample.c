/* SPDX-License-Identifier: Apache-2.0 */
/* test_resample - the mean of the channels, rates, clipping, and how many samples come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/resample.h"
#include "base/str.h"
#include "domain/audio.h"

enum { OUT_MAX = 400000 };

static const double PI = 3.14159265358979;

/* Pushes count frames of a sine in blocks and gathers what comes out. */
static size_t convert_sine(uint32_t from_hz, uint32_t channels, double hz, size_t count,
			   int16_t *out)
{
	struct resample *resample = NULL;
	float *block = calloc((size_t)RESAMPLE_BLOCK * channels, sizeof(*block));
	size_t got = 0;
	size_t done = 0;

	assert_non_null(block);
	assert_int_equal(resample_create(from_hz, channels, AUDIO_HZ, &resample), OK);
	while (done < count) {
		const size_t now =
			count - done < RESAMPLE_BLOCK ? count - done : RESAMPLE_BLOCK;

		for (size_t i = 0; i < now; i++) {
			for (uint32_t c = 0; c < channels; c++)
				block[i * channels + c] =
					(float)(0.5 * sin(2.0 * PI * hz *
							  (double)(done + i) / from_hz));
		}
		done += now;
		resample_push(resample, block, now, done == count);
		for (size_t n = 1; n > 0;) {
			n = resample_pull(resample, out + got, 333);
			got += n;
			assert_true(got < OUT_MAX);
		}
	}
	free(block);
	resample_destroy(resample);
	return got;
}

/* The level of one tone in the sound, 1.0 is full scale. */
static double level_at(const int16_t *sound, size_t count, double hz)
{
	double re = 0.0;
	double im = 0.0;

	for (size_t i = 0; i < count; i++) {
		re += sound[i] * cos(2.0 * PI * hz * (double)i / AUDIO_HZ);
		im += sound[i] * sin(2.0 * PI * hz * (double)i / AUDIO_HZ);
	}
	return 2.0 * sqrt(re * re + im * im) / (double)count / 32768.0;
}

static void test_rates_keep_the_tone_and_the_length(void **state)
{
	static const uint32_t RATES[] = {8000, 11025, 22050, 44100, 48000, 96000, 192000};
	int16_t *out = calloc(OUT_MAX, sizeof(*out));

	(void)state;
	assert_non_null(out);
	for (size_t i = 0; i < STR_COUNT(RATES); i++) {
		const size_t got = convert_sine(RATES[i], 1, 1000.0, RATES[i] * 2, out);

		assert_in_range(got, 2 * AUDIO_HZ - 2, 2 * AUDIO_HZ + 2);
		assert_true(fabs(level_at(out + 1600, 28800, 1000.0) - 0.5) < 0.01);
	}
	free(out);
}

static void test_what_16_khz_cannot_hold_is_filtered(void **state)
{
	int16_t *out = calloc(OUT_MAX, sizeof(*out));
	size_t got = 0;

	(void)state;
	assert_non_null(out);
	got = convert_sine(48000, 1, 11000.0, 48000, out);
	assert_true(level_at(out + 800, got - 1600, 5000.0) <
		    0.001); /* its mirror image */
	free(out);
}

static void test_seven_channels_give_their_mean(void **state)
{
	struct resample *resample = NULL;
	float block[7 * 4];
	int16_t out[16];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(block); i++)
		block[i] = i % 7 == 3 ? 0.7F : 0.0F;
	assert_int_equal(resample_create(AUDIO_HZ, 7, AUDIO_HZ, &resample), OK);
	resample_push(resample, block, 4, true);
	assert_int_equal(resample_pull(resample, out, 16), 4);
	for (size_t i = 0; i < 4; i++)
		assert_in_range(out[i], 3276, 3277);
	resample_destroy(resample);
}

static void test_equal_rates_are_bit_exact(void **state)
{
	struct resample *resample = NULL;
	int16_t in[RESAMPLE_BLOCK];
	int16_t out[RESAMPLE_BLOCK];

	(void)state;
	for (size_t i = 0; i < RESAMPLE_BLOCK; i++)
		in[i] = (int16_t)(i * 64 - 32768);
	in[0] = INT16_MAX;
	assert_int_equal(resample_create(AUDIO_HZ, 1, AUDIO_HZ, &resample), OK);
	resample_push_s16(resample, in, RESAMPLE_BLOCK, true);
	assert_int_equal(resample_pull(resample, out, RESAMPLE_BLOCK), RESAMPLE_BLOCK);
	assert_memory_equal(in, out, sizeof(in));
	resample_destroy(resample);
}

static void test_not_a_number_and_too_loud(void **state)
{
	static const float IN[] = {NAN, INFINITY, -INFINITY, 9.0F, -9.0F, 1e38F};
	static const int16_t WANT[] = {0, 0, 0, INT16_MAX, INT16_MIN, INT16_MAX};
	struct resample *resample = NULL;
	int16_t out[STR_COUNT(IN)];

	(void)state;
	assert_int_equal(resample_create(AUDIO_HZ, 1, AUDIO_HZ, &resample), OK);
	resample_push(resample, IN, STR_COUNT(IN), true);
	assert_int_equal(resample_pull(resample, out, STR_COUNT(IN)), STR_COUNT(IN));
	assert_memory_equal(out, WANT, sizeof(WANT));
	resample_destroy(resample);
}

static void test_limits(void **state)
{
	struct resample *resample = NULL;

	(void)state;
	assert_int_equal(resample_create(0, 1, AUDIO_HZ, &resample), ERR_RANGE);
	assert_int_equal(resample_create(AUDIO_HZ, 0, AUDIO_HZ, &resample), ERR_RANGE);
	assert_int_equal(resample_create(AUDIO_HZ, 65, AUDIO_HZ, &resample), ERR_RANGE);
	assert_int_equal(resample_create(400000, 1, AUDIO_HZ, &resample), ERR_RANGE);
	assert_null(resample);
	resample_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates_keep_the_tone_and_the_length),
		cmocka_unit_test(test_what_16_khz_cannot_hold_is_filtered),
		cmocka_unit_test(test_seven_channels_give_their_mean),
		cmocka_unit_test(test_equal_rates_are_bit_exact),
		cmocka_unit_test(test_not_a_number_and_too_loud),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
