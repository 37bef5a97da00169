/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wake_train - `behest wake train` as somebody runs it who has never trained anything:
 * a synthetic voice at many pitches, wrong clips among the right ones, a folder with one
 * clip, a disk that is full; and what it and the other verbs say of broken heads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/wav.h"
#include "folder.h"

static const double MARGIN = 3;

enum {
	NAMES = 30,
	FEW = 10,   /* where it does not matter how well it is learned */
	OTHERS = 8, /* pitches of each sentence */
	TRAIN_WAIT_MS = 280000,
	HEAD_BYTES_MAX = 4 * 1024 * 1024,
	VERSION_AT = 11, /* the last byte of the version in a head */
	NAME_BYTES = 64,
	EXIT_FAILED = 1,
};

static const char *const others[] = {
	"the purple elephant dances every november in the old harbour.",
	"nobody told the carpenter about the wooden umbrella.",
	"please put the kettle on and open the window.",
	"seven sisters sailed across the silver sea.",
};
static const char *const beside[] = {"mine.head", "mine.json", "mine.md",
				     "mine.negatives"};

static char folder[256];
static struct voice voice;

/* A path below the test's folder. One of several places, so that some can be in use. */
static const char *at(const char *name)
{
	static char paths[16][FILE_PATH_BYTES];
	static size_t next;
	char *path = paths[next++ % STR_COUNT(paths)];

	assert_true(file_join(path, FILE_PATH_BYTES, folder, name));
	return path;
}

static void read_back(const char *name, struct buf *out_bytes)
{
	struct err_note note = {""};

	if (file_read(at(name), HEAD_BYTES_MAX, out_bytes, &note))
		fail_msg("%s", note.text);
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
	struct err_note note = {""};

	if (file_write(at(name), bytes, size, 0600, &note))
		fail_msg("%s", note.text);
}

/* --- sound ------------------------------------------------------------------------------ */

/* Says it as somebody whose voice is that much higher and faster. */
static void say(const char *name, const char *words, unsigned hz)
{
	struct audio_span said;

	assert_int_equal(voice_speak(&voice, words, &said), OK);
	wav_write(at(name), (struct wav_shape){.hz = hz}, said);
}

static void say_many(const char *to, const char *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char name[NAME_BYTES];

		assert_true(str_format(name, sizeof(name), "%s-%02u.wav", to, i));
		say(name, words, 12800 + i * (22400 - 12800) / count);
	}
}

static void make_sounds(void)
{
	static const char *const names[] = {"names", "few", "one", "others"};
	struct err_note note = {""};

	for (size_t i = 0; i < STR_COUNT(names); i++)
		assert_int_equal(file_make_folder(at(names[i]), &note), OK);
	say_many("names/right", "jarvis.", NAMES);
	say_many("few/right", "jarvis.", FEW);
	say("names/wrong.wav", others[1], AUDIO_HZ);
	say("one/alone.wav", "jarvis.", AUDIO_HZ);
	for (size_t i = 0; i < STR_COUNT(others); i++) {
		char to[NAME_BYTES];

		assert_true(str_format(to, sizeof(to), "others/%zu", i));
		say_many(to, others[i], OTHERS);
	}
	write_bytes("names/broken.wav", "RIFF\x24\x00\x00\x00WAVEfmt ", 16);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	assert_true(str_format(folder, sizeof(folder), "%s/behest-teach-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(voice_flite_create(&voice), OK);
	make_sounds();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	voice_close(&voice);
	return folder_remove(folder);
}

/* --- running ---------------------------------------------------------------------------- */

/* In the test's folder, since luck is drawn by the paths as they are given; in a shell that
 * runs "$@" after the words before. */
static void run_after(const char *before, const char *const *words,
		      struct process_ran *ran)
{
	char script[512];
	const char *all[PROCESS_WORDS_MAX] = {"/bin/sh", "-c", script,
					      process_program("behest")};
	size_t count = 4;

	assert_true(str_format(script, sizeof(script),
			       "cd '%s' && { %sexec \"$0\" \"$@\"; }", folder, before));
	all[count++] = "wake";
	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	assert_true(count < PROCESS_WORDS_MAX);
	process_run(all, TRAIN_WAIT_MS, ran);
	assert_false(ran->hung);
}

/* Quick, and good enough for one voice. */
static void train(const char *before, const char *names, const char *seed,
		  const char *steps, const char *out, struct process_ran *ran)
{
	const char *const words[] = {"train", "--word",     "jarvis", "--positive",
				     names,   "--negative", "others", "--augment",
				     "4",     "--steps",    steps,    "--nets",
				     "1",     "--seed",     seed,     "--jobs",
				     "2",     "--out",      out,      NULL};

	run_after(before, words, ran);
}

/* The last line of what it wrote: before it stand the stages. */
static const char *last_line(const struct process_ran *ran)
{
	static char line[1024];
	const char *text = process_err(ran);
	size_t size = strlen(text);
	size_t from;

	while (size > 0 && text[size - 1] == '\n')
		size--;
	for (from = size; from > 0 && text[from - 1] != '\n'; from--)
		;
	assert_true(str_copy_bytes(line, sizeof(line), text + from, size - from));
	return line;
}

/* How many lines are complaints. */
static size_t complaints(const struct process_ran *ran)
{
	size_t count = 0;

	for (const char *from = process_err(ran); (from = strstr(from, "behest wake: "));
	     from++)
		count++;
	return count;
}

/* It failed with one complaint, the last thing it said, that holds the parts. */
static void must_say(struct process_ran *ran, const char *const *parts)
{
	print_message("%s\n", last_line(ran));
	assert_int_equal(ran->status, EXIT_FAILED);
	assert_string_equal(process_out(ran), "");
	assert_int_equal(complaints(ran), 1);
	assert_true(str_starts(last_line(ran), "behest wake: "));
	for (; *parts; parts++) {
		if (!strstr(last_line(ran), *parts))
			fail_msg("'%s' is not in: %s", *parts, last_line(ran));
	}
	process_ran_finish(ran);
}

#define SAYS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- what happens ----------------------------------------------------------------------- */

/* The clip that is something else is named and left out, so is the broken one; of the
 * others it is learned all the same. */
static void test_wrong_clips_are_named(void **state)
{
	struct process_ran ran;
	struct buf sheet;

	(void)state;
	train("", "names", "1", "1200", "mine.head", &ran);
	print_message("%s%s", process_err(&ran), process_out(&ran));
	assert_int_equal(ran.status, 0);
	assert_int_equal(complaints(&ran), 0);
	assert_non_null(strstr(process_err(&ran), "names/broken.wav: is damaged"));
	assert_non_null(
		strstr(process_err(&ran), "names/wrong.wav: does not sound like"));
	assert_null(strstr(process_err(&ran), "right-"));
	assert_non_null(strstr(process_out(&ran), "learned \"jarvis\" from"));
	process_ran_finish(&ran);
	for (size_t i = 0; i < STR_COUNT(beside); i++)
		assert_true(file_exists(at(beside[i])));
	read_back("mine.json", &sheet);
	/* From so little sound it may be found odd enough to be left out, or only to be named:
	 * where the bound lies is tested with the marks. */
	assert_non_null(strstr((const char *)sheet.bytes, "\"clips_suspicious\":"));
	buf_finish(&sheet);
}

static void test_one_clip_is_too_few(void **state)
{
	struct process_ran ran;

	(void)state;
	train("", "one", "1", "20", "one.head", &ran);
	must_say(&ran, SAYS("one: 1 usable clip of the name", "expected at least 8"));
	assert_false(file_exists(at("one.head")));
	assert_false(file_exists(at("one.md")));
}

static void test_a_place_that_cannot_be_written(void **state)
{
	struct process_ran ran;

	(void)state;
	train("", "names", "1", "20", "nowhere/x.head", &ran);
	/* Before the work, not after it. */
	assert_int_equal(process_lines(process_err(&ran)), 1);
	must_say(&ran, SAYS("nowhere/x.head.new: cannot be created"));
}

/* The old head stays, with the sheet and the sounds that belong to it. */
static void test_a_full_disk(void **state)
{
	static const char full[] = "trap '' XFSZ; ulimit -f 64; ";
	struct buf before[STR_COUNT(beside)];
	struct process_ran ran;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(beside); i++)
		read_back(beside[i], &before[i]);
	train(full, "few", "2", "20", "mine.head", &ran);
	must_say(&ran, SAYS("mine.", "cannot be written: File too large"));
	for (size_t i = 0; i < STR_COUNT(beside); i++) {
		char half[NAME_BYTES];
		struct buf after;

		read_back(beside[i], &after);
		assert_int_equal(after.size, before[i].size);
		assert_memory_equal(after.bytes, before[i].bytes, after.size);
		buf_finish(&after);
		buf_finish(&before[i]);
		assert_true(str_format(half, sizeof(half), "%s.new", beside[i]));
		assert_false(file_exists(at(half)));
	}
}

/* --- heads that are none ---------------------------------------------------------------- */

static void every_verb_must_say(const char *head, const char *const *parts)
{
	const char *const verbs[][10] = {
		{"score", "--word", "jarvis", "--model", head, "one/alone.wav", NULL},
		{"test", "--word", "jarvis", "--model", head, "--positive", "names",
		 "--negative", "others", NULL},
		{"enroll", "--model", head, "--from", "names", "--out", "new.head", NULL},
	};

	for (size_t i = 0; i < STR_COUNT(verbs); i++) {
		struct process_ran ran;

		run_after("", verbs[i], &ran);
		must_say(&ran, parts);
	}
	assert_false(file_exists(at("new.head")));
}

static void test_broken_heads(void **state)
{
	struct buf head;

	(void)state;
	read_back("mine.head", &head);
	write_bytes("cut.head", head.bytes, head.size / 2);
	every_verb_must_say("cut.head", SAYS("cut.head: ", "bytes; expected"));
	write_bytes("stub.head", head.bytes, 20);
	every_verb_must_say("stub.head", SAYS("stub.head: byte ", "cut short"));
	write_bytes("empty.head", "", 0);
	every_verb_must_say("empty.head", SAYS("empty.head: byte 0: not a head"));
	head.bytes[head.size / 2] ^= 1;
	write_bytes("flipped.head", head.bytes, head.size);
	every_verb_must_say("flipped.head", SAYS("flipped.head: byte ", "checksum"));
	head.bytes[head.size / 2] ^= 1;
	head.bytes[VERSION_AT] = 9;
	write_bytes("later.head", head.bytes, head.size);
	every_verb_must_say("later.head",
			    SAYS("later.head: a head of version 9; expected version 1"));
	buf_finish(&head);
}

/* What was made is a head: it is read, and it knows its name from other words. */
static double best_score(const char *sound)
{
	static const char key[] = "\"max_score\":";
	const char *const words[] = {"score",     "--word", "jarvis", "--model",
				     "mine.head", "--json", sound,    NULL};
	struct process_ran ran;
	const char *found;
	double score;

	run_after("", words, &ran);
	assert_int_equal(ran.status, 0);
	assert_string_equal(process_err(&ran), "");
	found = strstr(process_out(&ran), key);
	assert_non_null(found);
	score = strtod(found + strlen(key), NULL);
	print_message("%s: %.2f\n", sound, score);
	process_ran_finish(&ran);
	return score;
}

static void test_the_head_is_good(void **state)
{
	(void)state;
	assert_true(best_score("names/right-15.wav") >
		    best_score("others/1-03.wav") + MARGIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_clips_are_named),
		cmocka_unit_test(test_one_clip_is_too_few),
		cmocka_unit_test(test_a_place_that_cannot_be_written),
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_broken_heads),
		cmocka_unit_test(test_the_head_is_good),
	};

	if (!folder_has_net())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
