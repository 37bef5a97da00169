/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_music_mpd - adapter/music_mpd with a real MPD: the contract, a password, stations,
 * and a player that dies or hangs; and with one that lies.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/music_mpd.h"
#include "base/log.h"
#include "base/str.h"
#include "e2e/mpd_fixture.h"
#include "e2e/scripted_server.h"
#include "fake/music_contract.h"
#include "folder.h"

enum { STEP_MS = 10, STEPS_MAX = 2500 };

struct world {
	char folder[FILE_PATH_BYTES];
	struct mpd_fixture mpd;
	struct loop *loop;
	struct music music;
	struct music_contract contract;
};

static struct world world;

static void turn(void *context)
{
	(void)context;
	assert_int_equal(loop_run_once(world.loop, STEP_MS), OK);
}

static void fall(void *context)
{
	(void)context;
	mpd_fixture_signal(&world.mpd, SIGKILL);
}

static int loudness(void *context)
{
	(void)context;
	return mpd_fixture_number(&world.mpd, "status", "volume");
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	world = (struct world){
		.contract = {.turn = turn, .fall = fall, .loudness = loudness}};
	assert_true(str_format(world.folder, sizeof(world.folder), "%s/behest-mpd-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(world.folder));
	assert_int_equal(loop_create(&world.loop), OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	music_close(&world.music);
	loop_destroy(world.loop);
	mpd_fixture_end(&world.mpd);
	return folder_remove(world.folder);
}

static void open_at(uint16_t port, const char *password, const struct music_duck *duck)
{
	const struct music_mpd_settings settings = {.host = "127.0.0.1",
						    .port = port,
						    .password = password,
						    .duck = duck};
	struct err_note note = {""};

	assert_int_equal(music_mpd_open(world.loop, &settings,
					music_contract_listener(&world.contract),
					&world.music, &note),
			 OK);
	world.contract.music = &world.music;
}

static bool is_well(void)
{
	return music_trouble(&world.music)[0] == '\0';
}

static size_t count_of(enum music_kind kind)
{
	const struct music_library *library = music_library(&world.music);
	size_t count = 0;

	for (size_t i = 0; i < library->count; i++)
		count += library->names[i].kind == kind;
	return count;
}

static bool has_library(void)
{
	return is_well() && count_of(MUSIC_ARTIST) == 2 && count_of(MUSIC_GENRE) == 2 &&
	       count_of(MUSIC_PLAYLIST) == 1 && count_of(MUSIC_ALBUM) == 2 &&
	       music_state(&world.music)->output_count == 3;
}

static void wait_for(bool (*is_so)(void), const char *what)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		if (is_so())
			return;
		turn(NULL);
	}
	fail_msg("never: %s (%s)", what, music_trouble(&world.music));
}

/* A running player whose library is known. */
static void begin(unsigned with, const struct music_duck *duck)
{
	mpd_fixture_begin(&world.mpd, world.folder, with);
	mpd_fixture_start(&world.mpd);
	open_at(world.mpd.port, world.mpd.wants_password ? MPD_FIXTURE_PASSWORD : "",
		duck);
	wait_for(has_library, "the library");
}

static void test_contract(void **state)
{
	(void)state;
	begin(0, NULL);
	music_contract_check(&world.contract);
}

/* The same player at its unix socket. */
static void test_socket(void **state)
{
	char path[FILE_PATH_BYTES];
	const struct music_mpd_settings settings = {.host = path};
	struct err_note note = {""};

	(void)state;
	begin(0, NULL);
	music_close(&world.music);
	assert_true(file_join(path, sizeof(path), world.mpd.folder, "socket"));
	assert_int_equal(music_mpd_open(world.loop, &settings,
					music_contract_listener(&world.contract),
					&world.music, &note),
			 OK);
	wait_for(has_library, "the library");
}

/* Elsewhere: the hub has no way out. */
static void test_elsewhere(void **state)
{
	const struct music_mpd_settings settings = {.host = "192.168.1.2", .port = 6600};
	struct err_note note = {""};

	(void)state;
	assert_int_equal(music_mpd_open(world.loop, &settings,
					music_contract_listener(&world.contract),
					&world.music, &note),
			 ERR_DENIED);
	assert_non_null(strstr(note.text, "\"192.168.1.2\" is not on this machine"));
}

static enum err play(enum music_kind kind, const char *name)
{
	struct music_command command = {.order = MUSIC_PLAY, .kind = kind};

	assert_true(str_copy(command.name, sizeof(command.name), name));
	return music_contract_order(&world.contract, &command);
}

static enum err order(enum music_order what)
{
	return music_contract_order(&world.contract,
				    &(struct music_command){.order = what});
}

/* What nobody told us of, because it lies there since a moment ago, or because there are too
 * many, can be asked for all the same. */
static void test_a_playlist_that_is_not_known(void **state)
{
	char path[FILE_PATH_BYTES];

	(void)state;
	begin(0, NULL);
	assert_true(file_join(path, sizeof(path), world.mpd.folder,
			      "playlists/fresh \"one\".m3u"));
	assert_int_equal(file_write(path, "3.flac\n", 7, 0600, NULL), OK);
	assert_int_equal(play(MUSIC_PLAYLIST, "fresh \"one\""), OK);
	assert_int_equal(play(MUSIC_PLAYLIST, "fresh"), ERR_MISSING);
	assert_int_equal(mpd_fixture_number(&world.mpd, "status", "playlistlength"), 1);
}

static bool is_known_for_now(void)
{
	return mpd_fixture_number(&world.mpd, "status", "playlistlength") == 1 &&
	       music_state(&world.music)->queue_count == 1 && is_well();
}

/* A tag of more than any line holds costs its line, and not the player. */
static void test_a_title_without_end(void **state)
{
	unsigned losses = 0;

	(void)state;
	begin(MPD_FIXTURE_WITH_LONG_TITLE, NULL);
	assert_int_equal(play(MUSIC_SEARCH, MPD_FIXTURE_LONG_TITLE), OK);
	wait_for(is_known_for_now, "that it plays");
	for (int i = 0; i < 100; i++) {
		const bool was_well = is_well();

		turn(NULL);
		losses += was_well && !is_well();
	}
	assert_in_range(losses, 0, 1);
	wait_for(is_well, "that it is there");
	assert_int_equal(order(MUSIC_PAUSE), OK);
	assert_int_equal(play(MUSIC_ARTIST, MUSIC_CONTRACT_ARTIST), OK);
	wait_for(has_library, "the library");
}

static bool says_password(void)
{
	return strstr(music_trouble(&world.music), "password") != NULL;
}

static void test_password(void **state)
{
	(void)state;
	begin(MPD_FIXTURE_WITH_PASSWORD, NULL);
	assert_int_equal(play(MUSIC_PLAYLIST, "morning"), OK);
	music_close(&world.music);
	open_at(world.mpd.port, "wrong", NULL);
	wait_for(says_password, "that the password is wrong");
	music_close(&world.music);
	open_at(world.mpd.port, "", NULL);
	wait_for(says_password, "that a password is wanted");
}

static bool is_on_air(void)
{
	const struct music_state *state = music_state(&world.music);

	return state->play == MUSIC_PLAYING && str_equal(state->title, "On air");
}

static bool is_stopped(void)
{
	return music_state(&world.music)->play == MUSIC_STOPPED;
}

static void test_radio(void **state)
{
	struct err_note note = {""};
	struct radio radio = {.count = 0};

	(void)state;
	begin(0, NULL);
	mpd_fixture_start_radio(&world.mpd);
	assert_int_equal(radio_set(&radio, "Our Radio", world.mpd.radio_url, &note), OK);
	music_use_stations(&world.music, &radio);
	assert_int_equal(count_of(MUSIC_STATION), 1);
	assert_int_equal(play(MUSIC_STATION, "our radio"), OK);
	wait_for(is_on_air, "the station");
	assert_true(music_state(&world.music)->is_stream);
	/* It is left, not held; and found again. */
	assert_int_equal(order(MUSIC_PAUSE), OK);
	wait_for(is_stopped, "silence");
	assert_int_equal(order(MUSIC_RESUME), OK);
	wait_for(is_on_air, "the station again");
}

static bool is_complaining(void)
{
	return str_starts(music_trouble(&world.music), "the music player says: ");
}

static void test_radio_that_is_away(void **state)
{
	struct err_note note = {""};
	struct radio radio = {.count = 0};

	(void)state;
	begin(0, NULL);
	assert_int_equal(radio_set(&radio, "Nobody", "http://127.0.0.1:1/x", &note), OK);
	music_use_stations(&world.music, &radio);
	assert_int_equal(play(MUSIC_STATION, "Nobody"), OK);
	wait_for(is_complaining, "what the player says of it");
	assert_int_equal(play(MUSIC_ARTIST, MUSIC_CONTRACT_ARTIST), OK);
	wait_for(is_well, "that all is well again");
}

/* ---- it dies ---- */

static bool is_trouble(void)
{
	return !is_well();
}

static void test_dies_with_an_order_out(void **state)
{
	const unsigned before = world.contract.done_count;
	struct music_command next = {.order = MUSIC_NEXT};

	(void)state;
	begin(0, NULL);
	mpd_fixture_signal(&world.mpd, SIGSTOP);
	assert_int_equal(music_command(&world.music, &next, 77), OK);
	for (int i = 0; i < 10; i++)
		turn(NULL);
	assert_int_equal(world.contract.done_count, before);
	mpd_fixture_signal(&world.mpd, SIGKILL);
	wait_for(is_trouble, "that it is away");
	assert_int_equal(world.contract.done_count, before + 1);
	assert_int_equal(world.contract.token, 77);
	assert_int_equal(world.contract.err, ERR_CLOSED);
	mpd_fixture_start(&world.mpd);
	wait_for(has_library, "that it is back");
	assert_int_equal(play(MUSIC_GENRE, "Jazz"), OK);
}

static void test_hangs(void **state)
{
	struct music_command next = {.order = MUSIC_NEXT};

	(void)state;
	begin(0, NULL);
	mpd_fixture_signal(&world.mpd, SIGSTOP);
	assert_int_equal(music_command(&world.music, &next, 78), OK);
	wait_for(is_trouble, "that it does not answer");
	assert_int_equal(world.contract.err, ERR_TIMEOUT);
	assert_int_equal(music_command(&world.music, &next, 79), ERR_CLOSED);
	mpd_fixture_signal(&world.mpd, SIGCONT);
	wait_for(is_well, "that it goes on");
}

/* ---- and so do we, while it is ducked ---- */

static bool is_low(void)
{
	return loudness(NULL) == 80 * MUSIC_DUCK_PERCENT / 100;
}

static bool is_loud(void)
{
	return loudness(NULL) == 80;
}

static void open_duck(struct music_duck *duck)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), world.folder, MUSIC_DUCK_FILE));
	assert_int_equal(music_duck_open(path, duck, NULL), OK);
}

static void must_not_be_remembered(struct music_duck *duck)
{
	music_duck_close(duck);
	open_duck(duck);
	assert_false(duck->is_ducked);
	music_duck_close(duck);
}

static void set_volume(int percent)
{
	const struct music_command command = {.order = MUSIC_VOLUME, .percent = percent};

	assert_int_equal(music_contract_order(&world.contract, &command), OK);
}

/* It plays at 80, and is softer. */
static void begin_ducked(unsigned with, struct music_duck *duck)
{
	open_duck(duck);
	assert_false(duck->is_ducked);
	begin(with, duck);
	assert_int_equal(play(MUSIC_GENRE, "Jazz"), OK);
	set_volume(80);
	music_duck(&world.music, true);
	wait_for(is_low, "softer");
}

/* As when it dies: what it remembered is all there is. */
static void test_ducked_and_dead(void **state)
{
	struct music_duck duck;

	(void)state;
	begin_ducked(0, &duck);
	mpd_fixture_signal(&world.mpd, SIGSTOP); /* nothing reaches it any more */
	music_close(&world.music);
	mpd_fixture_signal(&world.mpd, SIGKILL);
	music_duck_close(&duck);
	mpd_fixture_start(&world.mpd);
	(void)mpd_fixture_ask(&world.mpd, "setvol 16");

	open_duck(&duck);
	assert_true(duck.is_ducked);
	assert_int_equal(duck.restore_percent, 80);
	open_at(world.mpd.port, "", &duck);
	wait_for(is_loud, "as loud as before");
	wait_for(has_library, "the library");
	music_close(&world.music);
	must_not_be_remembered(&duck);
}

/* Who ends in an orderly way leaves it as it was. */
static void test_ducked_and_closed(void **state)
{
	struct music_duck duck;

	(void)state;
	begin_ducked(0, &duck);
	music_close(&world.music);
	assert_int_equal(loudness(NULL), 80);
	must_not_be_remembered(&duck);
}

/* ---- outputs that each have a mixer of their own, which counts only while it is on ---- */

static uint32_t output_named(const char *name)
{
	const struct music_state *state = music_state(&world.music);

	for (size_t i = 0; i < state->output_count; i++)
		if (str_equal(state->outputs[i].name, name))
			return state->outputs[i].id;
	fail_msg("no output %s", name);
	return 0;
}

static void switch_to(bool kitchen, bool bedroom)
{
	const struct music_command command = {
		.order = MUSIC_SWITCH,
		.switch_count = 2,
		.switches = {{output_named("kitchen"), kitchen},
			     {output_named("bedroom"), bedroom}},
	};

	assert_int_equal(music_contract_order(&world.contract, &command), OK);
}

static bool is_as_set(void)
{
	return music_state(&world.music)->volume_percent == 80 && is_loud();
}

/* From room to room while it is softer: no room is left softer, and none counts as turned by
 * somebody. */
static void test_switched_while_it_is_softer(void **state)
{
	struct music_duck duck;

	(void)state;
	begin_ducked(MPD_FIXTURE_WITH_OWN_MIXERS, &duck);
	switch_to(false, true);
	wait_for(is_low, "that the other room is softer, too");
	switch_to(true, true);
	music_duck(&world.music, false);
	wait_for(is_as_set, "both as loud as before");
	music_duck(&world.music, true);
	wait_for(is_low, "softer");
	switch_to(false, true);
	music_duck(&world.music, false);
	wait_for(is_as_set, "as loud as before");
	switch_to(true, false);
	wait_for(is_as_set, "and so in the room that it left");
	music_close(&world.music);
	music_duck_close(&duck);
}

/* Somebody turned it while nobody was there: it stays. */
static void test_turned_while_we_were_dead(void **state)
{
	struct music_duck duck = {.fd = -1,
				  .is_ducked = true,
				  .restore_percent = 90,
				  .low_percent = 18};

	(void)state;
	mpd_fixture_begin(&world.mpd, world.folder, 0);
	mpd_fixture_start(&world.mpd);
	(void)mpd_fixture_ask(&world.mpd, "setvol 40");
	open_at(world.mpd.port, "", &duck);
	wait_for(has_library, "the library");
	assert_int_equal(music_state(&world.music)->volume_percent, 40);
	assert_int_equal(loudness(NULL), 40);
}

/* ---- one that lies ---- */

static void must_be_let_go(const struct script_row *rows, const char *words)
{
	const struct script script = {.rows = rows};
	struct scripted_server *server = scripted_server_begin(&script);

	open_at(scripted_server_port(server), "", NULL);
	for (int i = 0; i < 8 * STEPS_MAX && !strstr(music_trouble(&world.music), words);
	     i++)
		turn(NULL);
	if (!strstr(music_trouble(&world.music), words))
		fail_msg("'%s' and not '%s'", music_trouble(&world.music), words);
	music_close(&world.music);
	scripted_server_end(server);
}

static void test_lies(void **state)
{
	static char long_line[8192];
	static char flood[65536];
	static const struct script_row web[] = {{.say = "HTTP/1.1 200 OK\r\n"}, {0}};
	static const struct script_row old[] = {{.say = "OK MPD 0.21.26\n"}, {0}};
	static const struct script_row nothing[] = {{.say = "OK MPD of tomorrow\n"}, {0}};
	static const struct script_row hangs_up[] = {
		{.say = "OK MPD 0.23.5\n"}, {.on = "status", .then = SCRIPT_DROP}, {0}};
	static const struct script_row nonsense[] = {{.say = "OK MPD 0.23.5\n"},
						     {.on = "status",
						      .say = "no colon here\n"},
						     {0}};
	static const struct script_row too_early[] = {{.say = "OK MPD 0.23.5\nOK\nOK\n"},
						      {0}};
	const struct script_row endless[] = {{.say = "OK MPD 0.23.5\n"},
					     {.on = "status",
					      .say = flood,
					      .then = SCRIPT_FLOOD},
					     {0}};
	static const struct script_row stalls[] = {{.say = "OK MPD 0.23.5\n"},
						   {.on = "status", .then = SCRIPT_STALL},
						   {0}};
	const struct script_row wide[] = {{.say = "OK MPD 0.23.5\n"},
					  {.on = "status", .say = long_line},
					  {0}};

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 1);
	for (size_t i = 0; i < sizeof(flood) - 1; i++)
		flood[i] = i % 64 == 63   ? '\n'
			   : i % 64 == 10 ? ':'
			   : i % 64 == 11 ? ' '
					  : 'x';
	must_be_let_go(web, "does not greet");
	must_be_let_go(nothing, "does not greet");
	must_be_let_go(old, "is older than 0.22");
	must_be_let_go(hangs_up, "went away");
	must_be_let_go(nonsense, "no answer");
	must_be_let_go(too_early, "no");
	must_be_let_go(endless, "more than any answer holds");
	must_be_let_go(wide, "no answer");
	must_be_let_go(stalls, "does not answer");
}

static bool is_playing(void)
{
	return is_well() && music_state(&world.music)->play == MUSIC_PLAYING;
}

/* Whoever refuses to be as loud as before may yet: it stays remembered. */
static void test_cannot_be_put_back(void **state)
{
	static const struct script_row rows[] = {
		{.say = "OK MPD 0.23.5\n"},
		{.on = "status", .say = "volume: 80\nstate: play\nOK\n"},
		{.on = "command_list_end", .say = "OK\n"},
		{.on = "outputs", .say = "OK\n"},
		{.on = "list", .say = "OK\n"},
		{.on = "noidle", .say = "OK\n"},
		{.on = "setvol \"16\"", .say = "OK\n"},
		{.on = "setvol", .say = "ACK [52@0] {setvol} All outputs are disabled\n"},
		{0}};
	const struct script script = {.rows = rows};
	struct scripted_server *server = scripted_server_begin(&script);
	struct music_duck duck;

	(void)state;
	open_duck(&duck);
	open_at(scripted_server_port(server), "", &duck);
	wait_for(is_playing, "that it plays");
	music_duck(&world.music, true);
	for (int i = 0; i < 50; i++)
		turn(NULL);
	music_duck(&world.music, false);
	for (int i = 0; i < 50; i++)
		turn(NULL);
	music_close(&world.music);
	scripted_server_end(server);
	music_duck_close(&duck);
	open_duck(&duck);
	assert_true(duck.is_ducked);
	assert_int_equal(duck.restore_percent, 80);
	music_duck_close(&duck);
}

static void test_absurd_values(void **state)
{
	static const struct script_row rows[] = {
		{.say = "OK MPD 0.23.5\n"},
		{.on = "status",
		 .say = "volume: 900\nstate: dancing\nplaylistlength: -4\nrandom: x\nOK\n"},
		{.on = "currentsong",
		 .say = "Title: a\x07"
			"b\nArtist: \xff\xfe\nName:  \nfile: x\nOK\n"},
		{.on = "outputs",
		 .say = "outputname: nobody's\noutputid: 99999999999\noutputname: "
			"k\noutputid: 3\noutputname: kitchen\noutputenabled: 7\nOK\n"},
		{.on = "list", .say = "Artist: \nAlbum: x\nGenre: \nOK\n"},
		{.on = "listplaylists", .say = "playlist: \x1b[2J\nOK\n"},
		{.on = "idle", .say = "changed: everything\nchanged: player\nOK\n"},
		{.on = "noidle", .say = ""},
		{0}};
	const struct script script = {.rows = rows};
	struct scripted_server *server = scripted_server_begin(&script);

	(void)state;
	open_at(scripted_server_port(server), "", NULL);
	wait_for(is_well, "that it answers");
	for (int i = 0; i < 50; i++)
		turn(NULL);
	const struct music_state *told = music_state(&world.music);
	assert_int_equal(told->volume_percent, -1);
	assert_int_equal(told->play, MUSIC_STOPPED);
	assert_int_equal(told->queue_count, 0);
	assert_string_equal(told->title, "");
	assert_string_equal(told->artist, "");
	assert_int_equal(told->output_count, 1);
	assert_string_equal(told->outputs[0].name, "kitchen");
	assert_false(told->outputs[0].is_on);
	assert_int_equal(count_of(MUSIC_ARTIST), 0);
	assert_int_equal(count_of(MUSIC_PLAYLIST), 0);
	assert_int_equal(music_command(&world.music,
				       &(struct music_command){.order = MUSIC_VOLUME,
							       .percent = 10},
				       1),
			 ERR_UNSUPPORTED);
	music_close(&world.music);
	scripted_server_end(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_contract, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_socket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_elsewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_playlist_that_is_not_known, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_title_without_end, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_password, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_radio, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_radio_that_is_away, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_dies_with_an_order_out, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_hangs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ducked_and_dead, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ducked_and_closed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_switched_while_it_is_softer, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_turned_while_we_were_dead, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_lies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cannot_be_put_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_absurd_values, set_up, tear_down),
	};

	log_name("test_music_mpd");
	if (!mpd_fixture_is_here())
		return FOLDER_SKIPPED;
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
