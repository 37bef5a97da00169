/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log-mel front against a Fourier transform in doubles, as plain C and for processors
 * with AVX2 where this one is. That it is the published network's is tests/golden's to say.
 */
#include <math.h>
#include <string.h>

#include "listen/mel.h"
#include "unit/cmocka_all.h"

static const double PI = 3.14159265358979323846;
static struct embedding_file file; /* only the front's parts are filled */
static int16_t samples[MEL_SAMPLES];
static struct mel mel;
static struct mel_work work;

enum { BAND_BINS = 7, BAND_STEP = 8, ROWS_SIZE = MEL_FRAMES * MEL_BANDS };

/* A window that rises, bands that lie apart, noise. */
static void make_all(void)
{
	uint32_t state = 7;

	for (size_t i = 0; i < MEL_WINDOW; i++)
		file.window[i] = (float)(i + 1) / MEL_WINDOW;
	for (size_t band = 0; band < MEL_BANDS; band++) {
		for (size_t i = 0; i < BAND_BINS; i++)
			file.bands[(band * BAND_STEP + i) * MEL_BANDS + band] =
				(float)(i + 1);
	}
	for (size_t i = 0; i < MEL_SAMPLES; i++) {
		state = state * 1664525U + 1013904223U;
		samples[i] = (int16_t)(state >> 16);
	}
	mel_init(&mel, &file);
}

static double expected_power(size_t frame, size_t bin)
{
	double re = 0;
	double im = 0;

	for (size_t i = 0; i < MEL_WINDOW; i++) {
		const double x = (double)file.window[i] * samples[frame * MEL_HOP + i];
		const double angle =
			-2 * PI * (double)(bin * i % MEL_WINDOW) / MEL_WINDOW;

		re += x * cos(angle);
		im += x * sin(angle);
	}
	return re * re + im * im;
}

static double expected_db(size_t frame, size_t band)
{
	double sum = 0;

	for (size_t i = 0; i < BAND_BINS; i++)
		sum += expected_power(frame, band * BAND_STEP + i) * (double)(i + 1);
	return 10 * log10(sum);
}

static void check(bool wide)
{
	float rows[ROWS_SIZE];

	mel_run(&mel, wide, samples, &work, rows, MEL_BANDS);
	for (size_t f = 0; f < MEL_FRAMES; f++) {
		for (size_t band = 0; band < MEL_BANDS; band++) {
			const double expected = expected_db(f, band) / 10 + 2;

			if (fabs((double)rows[f * MEL_BANDS + band] - expected) > 1e-4)
				fail_msg("frame %zu, band %zu: %g; expected %g", f, band,
					 (double)rows[f * MEL_BANDS + band], expected);
		}
	}
}

static void plain_c_is_right(void **state)
{
	(void)state;
	check(false);
}

static void avx2_is_right(void **state)
{
	(void)state;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
		check(true);
		return;
	}
#endif
	skip();
}

/* Nothing is below the loudest by more than 80 dB; silence is finite. */
static void the_range_is_held(void **state)
{
	static const int16_t silence[MEL_SAMPLES];
	static int16_t click[MEL_SAMPLES];
	float rows[ROWS_SIZE];
	float least = INFINITY;
	float most = -INFINITY;

	(void)state;
	mel_run(&mel, false, silence, &work, rows, MEL_BANDS);
	for (size_t i = 0; i < ROWS_SIZE; i++)
		assert_true(fabs((double)rows[i] - (-100.0 / 10 + 2)) < 1e-4);
	click[0] = INT16_MAX; /* in the first frame only */
	mel_run(&mel, false, click, &work, rows, MEL_BANDS);
	for (size_t i = 0; i < ROWS_SIZE; i++) {
		least = fminf(least, rows[i]);
		most = fmaxf(most, rows[i]);
	}
	assert_true(fabs((double)(most - least) - 8) < 1e-4);
}

static int set_up(void **state)
{
	(void)state;
	make_all();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_c_is_right),
		cmocka_unit_test(avx2_is_right),
		cmocka_unit_test(the_range_is_held),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
