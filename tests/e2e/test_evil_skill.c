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
		"all-memory",  "bomb",     "box",         "calls",  "datagrams",
		"descriptors", "devices",  "environment", "files",  "fork",
		"handles",     "limits",   "locks",       "memory", "mount",
		"namespaces",  "network",  "others",      "pipes",  "priority",
		"privileges",  "proc",     "processes",   "ptrace", "shared",
		"signals",     "terminal", "threads",     "unix",   "watch",
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

/* The boxes that are shut now: children of the program that shuts them. */
static size_t count_boxes(void)
{
	char path[FILE_PATH_BYTES];
	char line[1024] = "";
	size_t count = 0;
	FILE *file;

	assert_true(str_format(path, sizeof(path), "/proc/%d/task/%d/children",
			       (int)skills.pid, (int)skills.pid));
	file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(line, sizeof(line), file))
		for (const char *at = line; (at = strchr(at, ' ')) != NULL; at++)
			count++;
	(void)fclose(file);
	return count;
}

/* Each may have 256 MB, and all together no more than 1024: for a fifth one that is asked, one
 * that is not is ended. Each answers all the same, and again. */
static void has_its_share_of_memory(void **state)
{
	enum { COUNT = 5, TOGETHER = 4 };
	static uint8_t hashes[COUNT][SKILL_HASH_BYTES];
	char names[COUNT][16];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		char manifest[512];

		assert_true(str_format(names[i], sizeof(names[i]), "evil-%zu", i));
		assert_true(str_format(
			manifest, sizeof(manifest),
			"{\"name\": \"%s\", \"version\": \"1\", \"language\": \"en\", \"program\":"
			" \"evil\", \"intents\": {\"Try\": {\"sentences\": [\"try it %zu\"]}},"
			" \"limits\": {\"memory_mb\": 256}}",
			names[i], i));
		(void)skills_add(&skills, program(), manifest, hashes[i]);
	}
	skills_start(&skills, PATIENT_MS, "");
	for (size_t i = 0; i < COUNT; i++) {
		struct wire_skill_allow allow = {.first = i == 0, .last = i + 1 == COUNT};

		assert_true(str_copy(allow.name, sizeof(allow.name), names[i]));
		allow.hash = (struct wire_slice){hashes[i], SKILL_HASH_BYTES};
		assert_int_equal(link_send_skill_allow(skills.link, &allow), OK);
	}
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT; i++) {
			skills_ask(&skills, names[i], "Try", "{\"how\": \"well\"}");
			assert_string_equal(skills.answer.words, "All is well.");
			assert_true(count_boxes() <= TOGETHER);
		}
	assert_int_equal(count_boxes(), TOGETHER);
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
		{"assistant", SKILL_ASSISTANT},
		{"bad-effect", SKILL_BAD_VALUE},
		{"bidi", SKILL_UNPRONOUNCEABLE},
		{"big-number", SKILL_BAD_VALUE},
		{"blanks", SKILL_EMPTY},
		{"bom", SKILL_NOT_JSON},
		{"code", SKILL_NOT_JSON},
		{"combining", SKILL_UNPRONOUNCEABLE},
		{"crash", SKILL_ENDED},
		{"deep", SKILL_NOT_JSON},
		{"duplicate", SKILL_NOT_JSON},
		{"effect", SKILL_SOUND},
		{"empty", SKILL_EMPTY},
		{"escape", SKILL_UNPRONOUNCEABLE},
		{"fetch-address", SKILL_HOST},
		{"fetch-dot", SKILL_HOST},
		{"fetch-file", SKILL_HOST},
		{"fetch-folded", SKILL_BAD_VALUE},
		{"fetch-header", SKILL_BAD_VALUE},
		{"fetch-homograph", SKILL_BAD_VALUE},
		{"fetch-many", SKILL_TOO_MANY},
		{"fetch-more", SKILL_UNKNOWN_FIELD},
		{"fetch-octal", SKILL_HOST},
		{"fetch-other", SKILL_HOST},
		{"fetch-plain", SKILL_HOST},
		{"fetch-port", SKILL_HOST},
		{"fetch-six", SKILL_HOST},
		{"fetch-slashes", SKILL_HOST},
		{"fetch-user", SKILL_HOST},
		{"flood-errors", SKILL_FLOOD},
		{"flood-output", SKILL_NOT_JSON},
		{"fraction", SKILL_BAD_VALUE},
		{"free-text", SKILL_UNKNOWN_FIELD},
		{"giant-line", SKILL_LONG_LINE},
		{"leave", SKILL_ENDED},
		{"listen", SKILL_UNKNOWN_FIELD},
		{"markup", SKILL_MARKUP},
		{"more-behind", SKILL_NOT_JSON},
		{"no-effect", SKILL_BAD_VALUE},
		{"nothing", SKILL_EMPTY},
		{"nul", SKILL_NOT_JSON},
		{"number", SKILL_BAD_VALUE},
		{"old-calls", SKILL_ENDED},
		{"other-calls", SKILL_ENDED},
		{"other-number", SKILL_NOBODY_ASKED},
		{"phonemes", SKILL_MARKUP},
		{"reprompt", SKILL_UNKNOWN_FIELD},
		{"session", SKILL_UNKNOWN_FIELD},
		{"silence", SKILL_PAUSE},
		{"surrogate", SKILL_NOT_JSON},
		{"unpronounceable", SKILL_UNPRONOUNCEABLE},
		{"wake-accent", SKILL_WAKE_WORD},
		{"wake-apart", SKILL_WAKE_WORD},
		{"wake-hyphen", SKILL_WAKE_WORD},
		{"wake-many", SKILL_WAKE_WORD},
		{"wake-word", SKILL_WAKE_WORD},
		{"words", SKILL_NOT_JSON},
		{"zero-width", SKILL_UNPRONOUNCEABLE},
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
		cmocka_unit_test_setup_teardown(has_its_share_of_memory, begin, end),
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
