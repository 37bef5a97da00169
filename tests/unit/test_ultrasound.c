/* SPDX-License-Identifier: Apache-2.0 */
/* rehearsal_ultrasound: the image of a tone is the tone and, weaker, its second harmonic. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/rehearsal_ultrasound.h"

enum { COUNT = AUDIO_HZ, EDGE = AUDIO_HZ / 5, TONE_HZ = 1000 };

static const double PI = 3.14159265358979323846;

static void tone(int16_t *to)
{
	for (size_t i = 0; i < COUNT; i++)
		to[i] = (int16_t)lround(8000 *
					sin(2 * PI * TONE_HZ * (double)i / AUDIO_HZ));
}

/* The amplitude at that frequency, away from the ends. */
static double at_hz(const int16_t *sound, double hz)
{
	double re = 0;
	double im = 0;

	for (size_t i = EDGE; i < COUNT - EDGE; i++) {
		re += sound[i] * cos(2 * PI * hz * (double)i / AUDIO_HZ);
		im += sound[i] * sin(2 * PI * hz * (double)i / AUDIO_HZ);
	}
	return 2 * hypot(re, im) / (COUNT - 2 * EDGE);
}

/* (1 + dm)^2 = 1 + 2dm + (dm)^2: of a tone, a quarter of the depth at twice the pitch. */
static void the_image_is_the_speech_and_its_square(void **state)
{
	static const double DEPTHS[] = {1.0, 0.5, 0.2};
	static int16_t said[COUNT];
	static int16_t heard[COUNT];

	(void)state;
	tone(said);
	for (size_t i = 0; i < sizeof(DEPTHS) / sizeof(DEPTHS[0]); i++) {
		double first;

		assert_int_equal(rehearsal_ultrasound((struct audio_span){said, COUNT},
						      DEPTHS[i], heard),
				 OK);
		first = at_hz(heard, TONE_HZ);
		assert_true(first > 4000 && first < 9000);
		assert_true(fabs(at_hz(heard, 2 * TONE_HZ) / first - DEPTHS[i] / 4) <
			    0.02);
		assert_true(at_hz(heard, 3 * TONE_HZ) / first < 0.01);
	}
}

static void silence_stays_silent(void **state)
{
	static const int16_t said[COUNT];
	static int16_t heard[COUNT];

	(void)state;
	assert_int_equal(rehearsal_ultrasound((struct audio_span){said, COUNT}, 1.0,
					      heard),
			 OK);
	for (size_t i = EDGE; i < COUNT - EDGE; i++)
		assert_true(abs(heard[i]) <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_image_is_the_speech_and_its_square),
		cmocka_unit_test(silence_stays_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
