/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_capture - the microphone's thread: frames arrive in order, a lost device is tried
 * again, and stopped means shut.
 *
 * The microphone here is a small one of the test's own, safe between threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "room/capture.h"

enum { WAIT_MS = 20000 };

/* Gives numbered frames while it is plugged in. */
struct source {
	const struct lease *lease;
	atomic_bool plugged;
	atomic_bool over;
	atomic_bool open;
	atomic_uint opens;
	int16_t next;
};

static enum err source_open(void *self, const struct lease *lease, struct err_note *note)
{
	struct source *source = self;

	atomic_fetch_add(&source->opens, 1);
	if (!source->plugged)
		return err_say(ERR_IO, note, "test microphone: not there");
	source->lease = lease;
	source->open = true;
	return OK;
}

static enum err source_read(void *self, int timeout_ms, struct audio_frame *out_frame)
{
	struct source *source = self;

	assert_true(timeout_ms > 0);
	(void)poll(NULL, 0, 2);
	if (lease_is_over(source->lease, loop_now_ms()) || source->over)
		return ERR_CLOSED;
	if (!source->plugged)
		return ERR_IO;
	memset(out_frame, 0, sizeof(*out_frame));
	out_frame->samples[0] = source->next++;
	return OK;
}

static void source_shut(void *self)
{
	struct source *source = self;

	source->open = false;
}

/* Of the frame that was read last: every other one. */
static bool source_one_sided(void *self)
{
	const struct source *source = self;

	return source->next % 2 == 0;
}

static const struct mic_ops OPS = {source_open, source_read, source_shut, source_shut,
				   source_one_sided};

struct stage {
	struct source source;
	struct mic mic;
	struct capture *capture;
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	stage->mic = (struct mic){&OPS, &stage->source};
	stage->source.plugged = true;
	assert_int_equal(capture_create(&stage->mic, &stage->capture), OK);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	capture_destroy(stage->capture);
	free(stage);
	return 0;
}

/* The next item of that kind, skipping frames while others are looked for. */
static struct capture_item next(struct stage *stage, enum capture_kind kind)
{
	struct capture_item item;
	struct pollfd wait = {.fd = capture_fd(stage->capture), .events = POLLIN};

	do {
		assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
		assert_int_equal(capture_next(stage->capture, &item), OK);
	} while (item.kind != kind && item.kind == CAPTURE_FRAME);
	assert_int_equal(item.kind, kind);
	return item;
}

static void test_frames_in_order(void **state)
{
	struct stage *stage = *state;

	assert_false(capture_is_running(stage->capture));
	assert_int_equal(capture_start(stage->capture), OK);
	assert_int_equal(capture_start(stage->capture), OK); /* again: nothing */
	(void)next(stage, CAPTURE_OPENED);
	for (int16_t n = 0; n < 50; n++) {
		const struct capture_item item = next(stage, CAPTURE_FRAME);

		assert_int_equal(item.frame.samples[0], n);
		assert_int_equal(item.one_sided, n % 2 == 1);
	}
	assert_int_equal(stage->source.opens, 1);
}

static void test_stopped_is_shut_and_forgotten(void **state)
{
	struct stage *stage = *state;
	struct capture_item item;

	assert_int_equal(capture_start(stage->capture), OK);
	(void)next(stage, CAPTURE_OPENED);
	assert_true(stage->source.open);
	capture_stop(stage->capture);
	assert_false(stage->source.open);
	assert_false(capture_is_running(stage->capture));
	assert_int_equal(capture_next(stage->capture, &item), ERR_MISSING);
	capture_stop(stage->capture); /* again: nothing */
	assert_int_equal(capture_start(stage->capture), OK);
	(void)next(stage, CAPTURE_OPENED);
	assert_int_equal(stage->source.opens, 2);
}

static void test_a_lost_device_is_found_again(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(capture_start(stage->capture), OK);
	(void)next(stage, CAPTURE_OPENED);
	stage->source.plugged = false;
	assert_string_equal(next(stage, CAPTURE_LOST).note.text,
			    "microphone: it went away");
	assert_string_equal(next(stage, CAPTURE_LOST).note.text,
			    "test microphone: not there");
	assert_false(stage->source.open);
	stage->source.plugged = true;
	(void)next(stage, CAPTURE_OPENED);
	(void)next(stage, CAPTURE_FRAME);
}

static void test_a_source_that_is_over(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(capture_start(stage->capture), OK);
	(void)next(stage, CAPTURE_OPENED);
	stage->source.over = true;
	(void)next(stage, CAPTURE_ENDED);
	assert_false(stage->source.open);
	assert_int_equal(stage->source.opens, 1);
}

static void test_what_nobody_takes_is_lost_and_counted(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(capture_start(stage->capture), OK);
	while (capture_lost_frames(stage->capture) < 10)
		(void)poll(NULL, 0, 5);
	(void)next(stage, CAPTURE_OPENED);
	/* The oldest are kept: no more than fit behind the word that it is open. */
	for (int16_t n = 0; n < CAPTURE_FRAMES_MAX - 1; n++)
		assert_int_equal(next(stage, CAPTURE_FRAME).frame.samples[0], n);
	assert_true(next(stage, CAPTURE_FRAME).frame.samples[0] > CAPTURE_FRAMES_MAX);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_frames_in_order),
		STAGED(test_stopped_is_shut_and_forgotten),
		STAGED(test_a_lost_device_is_found_again),
		STAGED(test_a_source_that_is_over),
		STAGED(test_what_nobody_takes_is_lost_and_counted),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
