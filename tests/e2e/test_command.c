/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_command - the command line as a user meets it without a house: bad input gets one
 * clear line that names what is wrong, and the right exit status.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "e2e/process.h"

enum { WAIT_MS = 60000, WORDS_MAX = 12 };

static char folder[FILE_PATH_BYTES];
static char file[FILE_PATH_BYTES]; /* in the folder */

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/behest-command-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(file, sizeof(file), folder, "file"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	struct err_note note = {""};

	assert_int_equal(file_write(file, text, strlen(text), 0600, &note), OK);
}

static void behest(const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest")};

	for (size_t i = 0; words[i]; i++)
		all[i + 1] = words[i];
	process_run(all, WAIT_MS, ran);
	assert_false(ran->hung);
}

/* Ends with the status and one line on stderr that holds the words. */
static void fails(const char *const *words, int status, const char *needle)
{
	struct process_ran ran;

	behest(words, &ran);
	if (ran.status != status || !strstr(process_err(&ran), needle))
		fail_msg("behest %s: status %d, \"%s\"", words[0], ran.status,
			 process_err(&ran));
	process_ran_finish(&ran);
}

static void fails_in_one_line(const char *const *words, int status, const char *needle)
{
	struct process_ran ran;

	fails(words, status, needle);
	behest(words, &ran);
	assert_int_equal(process_lines(process_err(&ran)), 1);
	process_ran_finish(&ran);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void usage_is_told(void **state)
{
	(void)state;
	fails_in_one_line(WORDS("hsitory"), 2, "did you mean \"history\"?");
	fails_in_one_line(WORDS("help", "nothing"), 2, "unknown command \"nothing\"");
	fails(WORDS("say", "--dry-rn", "x"), 2, "did you mean --dry-run?");
	fails(WORDS("say"), 2, "expected \"TEXT\"");
	fails(WORDS("hear"), 2, "expected AUDIO...");
	fails(WORDS("history", "--limit", "0"), 2,
	      "expected a whole number from 1 to 1000");
	fails(WORDS("status", "now"), 2, "unexpected word \"now\"");
	fails(WORDS("verify", "now", "later"), 2, "unexpected word \"later\"");
	fails_in_one_line(WORDS("bench", "nothing"), 2, "unknown benchmark");
	fails_in_one_line(WORDS("up", "--tour"), 2, "--tour needs --toy-home");
	fails_in_one_line(WORDS("hear", "--no-wake", "--word", "x", "a"), 2,
			  "exclude each other");
	fails_in_one_line(WORDS("rooms", "drop", "x"), 2,
			  "expected list, add, key, mute, revoke, set or unmute");
}

static void help_is_whole(void **state)
{
	struct process_ran ran;

	(void)state;
	behest(WORDS("help"), &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(process_lines(process_err(&ran)), 0);
	assert_non_null(strstr(process_out(&ran), "understand"));
	process_ran_finish(&ran);
	behest(WORDS("up", "--help"), &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "--toy-home"));
	process_ran_finish(&ran);
	behest(WORDS("--version"), &ran);
	assert_int_equal(ran.status, 0);
	assert_true(str_starts(process_out(&ran), "behest "));
	process_ran_finish(&ran);
}

static void nobody_is_there(void **state)
{
	(void)state;
	fails_in_one_line(WORDS("say", "--data", folder, "hello"), 1,
			  "start it: behest up");
	fails_in_one_line(WORDS("history", "--data", folder), 1, "start it: behest up");
}

static void a_folder_that_cannot_be_one(void **state)
{
	char below[FILE_PATH_BYTES];

	(void)state;
	write_file("not a folder\n");
	assert_true(file_join(below, sizeof(below), file, "data"));
	fails_in_one_line(WORDS("up", "--yes", "--data", file), 1, file);
	fails_in_one_line(WORDS("up", "--yes", "--data", below), 1, file);
	fails_in_one_line(WORDS("up", "--yes", "--data", "/sys/behest"), 1,
			  "/sys/behest");
}

static void settings_are_refused_with_file_and_line(void **state)
{
	struct process_ran ran;

	(void)state;
	write_file("[room]\nvolume_percent = 250\n");
	fails_in_one_line(WORDS("config", "--check", file), 1, "file:2:");
	write_file("[room]\n\nvolme = 2\n");
	fails_in_one_line(WORDS("config", "--check", file), 1, "file:3:");
	write_file("[room]\nvolume_percent = 25\n");
	behest(WORDS("config", "--print", file), &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "volume_percent = 25"));
	process_ran_finish(&ran);
}

static void a_house_with_a_wrong_setting_does_not_start(void **state)
{
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "behest.conf"));
	assert_int_equal(file_write(path, "[room]\nspeaker = loud\n", 22, 0600, &note),
			 OK);
	fails_in_one_line(WORDS("up", "--yes", "--data", folder), 1, "behest.conf:2:");
	unlink(path);
}

static void sentences_are_refused_with_file_and_line(void **state)
{
	char path[FILE_PATH_BYTES];

	(void)state;
	write_file(
		"language: en\nintents:\n  X:\n    data:\n      - sentences: [\"a (b\"]\n");
	assert_true(str_format(path, sizeof(path), "%s.yaml", file));
	assert_int_equal(rename(file, path), 0);
	fails_in_one_line(WORDS("say", "--sentences", path, "hello"), 1, "file.yaml:5");
	assert_int_equal(rename(path, file), 0);
	fails_in_one_line(WORDS("say", "--sentences", "/nowhere/s.yaml", "hello"), 1,
			  "/nowhere/s.yaml");
	fails_in_one_line(WORDS("say", "--sentences", folder, "hello"), 1,
			  "holds no .yaml or .json");
}

/* A key of the file's own goes along; nobody speaks by it. */
static void understand_passes_on_the_response_key(void **state)
{
	struct process_ran ran;
	char path[FILE_PATH_BYTES];

	(void)state;
	write_file("language: en\nintents:\n  Hello:\n    data:\n"
		   "      - sentences: [hello]\n        response: greet\n"
		   "      - sentences: [hi]\n");
	assert_true(str_format(path, sizeof(path), "%s.yaml", file));
	assert_int_equal(rename(file, path), 0);
	behest(WORDS("understand", "--sentences", path, "--json", "hello", "hi"), &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(process_lines(process_out(&ran)), 2);
	assert_non_null(strstr(process_out(&ran),
			       "\"reason\":\"NONE\",\"response\":\"greet\"}\n"));
	assert_non_null(strstr(process_out(&ran), "\"reason\":\"NONE\"}\n"));
	process_ran_finish(&ran);
	assert_int_equal(rename(path, file), 0);
}

static void homes_are_refused_with_their_place(void **state)
{
	(void)state;
	write_file("{\"entities\":[{\"name\":\"a\"}]}");
	fails_in_one_line(WORDS("say", "--home", file, "hello"), 1,
			  "entities[0].domain: expected");
	write_file("{\n\"entities\":[}");
	fails_in_one_line(WORDS("say", "--home", file, "hello"), 1, "file:2:");
}

static void a_dry_run_decides(void **state)
{
	struct process_ran ran;

	(void)state;
	behest(WORDS("say", "--dry-run", "--json", "turn on the kitchen light"), &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(
		strstr(process_out(&ran), "\"decision\":\"act\",\"reason\":\"NONE\""));
	process_ran_finish(&ran);
	behest(WORDS("say", "--dry-run", "--json", "unlock the front door"), &ran);
	assert_int_equal(ran.status, 3);
	assert_non_null(strstr(process_out(&ran),
			       "\"decision\":\"refuse\",\"reason\":\"NEEDS_TAP\""));
	assert_non_null(strstr(process_err(&ran), "refused: NEEDS_TAP"));
	process_ran_finish(&ran);
}

static void bad_sound_is_one_line_each(void **state)
{
	struct process_ran ran;

	(void)state;
	write_file("this is no sound");
	behest(WORDS("hear", "--json", "--no-wake", file, "/nowhere.wav"), &ran);
	assert_int_equal(ran.status, 1);
	assert_int_equal(process_lines(process_err(&ran)), 2);
	assert_non_null(strstr(process_err(&ran), "file: "));
	assert_non_null(strstr(process_err(&ran), "/nowhere.wav: "));
	assert_string_equal(process_out(&ran), "");
	process_ran_finish(&ran);
}

static void put_u32(uint8_t *to, size_t value)
{
	for (size_t i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

/* 16 kHz mono WAV: silence of a quiet room, then the words. */
static void write_words_after(size_t silence_s, const char *text)
{
	static const uint8_t HEAD[] = "RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0"
				      "\x80\x3e\0\0\x00\x7d\0\0\x02\0\x10\0"
				      "data....";
	struct voice voice = {0};
	struct audio_span words;
	struct err_note note = {""};
	size_t silence = silence_s * AUDIO_HZ;

	assert_int_equal(voice_flite_create(&voice), OK);
	assert_int_equal(voice_speak(&voice, text, &words), OK);
	size_t head = sizeof(HEAD) - 1;
	size_t sound = (silence + words.count) * sizeof(int16_t);
	uint8_t *bytes = calloc(1, head + sound);
	assert_non_null(bytes);
	memcpy(bytes, HEAD, head);
	put_u32(bytes + 4, head - 8 + sound);
	put_u32(bytes + head - 4, sound);
	for (size_t i = 0; i < silence; i++)
		bytes[head + 2 * i] = (uint8_t)(i * 7919 % 23);
	memcpy(bytes + head + 2 * silence, words.samples, words.count * sizeof(int16_t));
	assert_int_equal(file_write(file, bytes, head + sound, 0600, &note), OK);
	free(bytes);
	voice_close(&voice);
}

/* Without a name a file is one request, however long somebody thinks before it. */
static void silence_before_a_request_is_waited_through(void **state)
{
	struct process_ran ran;

	(void)state;
	write_words_after(12, "turn on the kitchen light");
	behest(WORDS("hear", "--json", "--no-wake", file), &ran);
	assert_non_null(
		strstr(process_out(&ran), "\"text\":\"turn on the kitchen light\""));
	assert_int_equal(process_lines(process_out(&ran)), 1);
	process_ran_finish(&ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_told),
		cmocka_unit_test(help_is_whole),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(a_folder_that_cannot_be_one),
		cmocka_unit_test(settings_are_refused_with_file_and_line),
		cmocka_unit_test(a_house_with_a_wrong_setting_does_not_start),
		cmocka_unit_test(sentences_are_refused_with_file_and_line),
		cmocka_unit_test(understand_passes_on_the_response_key),
		cmocka_unit_test(homes_are_refused_with_their_place),
		cmocka_unit_test(a_dry_run_decides),
		cmocka_unit_test(bad_sound_is_one_line_each),
		cmocka_unit_test(silence_before_a_request_is_waited_through),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
