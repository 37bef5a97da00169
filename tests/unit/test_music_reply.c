/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/music_filter, music_place, music_duck and music_reply, and the names and
 * stations below them (domain/music, domain/radio).
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/music_duck.h"
#include "adapter/music_filter.h"
#include "adapter/music_place.h"
#include "adapter/music_reply.h"
#include "base/file.h"
#include "base/str.h"
#include "domain/radio.h"

/* ---- names ---- */

static void test_names(void **state)
{
	char to[NAME_BYTES] = "kept";
	char longest[NAME_BYTES + 1];

	(void)state;
	memset(longest, 'a', NAME_BYTES);
	longest[NAME_BYTES] = '\0';
	assert_false(music_name_take(to, sizeof(to), ""));
	assert_false(music_name_take(to, sizeof(to), "   "));
	assert_false(music_name_take(to, sizeof(to), "a\nb"));
	assert_false(music_name_take(to, sizeof(to), "a\x7f"));
	assert_false(music_name_take(to, sizeof(to), "\xc2\x85"));
	assert_false(music_name_take(to, sizeof(to), "\xff"));
	assert_false(music_name_take(to, sizeof(to), longest));
	assert_string_equal(to, "kept");
	assert_true(music_name_take(to, sizeof(to), " Bj\xc3\xb6rk "));
	assert_string_equal(to, "Bj\xc3\xb6rk");
}

static void test_library_has_a_limit(void **state)
{
	static struct music_library library;
	static struct music_library from;
	char name[MUSIC_NAME_BYTES];

	(void)state;
	for (int i = 0; i < MUSIC_SPOKEN_MAX + 5; i++) {
		assert_true(str_format(name, sizeof(name), "artist %d", i));
		music_library_add(&from, MUSIC_ARTIST, name);
		music_library_add(&from, MUSIC_ARTIST, "artist 0");
	}
	music_library_add(&from, MUSIC_GENRE, "Jazz");
	assert_int_equal(from.count, MUSIC_SPOKEN_MAX + 1);
	music_library_take(&library, MUSIC_ARTIST, &from);
	assert_int_equal(library.count, MUSIC_SPOKEN_MAX);
	assert_int_equal(library.version, 1);
	assert_true(library.left_out[MUSIC_ARTIST] >= 5);
	music_library_take(&library, MUSIC_ARTIST, &from); /* the same again */
	assert_int_equal(library.version, 1);
	music_library_take(&library, MUSIC_GENRE, &from);
	assert_int_equal(library.count, MUSIC_SPOKEN_MAX + 1);
	assert_int_equal(library.version, 2);
}

/* ---- filters ---- */

static void filter(enum music_kind kind, const char *name, const char *expected)
{
	char to[MUSIC_FILTER_BYTES];

	assert_true(music_filter_make(kind, name, to));
	assert_string_equal(to, expected);
}

static void test_filters(void **state)
{
	char worst[MUSIC_NAME_BYTES];
	char to[MUSIC_FILTER_BYTES];

	(void)state;
	filter(MUSIC_ARTIST, "Ada", "(artist == \"Ada\")");
	filter(MUSIC_GENRE, "x\") OR (a == \"", "(genre == \"x\\\") OR (a == \\\"\")");
	filter(MUSIC_ALBUM, "it's \\", "(album == \"it\\'s \\\\\")");
	filter(MUSIC_SEARCH, "a", "(any contains \"a\")");
	filter(MUSIC_ANYTHING, "", "(any contains \"\")");
	assert_false(music_filter_make(MUSIC_STATION, "x", to));
	assert_false(music_filter_make(MUSIC_PLAYLIST, "x", to));
	memset(worst, '"', MUSIC_NAME_BYTES - 1);
	worst[MUSIC_NAME_BYTES - 1] = '\0';
	assert_true(music_filter_make(MUSIC_SEARCH, worst, to)); /* the longest fits */
}

/* ---- places ---- */

static void test_places(void **state)
{
	static const char *const HERE[] = {"127.0.0.1", "127.3.2.1", "::1", "localhost",
					   "/run/mpd/socket"};
	static const char *const ELSEWHERE[] = {"",
						"192.168.1.2",
						"0.0.0.0",
						"::",
						"example.com",
						"127.0.0",
						"mpd.local",
						"run/socket",
						"::ffff:1.2.3.4",
						"localhost.example.com"};
	char path[FILE_PATH_BYTES];
	struct music_place place;
	struct err_note note = {""};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(HERE); i++)
		assert_int_equal(music_place_find(HERE[i], 6600, &place, &note), OK);
	for (size_t i = 0; i < STR_COUNT(ELSEWHERE); i++) {
		note.text[0] = '\0';
		assert_int_equal(music_place_find(ELSEWHERE[i], 6600, &place, &note),
				 ERR_DENIED);
		assert_true(str_starts(note.text, "[music] host: "));
	}
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(music_place_find(path, 6600, &place, &note), ERR_DENIED);
}

/* ---- how loud it was ---- */

static void test_duck_file(void **state)
{
	static const char *const STRANGE[] = {"", "ducked", "ducked 999 001\n",
					      "ducked -10 00a\n", "as before 1 2 3 4\n"};
	char path[] = "/tmp/behest-duck-XXXXXX";
	struct music_duck duck;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(music_duck_open(path, &duck, NULL), OK);
	assert_false(duck.is_ducked);
	assert_true(music_duck_set(&duck, 80, 16));
	assert_true(music_duck_set(&duck, 100, 5));
	music_duck_close(&duck);
	assert_int_equal(music_duck_open(path, &duck, NULL), OK);
	assert_true(duck.is_ducked);
	assert_int_equal(duck.restore_percent, 100);
	assert_int_equal(duck.low_percent, 5);
	music_duck_clear(&duck);
	music_duck_close(&duck);
	assert_int_equal(music_duck_open(path, &duck, NULL), OK);
	assert_false(duck.is_ducked);
	music_duck_close(&duck);
	for (size_t i = 0; i < STR_COUNT(STRANGE); i++) {
		assert_int_equal(file_write(path, STRANGE[i], strlen(STRANGE[i]), 0600,
					    NULL),
				 OK);
		assert_int_equal(music_duck_open(path, &duck, NULL), OK);
		assert_false(duck.is_ducked);
		music_duck_close(&duck);
	}
	unlink(path);
	assert_int_equal(music_duck_open("/nowhere/at/all", &duck, NULL), ERR_IO);
}

/* ---- replies ---- */

static void test_half_an_answer_is_none(void **state)
{
	static struct music_reply reply;
	static struct music_library library;
	struct music_state told = {.volume_percent = 30, .title = "before"};

	(void)state;
	music_reply_begin(&reply, MUSIC_ASKS_SONG, 0);
	music_reply_pair(&reply, "Title", "after");
	assert_string_equal(told.title, "before");
	assert_true(music_reply_end(&reply, &told, &library));
	assert_string_equal(told.title, "after");
	music_reply_begin(&reply, MUSIC_ASKS_STATUS, 0);
	music_reply_pair(&reply, "Title", "of another answer");
	music_reply_pair(&reply, "volume", "31");
	assert_true(music_reply_end(&reply, &told, &library));
	assert_string_equal(told.title, "after");
	assert_int_equal(told.volume_percent, 31);
}

static void test_more_outputs_than_fit(void **state)
{
	static struct music_reply reply;
	static struct music_library library;
	struct music_state told = {0};
	char id[16];

	(void)state;
	music_reply_begin(&reply, MUSIC_ASKS_OUTPUTS, 0);
	for (int i = 0; i < 3 * MUSIC_OUTPUTS_MAX; i++) {
		assert_true(str_format(id, sizeof(id), "%d", i));
		music_reply_pair(&reply, "outputid", id);
		music_reply_pair(&reply, "outputname", id);
		music_reply_pair(&reply, "outputenabled", "1");
	}
	assert_true(music_reply_end(&reply, &told, &library));
	assert_int_equal(told.output_count, MUSIC_OUTPUTS_MAX);
	assert_string_equal(told.outputs[MUSIC_OUTPUTS_MAX - 1].name, "15");
}

/* ---- stations ---- */

static void test_addresses(void **state)
{
	static const char *const GOOD[] = {"http://a", "https://radio.example:8000/x?y=z",
					   "http://[::1]:80/stream"};
	static const char *const BAD[] = {"",
					  "ftp://a",
					  "file:///etc/passwd",
					  "http://",
					  "http:///x",
					  "http://a b",
					  "http://a\"b",
					  "http://a\nclear",
					  "radio",
					  "http://u@host",
					  "https://u:p@host/",
					  "http://:80/",
					  "http://\xc3\xb6",
					  "HTTP://a"};
	char longest[RADIO_URL_BYTES + 8] = "http://";

	(void)state;
	for (size_t i = 0; i < STR_COUNT(GOOD); i++)
		assert_int_equal(radio_check_url(GOOD[i], NULL), OK);
	for (size_t i = 0; i < STR_COUNT(BAD); i++)
		assert_int_equal(radio_check_url(BAD[i], NULL), ERR_FORMAT);
	memset(longest + 7, 'a', RADIO_URL_BYTES);
	assert_int_equal(radio_check_url(longest, NULL), ERR_LIMIT);
	assert_int_equal(radio_check_url("http://a/b@c", NULL), OK);
}

static void test_radio_goes_round(void **state)
{
	static struct radio radio;
	static struct radio again;
	struct err_note note = {""};
	struct buf file;

	(void)state;
	buf_init(&file, RADIO_FILE_BYTES_MAX);
	assert_int_equal(radio_set(&radio, "O\"ne \\ two: #3", "http://a/1", &note), OK);
	assert_int_equal(radio_set(&radio, "Zwei", "https://b/", &note), OK);
	assert_int_equal(radio_set(&radio, "zwei", "https://c/", &note), OK);
	assert_int_equal(radio.count, 2);
	assert_int_equal(radio_write(&radio, &file), OK);
	assert_int_equal(radio_read("radio.yaml", (const char *)file.bytes, file.size,
				    &again, &note),
			 OK);
	assert_int_equal(again.count, 2);
	assert_string_equal(again.stations[0].name, "O\"ne \\ two: #3");
	assert_string_equal(again.stations[1].url, "https://c/");
	assert_true(radio_remove(&again, "o\"NE \\ two: #3"));
	assert_false(radio_remove(&again, "none"));
	assert_int_equal(again.count, 1);
	assert_string_equal(again.stations[0].name, "zwei");
	buf_finish(&file);
}

static void test_radio_refuses(void **state)
{
	static const struct {
		const char *text;
		const char *note;
	} BAD[] = {
		{"[]", "radio.yaml:1:1: "},
		{"stations: 3", "radio.yaml:1:1: "},
		{"stations:\n  - name: a", "radio.yaml:2:5: "},
		{"stations:\n  - {name: a, url: ftp://x}", "radio.yaml:2:20: "},
		{"stations:\n  - {name: a, url: http://x, more: 1}", "radio.yaml:2:5: "},
		{"stations:\n  - {name: ' a', url: http://x}", "radio.yaml:2:12: "},
		{"stations:\n  - {name: a, url: http://x}\n  - {name: A, url: http://x}",
		 "radio.yaml:3:12: this name stands there twice"},
	};
	struct radio radio = {.count = 7};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		struct err_note note = {""};

		assert_int_equal(radio_read("radio.yaml", BAD[i].text,
					    strlen(BAD[i].text), &radio, &note),
				 ERR_FORMAT);
		if (!str_starts(note.text, BAD[i].note))
			fail_msg("%s", note.text);
		assert_int_equal(radio.count, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_library_has_a_limit),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_duck_file),
		cmocka_unit_test(test_half_an_answer_is_none),
		cmocka_unit_test(test_more_outputs_than_fit),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_radio_goes_round),
		cmocka_unit_test(test_radio_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
