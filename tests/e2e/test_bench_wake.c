/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_bench_wake - `behest bench wake` counts misses and false accepts of the heads that
 * come along: a share folder with one head and a data sheet of the test's own, clips and
 * speech of a synthetic voice. What the figures of the processor are is not looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
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

enum { WAIT_MS = 280000, EXIT_FAILED = 1, EXIT_USAGE = 2, PLACES = 16 };

static const char sheet[] =
	"{\"name\":\"jarvis\",\"positive\":[{\"source\":\"human\",\"files\":3}],"
	"\"negative\":[{\"source\":\"talk\",\"files\":9}],\"noise\":[],"
	"\"calibrate\":[{\"source\":\"prompts\",\"files\":1}],\"validate\":[]}";

static char folder[FILE_PATH_BYTES];
static char share[FILE_PATH_BYTES]; /* the source's */
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

static void say(const char *name, const char *words, unsigned hz)
{
	struct audio_span said;

	assert_int_equal(voice_speak(&voice, words, &said), OK);
	wav_write(at(name), (struct wav_shape){.hz = hz}, said);
}

static void write_text(const char *name, const char *text)
{
	struct err_note note = {""};

	if (file_write(at(name), text, strlen(text), 0600, &note))
		fail_msg("%s", note.text);
}

static void link_from_share(const char *name)
{
	char from[FILE_PATH_BYTES];
	char to[FILE_PATH_BYTES];

	assert_true(file_join(from, sizeof(from), share, name));
	assert_true(str_format(to, sizeof(to), "%s/share/%s", folder, name));
	assert_int_equal(symlink(from, to), 0);
}

static int set_up(void **state)
{
	static const char *const folders[] = {"share/models",   "clips/jarvis",
					      "clips/umbrella", "broken/jarvis",
					      "bare",           "talk"};
	const char *base = getenv("TMPDIR");
	struct err_note note = {""};

	(void)state;
	assert_true(str_format(folder, sizeof(folder), "%s/behest-bench-wake-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < STR_COUNT(folders); i++)
		assert_int_equal(file_make_folder(at(folders[i]), &note), OK);
	link_from_share("lang");
	link_from_share("models/speech-embedding.net");
	link_from_share("models/jarvis.head");
	write_text("share/models/jarvis.json", sheet);
	assert_int_equal(setenv("BEHEST_SHARE", at("share"), 1), 0);
	assert_int_equal(voice_flite_create(&voice), OK);
	/* Two that are none, so that both are missed, and the name among the others. */
	say("clips/jarvis/1.wav", "an umbrella in the rain.", AUDIO_HZ);
	say("clips/jarvis/2.wav", "seven sisters sailed.", AUDIO_HZ);
	say("clips/umbrella/1.wav", "jarvis.", AUDIO_HZ);
	say("clips/umbrella/2.wav", "an umbrella.", AUDIO_HZ);
	say("talk/1.wav", "jarvis.", AUDIO_HZ);
	say("talk/2.wav", "nobody told the carpenter.", AUDIO_HZ);
	say("broken/jarvis/1.wav", "an umbrella.", AUDIO_HZ);
	write_text("broken/jarvis/2.wav", "RIFF");
	write_text("bare/notes.txt", "none");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	voice_close(&voice);
	return folder_remove(folder);
}

static void bench(const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest"), "bench"};

	for (size_t i = 0; words[i]; i++)
		all[i + 2] = words[i];
	process_run(all, WAIT_MS, ran);
	assert_false(ran->hung);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text);
}

static void without_material_it_says_how(void **state)
{
	struct process_ran ran;

	(void)state;
	bench(WORDS("wake"), &ran);
	assert_int_equal(ran.status, 0);
	expect_part(process_out(&ran), "step_us");
	expect_part(process_out(&ran), "--clips DIR, --speech DIR");
	assert_null(strstr(process_out(&ran), "missed"));
	process_ran_finish(&ran);
}

/* The share with its interval; noise is heard too, and both stages. */
static void misses_are_counted(void **state)
{
	struct process_ran ran;

	(void)state;
	bench(WORDS("wake", "--clips", at("clips"), "--noise", at("talk/2.wav"), "--snr",
		    "20"),
	      &ran);
	assert_int_equal(ran.status, 0);
	expect_part(process_out(&ran), "jarvis_missed_percent");
	expect_part(process_out(&ran), "100.00  (34.24 - 100.00) 2 of 2 missed\n");
	expect_part(process_out(&ran), "2 of 2 missed, after the second stage");
	expect_part(process_out(&ran), "2 of 2 missed in noise\n");
	expect_part(process_out(&ran), "1 of 2 clips of other words, after the second");
	assert_null(strstr(process_out(&ran), "false accepts of both"));
	process_ran_finish(&ran);
}

static void false_accepts_are_counted(void **state)
{
	struct process_ran ran;

	(void)state;
	bench(WORDS("wake", "--json", "--speech", at("talk"), "--verbose"), &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(process_lines(process_out(&ran)), 1);
	expect_part(process_out(&ran), "\"jarvis_false_accepts_per_hour\":");
	expect_part(process_out(&ran), "\"jarvis_false_accepts_second_per_hour_high\":");
	assert_null(strstr(process_out(&ran),
			   "\"jarvis_false_accepts_second_per_hour\":0.00"));
	assert_null(strstr(process_out(&ran), "jarvis_missed"));
	expect_part(process_err(&ran), "jarvis woke in ");
	expect_part(process_err(&ran), "talk/1.wav at ");
	process_ran_finish(&ran);
}

/* By its data sheet; "talk" is among what this head is said to have learned from. */
static void what_was_learned_from_is_no_test(void **state)
{
	struct process_ran ran;

	(void)state;
	bench(WORDS("wake", "--speech", at("talk"), "--clips", at("clips")), &ran);
	assert_int_equal(ran.status, 0);
	expect_part(
		process_err(&ran),
		"bench wake: jarvis learned from human, talk, prompts; files of those "
		"are no test; of the same name here: talk\n");
	process_ran_finish(&ran);
	assert_int_equal(rename(at("share/models/jarvis.json"), at("kept")), 0);
	bench(WORDS("wake", "--speech", at("talk")), &ran);
	assert_int_equal(ran.status, 0);
	expect_part(process_err(&ran),
		    "bench wake: jarvis: nothing says what it learned from: ");
	process_ran_finish(&ran);
	assert_int_equal(rename(at("kept"), at("share/models/jarvis.json")), 0);
}

/* One line, and the other clips are counted all the same. */
static void a_broken_clip_is_named(void **state)
{
	struct process_ran ran;

	(void)state;
	bench(WORDS("wake", "--clips", at("broken")), &ran);
	assert_int_equal(ran.status, EXIT_FAILED);
	expect_part(process_err(&ran), "broken/jarvis/2.wav: ");
	expect_part(process_out(&ran), "1 of 1 missed\n");
	process_ran_finish(&ran);
}

static void fails(const char *const *words, int status, const char *part)
{
	struct process_ran ran;

	bench(words, &ran);
	assert_int_equal(ran.status, status);
	assert_int_equal(process_lines(process_err(&ran)), 1);
	expect_part(process_err(&ran), part);
	process_ran_finish(&ran);
}

static void wrong_words_are_told(void **state)
{
	(void)state;
	fails(WORDS("--clips", at("clips")), EXIT_USAGE, "--clips is for: bench wake");
	fails(WORDS("echo", "--snr", "3"), EXIT_USAGE, "--snr is for: bench wake");
	fails(WORDS("wake", "--clips", at("bare")), EXIT_FAILED,
	      "expected a folder for each word, such as jarvis");
	fails(WORDS("wake", "--clips", at("nowhere")), EXIT_FAILED, "nowhere: ");
	fails(WORDS("wake", "--speech", at("nowhere")), EXIT_FAILED, "nowhere: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_material_it_says_how),
		cmocka_unit_test(misses_are_counted),
		cmocka_unit_test(false_accepts_are_counted),
		cmocka_unit_test(what_was_learned_from_is_no_test),
		cmocka_unit_test(a_broken_clip_is_named),
		cmocka_unit_test(wrong_words_are_told),
	};
	const char *source = getenv("BEHEST_SOURCE");

	if (!folder_has_net() || !file_join(share, sizeof(share), source, "share"))
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
