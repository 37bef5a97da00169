/* SPDX-License-Identifier: Apache-2.0 */
/* flat: a microphone that gives one value for ten seconds gives nothing; air never does. */
#include "unit/cmocka_all.h"

#include "listen/flat.h"

enum { FRAMES = FLAT_MS / AUDIO_FRAME_MS };

static struct audio_frame frame_of(int16_t value)
{
	struct audio_frame frame;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		frame.samples[i] = value;
	return frame;
}

static bool feed(struct flat *flat, const struct audio_frame *frame, size_t times)
{
	bool is_flat = false;

	for (size_t i = 0; i < times; i++)
		is_flat = flat_feed(flat, frame);
	return is_flat;
}

static void one_value_is_flat_in_time(void **state)
{
	static const int16_t values[] = {0, 1, -300, INT16_MAX, INT16_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const struct audio_frame frame = frame_of(values[i]);
		struct flat flat;

		flat_init(&flat);
		assert_false(feed(&flat, &frame, FRAMES - 1));
		assert_true(feed(&flat, &frame, 1));
		assert_true(feed(&flat, &frame, 1000000));
	}
}

static void one_sample_ends_it(void **state)
{
	const struct audio_frame still = frame_of(0);
	struct audio_frame moved = still;
	struct flat flat;

	(void)state;
	moved.samples[AUDIO_FRAME_SAMPLES - 1] = 1;
	flat_init(&flat);
	assert_true(feed(&flat, &still, FRAMES));
	assert_false(feed(&flat, &moved, 1));
	assert_false(feed(&flat, &still, FRAMES - 1));
	assert_true(feed(&flat, &still, 1));
}

/* A step of the level, as when a plug is pulled, begins anew. */
static void another_value_begins_anew(void **state)
{
	const struct audio_frame zero = frame_of(0);
	const struct audio_frame offset = frame_of(12);
	struct flat flat;

	(void)state;
	flat_init(&flat);
	for (size_t i = 0; i < 3 * FRAMES; i++)
		assert_false(flat_feed(&flat, i % 2 ? &zero : &offset));
	assert_false(feed(&flat, &zero, FRAMES - 2)); /* the last one was zero */
	assert_true(feed(&flat, &zero, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value_is_flat_in_time),
		cmocka_unit_test(one_sample_ends_it),
		cmocka_unit_test(another_value_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
