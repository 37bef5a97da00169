/* SPDX-License-Identifier: Apache-2.0 */
/* take: the true end of speech, pauses, and rooms that are never dead. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>

#include "cli/take.h"

enum { MS = AUDIO_HZ / 1000, SECOND = AUDIO_HZ };

static int16_t sound[3 * SECOND];
static struct take *take;

/* Two syllables in three seconds of nothing: 500..1200 and 1300..2000 ms. */
static int open_take(void **state)
{
	(void)state;
	for (int i = 0; i < 3 * SECOND; i++) {
		int ms = i / MS;
		bool voice = (ms >= 500 && ms < 1200) || (ms >= 1300 && ms < 2000);
		sound[i] = (int16_t)(voice ? 8000 * sin(i * 0.3) : 0);
	}
	return take_create(&take) != OK;
}

static int close_take(void **state)
{
	(void)state;
	take_destroy(take);
	return 0;
}

static void add(double factor)
{
	take_clear(take);
	assert_int_equal(take_add(take, (struct audio_span){sound, 3 * SECOND}, factor),
			 OK);
	take_measure(take);
}

static void assert_near(size_t samples, double ms)
{
	assert_true(fabs((double)samples / MS - ms) <= 30);
}

static void test_ends(void **state)
{
	static const double FACTORS[] = {0.5, 0.8, 1, 1.3, 2};

	(void)state;
	for (size_t i = 0; i < sizeof(FACTORS) / sizeof(FACTORS[0]); i++) {
		add(FACTORS[i]);
		assert_near(take_begin(take), 500 / FACTORS[i]);
		assert_near(take_end(take), 2000 / FACTORS[i]);
	}
}

static void test_click_is_no_end(void **state)
{
	(void)state;
	for (int i = 2900 * MS; i < 2920 * MS; i++)
		sound[i] = i % 2 ? 8000 : -8000;
	add(1);
	assert_near(take_end(take), 2000);
}

static void test_pause(void **state)
{
	size_t places[TAKE_PLACES_MAX];
	size_t count;

	(void)state;
	add(1);
	assert_true(take_places(take, places) >= 1);
	assert_near(places[0], 1250);
	assert_int_equal(take_pause(take, places[0], 400), OK);
	assert_int_equal(take_surround(take, 300, 1000), OK);
	assert_near(take_begin(take), 300 + 500);
	assert_near(take_end(take), 300 + 2000 + 400);
	const int16_t *samples = take_samples(take, &count);
	assert_int_equal(count, (3000 + 400 + 1300) * MS);
	for (size_t i = 0; i + 10 * MS <= count; i += 10 * MS) {
		int loud = 0;
		for (size_t k = i; k < i + 10 * MS; k++)
			loud += samples[k] != 0;
		assert_true(loud > 0);
	}
}

static void test_too_long(void **state)
{
	(void)state;
	add(1);
	assert_int_equal(take_surround(take, 58000, 0), ERR_LIMIT);
	assert_int_equal(take_pause(take, 0, 58000), ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_take, close_take)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ends),
		TEST(test_click_is_no_end),
		TEST(test_pause),
		TEST(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
