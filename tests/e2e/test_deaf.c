/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_deaf - a room that cannot hear says so where the household looks, in one line with
 * the reason, and hears again when it can; the house goes on without it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/speaker_alsa.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"
#include "e2e/pulse.h"

enum { CONF_BYTES_MAX = 4096, VERSION_AT = 11, HEAD_BYTES_MAX = 4 * 1024 * 1024 };

static struct house house;
static char head_path[FILE_PATH_BYTES];

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	house_start_keeper(&house);
	house_settle(&house);
	house_start_hub(&house);
	house_start_room(&house);
	assert_true(file_join(head_path, sizeof(head_path), house.data, "mine.head"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- what is shown ---------------------------------------------------------------------- */

/* Until `behest rooms` shows the words; how is NULL or --json. */
static void wait_shown(const char *how, const char *shown)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	const char *const words[] = {
		process_program("behest"), "rooms", "--data", house.data, how, NULL};

	for (;;) {
		struct process_ran ran;
		bool found;

		process_run(words, PROCESS_WAIT_MS, &ran);
		assert_int_equal(ran.status, 0);
		found = strstr(process_out(&ran), shown) != NULL;
		if (found)
			print_message("%s", process_out(&ran));
		else if (loop_now_ms() > until_ms)
			fail_msg("%s is not in: %s", shown, process_out(&ran));
		process_ran_finish(&ran);
		if (found)
			return;
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* before, path and behind it the reason, as one line has them. */
static void wait_deaf(const char *before, const char *path, const char *why)
{
	char line[2 * FILE_PATH_BYTES];

	assert_true(str_format(line, sizeof(line), "deaf: %s%s%s", before, path, why));
	wait_shown(NULL, line);
	wait_shown("--json", "\"light\":\"deaf\"");
}

static void wait_hears(void)
{
	wait_shown("--json", "\"light\":\"waiting\",\"trouble\":\"\"");
}

/* How often the room said it in its log. */
static size_t said_in_log(const char *words)
{
	struct buf log;
	size_t count = 0;

	assert_int_equal(file_read(house.log, PROCESS_OUTPUT_MAX, &log, NULL), OK);
	for (const char *at = (const char *)log.bytes; (at = strstr(at, words)); at++)
		count++;
	buf_finish(&log);
	return count;
}

/* The house is there, whatever the room can do. */
static void house_answers(void)
{
	struct house_turn turn;

	house_ask(&house, "what time is it", &turn);
	assert_false(turn.refused);
	assert_true(turn.said[0] != '\0');
}

/* --- a microphone ----------------------------------------------------------------------- */

static void test_a_microphone_that_goes_and_comes(void **state)
{
	int fd;

	(void)state;
	wait_hears();
	/* Something else lies in its place when it is opened next. */
	house_stop_hub(&house);
	assert_int_equal(unlink(house.pipe), 0);
	fd = open(house.pipe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	house_start_hub(&house);
	wait_deaf("microphone: ", house.pipe, ": is not a named pipe");
	house_answers();
	assert_int_equal(unlink(house.pipe), 0);
	assert_int_equal(mkfifo(house.pipe, 0600), 0);
	wait_hears();
	/* Once, and not with every try. */
	assert_int_equal(said_in_log("deaf: microphone: "), 1);
}

/* --- a head ----------------------------------------------------------------------------- */

static void write_model(void)
{
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct buf old;
	struct buf conf;

	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_read(path, CONF_BYTES_MAX, &old, &note), OK);
	buf_init(&conf, CONF_BYTES_MAX);
	assert_int_equal(buf_add_format(&conf, "%s[wake]\nmodel = %s\n",
					(const char *)old.bytes, head_path),
			 OK);
	assert_int_equal(file_write(path, conf.bytes, conf.size, 0600, &note), OK);
	buf_finish(&conf);
	buf_finish(&old);
}

/* On the pipe, or on the sound card made of software. */
static void start_room_anyhow(bool alsa)
{
	const char *const words[] = {process_program("behest-room"),
				     "--data",
				     house.data,
				     "--name",
				     HOUSE_ROOM,
				     "--microphone",
				     alsa ? "alsa" : "pipe",
				     "--microphone_device",
				     alsa ? PULSE_MIC : house.pipe,
				     "--speaker",
				     "none",
				     NULL};

	house.room = process_start(words, house.log);
}

static void restart_room(bool alsa)
{
	house_stop_room(&house);
	start_room_anyhow(alsa);
}

static void write_head(size_t size, uint8_t version)
{
	const char *source = getenv("BEHEST_SOURCE");
	char path[FILE_PATH_BYTES];
	struct buf head;

	assert_non_null(source);
	assert_true(file_join(path, sizeof(path), source,
			      "share/models/" HOUSE_WORD ".head"));
	assert_int_equal(file_read(path, HEAD_BYTES_MAX, &head, NULL), OK);
	head.bytes[VERSION_AT] = version;
	assert_int_equal(file_write(head_path, head.bytes, size ? size : head.size, 0600,
				    NULL),
			 OK);
	buf_finish(&head);
}

static void test_a_head_that_is_none(void **state)
{
	(void)state;
	write_model();
	write_head(0, 9);
	restart_room(false);
	wait_deaf("", head_path, ": a head of version 9; expected version 1");
	house_answers();
	write_head(1000, 1);
	restart_room(false);
	wait_deaf("", head_path, ": 1000 bytes; expected ");
	write_head(0, 1);
	restart_room(false);
	wait_hears();
}

/* --- a sound card ----------------------------------------------------------------------- */

static void say_aloud(const char *words)
{
	struct speaker speaker = {0};
	struct speaker_played played = {0};
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(&house.voice, words, &sound), OK);
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &speaker), OK);
	assert_int_equal(speaker_play(&speaker, sound, (struct event_id){1}), OK);
	while (!played.finished) {
		assert_int_equal(speaker_poll(&speaker, &played), OK);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
	speaker_close(&speaker);
}

/* The card gives zeros as long as nothing is played on it, as a muted one does; and then
 * it is pulled out. */
static void test_a_sound_card(void **state)
{
	struct pulse *pulse = pulse_start();

	(void)state;
	restart_room(true);
	wait_deaf("microphone: ", "nothing but silence comes from it", "");
	say_aloud("there is somebody in the room.");
	wait_hears();
	pulse_plug(pulse, false);
	wait_deaf("microphone '" PULSE_MIC "': ", "cannot be ", "");
	house_answers();
	pulse_plug(pulse, true);
	wait_hears();
	house_stop_room(&house);
	pulse_stop(pulse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_microphone_that_goes_and_comes),
		cmocka_unit_test(test_a_head_that_is_none),
		cmocka_unit_test(test_a_sound_card),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
