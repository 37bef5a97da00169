/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_music_heard - a whole house in whose kitchen music plays: what the music says wakes
 * nobody and moves nothing, the same sound from somebody else does, and people are
 * understood over music.
 *
 * The test is the player: it writes what plays into the pipe that MPD would write into,
 * and what the microphone hears of it, from a simulated room, into the room's. In real
 * time, because two sounds have to come together.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "cli/room_sound.h"
#include "cli/simulated_room.h"
#include "e2e/house_fixture.h"

enum {
	SECONDS = 14,
	COUNT = SECONDS * AUDIO_HZ,
	WORDS_AT = 4 * AUDIO_HZ, /* the echo canceller has learned the room by then */
	LEVEL = 3000,
	QUIET_MS = 5000,
};

#define WORDS HOUSE_WORD ", turn on the bedroom light."

static struct house house;
static char fifo[FILE_PATH_BYTES];
static int fifo_fd = -1;
static int microphone_fd = -1;

static int16_t played[COUNT];
static int16_t spoken[COUNT];
static float heard[COUNT];

/* ---- the house ---- */

static void add_settings(void)
{
	char path[FILE_PATH_BYTES];
	char text[1024];
	struct buf before;

	assert_true(file_join(fifo, sizeof(fifo), house.fixture.folder, "music.fifo"));
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fifo_fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fifo_fd >= 0);
	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(text) / 2, &before, NULL), OK);
	assert_true(str_format(text, sizeof(text), "%.*s[room]\nmusic = %s\n",
			       (int)before.size, (const char *)before.bytes, fifo));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	buf_finish(&before);
}

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	add_settings();
	house_up(&house);
	microphone_fd = open(house.pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(microphone_fd >= 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(fifo_fd);
	close(microphone_fd);
	house_end(&house);
	return 0;
}

/* ---- sound ---- */

static void say(const char *words, int16_t *to)
{
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(&house.voice, words, &sound), OK);
	assert_true(WORDS_AT + sound.count < COUNT);
	memcpy(to + WORDS_AT, sound.samples, sound.count * sizeof(*to));
}

static void begin_sound(void)
{
	memset(played, 0, sizeof(played));
	memset(spoken, 0, sizeof(spoken));
	memset(heard, 0, sizeof(heard));
}

static void make_heard(double music, double theirs)
{
	const struct simulated_room_settings settings = {.seed = 9,
							 .rt60_s = 0.25,
							 .delay_ms = 60,
							 .distortion = 0.02};
	struct simulated_room *room = NULL;
	uint64_t dice = 3;

	assert_int_equal(simulated_room_create(&settings, &room), OK);
	assert_int_equal(simulated_room_play(room, (struct audio_span){played, COUNT},
					     music, heard, COUNT),
			 OK);
	assert_int_equal(simulated_room_speak(room, (struct audio_span){spoken, COUNT},
					      theirs, heard, COUNT),
			 OK);
	room_sound_add_noise(&dice, 8.0, heard, COUNT);
	simulated_room_destroy(room);
}

static void put(int fd, const int16_t *samples, size_t count)
{
	const ssize_t size = (ssize_t)(count * sizeof(*samples));

	assert_int_equal(write(fd, samples, (size_t)size), size);
}

/* Frame after frame, both pipes at their time. is_told: the player writes its pipe. */
static void let_it_sound(bool is_told)
{
	const int64_t begin_ms = loop_now_ms();

	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT; at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame frame = room_sound_frame(heard, COUNT, at);
		const int64_t due_ms = begin_ms + at / (AUDIO_HZ / 1000);

		while (loop_now_ms() < due_ms)
			(void)poll(NULL, 0, 1);
		if (is_told)
			put(fifo_fd, played + at, AUDIO_FRAME_SAMPLES);
		put(microphone_fd, frame.samples, AUDIO_FRAME_SAMPLES);
	}
}

/* ---- what comes of it ---- */

static void must_switch_the_light(void)
{
	struct house_turn turn;

	house_turn(&house, &turn);
	print_message("\"%s\": %s %s\n", turn.text, turn.decision, turn.reason);
	assert_string_equal(turn.text, "turn on the bedroom light");
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.reason, "NONE");
	assert_int_equal(turn.done, 1);
}

/* The same sound, and nobody has told that it is music: the house obeys it. Without this
 * the test below would show nothing. */
static void test_a_television_is_a_visitor(void **state)
{
	(void)state;
	begin_sound();
	say(WORDS, played);
	make_heard(0.8, 0.0);
	let_it_sound(false);
	must_switch_the_light();
}

static void test_what_music_says_is_not_obeyed(void **state)
{
	struct house_turn turn;
	uint64_t dice = 5;

	(void)state;
	begin_sound();
	room_sound_music(&dice, LEVEL, played, WORDS_AT);
	say(WORDS, played);
	make_heard(0.8, 0.0);
	let_it_sound(true);
	if (!house_turn_within(&house, QUIET_MS, &turn))
		return; /* it woke nobody */
	print_message("\"%s\": %s %s\n", turn.text, turn.decision, turn.reason);
	assert_string_equal(turn.decision, "refuse");
	assert_int_equal(turn.done, 0);
}

static void test_people_are_understood_over_music(void **state)
{
	uint64_t dice = 6;

	(void)state;
	begin_sound();
	room_sound_music(&dice, LEVEL, played, COUNT);
	say(WORDS, spoken);
	make_heard(0.3, 0.8);
	let_it_sound(true);
	must_switch_the_light();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_television_is_a_visitor),
		cmocka_unit_test(test_what_music_says_is_not_obeyed),
		cmocka_unit_test(test_people_are_understood_over_music),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
