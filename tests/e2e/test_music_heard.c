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
#include <sys/ioctl.h>
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
	DUCKED_AT = WORDS_AT + AUDIO_HZ,
	LEVEL = 3000,
	QUIET_MS = 5000,
	FRAMES = COUNT / AUDIO_FRAME_SAMPLES,
	AHEAD_FRAMES = 40,
	PLAYS_MAX = 8,
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

/* The room opens its end when it is let in. */
static void open_microphone(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (microphone_fd < 0 && loop_now_ms() < until_ms) {
		microphone_fd = open(house.pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
	assert_true(microphone_fd >= 0);
}

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	add_settings();
	house_up(&house);
	open_microphone();
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
}

static void make_heard(double music, double theirs)
{
	const struct room_sound_scene scene = {
		.room = {.seed = 9, .rt60_s = 0.25, .delay_ms = 60, .distortion = 0.02},
		.ours = played,
		.ours_gain = music,
		.theirs = spoken,
		.theirs_gain = theirs,
		.noise = 8.0,
	};
	uint64_t dice = 3;

	assert_int_equal(room_sound_hear(&scene, &dice, heard, COUNT), OK);
}

static void put(int fd, const int16_t *samples, size_t count)
{
	const ssize_t size = (ssize_t)(count * sizeof(*samples));

	assert_int_equal(write(fd, samples, (size_t)size), size);
}

/* So many frames of the microphone's pipe has the room not taken yet. */
static long waiting_frames(void)
{
	int bytes = 0;

	assert_int_equal(ioctl(microphone_fd, FIONREAD, &bytes), 0);
	return (bytes + 2 * AUDIO_FRAME_SAMPLES - 1) / (2 * AUDIO_FRAME_SAMPLES);
}

/* How a sound was played. On a busy machine the two pipes come apart, which a player and a
 * sound card do not; what comes of that is nothing that is asked here. */
struct play {
	long given; /* frames for the microphone */
	long told;  /* frames for the room's pipe */
	bool late;  /* the room heard a frame before its music was told, or ran dry */
};

static void tell_frames(struct play *play, long taken)
{
	play->late = play->late || taken > play->told;
	for (; play->told <= taken && play->told < FRAMES; play->told++)
		put(fifo_fd, played + play->told * AUDIO_FRAME_SAMPLES,
		    AUDIO_FRAME_SAMPLES);
}

static void give_frames(struct play *play, long taken)
{
	play->late = play->late || (play->given > 0 && taken == play->given);
	for (; play->given < FRAMES && play->given - taken < AHEAD_FRAMES;
	     play->given++) {
		const struct audio_frame frame =
			room_sound_frame(heard, COUNT, play->given * AUDIO_FRAME_SAMPLES);

		put(microphone_fd, frame.samples, AUDIO_FRAME_SAMPLES);
	}
}

/* The player's pipe goes on as the room takes frames from the microphone's; that one has some
 * in advance, for it must not run dry. is_told: the player writes its pipe. */
static bool sounds_undisturbed(bool is_told)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct play play = {.given = 0};

	for (long taken = 0; taken < FRAMES; taken = play.given - waiting_frames()) {
		if (loop_now_ms() > until_ms)
			fail_msg("the room does not take the sound");
		if (is_told)
			tell_frames(&play, taken);
		if (play.given < FRAMES)
			give_frames(&play, taken);
		(void)poll(NULL, 0, 1);
	}
	return !play.late;
}

/* Until it sounded as it should; what a disturbed play brings about is passed over. */
static void let_it_sound(bool is_told)
{
	struct house_turn turn;

	for (int i = 0; i < PLAYS_MAX; i++) {
		if (sounds_undisturbed(is_told))
			return;
		print_message("the machine was too busy to play two sounds together\n");
		while (house_turn_within(&house, QUIET_MS, &turn))
			;
	}
	fail_msg("this machine is too busy for a test in real time");
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

/* Over music as it is: loud until the name was said, and then a fifth of it. */
static void test_people_are_understood_over_music(void **state)
{
	uint64_t dice = 6;

	(void)state;
	begin_sound();
	room_sound_music(&dice, LEVEL, played, COUNT);
	for (size_t i = DUCKED_AT; i < COUNT; i++)
		played[i] = (int16_t)(played[i] / 5);
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
