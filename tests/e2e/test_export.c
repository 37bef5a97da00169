/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_export - archives as their owners get them: made by the command line out of a real
 * keeper, looked at with unzip, Python, sha256sum, minisign and age, searched byte by byte for
 * what is somebody else's, cut off, tampered with, and refused where rows were exchanged.
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

#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/keeper_alone.h"
#include "e2e/process.h"

enum {
	VICTOR = 7, /* recordings */
	NORA = 3,
	SAMPLES = 6000,
	PATTERN = 4, /* samples that come again and again: nothing else has them */
	COMMAND_BYTES = 4096,
	FILE_BYTES_MAX = 64 * 1024 * 1024,
};

static struct keeper_alone keeper;

/* The sound of that number: PATTERN samples again and again. */
static void fill(int16_t samples[SAMPLES], int number)
{
	for (size_t i = 0; i < SAMPLES; i++)
		samples[i] = (int16_t)(number * 1001 + 13 * (int)(i % PATTERN) + 17);
}

static void record(const char *room, int first, size_t count)
{
	int16_t samples[SAMPLES];
	char words[64];

	for (size_t i = 0; i < count; i++) {
		struct keeper_alone_recording recording = {.room = room,
							   .words = words,
							   .sound = {samples, SAMPLES}};

		fill(samples, first + (int)i);
		assert_true(str_format(words, sizeof(words), "words <b>&\" of number %d",
				       first + (int)i));
		assert_int_equal(keeper_alone_record(&keeper, &recording, 1, NULL), OK);
	}
}

/* A shell's command in the keeper's folder; its status. $B is the build, $S the source. */
static int run(struct process_ran *ran, const char *format, ...)
{
	char script[COMMAND_BYTES];
	char command[COMMAND_BYTES];
	const char *words[] = {"/bin/sh", "-c", command, NULL};
	va_list list;

	va_start(list, format);
	assert_true(vsnprintf(script, sizeof(script), format, list) <
		    (int)sizeof(script));
	va_end(list);
	assert_true(
		str_format(command, sizeof(command),
			   "cd %s || exit 99; B=%s; S=%s; export BEHEST_PASSPHRASE_FILE="
			   "%s/pass; E() { $B/behest export --data . \"$@\"; }; %s",
			   keeper.folder, getenv("BEHEST_BUILD"), getenv("BEHEST_SOURCE"),
			   keeper.folder, script));
	process_run(words, PROCESS_WAIT_MS, ran);
	if (getenv("EXPORT_LOG"))
		printf("%s\n-> %d\n%s%s\n", script, ran->status, process_out(ran),
		       process_err(ran));
	return ran->status;
}

/* The same, which must go well. */
#define RUN(...)                                                                  \
	do {                                                                      \
		struct process_ran went;                                          \
		if (run(&went, __VA_ARGS__) != 0)                                 \
			fail_msg("%s%s", process_out(&went), process_err(&went)); \
		process_ran_finish(&went);                                        \
	} while (0)

/* And this one must end with that status and one line that has the words. */
static void run_refused(int status, const char *words, const char *script)
{
	struct process_ran ran;

	assert_int_equal(run(&ran, "%s", script), status);
	if (!strstr(process_err(&ran), words) || process_lines(process_err(&ran)) != 1)
		fail_msg("%s: not one line with \"%s\": %s", script, words,
			 process_err(&ran));
	process_ran_finish(&ran);
}

static bool exists(const char *name)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), keeper.folder, name));
	return file_exists(path);
}

/* How often the pattern of that number is in the file. */
static size_t count_pattern(const char *name, int number)
{
	int16_t samples[SAMPLES];
	char path[FILE_PATH_BYTES];
	struct buf file;
	size_t count = 0;
	const uint8_t *at;

	fill(samples, number);
	assert_true(file_join(path, sizeof(path), keeper.folder, name));
	assert_int_equal(file_read(path, FILE_BYTES_MAX, &file, NULL), OK);
	at = file.bytes;
	while ((at = memmem(at, file.size - (size_t)(at - file.bytes), samples,
			    PATTERN * sizeof(int16_t)))) {
		count++;
		at += PATTERN * sizeof(int16_t);
	}
	buf_finish(&file);
	return count;
}

static int set_up(void **state)
{
	struct err_note note = {""};

	(void)state;
	if (keeper_alone_open(&keeper, process_program("behest-keeper"), true, &note) ||
	    keeper_alone_add_owner(&keeper, KEEPER_ALONE_FIRST, &note) ||
	    keeper_alone_add_owner(&keeper, "nora", &note) ||
	    keeper_alone_add_owner(&keeper, "mona", &note)) {
		print_error("%s\n", note.text);
		return -1;
	}
	record(KEEPER_ALONE_FIRST, 1, VICTOR);
	record("nora", 11, NORA);
	RUN("echo '%s' > pass; echo victor > owner", KEEPER_ALONE_PASSPHRASE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keeper_alone_close(&keeper);
	return 0;
}

static void foreign_tools_open_and_check_it(void **state)
{
	(void)state;
	RUN("E --by-room --out victor.zip && unzip -tqq victor.zip");
	RUN("python3 $S/tests/e2e/check_archive.py victor.zip %d", VICTOR);
	RUN("mkdir v && cd v && unzip -qq ../victor.zip && sha256sum -c --quiet SHA256SUMS && "
	    "minisign -Vqm SHA256SUMS -p minisign.pub");
	RUN("test \"$(stat -c %%a victor.zip)\" = 600");
	RUN("cd v && test -z \"$(find recordings -name '*.wav' 2>/dev/null)\" && "
	    "test $(find by-room -name '*.wav' | wc -l) = %d",
	    VICTOR);
	RUN("grep -q 'words &lt;b&gt;&amp;&quot; of number 1' v/index.html");
	RUN("$B/behest verify --data . victor.zip | grep -q 'the keeper of this house'");
	RUN("$B/behest verify --data /nonexistent victor.zip | grep -q 'lies in it'");
	RUN("$B/behest verify --data . --json victor.zip | grep -q '\"recordings\":%d'",
	    VICTOR);
	assert_false(exists("victor.zip.part"));
}

static void an_archive_has_not_one_byte_of_another(void **state)
{
	(void)state;
	RUN("E --by-room --out a.zip && E --owner nora --by-room --out b.zip");
	RUN("python3 $S/tests/e2e/check_archive.py b.zip %d", NORA);
	for (int number = 1; number <= VICTOR; number++) {
		assert_int_equal(count_pattern("a.zip", number), SAMPLES / PATTERN);
		assert_int_equal(count_pattern("b.zip", number), 0);
	}
	for (int number = 11; number < 11 + NORA; number++) {
		assert_int_equal(count_pattern("a.zip", number), 0);
		assert_int_equal(count_pattern("b.zip", number), SAMPLES / PATTERN);
	}
	RUN("! grep -aq 'of number 11' a.zip && ! grep -aq 'of number 1$' b.zip");
}

static void who_has_no_recordings_gets_an_archive_that_says_so(void **state)
{
	(void)state;
	RUN("E --owner mona --by-room --out mona.zip");
	RUN("python3 $S/tests/e2e/check_archive.py mona.zip 0");
	RUN("unzip -p mona.zip index.html | grep -q 'There are no recordings'");
	RUN("! unzip -l mona.zip | grep -q wav");
	RUN("$B/behest verify --data . mona.zip | grep -q '0 recordings of mona'");
	record("mona", 31, 1);
	RUN("E --owner mona --by-room --out one.zip 2> said && grep -q ' 1 recording,' said");
}

static void private_rooms_are_in_it_only_when_asked_for(void **state)
{
	(void)state;
	RUN("E --out plain.zip 2> said && grep -q '%d more, of rooms' said", VICTOR);
	RUN("python3 $S/tests/e2e/check_archive.py plain.zip 0");
	RUN("unzip -p plain.zip index.html | grep -q '%d more, of rooms'", VICTOR);
	RUN("test -z \"$(unzip -p plain.zip actions.jsonl)\"");
}

static void age_opens_what_was_locked_to_it(void **state)
{
	(void)state;
	RUN("age-keygen -o one 2> /dev/null; age-keygen -o two 2> /dev/null");
	RUN("E --by-room --to $(age-keygen -y one) --to $(age-keygen -y two) --out l.age");
	RUN("age -d -i two l.age > l.zip && unzip -tqq l.zip");
	RUN("python3 $S/tests/e2e/check_archive.py l.zip %d", VICTOR);
	assert_int_equal(count_pattern("l.age", 1), 0);
	RUN("{ echo '# mine'; age-keygen -y one; echo; } > keys && "
	    "E --by-room --recipient-file keys | age -d -i one > m.zip && unzip -tqq m.zip");
}

static void a_malformed_key_is_named(void **state)
{
	static const struct {
		const char *option;
		const char *words;
	} keys[] = {
		{"--to age1", "has 62 letters, this has 4"},
		{"--to hello", "begins with age1"},
		{"--to ssh-ed25519", "an SSH key is not taken"},
		{"--to AGE-SECRET-KEY-1QQQQ", "a secret age key"},
		{"--to age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
		 "some letter of it is wrong"},
		{"--to age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqb",
		 "letter 62 is none"},
		{"--to $(age-keygen -y one | tr a-z A-Z)", "begins with age1"},
		{"--recipient-file nowhere", "nowhere"},
		{"--recipient-file empty", "there is no age key in it"},
		{"--recipient-file bad", "bad:2: \"nokey\" is no age key"},
		{"--recipient-file notes", "notes: there is no age key in it"},
		{"$(for i in $(seq 17); do echo --to $(age-keygen -y one); done)",
		 "at most 16 keys"},
	};

	(void)state;
	RUN("test -e one || age-keygen -o one 2> /dev/null; : > empty; "
	    "echo '# none' > notes; "
	    "{ age-keygen -y one; echo nokey; } > bad");
	for (size_t i = 0; i < STR_COUNT(keys); i++) {
		char script[COMMAND_BYTES];

		assert_true(str_format(script, sizeof(script), "E %s --out bad.age",
				       keys[i].option));
		run_refused(1, keys[i].words, script);
		assert_false(exists("bad.age") || exists("bad.age.part"));
	}
}

static void a_target_that_fills_or_vanishes_leaves_nothing(void **state)
{
	(void)state;
	run_refused(1, "no space", "ulimit -f 60; E --by-room --out full.zip");
	assert_false(exists("full.zip") || exists("full.zip.part"));
	run_refused(1, "cannot be written", "E --by-room --out nowhere/full.zip");
	run_refused(1, "not written over",
		    "echo mine > there; E --by-room --out there; s=$?; "
		    "test \"$(cat there)\" = mine || exit 98; exit $s");
	run_refused(1, "another export writes it",
		    "echo mine > half.part; E --by-room --out half");
	assert_true(exists("half.part"));
	run_refused(1, "went away",
		    "{ E --by-room; echo $? > s; } | head -c 100 > /dev/null; exit "
		    "$(cat s)");
	RUN("E --owner mona --out after.zip"); /* and nothing is the worse for it */
}

static void what_is_changed_in_an_archive_is_named(void **state)
{
	static const struct {
		const char *change; /* of z, by Python; a, the files by name, in order */
		const char *words;
	} changes[] = {
		{"a['about.html'] += b' '", "about.html: was changed"},
		{"a[w] = a[w][:-2] + b'xx'", ".wav: was changed"},
		{"del a[w]", ".wav: is missing"},
		{"a['more.txt'] = b'x'", "more.txt: was added"},
		{"del a['SHA256SUMS']", "SHA256SUMS: is not there"},
		{"a['SHA256SUMS'] = a['SHA256SUMS'][65:]",
		 "SHA256SUMS.minisig: does not"},
		{"a['minisign.pub'] = b'x'", "minisign.pub: is no public key"},
		{"a['../up'] = b'x'", "a name that no archive of ours has"},
		{"a['/up'] = b'x'", "a name that no archive of ours has"},
	};

	(void)state;
	RUN("test -e t.zip || E --by-room --out t.zip");
	for (size_t i = 0; i < STR_COUNT(changes); i++) {
		char script[COMMAND_BYTES];

		assert_true(str_format(
			script, sizeof(script),
			"cat > c.py <<'P'\nimport zipfile\nz = zipfile.ZipFile('t.zip')\n"
			"a = {n: z.read(n) for n in z.namelist()}\n"
			"w = [n for n in a if n.endswith('.wav')][0]\n%s\n"
			"with zipfile.ZipFile('u.zip', 'w') as u:\n"
			"    for n in a: u.writestr(n, a[n])\nP\n"
			"python3 c.py && $B/behest verify --data . u.zip",
			changes[i].change));
		run_refused(1, changes[i].words, script);
	}
	run_refused(1, "is not whole",
		    "head -c 5000 t.zip > u.zip; $B/behest verify u.zip");
	run_refused(1, "is no archive of ours", "$B/behest verify pass");
	run_refused(1, "is not there", "$B/behest verify nowhere.zip");
	run_refused(1, "empty: ", ": > empty; $B/behest verify empty");
	run_refused(1, "the path is too long",
		    "d=$(printf 'd/%.0s' $(seq 600)); mkdir -p $d && cp t.zip $d && "
		    "$B/behest verify $d/t.zip");
}

/* It is no text. */
static void an_archive_is_not_shown_on_a_terminal(void **state)
{
	const char *const words[] = {process_program("behest"), "export", "--data",
				     keeper.folder, NULL};
	struct process_ran ran;

	(void)state;
	process_run_typed(words, NULL, 0, PROCESS_WAIT_MS, &ran);
	assert_int_equal(ran.status, 2);
	assert_non_null(strstr(process_out(&ran), "standard output is a terminal"));
	process_ran_finish(&ran);
}

/* Last: from here on the house has an open incident. */
static void exchanged_rows_stop_it(void **state)
{
	static const char swap[] =
		"sqlite3 keeper/keeper.db \"CREATE TEMP TABLE t AS SELECT key, value FROM "
		"record ORDER BY key LIMIT 1; UPDATE record SET value = (SELECT value FROM "
		"record ORDER BY key DESC LIMIT 1) WHERE key = (SELECT key FROM t)\"";
	struct process_ran ran;
	int refused = 0;

	(void)state;
	assert_int_equal(keeper_alone_stop(&keeper, NULL), OK);
	RUN("%s", swap);
	assert_int_equal(keeper_alone_start(&keeper, NULL, NULL), OK);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"victor", "nora", "mona"};

		/* Whose row it was meets the mismatch; the others then the freeze. */
		refused += run(&ran, "E --owner %s --by-room --out x%zu.zip", names[i],
			       i) == 3;
		process_ran_finish(&ran);
	}
	assert_true(refused >= 1);
	/* Rows lie in no owner's order: whose it was is told of it at signing in, too. */
	assert_int_equal(run(&ran, "E --owner mona --out y.zip 2> told; s=$?; "
				   "tail -n 1 told >&2; exit $s"),
			 3);
	assert_string_equal(
		process_err(&ran),
		"behest export: no archive is made while an incident is open; "
		"see: behest incident\n");
	process_ran_finish(&ran);
	RUN("! ls | grep -q 'y.zip' && ! ls | grep -q part$ || test -e half.part");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_tools_open_and_check_it),
		cmocka_unit_test(an_archive_has_not_one_byte_of_another),
		cmocka_unit_test(who_has_no_recordings_gets_an_archive_that_says_so),
		cmocka_unit_test(private_rooms_are_in_it_only_when_asked_for),
		cmocka_unit_test(age_opens_what_was_locked_to_it),
		cmocka_unit_test(a_malformed_key_is_named),
		cmocka_unit_test(a_target_that_fills_or_vanishes_leaves_nothing),
		cmocka_unit_test(what_is_changed_in_an_archive_is_named),
		cmocka_unit_test(an_archive_is_not_shown_on_a_terminal),
		cmocka_unit_test(exchanged_rows_stop_it),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
