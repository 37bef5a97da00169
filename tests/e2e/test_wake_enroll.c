/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wake_enroll - `behest wake enroll` at a microphone, on a sound card made of software
 * and with a synthetic voice that answers each time it is asked; a microphone that is
 * silent, goes away, or is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/speaker_alsa.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/pulse.h"
#include "folder.h"

enum {
	UTTERANCES = 5,
	EXIT_FAILED = 1,
	POLL_MS = 20,
	WAIT_MS = 240000,
	TRIES = 4,
};

#define WORD "computer"
#define ASKED ": say \"" WORD "\" now"

static char folder[256];
static char log_path[FILE_PATH_BYTES];
static char out_path[FILE_PATH_BYTES];
static char bank_path[FILE_PATH_BYTES];
static struct pulse *pulse;
static struct voice voice;
static struct buf written; /* by the command, so far */

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	assert_true(str_format(folder, sizeof(folder), "%s/behest-enroll-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(log_path, sizeof(log_path), folder, "log"));
	assert_true(file_join(out_path, sizeof(out_path), folder, "ours.head"));
	assert_true(file_join(bank_path, sizeof(bank_path), folder, "ours.negatives"));
	assert_int_equal(voice_flite_create(&voice), OK);
	pulse = pulse_start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_finish(&written);
	(void)unlink(log_path);
	(void)unlink(out_path);
	(void)unlink(bank_path);
	voice_close(&voice);
	pulse_stop(pulse);
	/* Succeeds only when nothing else was left behind. */
	return rmdir(folder);
}

/* --- running ---------------------------------------------------------------------------- */

static pid_t start(const char *device)
{
	const char *const words[] = {process_program("behest"),
				     "wake",
				     "enroll",
				     "--word",
				     WORD,
				     "--device",
				     device,
				     "--jobs",
				     "2",
				     "--out",
				     out_path,
				     NULL};

	(void)unlink(log_path);
	return process_start(words, log_path);
}

static const char *text(void)
{
	buf_finish(&written);
	if (file_read(log_path, PROCESS_OUTPUT_MAX, &written, NULL))
		return "";
	return (const char *)written.bytes;
}

static size_t count_of(const char *words)
{
	size_t count = 0;

	for (const char *at = text(); (at = strstr(at, words)); at++)
		count++;
	return count;
}

/* Says it as somebody in the room would. */
static void say_aloud(void)
{
	struct speaker speaker = {0};
	struct speaker_played played = {0};
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(&voice, WORD ".", &sound), OK);
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &speaker), OK);
	assert_int_equal(speaker_play(&speaker, sound, (struct event_id){1}), OK);
	while (!played.finished) {
		assert_int_equal(speaker_poll(&speaker, &played), OK);
		(void)poll(NULL, 0, POLL_MS);
	}
	speaker_close(&speaker);
}

/* Until it has ended; each time it asks, ask is called. Its exit status. */
static int follow(pid_t pid, void (*asked)(size_t times))
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	size_t times = 0;
	int status = 0;

	while (!process_is_over(&pid, &status)) {
		if (count_of(ASKED) > times && asked)
			asked(++times);
		if (loop_now_ms() > until_ms) {
			(void)process_end(&pid, SIGKILL);
			fail_msg("it does not end: %s", text());
		}
		(void)poll(NULL, 0, POLL_MS);
	}
	print_message("%s", text());
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- what happens ----------------------------------------------------------------------- */

static void answer(size_t times)
{
	(void)times;
	say_aloud();
}

static void test_five_utterances(void **state)
{
	(void)state;
	assert_int_equal(follow(start(PULSE_MIC), answer), 0);
	assert_int_equal(count_of("  good\n"), UTTERANCES);
	assert_int_equal(count_of("of your 5 utterances"), 1);
	assert_int_equal(count_of("Nothing that you said was stored."), 1);
	assert_true(file_exists(out_path));
	assert_true(file_exists(bank_path));
	assert_int_equal(unlink(out_path), 0);
}

/* Nobody speaks: it says so each time, asks again, and gives up in the end. */
static void test_silence(void **state)
{
	(void)state;
	assert_int_equal(follow(start(PULSE_MIC), NULL), EXIT_FAILED);
	assert_int_equal(count_of("it was too quiet"), TRIES);
	assert_int_equal(count_of("behest wake: no utterance of use in 4 tries"), 1);
	assert_false(file_exists(out_path));
}

static void unplug(size_t times)
{
	if (times == 1)
		pulse_plug(pulse, false);
}

static void test_a_microphone_that_goes_away(void **state)
{
	(void)state;
	assert_int_equal(follow(start(PULSE_MIC), unplug), EXIT_FAILED);
	assert_int_equal(count_of("behest wake: the microphone went away"), 1);
	pulse_plug(pulse, true);
	assert_int_equal(follow(start("no_such_card"), NULL), EXIT_FAILED);
	assert_int_equal(
		count_of("behest wake: microphone 'no_such_card': cannot be opened"), 1);
	assert_false(file_exists(out_path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_five_utterances),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_a_microphone_that_goes_away),
	};

	if (!folder_has_net())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
