/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_bad_input - files that are broken, settings that are wrong, folders that cannot be
 * written: one clear line each, that names the file and the place, the right exit status,
 * and whatever else was asked for is still done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/link_unix.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/wav.h"
#include "folder.h"

/* The sanitizer finds in minutes of silence what it finds in hours, and what it keeps itself
 * says nothing of the program's memory. */
#ifdef __SANITIZE_ADDRESS__
enum { LONG_MINUTES = 15 };
#else
enum { LONG_MINUTES = 180 };
#endif

enum {
	CHANNELS_MAX = 7,
	HIGH_HZ = 96000,
	HIGH_TIMES = HIGH_HZ / AUDIO_HZ,
	LONG_KIB_MORE = 64 * 1024, /* three hours of sound would be five times that */
	LONG_WAIT_MS = 170000,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	GREET_MS = 5000,
	HEARD_LINES = 6, /* of those in test_bad_lines */
	OFFSET = 6000,
	CLIPPED_TIMES = 3,
	LOST_EVERY = 15,
	STRANGE_EVERY = 7919,
	NAME_BEGINS_MS = 250, /* it is believed after half a second at the earliest */
};

static char folder[256];
static struct audio_span said; /* "jarvis, turn on the kitchen light" */
static struct voice voice;

#define HEARD "\"text\":\"turn on the kitchen light\""

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	assert_true(str_format(folder, sizeof(folder), "%s/behest-bad-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(voice_flite_create(&voice), OK);
	assert_int_equal(voice_speak(&voice, "jarvis, turn on the kitchen light.", &said),
			 OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	voice_close(&voice);
	return folder_remove(folder);
}

/* A path below the test's folder. One of several places, so that some can be in use. */
static const char *at(const char *name)
{
	static char paths[16][FILE_PATH_BYTES];
	static size_t next;
	char *path = paths[next++ % STR_COUNT(paths)];

	assert_true(file_join(path, FILE_PATH_BYTES, folder, name));
	return path;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	struct err_note note = {""};

	if (file_write(at(name), bytes, size, 0600, &note))
		fail_msg("%s", note.text);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static void make_folder(const char *name)
{
	struct err_note note = {""};

	if (file_make_folder(at(name), &note))
		fail_msg("%s", note.text);
}

/* --- one line --------------------------------------------------------------------------- */

/* Something failed: this status, one line on stderr that holds all of these. */
static void must_say(const struct process_ran *ran, int status, const char *const *parts)
{
	const char *line = process_err(ran);

	if (ran->hung)
		fail_msg("it did not end: %s", line);
	if (ran->status != status)
		fail_msg("exit status %d, expected %d: %s", ran->status, status, line);
	if (process_lines(line) != 1)
		fail_msg("not one line: %s", line);
	for (; *parts; parts++) {
		if (!strstr(line, *parts))
			fail_msg("'%s' is not in: %s", *parts, line);
	}
	print_message("%s", line);
}

/* Runs a program that must fail so. */
static void fails_with(const char *const *words, int status, const char *const *parts)
{
	struct process_ran ran;

	process_run(words, PROCESS_WAIT_MS, &ran);
	must_say(&ran, status, parts);
	process_ran_finish(&ran);
}

/* The words of a line end with NULL; program() is good for one of them at a time. */
#define FAILS(status, said_parts, ...)                                 \
	do {                                                           \
		const char *const fails_words[] = {__VA_ARGS__, NULL}; \
		fails_with(fails_words, status, said_parts);           \
	} while (0)
#define SAYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *program(const char *name)
{
	static char path[FILE_PATH_BYTES];

	assert_true(str_copy(path, sizeof(path), process_program(name)));
	return path;
}

/* --- sound ------------------------------------------------------------------------------ */

/* What was said, each sample times over in each channel. */
static void write_wav(const char *name, unsigned channels, unsigned times, unsigned bits)
{
	int16_t *samples = calloc(said.count * times, sizeof(*samples));

	assert_non_null(samples);
	for (size_t i = 0; i < said.count * times; i++)
		samples[i] = said.samples[i / times];
	wav_write(at(name), (struct wav_shape){channels, AUDIO_HZ * times, bits},
		  (struct audio_span){samples, said.count * times});
	free(samples);
}

static void write_part(const char *name, const char *of, size_t percent)
{
	struct buf wav;

	assert_int_equal(file_read(at(of), PROCESS_OUTPUT_MAX, &wav, NULL), OK);
	write_file(name, wav.bytes, wav.size * percent / 100);
	buf_finish(&wav);
}

static void write_garbage(const char *name, const char *start)
{
	uint8_t bytes[5000];
	uint32_t state = 7;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24);
	}
	memcpy(bytes, start, strlen(start));
	write_file(name, bytes, sizeof(bytes));
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		count++;
	return count;
}

/* The line of text that holds the part, copied; "" none. */
static const char *line_with(const char *text, const char *part)
{
	static char line[1024];
	const char *found = strstr(text, part);

	line[0] = '\0';
	if (!found)
		return line;
	while (found > text && found[-1] != '\n')
		found--;
	(void)str_copy_bytes(line, sizeof(line), found, strcspn(found, "\n"));
	return line;
}

/* The name is the first thing in each file: it begins there, not where it was believed. */
static void names_begin_at_once(const char *turns)
{
	static const char key[] = "\"wake\":{\"at_ms\":";

	for (const char *at = strstr(turns, key); at; at = strstr(at + 1, key))
		assert_in_range(strtol(at + strlen(key), NULL, 10), 0, NAME_BEGINS_MS);
}

static void test_strange_sound_is_heard(void **state)
{
	struct process_ran ran;

	(void)state;
	write_wav("plain.wav", 1, 1, 16);
	write_wav("eight-bit.wav", 1, 1, 8);
	write_wav("high.wav", 1, HIGH_TIMES, 16);
	write_wav("seven.wav", CHANNELS_MAX, 1, 16);
	const char *const words[] = {
		program("behest"),   "hear",         "--json",        at("plain.wav"),
		at("eight-bit.wav"), at("high.wav"), at("seven.wav"), NULL};

	process_run(words, LONG_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	assert_string_equal(process_err(&ran), "");
	assert_int_equal(process_lines(process_out(&ran)), 4);
	assert_int_equal(count_of(process_out(&ran), HEARD), 4);
	names_begin_at_once(process_out(&ran));
	process_ran_finish(&ran);
}

/* --- sound as bad microphones and bad lines make it -------------------------------------- */

static int16_t limited(double value)
{
	return (int16_t)(value > INT16_MAX   ? INT16_MAX
			 : value < INT16_MIN ? INT16_MIN
					     : value);
}

/* The sample at a place of what was said, changed as the name says. */
static int16_t offset_at(size_t i)
{
	return limited(said.samples[i] + OFFSET);
}

static int16_t clipped_at(size_t i)
{
	return limited(said.samples[i] * CLIPPED_TIMES);
}

/* Half of the rate: two samples' mean. */
static int16_t narrow_at(size_t i)
{
	return (int16_t)((said.samples[2 * i] + said.samples[2 * i + 1]) / 2);
}

/* Every fifteenth frame never came. */
static int16_t dropped_at(size_t i)
{
	const size_t run = (LOST_EVERY - 1) * (size_t)AUDIO_FRAME_SAMPLES;

	return said.samples[i + i / run * AUDIO_FRAME_SAMPLES];
}

/* Every fifteenth frame came twice. */
static int16_t doubled_at(size_t i)
{
	const size_t run = (LOST_EVERY + 1) * (size_t)AUDIO_FRAME_SAMPLES;
	const size_t in_run = i % run;

	return said
		.samples[i - i / run * AUDIO_FRAME_SAMPLES -
			 (in_run >= LOST_EVERY * AUDIO_FRAME_SAMPLES ? AUDIO_FRAME_SAMPLES
								     : 0)];
}

static const struct {
	const char *name;
	int16_t (*sample)(size_t i);
	size_t of; /* samples, in parts of a thousand of what was said */
	unsigned hz;
} LINES[] = {
	{"offset.wav", offset_at, 1000, AUDIO_HZ},
	{"clipped.wav", clipped_at, 1000, AUDIO_HZ},
	{"narrow.wav", narrow_at, 500, AUDIO_HZ / 2},
	{"dropped.wav", dropped_at, 900, AUDIO_HZ},
	{"doubled.wav", doubled_at, 1000, AUDIO_HZ},
};

static void write_lines(void)
{
	for (size_t n = 0; n < STR_COUNT(LINES); n++) {
		const size_t count = said.count * LINES[n].of / 1000;
		int16_t *samples = calloc(count, sizeof(*samples));

		assert_non_null(samples);
		for (size_t i = 0; i < count; i++)
			samples[i] = LINES[n].sample(i);
		wav_write(at(LINES[n].name), (struct wav_shape){.hz = LINES[n].hz},
			  (struct audio_span){samples, count});
		free(samples);
	}
}

/* Numbers that are none are silence, and one that is too large is the largest. */
static void write_strange_floats(void)
{
	static const float strange[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F};
	float *samples = calloc(said.count, sizeof(*samples));

	assert_non_null(samples);
	for (size_t i = 0; i < said.count; i++)
		samples[i] = (float)said.samples[i] / -(float)INT16_MIN;
	for (size_t i = 0; i < said.count; i += STRANGE_EVERY)
		samples[i] = strange[i / STRANGE_EVERY % STR_COUNT(strange)];
	wav_write_floats(at("floats.wav"), samples, said.count);
	for (size_t i = 0; i < said.count; i++)
		samples[i] = NAN;
	wav_write_floats(at("nothing.wav"), samples, said.count);
	free(samples);
}

static void write_still(const char *name, int16_t value)
{
	static int16_t samples[2 * AUDIO_HZ];

	for (size_t i = 0; i < STR_COUNT(samples); i++)
		samples[i] = value;
	wav_write(at(name), (struct wav_shape){.hz = AUDIO_HZ},
		  (struct audio_span){samples, STR_COUNT(samples)});
}

/* Whatever the line did to it, the name and the request are found, or it is clear that
 * nothing was said; no file costs a line. */
static void test_bad_lines(void **state)
{
	const char *words[PROCESS_WORDS_MAX] = {program("behest"), "hear", "--json"};
	struct process_ran ran;
	size_t count = 3;
	size_t wrong = 0;

	(void)state;
	write_lines();
	write_strange_floats();
	write_still("silent.wav", 0);
	write_still("still.wav", -9000);
	for (size_t i = 0; i < STR_COUNT(LINES); i++)
		words[count++] = at(LINES[i].name);
	words[count++] = at("floats.wav");
	words[count++] = at("nothing.wav");
	words[count++] = at("silent.wav");
	words[count++] = at("still.wav");
	process_run(words, LONG_WAIT_MS, &ran);
	assert_false(ran.hung);
	assert_int_equal(ran.status, 0);
	assert_string_equal(process_err(&ran), "");
	for (size_t i = 3; i < count; i++) {
		const bool heard = strstr(line_with(process_out(&ran), words[i]), HEARD);

		print_message("%s: %s\n", words[i], heard ? "heard" : "nothing");
		if (heard != (i < 3 + HEARD_LINES))
			wrong++;
	}
	assert_int_equal(wrong, 0);
	process_ran_finish(&ran);
}

static void test_broken_sound_costs_one_line_each(void **state)
{
	static const char *const bad[][2] = {
		{"empty.wav", "is empty; expected WAV"},
		{"cut.wav", "is cut short after"},
		{"head.wav", "damaged or cut short"},
		{"garbage.wav", "not a sound file of a known kind; expected WAV"},
		{"garbage.flac", "is damaged"},
		{"garbage.ogg", ""},
		{"missing.wav", "No such file"},
		{"a-folder", "is a folder; expected a sound file"},
	};
	struct process_ran ran;

	(void)state;
	write_text("empty.wav", "");
	write_part("cut.wav", "plain.wav", 50);
	write_file("head.wav", "RIFF\x24\x00\x00\x00WAVEfmt ", 16);
	write_garbage("garbage.wav", "");
	write_garbage("garbage.flac", "fLaC");
	write_garbage("garbage.ogg", "OggS");
	make_folder("a-folder");
	const char *const words[] = {program("behest"),
				     "hear",
				     "--json",
				     at("empty.wav"),
				     at("cut.wav"),
				     at("head.wav"),
				     at("plain.wav"),
				     at("garbage.wav"),
				     at("garbage.flac"),
				     at("garbage.ogg"),
				     at("missing.wav"),
				     at("a-folder"),
				     at("eight-bit.wav"),
				     NULL};

	process_run(words, PROCESS_WAIT_MS, &ran);
	print_message("%s", process_err(&ran));
	assert_int_equal(ran.status, EXIT_FAILED);
	assert_int_equal(process_lines(process_err(&ran)), STR_COUNT(bad));
	for (size_t i = 0; i < STR_COUNT(bad); i++) {
		if (!strstr(line_with(process_err(&ran), bad[i][0]), bad[i][1]) ||
		    !strstr(process_err(&ran), bad[i][0]))
			fail_msg("%s: is not said to be '%s'", bad[i][0], bad[i][1]);
	}
	/* The good ones among them were heard all the same. */
	assert_int_equal(count_of(process_out(&ran), HEARD), 2);
	process_ran_finish(&ran);
}

/* Nothing but silence; the file takes no room on the disk. */
static void write_long(const char *name)
{
	const uint64_t bytes = (uint64_t)LONG_MINUTES * 60 * AUDIO_HZ * 2;
	uint8_t head[WAV_HEAD_BYTES];
	int fd;

	wav_head((struct wav_shape){.hz = AUDIO_HZ}, bytes, head);
	write_file(name, head, sizeof(head));
	fd = open(at(name), O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)(sizeof(head) + bytes)), 0);
	close(fd);
}

static void test_three_hours_take_no_memory(void **state)
{
	const char *const few[] = {program("behest"), "hear", "--json", at("plain.wav"),
				   NULL};
	const char *const many[] = {few[0],         "hear",          "--json",
				    at("long.wav"), at("plain.wav"), NULL};
	struct process_ran ran;
	long kib;

	(void)state;
	write_long("long.wav");
	process_run(few, PROCESS_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	kib = ran.peak_kib;
	process_ran_finish(&ran);
	process_run(many, LONG_WAIT_MS, &ran);
	print_message("%ld KiB at most, %ld for a short file alone\n", ran.peak_kib, kib);
	assert_false(ran.hung);
	assert_int_equal(ran.status, 0);
	assert_int_equal(count_of(process_out(&ran), HEARD), 1);
	assert_true(ran.peak_kib < kib + LONG_KIB_MORE);
	process_ran_finish(&ran);
}

/* --- sentences -------------------------------------------------------------------------- */

static void test_sentence_files(void **state)
{
	(void)state;
	write_text("bracket.yaml", "language: en\nintents:\n  X:\n    data:\n"
				   "      - sentences:\n"
				   "          - \"turn [on the light\"\n");
	write_text("open.yaml", "intents: [\n");
	write_text("nothing.yaml", "");
	FAILS(EXIT_FAILED, SAYS("missing.yaml", "expected a sentence file"),
	      program("behest"), "understand", "--sentences", at("missing.yaml"),
	      "turn on the light");
	FAILS(EXIT_FAILED, SAYS("bracket.yaml:6:", "expected ']'"), program("behest"),
	      "understand", "--sentences", at("bracket.yaml"), "turn on the light");
	FAILS(EXIT_FAILED, SAYS("open.yaml:2:", "expected"), program("behest"), "hear",
	      "--sentences", at("open.yaml"), at("plain.wav"));
	FAILS(EXIT_FAILED, SAYS("nothing.yaml:1:", "expected"), program("behest"), "hear",
	      "--sentences", at("nothing.yaml"), at("plain.wav"));
	FAILS(EXIT_FAILED, SAYS("a-folder", "no .yaml or .json sentence file"),
	      program("behest"), "say", "--dry-run", "--sentences", at("a-folder"),
	      "turn on the light");
}

/* A house without words for what it says does not begin to listen. */
static void responses_must_fail(const char *place, const char *what)
{
	const char *const parts[] = {place, what, NULL};

	FAILS(EXIT_FAILED, parts, program("behest-hub"), "--data", at("mute"));
	FAILS(EXIT_FAILED, parts, program("behest"), "say", "--dry-run",
	      "what time is it");
}

static void test_responses(void **state)
{
	(void)state;
	make_folder("mute");
	make_folder("share/lang/en");
	write_text(
		"share/lang/en/own.yaml",
		"language: en\nintents: {X: {data: [{sentences: [what time is it]}]}}\n");
	assert_int_equal(setenv("BEHEST_SHARE", at("share"), 1), 0);
	responses_must_fail("lang/en/responses.yaml: not there", "");
	write_text("share/lang/en/responses.yaml", "language: en\nsayings: {");
	responses_must_fail("responses.yaml:3:", "expected");
	write_text("share/lang/en/responses.yaml",
		   "language: en\nsayings:\n  ask.which: \"Which {thing}?\"\n");
	responses_must_fail("responses.yaml:3:", "the unknown slot '{thing}'");
	assert_int_equal(unsetenv("BEHEST_SHARE"), 0);
}

static void test_texts(void **state)
{
	static char words[100001]; /* as many as a shell passes on */
	static char word[100001];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(words); i++) {
		words[i] = i % 2 ? ' ' : 'a';
		word[i] = 'a';
	}
	FAILS(EXIT_FAILED, SAYS("a text of 100000 bytes", "expected at most 511"),
	      program("behest"), "understand", words);
	FAILS(EXIT_FAILED, SAYS("a text of 100000 bytes", "expected at most 511"),
	      program("behest"), "understand", word);
	FAILS(EXIT_USAGE, SAYS("at most 511 bytes"), program("behest"), "say",
	      "--dry-run", words);
	FAILS(EXIT_USAGE, SAYS("not UTF-8"), program("behest"), "say", "--dry-run",
	      "turn on \xff");
}

/* --- settings --------------------------------------------------------------------------- */

static void settings_must_fail(const char *text, const char *place, const char *what)
{
	const char *const parts[] = {place, what, NULL};

	write_text("house/behest.conf", text);
	FAILS(EXIT_FAILED, parts, program("behest-hub"), "--data", at("house"));
	FAILS(EXIT_FAILED, parts, program("behest-room"), "--data", at("house"), "--name",
	      "kitchen", "--microphone", "none", "--speaker", "none");
	FAILS(EXIT_FAILED, parts, program("behest"), "config", "--check", "--data",
	      at("house"));
	FAILS(EXIT_FAILED, parts, program("behest"), "up", "--data", at("house"));
}

static void test_settings(void **state)
{
	(void)state;
	make_folder("house");
	settings_must_fail("# mine\n[room]\ncolour = red\n",
			   "behest.conf:3:", "no key 'colour'");
	settings_must_fail("[rooms]\nname = kitchen\n", "behest.conf:1:", "rooms");
	settings_must_fail("[room]\nvolume_percent = 200\n",
			   "behest.conf:2:", "expected a whole number from 0 to 100");
	settings_must_fail("[listen]\nsilence_ms = soon\n", "behest.conf:2:", "expected");
	settings_must_fail("[wake]\n\nengine = magic\n",
			   "behest.conf:3:", "pocketsphinx");
	settings_must_fail("[broker]\nport\n", "behest.conf:2:", "");
	assert_int_equal(unlink(at("house/behest.conf")), 0);
}

/* --- folders that cannot be written ----------------------------------------------------- */

static void test_a_file_in_its_place(void **state)
{
	(void)state;
	write_text("a-file", "not a folder\n");
	FAILS(EXIT_FAILED, SAYS("a-file", "not a folder"), program("behest-keeper"),
	      "--data", at("a-file"));
	FAILS(EXIT_FAILED, SAYS("a-file", "not a folder"), program("behest-hub"),
	      "--data", at("a-file"));
	FAILS(EXIT_FAILED, SAYS("a-file", "not a folder"), program("behest-room"),
	      "--data", at("a-file"), "--microphone", "none", "--speaker", "none");
	FAILS(EXIT_FAILED, SAYS("nowhere", "No such file"), program("behest-room"),
	      "--data", at("nowhere"), "--microphone", "none", "--speaker", "none");
	FAILS(EXIT_FAILED, SAYS("a-file", "not a folder"), program("behest"), "up",
	      "--data", at("a-file"));
}

/* Root may write where the mode says no: so its own view of the folder is read-only. */
static const char read_only[] =
	"mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";

static bool can_mount(void)
{
	const char *const words[] = {"/usr/bin/unshare", "-rm",       "/bin/sh",   "-c",
				     read_only,          at("house"), "/bin/true", NULL};
	struct process_ran ran;
	bool can;

	process_run(words, PROCESS_WAIT_MS, &ran);
	can = ran.status == 0;
	process_ran_finish(&ran);
	return can;
}

static void test_a_folder_that_cannot_be_written(void **state)
{
	(void)state;
	if (access("/usr/bin/unshare", X_OK) != 0 || !can_mount()) {
		print_message("no read-only mount is possible here\n");
		skip();
	}
	FAILS(EXIT_FAILED, SAYS("house", "Read-only file system"), "/usr/bin/unshare",
	      "-rm", "/bin/sh", "-c", read_only, at("house"), program("behest-keeper"),
	      "--data", at("house"));
	FAILS(EXIT_FAILED, SAYS("house", "Read-only file system"), "/usr/bin/unshare",
	      "-rm", "/bin/sh", "-c", read_only, at("house"), program("behest-hub"),
	      "--data", at("house"));
}

/* --- the keeper's own files ------------------------------------------------------------- */

/* Until it answers at its owners' socket. */
static pid_t start_keeper(const char *data)
{
	const char *const words[] = {program("behest-keeper"), "--data", data, NULL};
	const int64_t until_ms = loop_now_ms() + PROCESS_WAIT_MS;
	pid_t pid = process_start(words, at("keeper.log"));
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), data, "run/keeper/owner.sock"));
	while (link_client_open(path, WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER, "test",
				GREET_MS, &client, NULL)) {
		assert_true(loop_now_ms() < until_ms);
		(void)poll(NULL, 0, PROCESS_STEP_MS);
	}
	link_client_close(client);
	return pid;
}

static void stop_keeper(pid_t pid)
{
	const int status = process_end(&pid, SIGTERM);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_two_keepers(void **state)
{
	pid_t first;

	(void)state;
	first = start_keeper(at("house"));
	FAILS(EXIT_FAILED, SAYS("another keeper", "house/keeper"),
	      program("behest-keeper"), "--data", at("house"));
	FAILS(EXIT_FAILED, SAYS("another keeper", "house/keeper"),
	      program("behest-keeper"), "--data", at("house"), "--run", at("other-run"));
	/* The first one is still there, and at its sockets. */
	assert_int_equal(kill(first, 0), 0);
	stop_keeper(first);
	stop_keeper(start_keeper(at("house")));
}

/* Keeps a copy of a file, and puts it back. */
static void keep(const char *name, struct buf *copy)
{
	assert_int_equal(file_read(at(name), PROCESS_OUTPUT_MAX, copy, NULL), OK);
}

static void put_back(const char *name, struct buf *copy)
{
	write_file(name, copy->bytes, copy->size);
	buf_finish(copy);
}

static void keeper_must_fail(const char *const *parts)
{
	FAILS(EXIT_FAILED, parts, program("behest-keeper"), "--data", at("house"));
}

static void test_a_damaged_database(void **state)
{
	static const char name[] = "house/keeper/keeper.db";
	struct buf copy;
	uint8_t *broken;

	(void)state;
	keep(name, &copy);
	write_garbage(name, "");
	keeper_must_fail(
		SAYS("house/keeper/keeper.db", "is damaged", "restore it from a backup"));
	write_garbage(name, "SQLite format 3");
	keeper_must_fail(SAYS("house/keeper/keeper.db", "backup"));
	write_file(name, copy.bytes, 5000);
	keeper_must_fail(
		SAYS("house/keeper/keeper.db", "is damaged", "restore it from a backup"));
	/* One page in the middle. */
	broken = malloc(copy.size);
	assert_non_null(broken);
	memcpy(broken, copy.bytes, copy.size);
	memset(broken + 4096, 0x5a, copy.size - 8192);
	write_file(name, broken, copy.size);
	keeper_must_fail(SAYS("house/keeper", "damaged", "restore it from a backup"));
	/* It was not made worse. */
	struct buf after;

	keep(name, &after);
	assert_int_equal(after.size, copy.size);
	assert_memory_equal(after.bytes, broken, copy.size);
	buf_finish(&after);
	free(broken);
	put_back(name, &copy);
	stop_keeper(start_keeper(at("house")));
}

/* No new household is made over keys that have been used. */
static void test_a_lost_database(void **state)
{
	static const char name[] = "house/keeper/keeper.db";
	static const size_t sizes[] = {0, 1, 100, 512, 4095, 4096, 8192};
	struct buf copy;

	(void)state;
	keep(name, &copy);
	for (size_t i = 0; i < STR_COUNT(sizes); i++) {
		struct buf after;

		assert_true(sizes[i] < copy.size);
		write_file(name, copy.bytes, sizes[i]);
		keeper_must_fail(
			SAYS("house/keeper/keeper.db: is", "restore it from a backup"));
		keep(name, &after);
		assert_int_equal(after.size, sizes[i]);
		buf_finish(&after);
	}
	assert_int_equal(unlink(at(name)), 0);
	keeper_must_fail(
		SAYS("house/keeper/keeper.db: is missing or empty", "move both away"));
	assert_false(file_exists(at(name)));
	put_back(name, &copy);
	stop_keeper(start_keeper(at("house")));
}

static void test_a_damaged_key(void **state)
{
	static const char name[] = "house/keeper/keeper.key";
	struct buf copy;

	(void)state;
	keep(name, &copy);
	write_file(name, copy.bytes, copy.size - 1);
	keeper_must_fail(SAYS("keeper.key", "damaged", "restore it from a backup"));
	assert_int_equal(unlink(at(name)), 0);
	keeper_must_fail(SAYS("keeper.key is missing", "restore it from a backup"));
	assert_false(file_exists(at(name))); /* no new one was made */
	put_back(name, &copy);
	stop_keeper(start_keeper(at("house")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strange_sound_is_heard),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_broken_sound_costs_one_line_each),
		cmocka_unit_test(test_three_hours_take_no_memory),
		cmocka_unit_test(test_sentence_files),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_a_file_in_its_place),
		cmocka_unit_test(test_a_folder_that_cannot_be_written),
		cmocka_unit_test(test_two_keepers),
		cmocka_unit_test(test_a_damaged_database),
		cmocka_unit_test(test_a_lost_database),
		cmocka_unit_test(test_a_damaged_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
