/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest calibrate: commands and other sound are heard, rows are kept and give the same
 * study again, a picture is drawn, and what is wrong with the material is said.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/wav.h"
#include "folder.h"

enum { WAIT_MS = 300000, PLACES = 12, TEXT_MAX = 1024 * 1024 };

static char folder[] = "/tmp/behest-calibrate-XXXXXX";
static struct voice voice;

/* A path below the test's folder. One of several places, so that some can be in use. */
static const char *at(const char *name)
{
	static char paths[PLACES][FILE_PATH_BYTES];
	static size_t next;
	char *path = paths[next++ % PLACES];

	assert_true(file_join(path, FILE_PATH_BYTES, folder, name));
	return path;
}

static void say(const char *name, const char *words)
{
	struct audio_span said;

	assert_int_equal(voice_speak(&voice, words, &said), OK);
	wav_write(at(name), (struct wav_shape){.hz = AUDIO_HZ}, said);
}

static void write_text(const char *name, const char *text)
{
	struct err_note note = {""};

	if (file_write(at(name), text, strlen(text), 0600, &note))
		fail_msg("%s", note.text);
}

static int set_up(void **state)
{
	static const char *const folders[] = {"commands", "labelled", "others", "bare",
					      "broken"};
	struct err_note note = {""};

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < STR_COUNT(folders); i++)
		assert_int_equal(file_make_folder(at(folders[i]), &note), OK);
	assert_int_equal(voice_flite_create(&voice), OK);
	say("commands/light.wav", "turn on the kitchen light");
	say("labelled/time.wav", "what time is it");
	say("others/1.wav", "nobody ever told the carpenter about it");
	say("others/2.wav", "seven umbrellas");
	say("broken/1.wav", "an umbrella");
	write_text("broken/2.wav", "RIFF");
	write_text("commands/list",
		   "# what was said\nlight.wav\tTurn on the kitchen light\n\n");
	write_text("commands/missing", "nobody.wav\tturn it off\n");
	write_text("commands/words", "light.wav turn it off\n");
	write_text("labelled/labels.json", "{\"time\": {\"intent\": "
					   "\"HassGetCurrentTime\", \"slots\": {}}}");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	voice_close(&voice);
	return folder_remove(folder);
}

static void calibrate(const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest"), "calibrate"};

	for (size_t i = 0; words[i]; i++)
		all[i + 2] = words[i];
	process_run(all, WAIT_MS, ran);
	assert_false(ran->hung);
}

static void read_text(const char *path, struct buf *bytes)
{
	struct err_note note = {""};

	if (file_read(path, TEXT_MAX, bytes, &note))
		fail_msg("%s", note.text);
}

static void what_was_heard_can_be_studied_again(void **state)
{
	const char *rows = at("rows.jsonl");
	const char *picture = at("picture.svg");
	struct process_ran first;
	struct process_ran again;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 0);
	calibrate((const char *const[]){"--commands", at("commands/list"), "--commands",
					at("labelled"), "--others", at("others"),
					"--rows", rows, "--picture", picture, "--json",
					NULL},
		  &first);
	if (first.status != 0)
		fail_msg("%s", process_err(&first));
	read_text(rows, &bytes);
	assert_non_null(strstr((const char *)bytes.bytes,
			       "\"file\":\"light.wav\",\"condition\":\"clean\","
			       "\"source\":\"list\",\"command\":true,\"right\":true,"
			       "\"words\":\"turn on the kitchen light\""));
	assert_non_null(
		strstr((const char *)bytes.bytes,
		       "\"source\":\"labelled\",\"command\":true,\"right\":true"));
	assert_non_null(strstr((const char *)bytes.bytes, "\"class\":\"B\""));
	assert_non_null(strstr((const char *)bytes.bytes,
			       "\"source\":\"others\",\"command\":false"));
	buf_finish(&bytes);
	read_text(picture, &bytes);
	assert_true(str_starts((const char *)bytes.bytes, "<svg "));
	assert_true(str_ends((const char *)bytes.bytes, "</svg>\n"));
	buf_finish(&bytes);
	calibrate((const char *const[]){"--from", rows, "--json", NULL}, &again);
	assert_int_equal(again.status, 0);
	assert_string_equal(process_out(&first), process_out(&again));
	assert_non_null(strstr(process_out(&again), "\"kind\":\"floor\""));
	process_ran_finish(&first);
	process_ran_finish(&again);
}

static void one_bad_sound_does_not_stop_the_others(void **state)
{
	struct process_ran ran;

	(void)state;
	calibrate((const char *const[]){"--others", at("broken"), NULL}, &ran);
	assert_int_equal(ran.status, 1);
	assert_non_null(strstr(process_err(&ran), "2.wav"));
	assert_non_null(strstr(process_out(&ran), "broken"));
	process_ran_finish(&ran);
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *option;
		const char *place; /* in the test's folder; NULL: the value as it is */
		const char *value;
		int status;
		const char *says;
	} WRONG[] = {
		{"--commands", "bare", NULL, 1, "labels.json"},
		{"--commands", "nowhere", NULL, 1, "nowhere: nothing is there"},
		{"--commands", "commands/missing", NULL, 1, "missing:1: no sound file"},
		{"--commands", "commands/words", NULL, 1, "words:1: expected a sound"},
		{"--others", "bare", NULL, 1, "no sound in it"},
		{"--from", "nowhere", NULL, 1, "nowhere"},
		{"--from", "commands/list", NULL, 1, "list:1"},
		{"--snr", NULL, "12", 2, "expected --commands"},
		{"--false", NULL, "1", 2, "expected --commands"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(WRONG); i++) {
		const char *value = WRONG[i].place ? at(WRONG[i].place) : WRONG[i].value;
		struct process_ran ran;

		calibrate((const char *const[]){WRONG[i].option, value, NULL}, &ran);
		assert_int_equal(ran.status, WRONG[i].status);
		if (!strstr(process_err(&ran), WRONG[i].says))
			fail_msg("%s: %s", WRONG[i].says, process_err(&ran));
		process_ran_finish(&ran);
	}
}

static void numbers_are_checked(void **state)
{
	struct process_ran ran;

	(void)state;
	calibrate((const char *const[]){"--others", at("others"), "--false", "many",
					NULL},
		  &ran);
	assert_int_equal(ran.status, 2);
	assert_non_null(strstr(process_err(&ran), "--false many"));
	process_ran_finish(&ran);
	calibrate((const char *const[]){"--others", at("others"), "--snr", "12", NULL},
		  &ran);
	assert_int_equal(ran.status, 2);
	assert_non_null(strstr(process_err(&ran), "--snr without --noise"));
	process_ran_finish(&ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_heard_can_be_studied_again),
		cmocka_unit_test(one_bad_sound_does_not_stop_the_others),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(numbers_are_checked),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
