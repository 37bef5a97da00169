/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mic - one contract for every microphone that needs no device: the fake, a file,
 * standard input and a named pipe; and what is special about each.
 *
 * The ALSA microphone keeps the same contract in tests/e2e/test_pulse.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "adapter/mic_file.h"
#include "adapter/mic_raw.h"
#include "base/loop.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/mic_fake.h"
#include "listen/lease.h"

enum { PATH_BYTES = 256, FRAMES = 5, WAIT_MS = 2000 };

static char folder[PATH_BYTES];
static char path[2 * PATH_BYTES];
static int16_t sound[FRAMES * AUDIO_FRAME_SAMPLES];

static const char *in_folder(const char *name)
{
	assert_true(str_format(path, sizeof(path), "%s/%s", folder, name));
	return path;
}

static int make_folder(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	(void)str_format(folder, sizeof(folder), "%s/behest-mic-XXXXXX",
			 base ? base : "/tmp");
	for (size_t i = 0; i < STR_COUNT(sound); i++)
		sound[i] = (int16_t)(i + 1);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

/* ---- one stage per microphone: made so that it will hear `sound` once it is open ---- */

struct stage {
	struct clock_fake fake_clock;
	struct clock clock;
	struct mic_fake *fake;
	struct mic mic;
	int write_fd; /* -1: none */
	int old_stdin;
};

static void stage_fake(struct stage *stage)
{
	stage->clock = clock_fake_init(&stage->fake_clock);
	stage->fake_clock.now_us = loop_now_ms() * 1000;
	assert_int_equal(mic_fake_create(&stage->clock, &stage->fake), OK);
	stage->mic = mic_fake_port(stage->fake);
	mic_fake_push(stage->fake, (struct audio_span){sound, STR_COUNT(sound)});
	mic_fake_end(stage->fake);
}

static void stage_file(struct stage *stage)
{
	assert_int_equal(audio_file_write(in_folder("mic.wav"),
					  (struct audio_span){sound, STR_COUNT(sound)},
					  NULL),
			 OK);
	assert_int_equal(mic_file_create(path, &stage->mic), OK);
}

static void stage_stdin(struct stage *stage)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	stage->old_stdin = dup(STDIN_FILENO);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(write(ends[1], sound, sizeof(sound)), sizeof(sound));
	close(ends[1]);
	assert_int_equal(mic_raw_create_stdin(&stage->mic), OK);
}

static void stage_pipe(struct stage *stage)
{
	assert_int_equal(mic_raw_create_pipe(in_folder("mic.pipe"), &stage->mic), OK);
}

/* A pipe hears only what is written after it was opened. */
static void speak_into_pipe(struct stage *stage)
{
	stage->write_fd = open(in_folder("mic.pipe"), O_WRONLY | O_CLOEXEC);
	assert_true(stage->write_fd >= 0);
	assert_int_equal(write(stage->write_fd, sound, sizeof(sound)), sizeof(sound));
}

static const struct row {
	const char *name;
	void (*make)(struct stage *stage);
	void (*opened)(struct stage *stage); /* or NULL */
	bool ends;
} ROWS[] = {
	{"fake", stage_fake, NULL, true},
	{"file", stage_file, NULL, true},
	{"stdin", stage_stdin, NULL, true},
	{"pipe", stage_pipe, speak_into_pipe, false},
};

static void start(const struct row *row, struct stage *stage)
{
	*stage = (struct stage){.write_fd = -1, .old_stdin = -1};
	row->make(stage);
}

static void clear(struct stage *stage)
{
	mic_close(&stage->mic);
	mic_close(&stage->mic); /* again: nothing */
	mic_fake_destroy(stage->fake);
	if (stage->write_fd >= 0)
		close(stage->write_fd);
	if (stage->old_stdin >= 0) {
		(void)dup2(stage->old_stdin, STDIN_FILENO);
		close(stage->old_stdin);
	}
	(void)unlink(in_folder("mic.wav"));
	(void)unlink(in_folder("mic.pipe"));
}

static struct lease *lease_now(void)
{
	struct lease *lease = NULL;

	assert_int_equal(lease_create(LEASE_NAME, loop_now_ms(), &lease), OK);
	return lease;
}

/* ---- the contract ---- */

static void test_frames_come_whole_and_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct stage stage;
		struct lease *lease = lease_now();
		struct audio_frame frame;
		unsigned heard = 0;

		start(&ROWS[i], &stage);
		assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
		if (ROWS[i].opened)
			ROWS[i].opened(&stage);
		while (heard < FRAMES) {
			assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame), OK);
			if (frame.samples[0] ==
			    0) /* a pipe is silent until somebody speaks */
				continue;
			assert_memory_equal(frame.samples,
					    sound + heard * AUDIO_FRAME_SAMPLES,
					    sizeof(frame.samples));
			heard++;
		}
		if (ROWS[i].ends)
			assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame),
					 ERR_CLOSED);
		clear(&stage);
		lease_destroy(lease);
	}
}

static void test_no_lease_no_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct stage stage;
		struct lease *lease = lease_now();
		struct audio_frame frame;

		start(&ROWS[i], &stage);
		assert_int_equal(mic_open(&stage.mic, NULL, NULL), ERR_CLOSED);
		assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
		lease_end(lease, loop_now_ms());
		if (stage.fake)
			clock_fake_pass(&stage.fake_clock, 1000);
		assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame), ERR_CLOSED);
		mic_shut(&stage.mic);
		assert_int_equal(mic_open(&stage.mic, lease, NULL), ERR_CLOSED);
		clear(&stage);
		lease_destroy(lease);
	}
}

static void test_it_opens_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct stage stage;
		struct lease *lease = lease_now();
		struct audio_frame frame;

		start(&ROWS[i], &stage);
		assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
		mic_shut(&stage.mic);
		assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
		assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame), OK);
		clear(&stage);
		lease_destroy(lease);
	}
}

/* ---- what is special ---- */

static void test_a_file_that_is_none(void **state)
{
	struct mic mic = {0};
	struct lease *lease = lease_now();
	struct err_note note = {{0}};

	(void)state;
	assert_int_equal(mic_file_create(in_folder("nobody.wav"), &mic), OK);
	assert_int_equal(mic_open(&mic, lease, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "nobody.wav"));
	mic_close(&mic);
	lease_destroy(lease);
}

static void test_a_pipe_hears_silence_and_nothing_from_before(void **state)
{
	struct stage stage = {.write_fd = -1, .old_stdin = -1};
	struct lease *lease = lease_now();
	struct audio_frame frame;

	(void)state;
	stage_pipe(&stage);
	stage.write_fd = open(in_folder("mic.pipe"), O_RDWR | O_CLOEXEC);
	assert_int_equal(write(stage.write_fd, sound, sizeof(sound)), sizeof(sound));
	assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
	for (unsigned n = 0; n < 4; n++) {
		assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame), OK);
		assert_int_equal(frame.samples[0], 0);
	}
	clear(&stage);
	lease_destroy(lease);
}

static void test_what_is_no_pipe_is_refused_and_left_alone(void **state)
{
	struct mic mic = {0};
	struct lease *lease = lease_now();
	struct err_note note = {{0}};
	struct stat status;
	const int fd = open(in_folder("plain"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(mic_raw_create_pipe(path, &mic), OK);
	assert_int_equal(mic_open(&mic, lease, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "is not a named pipe"));
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	mic_close(&mic);
	(void)unlink(path);
	lease_destroy(lease);
}

static void test_half_a_frame_at_the_end_is_filled_up(void **state)
{
	struct stage stage = {.write_fd = -1, .old_stdin = dup(STDIN_FILENO)};
	struct lease *lease = lease_now();
	struct audio_frame frame;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(write(ends[1], sound, 7), 7); /* not even whole samples */
	close(ends[1]);
	assert_int_equal(mic_raw_create_stdin(&stage.mic), OK);
	assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
	assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame), OK);
	assert_int_equal(frame.samples[2], 3);
	assert_int_equal(frame.samples[4], 0);
	assert_int_equal(mic_read(&stage.mic, WAIT_MS, &frame), ERR_CLOSED);
	clear(&stage);
	lease_destroy(lease);
}

static void test_unplugged(void **state)
{
	struct stage stage;
	struct lease *lease = lease_now();
	struct audio_frame frame;

	(void)state;
	start(&ROWS[0], &stage);
	assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
	mic_fake_unplug(stage.fake, true);
	assert_int_equal(mic_read(&stage.mic, 0, &frame), ERR_IO);
	mic_shut(&stage.mic);
	assert_int_equal(mic_open(&stage.mic, lease, NULL), ERR_IO);
	mic_fake_unplug(stage.fake, false);
	assert_int_equal(mic_open(&stage.mic, lease, NULL), OK);
	assert_int_equal(mic_read(&stage.mic, 0, &frame), OK);
	clear(&stage);
	lease_destroy(lease);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_come_whole_and_in_order),
		cmocka_unit_test(test_no_lease_no_sound),
		cmocka_unit_test(test_it_opens_again),
		cmocka_unit_test(test_a_file_that_is_none),
		cmocka_unit_test(test_a_pipe_hears_silence_and_nothing_from_before),
		cmocka_unit_test(test_what_is_no_pipe_is_refused_and_left_alone),
		cmocka_unit_test(test_half_a_frame_at_the_end_is_filled_up),
		cmocka_unit_test(test_unplugged),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
