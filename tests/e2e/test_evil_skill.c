/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Skills that try everything, each attack with its expected end, against the real program
 * and the real box.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "domain/reason.h"
#include "domain/skill.h"
#include "e2e/process.h"
#include "e2e/skills_fixture.h"
#include "folder.h"
#include "unit/cmocka_all.h"

enum { PATIENT_MS = 30000, IMPATIENT_MS = 1500 };

static const char MANIFEST[] =
	"{\"name\": \"evil\", \"version\": \"1\", \"language\": \"en\", \"program\": \"evil\","
	" \"intents\": {\"Try\": {\"sentences\": [\"try it {how}\"]},"
	"  \"Loud\": {\"sentences\": [\"try it loudly {how}\"], \"effect\": true}},"
	" \"slots\": {\"how\": {\"values\": [\"well\"]}},"
	" \"hosts\": [\"example.org\"], \"limits\": {\"memory_mb\": 64}}";

static struct skills_fixture skills;
static uint8_t hash[SKILL_HASH_BYTES];

static const char *program(void)
{
	return process_program("tests/e2e/evil-skill");
}

static void try(const char *intent, const char *how)
{
	char slots[128];

	assert_true(str_format(slots, sizeof(slots), "{\"how\": \"%s\"}", how));
	skills_ask(&skills, "evil", intent, slots);
}

static int begin(void **state)
{
	(void)state;
	skills_begin(&skills);
	(void)skills_add(&skills, program(), MANIFEST, hash);
	return 0;
}

static int end(void **state)
{
	(void)state;
	skills_end(&skills);
	return 0;
}

static void start(int answer_ms)
{
	skills_start(&skills, answer_ms, "");
	skills_allow(&skills, "evil", hash);
}

/* One that is well is asked, so that what follows cannot pass because nothing ran. */
static void answers_what_it_is_asked(void **state)
{
	(void)state;
	start(PATIENT_MS);
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "NONE");
	assert_string_equal(skills.answer.words, "All is well.");
	assert_string_equal(skills.answer.effect, "");
	try("Loud", "effect");
	assert_string_equal(skills.answer.reason, "NONE");
	assert_string_equal(skills.answer.effect, "laugh");
	assert_string_equal(skills_wait_told(&skills, "ready"), "");
}

/* --- out of the box --------------------------------------------------------------------- */

static void does_not_get_out(void **state)
{
	static const char *const TRIES[] = {
		"calls",      "datagrams", "descriptors", "devices",    "environment",
		"files",      "fork",      "limits",      "memory",     "mount",
		"namespaces", "network",   "others",      "privileges", "proc",
		"ptrace",     "shared",    "signals",     "threads",    "unix",
		"write",
	};
	size_t wrong = 0;

	(void)state;
	start(PATIENT_MS);
	for (size_t i = 0; i < STR_COUNT(TRIES); i++) {
		try("Try", TRIES[i]);
		if (str_equal(skills.answer.words, "It is shut."))
			continue;
		wrong++;
		print_error("%s: %s \"%s\"\n", TRIES[i], skills.answer.reason,
			    skills.answer.words);
	}
	assert_int_equal(wrong, 0);
}

/* --- what it writes --------------------------------------------------------------------- */

struct attack {
	const char *how;
	enum skill_offence end;
};

static void is_refused(const struct attack *attack, int answer_ms)
{
	const char *why;

	start(answer_ms);
	try("Try", attack->how);
	why = skills_wait_told(&skills, "offended");
	if (!str_equal(skills.answer.reason, "SKILL_FAILED") || skills.answer.words[0] ||
	    !str_equal(why, skill_offence_words(attack->end)))
		fail_msg("%s: %s \"%s\": it %s", attack->how, skills.answer.reason,
			 skills.answer.words, why);
	/* And the next one is asked, and answers. */
	try("Try", "well");
	assert_string_equal(skills.answer.words, "All is well.");
	skills_stop(&skills);
}

static void is_refused_at_once(void **state)
{
	static const struct attack ATTACKS[] = {
		{"array", SKILL_NOT_JSON},
		{"bad-effect", SKILL_BAD_VALUE},
		{"blanks", SKILL_EMPTY},
		{"code", SKILL_NOT_JSON},
		{"crash", SKILL_ENDED},
		{"deep", SKILL_NOT_JSON},
		{"duplicate", SKILL_NOT_JSON},
		{"effect", SKILL_SOUND},
		{"empty", SKILL_EMPTY},
		{"fetch-address", SKILL_HOST},
		{"fetch-file", SKILL_HOST},
		{"fetch-many", SKILL_TOO_MANY},
		{"fetch-more", SKILL_UNKNOWN_FIELD},
		{"fetch-other", SKILL_HOST},
		{"fetch-plain", SKILL_HOST},
		{"fetch-port", SKILL_HOST},
		{"fetch-user", SKILL_HOST},
		{"flood-errors", SKILL_FLOOD},
		{"flood-output", SKILL_NOT_JSON},
		{"free-text", SKILL_UNKNOWN_FIELD},
		{"giant-line", SKILL_LONG_LINE},
		{"leave", SKILL_ENDED},
		{"listen", SKILL_UNKNOWN_FIELD},
		{"markup", SKILL_MARKUP},
		{"nothing", SKILL_EMPTY},
		{"nul", SKILL_NOT_JSON},
		{"number", SKILL_BAD_VALUE},
		{"other-number", SKILL_NOBODY_ASKED},
		{"reprompt", SKILL_UNKNOWN_FIELD},
		{"session", SKILL_UNKNOWN_FIELD},
		{"silence", SKILL_PAUSE},
		{"surrogate", SKILL_NOT_JSON},
		{"unpronounceable", SKILL_UNPRONOUNCEABLE},
		{"wake-word", SKILL_WAKE_WORD},
		{"words", SKILL_NOT_JSON},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ATTACKS); i++)
		is_refused(&ATTACKS[i], PATIENT_MS);
}

/* What takes its time is not waited for. */
static void is_not_waited_for(void **state)
{
	static const struct attack ATTACKS[] = {
		{"drip", SKILL_LATE},       {"hang", SKILL_LATE}, {"late", SKILL_LATE},
		{"no-newline", SKILL_LATE}, {"spin", SKILL_LATE},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ATTACKS); i++)
		is_refused(&ATTACKS[i], IMPATIENT_MS);
}

/* The first of two answers is one; the second is to nobody. */
static void answers_nobody_twice(void **state)
{
	static const char *const HOWS[] = {"twice", "unasked"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(HOWS); i++) {
		start(PATIENT_MS);
		try("Try", HOWS[i]);
		assert_string_equal(skills.answer.reason, "NONE");
		assert_string_equal(skills_wait_told(&skills, "offended"),
				    skill_offence_words(SKILL_NOBODY_ASKED));
		skills_stop(&skills);
	}
}

/* --- suspension and review -------------------------------------------------------------- */

static void is_suspended_at_the_third_offence(void **state)
{
	(void)state;
	start(PATIENT_MS);
	for (int i = 0; i < 3; i++) {
		try("Try", "empty");
		assert_string_equal(skills.answer.reason, "SKILL_FAILED");
	}
	(void)skills_wait_told(&skills, "suspended");
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "SKILL_SUSPENDED");
	/* Also when the program was started anew. */
	skills_stop(&skills);
	start(PATIENT_MS);
	(void)skills_wait_told(&skills, "suspended");
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "SKILL_SUSPENDED");
}

static void does_not_run_when_changed(void **state)
{
	char folder[FILE_PATH_BYTES];
	char file[FILE_PATH_BYTES];

	(void)state;
	assert_true(str_copy(folder, sizeof(folder),
			     skills_add(&skills, program(), MANIFEST, hash)));
	start(PATIENT_MS);
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "NONE");
	/* While it runs: one byte more in a file, and it is not asked again. */
	assert_true(file_join(file, sizeof(file), folder, SKILL_MANIFEST_NAME));
	assert_int_equal(file_write(file, "{}", 2, 0500, NULL), OK);
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "SKILL_CHANGED");
	assert_string_equal(skills_wait_told(&skills, "changed"),
			    "has other files than were approved");
	/* A file more, or a link, is as bad. */
	assert_int_equal(file_write(file, MANIFEST, strlen(MANIFEST), 0500, NULL), OK);
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "NONE");
	assert_true(file_join(file, sizeof(file), folder, "link"));
	assert_int_equal(symlink("/etc/passwd", file), 0);
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "SKILL_CHANGED");
}

static void is_not_asked_without_approval(void **state)
{
	(void)state;
	start(PATIENT_MS);
	skills_ask(&skills, "other", "Try", "{}");
	assert_string_equal(skills.answer.reason, "NO_ACTION");
	skills_ask(&skills, "evil", "Unknown", "{}");
	assert_string_equal(skills.answer.reason, "NO_ACTION");
	skills_ask(&skills, "../evil", "Try", "{}");
	assert_string_equal(skills.answer.reason, "NO_ACTION");
	skills_allow(&skills, "", hash);
	try("Try", "well");
	assert_string_equal(skills.answer.reason, "NO_ACTION");
}

/* Without a gate there is no page, and the skill is told so; that is no offence. */
static void has_no_page_without_a_gate(void **state)
{
	(void)state;
	start(PATIENT_MS);
	try("Try", "fetch");
	assert_string_equal(skills.answer.words, "There is no page.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_what_it_is_asked, begin, end),
		cmocka_unit_test_setup_teardown(does_not_get_out, begin, end),
		cmocka_unit_test_setup_teardown(is_refused_at_once, begin, end),
		cmocka_unit_test_setup_teardown(is_not_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(answers_nobody_twice, begin, end),
		cmocka_unit_test_setup_teardown(is_suspended_at_the_third_offence, begin,
						end),
		cmocka_unit_test_setup_teardown(does_not_run_when_changed, begin, end),
		cmocka_unit_test_setup_teardown(is_not_asked_without_approval, begin,
						end),
		cmocka_unit_test_setup_teardown(has_no_page_without_a_gate, begin, end),
	};

	if (skills_cannot_run())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
