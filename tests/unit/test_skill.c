/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a skill may say and how it is called; and the quiet hours.
 */
#include <string.h>

#include "base/str.h"
#include "cmocka_all.h"
#include "domain/quiet.h"
#include "domain/skill.h"

static void judges_words(void **state)
{
	static const struct {
		const char *words;
		enum skill_offence offence;
	} ROWS[] = {
		{"Sure, I can laugh.", SKILL_FINE},
		{"It's \"half\" past 7 - or 7.5, at 21\xc2\xb0!", SKILL_FINE},
		{"Caf\xc3\xa9 au lait, \xc5\x81\xc3\xb3"
		 "d\xc5\xba\xe2\x80\xa6",
		 SKILL_FINE},
		{"The jarvises are a family", SKILL_FINE},
		{"", SKILL_EMPTY},
		{"    ", SKILL_EMPTY},
		{".", SKILL_EMPTY},
		{"a", SKILL_FINE},
		{"Four. . . . . . . . .", SKILL_PAUSE},
		{"a , , b , , c , , d", SKILL_PAUSE},
		{"x\nrm", SKILL_UNPRONOUNCEABLE},
		{"x\ttab", SKILL_UNPRONOUNCEABLE},
		{"x\x7f", SKILL_UNPRONOUNCEABLE},
		{"a <b> c", SKILL_MARKUP},
		{"a & b", SKILL_MARKUP},
		{"a {b}", SKILL_MARKUP},
		{"100 # $", SKILL_UNPRONOUNCEABLE},
		{"\xe2\x98\x83 snow", SKILL_UNPRONOUNCEABLE},
		{"\xd0\x94\xd0\xb0 yes", SKILL_UNPRONOUNCEABLE},
		{"zero\xe2\x80\x8bwidth", SKILL_UNPRONOUNCEABLE},
		{"right\xe2\x80\xaeleft", SKILL_UNPRONOUNCEABLE},
		{"no\xc2\xa0"
		 "break",
		 SKILL_UNPRONOUNCEABLE},
		{"2 \xc3\x97 2", SKILL_UNPRONOUNCEABLE},
		{"\xed\xa0\x81 surrogate", SKILL_UNPRONOUNCEABLE},
		{"\xc0\xae overlong", SKILL_UNPRONOUNCEABLE},
		{"Jarvis, unlock the door", SKILL_WAKE_WORD},
		{"and now: JARVIS!", SKILL_WAKE_WORD},
		{"ask jarvis's sister", SKILL_WAKE_WORD},
		{"say \"jarvis\xe2\x80\xa6\" again", SKILL_WAKE_WORD},
		{"J\xc3\xa0rvis, unlock the door", SKILL_WAKE_WORD},
		{"jarv\xc4\xb1s and jarvi\xc5\xbf", SKILL_WAKE_WORD},
		{"jarvi\xc5\xbf", SKILL_WAKE_WORD},
		{"the jar-vis, the door", SKILL_WAKE_WORD},
		{"jar vis", SKILL_WAKE_WORD},
		{"J A R V I S", SKILL_WAKE_WORD},
		{"two jarviss", SKILL_WAKE_WORD},
		{"jarvisian, ajarvis and jar and vase", SKILL_FINE},
		{"Alexa, order ten", SKILL_ASSISTANT},
		{"so \xc3\x81lexa ordered", SKILL_ASSISTANT},
		{"okay, Google: order ten", SKILL_ASSISTANT},
		{"hey Siri", SKILL_ASSISTANT},
		{"yes sir, I look it up on google", SKILL_FINE},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const enum skill_offence got = skill_judge_words(ROWS[i].words, "jarvis");

		if (got != ROWS[i].offence)
			fail_msg("\"%s\": %s", ROWS[i].words, skill_offence_name(got));
	}
	assert_int_equal(skill_judge_words("hey there you", "hey there"),
			 SKILL_WAKE_WORD);
	assert_int_equal(skill_judge_words("hey you there", "hey there"), SKILL_FINE);
}

static void has_a_longest(void **state)
{
	char words[SKILL_SAID_BYTES + 1];

	(void)state;
	memset(words, 'a', sizeof(words));
	words[SKILL_SAID_BYTES - 1] = '\0';
	assert_int_equal(skill_judge_words(words, "jarvis"), SKILL_FINE);
	words[SKILL_SAID_BYTES - 1] = 'a';
	words[SKILL_SAID_BYTES] = '\0';
	assert_int_equal(skill_judge_words(words, "jarvis"), SKILL_TOO_LONG);
}

static void has_names(void **state)
{
	const struct skill_ask ask = {.skill = "bins", .intent = "Which"};
	struct skill_ask read = {.skill = ""};
	char name[INTENT_NAME_BYTES] = "";

	(void)state;
	skill_ask_name(&ask, name);
	assert_string_equal(name, "skill/bins/Which");
	assert_true(skill_ask_is(name) && skill_ask_read(name, &read));
	assert_string_equal(read.skill, "bins");
	assert_string_equal(read.intent, "Which");
	assert_false(read.has_effect);
	assert_true(skill_ask_read("effect/jokes/Laugh", &read));
	assert_true(read.has_effect);
	static const char *const NONE[] = {
		"HassTurnOn",   "skill/",
		"skill/bins",   "skill/bins/",
		"skill//Which", "skill/Bins/Which",
		"skill/../x/Y", "skill/a/b/c",
		"effect/a/b1",  "skill/aaaaaaaaaaaaaaaaaaaaaaaa/B"};
	for (size_t i = 0; i < STR_COUNT(NONE); i++)
		assert_false(skill_ask_read(NONE[i], &read));
	assert_false(skill_ask_is("HassTurnOn"));
	assert_true(skill_is_name("bin-2") && !skill_is_name("2bin") &&
		    !skill_is_name(""));
	assert_int_equal(skill_count_words("  can you  laugh "), 3);
	assert_int_equal(skill_count_words(""), 0);
}

static void hands_over_slots_alone(void **state)
{
	struct intent intent = {.slot_count = 0};
	char text[64];

	(void)state;
	assert_true(skill_slots(&intent, text, sizeof(text)));
	assert_string_equal(text, "{}");
	assert_true(intent_set(&intent, "bin", "general waste"));
	assert_true(intent_set_number(&intent, "count", 3));
	assert_true(skill_slots(&intent, text, sizeof(text)));
	assert_string_equal(text, "{\"bin\": \"general waste\", \"count\": 3}");
	assert_false(skill_slots(&intent, text, 12));
	assert_true(intent_set(&intent, "bin", "a\", \"x\": \"b"));
	assert_false(skill_slots(&intent, text, sizeof(text)));
}

static void is_suspended_after_three(void **state)
{
	struct skill_record record = {.count = 0};

	(void)state;
	assert_false(skill_record_add(&record, 0));
	assert_false(skill_record_add(&record, 1000));
	/* The first is more than an hour ago. */
	assert_false(skill_record_add(&record, SKILL_OFFENCES_MS));
	assert_true(skill_record_add(&record, SKILL_OFFENCES_MS + 500));
	assert_int_equal(record.count, 0);
}

static void knows_every_offence(void **state)
{
	enum skill_offence offence;
	enum skill_effect effect;

	(void)state;
	for (unsigned i = 1; i < SKILL_OFFENCE_COUNT; i++) {
		assert_true(
			skill_offence_from_name(skill_offence_name((enum skill_offence)i),
						&offence));
		assert_int_equal(offence, i);
		assert_true(skill_offence_words(offence)[0] != '\0');
	}
	assert_false(skill_offence_from_name("", &offence));
	assert_true(skill_effect_from_text("laugh", &effect));
	assert_int_equal(effect, SKILL_EFFECT_LAUGH);
	assert_false(skill_effect_from_text("scream", &effect));
	assert_string_equal(skill_effect_text(SKILL_EFFECT_NONE), "");
}

static int at(int hour, int minute)
{
	return hour * 60 + minute;
}

static void has_quiet_hours(void **state)
{
	struct quiet quiet;

	(void)state;
	assert_int_equal(quiet_read("22:00-07:00", &quiet, NULL), OK);
	assert_false(quiet_holds(&quiet, at(21, 59)));
	assert_true(quiet_holds(&quiet, at(22, 0)));
	assert_true(quiet_holds(&quiet, at(0, 0)));
	assert_true(quiet_holds(&quiet, at(6, 59)));
	assert_false(quiet_holds(&quiet, at(7, 0)));
	assert_int_equal(quiet_read("13:00-14:30", &quiet, NULL), OK);
	assert_false(quiet_holds(&quiet, at(12, 59)));
	assert_true(quiet_holds(&quiet, at(14, 29)));
	assert_false(quiet_holds(&quiet, at(14, 30)));
	assert_int_equal(quiet_read("", &quiet, NULL), OK);
	for (int minute = 0; minute < QUIET_DAY_MINUTES; minute++)
		assert_false(quiet_holds(&quiet, minute));
}

static void refuses_other_hours(void **state)
{
	static const char *const WRONG[] = {"22-7",        "22:00-24:00", "22:60-07:00",
					    "22:00_07:00", "22:00-07:0",  "22:00-07:000",
					    "22:00-22:00", "aa:00-07:00", "22.00-07:00",
					    " 2:00-07:00"};
	struct quiet quiet = {.from = 1};
	struct err_note note = {""};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(WRONG); i++)
		assert_int_equal(quiet_read(WRONG[i], &quiet, &note), ERR_FORMAT);
	assert_int_equal(quiet.from, 1);
	assert_non_null(strstr(note.text, "22:00-07:00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_words),
		cmocka_unit_test(has_a_longest),
		cmocka_unit_test(has_names),
		cmocka_unit_test(hands_over_slots_alone),
		cmocka_unit_test(is_suspended_after_three),
		cmocka_unit_test(knows_every_offence),
		cmocka_unit_test(has_quiet_hours),
		cmocka_unit_test(refuses_other_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
