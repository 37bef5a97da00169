/* SPDX-License-Identifier: Apache-2.0 */
/* settings: every bad line is refused with its place, and changes nothing. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/settings.h"

static enum err parse(struct settings *settings, const char *text, struct err_note *note)
{
	note->text[0] = '\0';
	return settings_parse(settings, "conf", text, strlen(text), note);
}

static void rows_are_sound(void **state)
{
	(void)state;
	struct settings settings;
	settings_init(&settings); /* must() that defaults lie in their range */
	for (size_t i = 0; i < settings_row_count(); i++) {
		const struct settings_row *row = settings_row(i);
		assert_true(strlen(row->words) > 3);
		assert_true(row->smallest <= row->largest);
		for (size_t j = 0; j < i; j++)
			assert_false(str_equal(row->section, settings_row(j)->section) &&
				     str_equal(row->key, settings_row(j)->key));
		/* Sections are not scattered, or printing would repeat them. */
		for (size_t j = 0; j + 1 < i; j++)
			assert_false(
				str_equal(row->section, settings_row(j)->section) &&
				!str_equal(row->section, settings_row(i - 1)->section));
	}
	assert_string_equal(settings.house_language, "en");
	assert_int_equal(settings.broker_port, 1883);
}

static void a_good_file(void **state)
{
	(void)state;
	struct settings settings;
	struct err_note note;
	settings_init(&settings);
	assert_int_equal(
		parse(&settings,
		      "# a comment\n\n[broker]\r\n  host = 10.0.0.2 \nport=8883\n"
		      "[room]\nmicrophone = file\nmicrophone_device = /tmp/a b#c = d.wav\n"
		      "[house]\nquiet = 22:00-07:00\n"
		      "[broker]\nuser = caf\xc3\xa9\ndiscovery =",
		      &note),
		OK);
	assert_string_equal(settings.broker_host, "10.0.0.2");
	assert_int_equal(settings.broker_port, 8883);
	assert_string_equal(settings.room_microphone, "file");
	assert_string_equal(settings.room_microphone_device, "/tmp/a b#c = d.wav");
	assert_string_equal(settings.broker_user, "caf\xc3\xa9");
	assert_string_equal(settings.broker_discovery, "");
	assert_string_equal(settings.house_quiet, "22:00-07:00");
	assert_string_equal(settings.house_language, "en");
	assert_int_equal(parse(&settings, "", &note), OK);
	assert_int_equal(settings.broker_port, 8883);
}

struct bad_case {
	const char *text;
	enum err err;
	const char *note;
};

static void every_bad_line(void **state)
{
	(void)state;
	static const struct bad_case cases[] = {
		{"[broker\n", ERR_FORMAT,
		 "conf:1: '[broker' lacks its ']'; expected [section]"},
		{"\n\n[brocker]\n", ERR_MISSING,
		 "conf:3: there is no section [brocker]; the nearest is [broker]"},
		{"[]", ERR_MISSING, "conf:1: there is no section []"},
		{"[broker]\nprot = 1\n", ERR_MISSING,
		 "conf:2: [broker] has no key 'prot'; the nearest is 'port'"},
		{"[broker]\nsilence_ms = 500\n", ERR_MISSING,
		 "conf:2: [broker] has no key 'silence_ms'; it belongs to [listen]"},
		{"[broker]\nport\n", ERR_FORMAT,
		 "conf:2: 'port' has no '='; expected key = value"},
		{"[broker]\n= 5\n", ERR_FORMAT, "conf:2: no key before '='"},
		{"port = 5\n", ERR_FORMAT, "conf:1: 'port' stands before any [section]"},
		{"[broker]\nport = 0\n", ERR_RANGE,
		 "conf:2: port is '0'; expected a whole number from 1 to 65535"},
		{"[broker]\nport = 65536\n", ERR_RANGE, "conf:2: port is '65536'"},
		{"[broker]\nport = \n", ERR_RANGE, "conf:2: port is ''"},
		{"[broker]\nport = 18 83\n", ERR_RANGE, "conf:2: port is '18 83'"},
		{"[broker]\nport = 99999999999999999999\n", ERR_RANGE, "conf:2: port is"},
		{"[house]\nquiet = at night\n", ERR_FORMAT,
		 "conf:2: quiet is 'at night'; expected two times of day as in "
		 "22:00-07:00, or nothing"},
		{"[house]\nquiet = 22:00-24:00\n", ERR_FORMAT, "conf:2: quiet is"},
		{"[house]\nquiet = 22:60-07:00\n", ERR_FORMAT, "conf:2: quiet is"},
		{"[house]\nquiet = 7:00-8:00\n", ERR_FORMAT, "conf:2: quiet is"},
		{"[house]\nquiet = 22:00 - 07:00\n", ERR_FORMAT, "conf:2: quiet is"},
		{"[house]\nquiet = 22:00-22:00\n", ERR_FORMAT, "conf:2: quiet is"},
		{"[room]\nspeaker = loud\n", ERR_RANGE,
		 "conf:2: speaker is 'loud'; expected one of alsa|file|none"},
		{"[room]\nspeaker =\n", ERR_RANGE, "conf:2: speaker is ''"},
		{"[room]\nspeaker = als\n", ERR_RANGE, "conf:2: speaker is 'als'"},
		{"[room]\nspeaker = alsa|file\n", ERR_RANGE,
		 "conf:2: speaker is 'alsa|file'"},
		{"[broker]\nport = 1\nhost = a\nport = 1\n", ERR_EXISTS,
		 "conf:4: [broker] port is set a second time"},
		{"[broker]\nhost = a\tb\n", ERR_RANGE, "conf:2: host is no plain text"},
		{"[broker]\nhost = \x1b[2J\n", ERR_RANGE,
		 "conf:2: host is no plain text"},
		{"[broker]\nhost = \xff\n", ERR_FORMAT,
		 "conf:2: the line is not UTF-8 text"},
		{"\xef\xbb\xbf[broker]\n", ERR_FORMAT, "conf:1:"},
	};
	struct settings before;
	settings_init(&before);
	for (size_t i = 0; i < STR_COUNT(cases); i++) {
		struct settings settings = before;
		struct err_note note;
		assert_int_equal(parse(&settings, cases[i].text, &note), cases[i].err);
		if (!strstr(note.text, cases[i].note))
			print_error("case %zu: %s\n", i, note.text);
		assert_non_null(strstr(note.text, cases[i].note));
		assert_memory_equal(&settings, &before, sizeof(settings));
	}
}

static void limits(void **state)
{
	(void)state;
	struct settings settings;
	struct err_note note = {0};
	static char large[SETTINGS_FILE_BYTES + 1];
	settings_init(&settings);
	memset(large, '\n', sizeof(large));
	assert_int_equal(settings_parse(&settings, "conf", large, sizeof(large), &note),
			 ERR_LIMIT);
	assert_non_null(strstr(note.text, "conf: is larger than"));
	assert_int_equal(settings_parse(&settings, "conf", large, sizeof(large) - 1,
					NULL),
			 OK);
	memset(large, 'x', SETTINGS_LINE_BYTES);
	assert_int_equal(parse(&settings, "[house]\n", &note), OK);
	assert_int_equal(settings_parse(&settings, "conf", large, SETTINGS_LINE_BYTES,
					&note),
			 ERR_LIMIT);
	assert_non_null(strstr(note.text, "conf:1: the line is longer"));
	assert_int_equal(settings_parse(&settings, "conf", "[house]\nlanguage = a\0b\n",
					22, NULL),
			 ERR_FORMAT);
	large[0] = '\0';
	assert_true(str_format(large, sizeof(large), "[house]\nsentences = %0255d", 1));
	assert_int_equal(parse(&settings, large, &note), OK);
	assert_true(str_format(large, sizeof(large), "[house]\nsentences = %0256d", 1));
	assert_int_equal(parse(&settings, large, &note), ERR_RANGE);
}

static void setting_one(void **state)
{
	(void)state;
	struct settings settings;
	struct err_note note = {0};
	settings_init(&settings);
	assert_int_equal(settings_set(&settings, "wake", "word", "computer", &note), OK);
	assert_string_equal(settings.wake_word, "computer");
	assert_int_equal(settings_set(&settings, "wake", "word", " computer", NULL),
			 ERR_RANGE);
	assert_int_equal(settings_set(&settings, "wake", "ward", "x", &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "the nearest is 'word'"));
	note.text[0] = '\0';
	assert_int_equal(settings_set(&settings, "wale", "word", "x", &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "the nearest is [wake]"));
}

static void printed_is_read_back(void **state)
{
	(void)state;
	struct settings settings;
	struct settings back;
	struct err_note note = {0};
	struct buf buf;
	settings_init(&settings);
	assert_int_equal(settings_set(&settings, "broker", "host", "a=b #c", NULL), OK);
	assert_int_equal(settings_set(&settings, "listen", "silence_ms", "3000", NULL),
			 OK);
	buf_init(&buf, SETTINGS_FILE_BYTES);
	assert_int_equal(settings_print(&settings, &buf), OK);
	settings_init(&back);
	assert_int_equal(settings_parse(&back, "printed", (const char *)buf.bytes,
					buf.size, &note),
			 OK);
	assert_memory_equal(&settings, &back, sizeof(settings));
	assert_non_null(
		strstr((const char *)buf.bytes, "# its port (1..65535)\nport = 1883\n"));
	buf_finish(&buf);
	buf_init(&buf, 100);
	assert_int_equal(settings_print(&settings, &buf), ERR_LIMIT);
	buf_finish(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound), cmocka_unit_test(a_good_file),
		cmocka_unit_test(every_bad_line), cmocka_unit_test(limits),
		cmocka_unit_test(setting_one),    cmocka_unit_test(printed_is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
