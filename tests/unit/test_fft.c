/* SPDX-License-Identifier: Apache-2.0 */
/* test_fft - against the sum it stands for, and there and back. */
#include "unit/cmocka_all.h"

#include <math.h>

#include "listen/fft.h"

enum { SIZE = 64, BIG = 4096 };

static const double PI = 3.14159265358979323846;

static void fill(struct fft_bin *bins, size_t size)
{
	uint32_t state = 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 1664525 + 1013904223;
		bins[i].re = (float)(state >> 16) / 65536.0F - 0.5F;
		state = state * 1664525 + 1013904223;
		bins[i].im = (float)(state >> 16) / 65536.0F - 0.5F;
	}
}

static void test_it_is_the_sum(void **state)
{
	struct fft_bin given[SIZE];
	struct fft_bin bins[SIZE];
	struct fft *fft = NULL;

	(void)state;
	fill(given, SIZE);
	fill(bins, SIZE);
	assert_int_equal(fft_create(SIZE, &fft), OK);
	fft_forward(fft, bins);
	for (size_t k = 0; k < SIZE; k++) {
		double re = 0.0;
		double im = 0.0;

		for (size_t n = 0; n < SIZE; n++) {
			const double angle = -2.0 * PI * (double)(k * n % SIZE) / SIZE;

			re += given[n].re * cos(angle) - given[n].im * sin(angle);
			im += given[n].re * sin(angle) + given[n].im * cos(angle);
		}
		assert_true(fabs(re - (double)bins[k].re) < 1e-4);
		assert_true(fabs(im - (double)bins[k].im) < 1e-4);
	}
	fft_destroy(fft);
}

static void test_there_and_back(void **state)
{
	static struct fft_bin given[BIG];
	static struct fft_bin bins[BIG];
	struct fft *fft = NULL;

	(void)state;
	fill(given, BIG);
	fill(bins, BIG);
	assert_int_equal(fft_create(BIG, &fft), OK);
	fft_forward(fft, bins);
	fft_inverse(fft, bins);
	for (size_t i = 0; i < BIG; i++) {
		assert_true(fabsf(given[i].re - bins[i].re) < 1e-5F);
		assert_true(fabsf(given[i].im - bins[i].im) < 1e-5F);
	}
	fft_destroy(fft);
}

static void test_sizes_it_does_not_do(void **state)
{
	struct fft *fft = NULL;

	(void)state;
	assert_int_equal(fft_create(0, &fft), ERR_RANGE);
	assert_int_equal(fft_create(2, &fft), ERR_RANGE);
	assert_int_equal(fft_create(48, &fft), ERR_RANGE);
	assert_int_equal(fft_create((size_t)FFT_SIZE_MAX * 2, &fft), ERR_RANGE);
	assert_null(fft);
	fft_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_the_sum),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_sizes_it_does_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
