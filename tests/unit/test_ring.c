/* SPDX-License-Identifier: Apache-2.0 */
/* test_ring - the newest frames, in order, in locked memory, and nothing after a wipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "listen/locked.h"
#include "listen/ring.h"

static struct audio_frame frame_of(int value)
{
	struct audio_frame frame;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		frame.samples[i] = (int16_t)value;
	return frame;
}

static void test_keeps_the_newest_in_order(void **state)
{
	struct ring *ring = NULL;

	(void)state;
	assert_int_equal(ring_create(&ring), OK);
	assert_int_equal(ring_count(ring), 0);
	for (int i = 1; i <= 3 * RING_FRAMES + 7; i++) {
		const struct audio_frame frame = frame_of(i);

		ring_add(ring, &frame);
	}
	assert_int_equal(ring_count(ring), RING_FRAMES);
	for (size_t i = 0; i < RING_FRAMES; i++)
		assert_int_equal(ring_at(ring, i)->samples[AUDIO_FRAME_SAMPLES - 1],
				 2 * RING_FRAMES + 8 + i);
	ring_destroy(ring);
	ring_destroy(NULL);
}

static void test_holds_less_than_two_seconds(void **state)
{
	(void)state;
	assert_true(RING_MS <= 2000);
	assert_int_equal(RING_FRAMES * AUDIO_FRAME_MS, RING_MS);
}

static void test_wipe_leaves_nothing(void **state)
{
	struct ring *ring = NULL;
	const struct audio_frame frame = frame_of(1234);
	const struct audio_frame *inside = NULL;

	(void)state;
	assert_int_equal(ring_create(&ring), OK);
	ring_add(ring, &frame);
	inside = ring_at(ring, 0);
	assert_int_equal(inside->samples[7], 1234);
	ring_wipe(ring);
	assert_int_equal(ring_count(ring), 0);
	assert_int_equal(inside->samples[7], 0);
	ring_destroy(ring);
}

/* KiB of this process that are locked, by the kernel's own account. */
static long locked_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	assert_non_null(file);
	while (kib < 0 && fgets(line, sizeof(line), file))
		(void)sscanf(line, "VmLck: %ld", &kib);
	assert_int_equal(fclose(file), 0);
	return kib;
}

static void test_is_locked(void **state)
{
	struct ring *ring = NULL;
	const long before = locked_kib();

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* the sanitizers swallow mlock */
#endif
	assert_int_equal(ring_create(&ring), OK);
	assert_true(locked_kib() - before >=
		    (long)(RING_FRAMES * sizeof(struct audio_frame) / 1024));
	ring_destroy(ring);
	assert_int_equal(locked_kib(), before);
}

static void test_limits_of_locked_memory(void **state)
{
	void *memory = NULL;

	(void)state;
	assert_int_equal(locked_take((size_t)LOCKED_BYTES_MAX + 1, &memory), ERR_LIMIT);
	assert_null(memory);
	locked_free(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_the_newest_in_order),
		cmocka_unit_test(test_holds_less_than_two_seconds),
		cmocka_unit_test(test_wipe_leaves_nothing),
		cmocka_unit_test(test_is_locked),
		cmocka_unit_test(test_limits_of_locked_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
