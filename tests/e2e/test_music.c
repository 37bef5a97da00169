/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_music - a whole house with a real music player: typed requests, rooms, stations, a
 * player that dies, and how loud it is while somebody is listened to. What the adapter
 * does by itself is test_music_mpd; what a room hears of it is test_music_heard.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/mpd_fixture.h"
#include "e2e/process.h"
#include "folder.h"

static struct house house;
static struct mpd_fixture mpd;

/* ---- setting up ---- */

static void add_settings(void)
{
	char path[FILE_PATH_BYTES];
	char text[1024];
	struct buf before;

	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(text) / 2, &before, NULL), OK);
	assert_true(str_format(text, sizeof(text),
			       "%.*s[music]\nhost = 127.0.0.1\nport = %u\n",
			       (int)before.size, (const char *)before.bytes, mpd.port));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	buf_finish(&before);
}

static void status_text(const char *key, char *to, size_t size)
{
	struct json *json = house_status(&house);
	const char *text = json_text(json_get(json_root(json), key), "?");

	assert_true(str_copy(to, size, text));
	json_destroy(json);
}

static void wait_trouble(const char *part)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char trouble[256];

	for (;;) {
		status_text("music_trouble", trouble, sizeof(trouble));
		if (part[0] ? strstr(trouble, part) != NULL : trouble[0] == '\0')
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("music_trouble is '%s' and not '%s'", trouble, part);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static bool set_up_once(void)
{
	house_begin(&house);
	mpd_fixture_begin(&mpd, house.fixture.folder, 0);
	mpd_fixture_start(&mpd);
	add_settings();
	house_up(&house);
	wait_trouble("");
	return true;
}

static int set_up(void **state)
{
	(void)state;
	return set_up_once() ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	mpd_fixture_end(&mpd);
	house_end(&house);
	return 0;
}

/* ---- asking ---- */

/* Until the words are known: a library takes a moment to be read and compiled. */
static void ask_until(const char *words, const char *reason, struct house_turn *turn)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	for (;;) {
		house_ask(&house, words, turn);
		if (str_equal(turn->reason, reason))
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("'%s' still ends with %s and not %s", words,
				 turn->reason, reason);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void wait_player(const char *line, const char *part)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!strstr(mpd_fixture_ask(&mpd, line), part)) {
		if (loop_now_ms() > until_ms)
			fail_msg("%s never said '%s' but '%s'", line, part,
				 mpd_fixture_ask(&mpd, line));
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void test_by_name_and_in_rooms(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_until("play the album rain", "NONE", &turn);
	assert_string_equal(turn.intent, "BehestPlayMusic");
	assert_string_equal(turn.said, "Playing Rain.");
	wait_player("currentsong", "Title: First\n");
	/* Here, where it was asked for; what is no room's stays on. */
	wait_player("outputs", "outputname: kitchen\nplugin: null\noutputenabled: 1\n");
	wait_player("outputs", "outputname: bedroom\nplugin: null\noutputenabled: 0\n");
	wait_player("outputs", "outputname: reference\nplugin: fifo\noutputenabled: 1\n");
	ask_until("what is playing", "NONE", &turn);
	assert_string_equal(turn.said, "First by Ada Lind.");
	ask_until("next song", "NONE", &turn);
	wait_player("currentsong", "Title: Second\n");
	ask_until("play some jazz in the kitchen and the bedroom", "NONE", &turn);
	wait_player("outputs", "outputname: bedroom\nplugin: null\noutputenabled: 1\n");
	ask_until("stop the music in the kitchen", "NONE", &turn);
	wait_player("outputs", "outputname: kitchen\nplugin: null\noutputenabled: 0\n");
	wait_player("status", "state: play\n");
	ask_until("pause the music", "NONE", &turn);
	wait_player("status", "state: pause\n");
	ask_until("play rain in the living room", "NO_MUSIC_ROOM", &turn);
	wait_player("status", "state: pause\n");
	ask_until("play a tune that nobody wrote", "NO_MUSIC", &turn);
	wait_player("status", "state: pause\n");
	ask_until("play the playlist morning", "NONE", &turn);
	wait_player("status", "playlistlength: 2\n");
}

static void radio(const char *const *arguments, int expected)
{
	const char *words[8] = {process_program("behest"), "radio", "--data", house.data};
	struct process_ran ran;

	for (size_t i = 0; arguments[i]; i++)
		words[4 + i] = arguments[i];
	process_run(words, PROCESS_WAIT_MS, &ran);
	if (ran.status != expected)
		print_message("%s%s\n", process_out(&ran), process_err(&ran));
	assert_int_equal(ran.status, expected);
	process_ran_finish(&ran);
}

static void test_stations(void **state)
{
	const char *const add[] = {"add", "Our Radio", mpd.radio_url, NULL};
	const char *const file[] = {"add", "Passwords", "file:///etc/passwd", NULL};
	const char *const remove[] = {"remove", "our radio", NULL};
	struct house_turn turn;

	(void)state;
	mpd_fixture_start_radio(&mpd);
	radio(file, 2);
	radio(add, 0);
	ask_until("play our radio", "NONE", &turn);
	assert_string_equal(turn.said, "Playing Our Radio.");
	wait_player("currentsong", "file: http://127.0.0.1:");
	ask_until("stop the radio", "NONE", &turn);
	wait_player("status", "state: stop\n");
	/* And after the hub's next start. */
	house_stop_hub(&house);
	house_start_hub(&house);
	wait_trouble("");
	ask_until("play our radio", "NONE", &turn);
	wait_player("status", "state: play\n");
	radio(remove, 0);
	radio(remove, 1);
	ask_until("play our radio", "NO_MUSIC", &turn);
	/* An address is no name. */
	ask_until("play http://127.0.0.1/stream.ogg", "NO_MUSIC", &turn);
}

static void test_it_dies(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_until("play rain", "NONE", &turn);
	mpd_fixture_signal(&mpd, SIGKILL);
	wait_trouble("MPD");
	house_ask(&house, "next song", &turn);
	assert_string_equal(turn.reason, "MUSIC_AWAY");
	assert_string_equal(turn.said, "The music player does not answer.");
	house_ask(&house, "what time is it", &turn);
	assert_string_equal(turn.reason, "NONE");
	mpd_fixture_start(&mpd);
	wait_trouble("");
	ask_until("play rain", "NONE", &turn);
	wait_player("status", "state: play\n");
}

/* ---- how loud ---- */

static void wait_volume(int percent)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	int found = -1;

	while ((found = mpd_fixture_number(&mpd, "status", "volume")) != percent) {
		if (loop_now_ms() > until_ms)
			fail_msg("it sounds at %d and not at %d", found, percent);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* After a breath, so that no tone of the room's is under it. */
static void say_the_name(void)
{
	static const int16_t breath[2 * AUDIO_HZ];

	house_play(&house, (struct audio_span){breath, 2 * AUDIO_HZ});
	house_speak(&house, HOUSE_WORD ".");
}

/* Softer from the name on, and then as before. */
static void test_softer_while_listening(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_until("play rain", "NONE", &turn);
	ask_until("set the music volume to 50 percent", "NONE", &turn);
	wait_volume(50);
	say_the_name();
	wait_volume(10);
	house_turn(&house, &turn);
	wait_volume(50);
}

static bool is_listening(void)
{
	struct json *json = house_status(&house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);
	const bool is = str_equal(json_text(json_get(room, "light"), ""), "listening");

	json_destroy(json);
	return is;
}

/* Not where it does not sound, for as long as somebody is listened to. */
static void test_not_softer_elsewhere(void **state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	(void)state;
	ask_until("play rain in the bedroom", "NONE", &turn);
	wait_volume(50);
	say_the_name();
	while (!is_listening() && loop_now_ms() < until_ms)
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	assert_true(is_listening());
	while (is_listening() && loop_now_ms() < until_ms)
		assert_int_equal(mpd_fixture_number(&mpd, "status", "volume"), 50);
	house_turn(&house, &turn);
}

static void test_a_hub_that_dies_while_it_is_softer(void **state)
{
	struct house_turn turn;
	int status = 0;

	(void)state;
	ask_until("play rain in the kitchen", "NONE", &turn);
	say_the_name();
	wait_volume(10);
	assert_int_equal(kill(house.hub, SIGKILL), 0);
	assert_int_equal(waitpid(house.hub, &status, 0), house.hub);
	house.hub = 0;
	link_client_close(house.client);
	house.client = NULL;
	assert_int_equal(mpd_fixture_number(&mpd, "status", "volume"), 10);
	house_start_hub(&house);
	wait_volume(50);
}

static bool is_connected(void)
{
	struct json *json = house_status(&house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);
	const bool is = str_equal(json_text(json_get(room, "light"), ""), "waiting");

	json_destroy(json);
	return is;
}

/* And one that is stopped leaves it as it was, from within its sandbox. */
static void test_a_hub_that_is_stopped_while_it_is_softer(void **state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	(void)state;
	while (!is_connected() && loop_now_ms() < until_ms)
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	assert_true(is_connected());
	ask_until("play rain in the kitchen", "NONE", &turn);
	say_the_name();
	wait_volume(10);
	house_stop_hub(&house);
	assert_int_equal(mpd_fixture_number(&mpd, "status", "volume"), 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name_and_in_rooms),
		cmocka_unit_test(test_stations),
		cmocka_unit_test(test_it_dies),
		cmocka_unit_test(test_softer_while_listening),
		cmocka_unit_test(test_not_softer_elsewhere),
		cmocka_unit_test(test_a_hub_that_dies_while_it_is_softer),
		cmocka_unit_test(test_a_hub_that_is_stopped_while_it_is_softer),
	};

	if (!mpd_fixture_is_here())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
