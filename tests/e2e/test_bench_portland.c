/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest bench portland: what it counts is what it says, the same seed counts the same, and
 * a barrier that is taken out makes it red.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "e2e/process.h"
#include "folder.h"

enum { WAIT_MS = 300000, DIALOGUES = 400, LATER = DIALOGUES / 4, TEXT_MAX = 65536 };

/* Talk of little else than what a speaker of 2018 obeyed. */
static const char WORDS[] =
	"[{\"word\": \"send\", \"count\": 5}, {\"word\": \"message\", \"count\": 5},"
	" {\"word\": \"mike\", \"count\": 5}, {\"word\": \"right\", \"count\": 5},"
	" {\"word\": \"hardwood\", \"count\": 20}, {\"word\": \"floors\", \"count\": 20}]";

static char folder[] = "/tmp/behest-portland-XXXXXX";
static char words_path[FILE_PATH_BYTES];

static int set_up(void **state)
{
	struct err_note note = {""};

	(void)state;
	if (!mkdtemp(folder) ||
	    !file_join(words_path, sizeof(words_path), folder, "words.json"))
		return -1;
	return file_write(words_path, WORDS, strlen(WORDS), 0600, &note) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

/* Runs it with up to two barriers taken out; the figures stay in ran. */
static void bench(const char *first, const char *second, struct process_ran *ran)
{
	const char *words[] = {process_program("behest"),
			       "bench",
			       "portland",
			       "--json",
			       "--words",
			       words_path,
			       "--dialogues",
			       "400",
			       "--without",
			       first,
			       "--without",
			       second,
			       NULL};

	if (!first)
		words[8] = NULL;
	else if (!second)
		words[10] = NULL;
	process_run(words, WAIT_MS, ran);
	assert_false(ran->hung);
}

/* Only what is said of the counts, not of the time they took. */
static double figure(const struct process_ran *ran, const char *name)
{
	const char *text = process_out(ran);
	struct err_note note = {""};
	struct json *json = NULL;
	double value;

	assert_int_equal(json_parse("bench", text, strlen(text), TEXT_MAX, &json, &note),
			 OK);
	value = json_number(json_get(json_root(json), name), NAN);
	json_destroy(json);
	if (isnan(value))
		fail_msg("no figure %s in %s", name, text);
	return value;
}

static void expect(const struct process_ran *ran, const char *name, double value)
{
	if (figure(ran, name) != value)
		fail_msg("%s is %.1f, expected %.1f", name, figure(ran, name), value);
}

static void nothing_goes_out(void **state)
{
	static const char *const NEVER[] = {"wake_sends",
					    "wake_class_c_acts",
					    "wake_harm",
					    "to_whom_sends",
					    "record_sends",
					    "confirm_sends",
					    "confirm_harm",
					    "search_releases",
					    "search_confirms_by_other_words",
					    "search_confirms_of_tap_contacts",
					    "search_tap_releases_with_receipt"};
	struct process_ran ran;

	(void)state;
	bench(NULL, NULL, &ran);
	assert_int_equal(ran.status, 0);
	for (size_t i = 0; i < sizeof(NEVER) / sizeof(NEVER[0]); i++)
		expect(&ran, NEVER[i], 0);
	expect(&ran, "seed", 2018);
	expect(&ran, "wake_dialogues", DIALOGUES);
	expect(&ran, "confirm_dialogues", LATER);
	expect(&ran, "record_memo", LATER); /* a memo of talk always comes */
	/* Of this talk the four steps of 2018 would have made messages in each hundred. */
	assert_true(figure(&ran, "chain_2018_intent") > DIALOGUES / 2.0);
	assert_true(figure(&ran, "chain_2018_sends") > DIALOGUES / 20.0);
	assert_true(figure(&ran, "chain_2018_sends") <=
		    figure(&ran, "chain_2018_recipient"));
	assert_true(figure(&ran, "chain_2018_recipient") <=
		    figure(&ran, "chain_2018_intent"));
	/* The search would see something go out. */
	assert_true(figure(&ran, "search_confirms") > 0);
	assert_true(figure(&ran, "search_releases_with_receipt") > 0);
	/* The upper end of nothing: 3.69 (Garwood). */
	assert_true(fabs(figure(&ran, "wake_harm_high") - 3.7) < 0.05);
	process_ran_finish(&ran);
}

static void without_the_hold_it_is_red(void **state)
{
	struct process_ran ran;

	(void)state;
	bench("hold", "phrase", &ran);
	assert_int_equal(ran.status, 1);
	assert_true(figure(&ran, "confirm_phrase") > LATER / 4.0);
	expect(&ran, "confirm_harm", figure(&ran, "confirm_phrase"));
	expect(&ran, "confirm_sends", figure(&ran, "confirm_phrase"));
	assert_true(figure(&ran, "search_releases") > 0);
	assert_non_null(strstr(process_err(&ran), "by sound alone"));
	process_ran_finish(&ran);
}

/* Held, but confirmed by what is no phrase: the search tells. */
static void without_the_phrase_it_is_red(void **state)
{
	struct process_ran ran;

	(void)state;
	bench("phrase", NULL, &ran);
	assert_int_equal(ran.status, 1);
	expect(&ran, "confirm_sends", 0);
	expect(&ran, "search_releases", 0);
	assert_true(figure(&ran, "search_confirms_by_other_words") > 0);
	process_ran_finish(&ran);
}

static void the_same_seed_counts_the_same(void **state)
{
	struct process_ran once;
	struct process_ran again;

	(void)state;
	bench("phrase", "intent", &once);
	bench("phrase", "intent", &again);
	expect(&once, "wake_intent", figure(&again, "wake_intent"));
	expect(&once, "wake_recipient", figure(&again, "wake_recipient"));
	expect(&once, "confirm_phrase", figure(&again, "confirm_phrase"));
	assert_true(figure(&once, "wake_intent") > DIALOGUES / 2.0);
	process_ran_finish(&once);
	process_ran_finish(&again);
}

/* What is never forced says no phrase of five words. */
static void without_force_nothing_is_confirmed(void **state)
{
	struct process_ran ran;

	(void)state;
	process_run((const char *const[]){process_program("behest"), "bench", "portland",
					  "--json", "--words", words_path, "--dialogues",
					  "400", "--forced", "0", NULL},
		    WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	expect(&ran, "forced_percent", 0);
	expect(&ran, "confirm_phrase", 0);
	process_ran_finish(&ran);
	process_run((const char *const[]){process_program("behest"), "bench", "portland",
					  "--json", "--words", words_path, "--dialogues",
					  "400", "--forced", "100", NULL},
		    WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	assert_true(figure(&ran, "confirm_phrase") > 0);
	expect(&ran, "confirm_sends", 0);
	process_ran_finish(&ran);
}

static void what_it_lacks_is_said(void **state)
{
	struct process_ran ran;

	(void)state;
	process_run((const char *const[]){process_program("behest"), "bench", "portland",
					  "--words", "/nowhere/words.json", NULL},
		    WAIT_MS, &ran);
	assert_int_equal(ran.status, 1);
	assert_non_null(strstr(process_err(&ran), "/nowhere/words.json"));
	process_ran_finish(&ran);
	process_run((const char *const[]){process_program("behest"), "bench", "portland",
					  "--words", words_path, "--without", "luck",
					  NULL},
		    WAIT_MS, &ran);
	assert_int_equal(ran.status, 1);
	assert_non_null(strstr(process_err(&ran), "no barrier is called \"luck\""));
	process_ran_finish(&ran);
	/* skipped, not passed, where nobody fetched the list */
	assert_int_equal(setenv("BEHEST_SHARE", folder, 1), 0);
	process_run((const char *const[]){process_program("behest"), "bench", "portland",
					  "--json", NULL},
		    WAIT_MS, &ran);
	assert_int_equal(unsetenv("BEHEST_SHARE"), 0);
	assert_non_null(strstr(process_out(&ran), "\"skipped\""));
	assert_non_null(strstr(process_out(&ran), "tools/fetch-data"));
	process_ran_finish(&ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_goes_out),
		cmocka_unit_test(without_the_hold_it_is_red),
		cmocka_unit_test(without_the_phrase_it_is_red),
		cmocka_unit_test(the_same_seed_counts_the_same),
		cmocka_unit_test(without_force_nothing_is_confirmed),
		cmocka_unit_test(what_it_lacks_is_said),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
