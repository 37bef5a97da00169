/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_drill_card - cards are read strictly, with the place of what is wrong; and a drill
 * whose card states something else than what comes of it has failed, as has one that does
 * not bite.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/drill.h"

#define HEAD                                                                           \
	"drill: small\nnumber: 3\nstate: ready\ntitle: t\nhappened: h\nsources: [s]\n" \
	"expected: e\n"

static const char *const NEEDS[] = {"request", NULL};

static enum err read(const char *bytes, struct drill_card *card, struct err_note *note)
{
	note->text[0] = '\0';
	return drill_card_read("cards/small.yaml", bytes, strlen(bytes), NEEDS, card,
			       note);
}

static void a_card_is_read(void **state)
{
	static struct drill_card card;
	struct err_note note;

	(void)state;
	assert_int_equal(
		read(HEAD "request: send it\nnear: [one, two]\n"
			  "contacts:\n  - {name: Mike Wright, kind: mail, voice: no}\n"
			  "outcomes: [\"W- A\", \"W B\"]\n",
		     &card, &note),
		OK);
	assert_string_equal(card.name, "small");
	assert_int_equal(card.number, 3);
	assert_true(card.is_ready);
	assert_string_equal(card.request, "send it");
	assert_int_equal(card.contact_count, 1);
	assert_int_equal(card.contacts[0].kind, CONTACT_MAIL);
	assert_false(card.contacts[0].voice_allowed);
	assert_string_equal(drill_card_outcome(&card, "W"), "B");
	assert_string_equal(drill_card_outcome(&card, "W-"), "A");
	assert_null(drill_card_outcome(&card, "X"));
	assert_string_equal(drill_card_line(&card.near, 7), "two");
}

static void rooms_and_parts_that_are_missing_are_read(void **state)
{
	static struct drill_card card;
	struct err_note note;

	(void)state;
	assert_int_equal(read(HEAD "request: r\nnot_yet: [lasers]\nhouseholds: 20\n"
				   "rooms:\n  - {name: kitchen, db: -6, late_ms: 150}\n"
				   "by_ear: [NO_MATCH]\nmoved_percent_max: 7\n",
			      &card, &note),
			 OK);
	assert_int_equal(card.not_yet.count, 1);
	assert_string_equal(card.not_yet.all[0], "lasers");
	assert_int_equal(card.households, 20);
	assert_int_equal(card.room_count, 1);
	assert_string_equal(card.rooms[0].name, "kitchen");
	assert_int_equal((int)card.rooms[0].db, -6);
	assert_int_equal(card.rooms[0].late_ms, 150);
	assert_string_equal(card.by_ear.all[0], "NO_MATCH");
	assert_int_equal(card.moved_percent_max, 7);
}

static void what_does_not_exist_yet_needs_nothing(void **state)
{
	static struct drill_card card;
	struct err_note note;

	(void)state;
	assert_int_equal(read("drill: small\nnumber: 3\nstate: not yet\ntitle: t\n"
			      "happened: h\nsources: [s]\nexpected: e\n",
			      &card, &note),
			 OK);
	assert_false(card.is_ready);
}

static void a_bad_card_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *bytes;
		const char *note;
	} BAD[] = {
		{"[]", "small.yaml:1:1: no map"},
		{HEAD, "small.yaml:1:1: a key is missing; expected \"request\""},
		{"drill: small\nnumber: 3\n", "a key is missing; expected \"state\""},
		{"drill: other\n", "small.yaml:1:8: another name than the file's"},
		{"drill: small\nnumber: 0\n", "small.yaml:2:9: no such number"},
		{"drill: small\nnumber: many\n", "small.yaml:2:9: no such number"},
		{"drill: small\nstate: soon\n",
		 "small.yaml:2:8: something else; expected \"ready\" or \"not yet\""},
		{HEAD "request: \"\"\n", "small.yaml:8:10: no text"},
		{HEAD "request: [a]\n", "small.yaml:8:10: no text"},
		{HEAD "request: a\nwhat: b\n", "small.yaml:9:7: an unknown key"},
		{HEAD "near: one\n", "small.yaml:8:7: no list"},
		{HEAD "near: []\n", "small.yaml:8:7: no list"},
		{HEAD "near: [{a: b}]\n", "small.yaml:8:8: no text"},
		{HEAD "contacts: []\n", "small.yaml:8:11: no such list"},
		{HEAD "contacts: [{name: A, kind: mail}]\n",
		 "small.yaml:8:12: no contact"},
		{HEAD "contacts: [{name: A, kind: fax, voice: no}]\n",
		 "small.yaml:8:28: no kind"},
		{HEAD "contacts: [{name: A, kind: mail, voice: 1}]\n",
		 "small.yaml:8:41: something else"},
		{HEAD "request: a\nrequest: b\n", "small.yaml:9:"},
		{HEAD "request: a\nnot_yet: all\n", "small.yaml:9:10: no list"},
		{"drill: small\nnumber: 3\nstate: not yet\ntitle: t\nhappened: h\n"
		 "sources: [s]\nexpected: e\nnot_yet: [all]\n",
		 "small.yaml:8:10: parts of nothing"},
		{HEAD "rooms: []\n", "small.yaml:8:8: no such list"},
		{HEAD "rooms: [{name: k, db: 0}]\n", "small.yaml:8:9: no room"},
		{HEAD "rooms: [{name: k, db: 1, late_ms: 0}]\n",
		 "small.yaml:8:23: no such number; expected -99 to 0"},
		{HEAD "rooms: [{name: k, db: 0, late_ms: 1001}]\n",
		 "no such number; expected 0 to 1000"},
		{HEAD "households: 0\n", "small.yaml:8:13: no such number"},
		{HEAD "by_ear: [WHY_NOT]\n", "small.yaml:8:10: no reason"},
		{HEAD "by_ear: [NONE]\n", "small.yaml:8:10: no reason"},
	};
	static struct drill_card card;
	struct err_note note;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		assert_int_equal(read(BAD[i].bytes, &card, &note), ERR_FORMAT);
		if (!strstr(note.text, BAD[i].note))
			fail_msg("%zu: %s", i, note.text);
	}
}

static void too_much_is_refused(void **state)
{
	static struct drill_card card;
	static char bytes[DRILL_CARD_BYTES_MAX];
	struct err_note note;

	(void)state;
	assert_true(str_copy(bytes, sizeof(bytes), HEAD "request: "));
	for (size_t i = 0; i < DRILL_TEXT_BYTES; i++)
		assert_true(str_append(bytes, sizeof(bytes), "a"));
	assert_int_equal(read(bytes, &card, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "small.yaml:8:10: a long text"));
	assert_true(str_copy(bytes, sizeof(bytes), HEAD "near:\n"));
	for (size_t i = 0; i <= DRILL_LINES_MAX; i++)
		assert_true(str_append(bytes, sizeof(bytes), "  - a\n"));
	assert_int_equal(read(bytes, &card, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "a long list"));
}

/* --- the drills that exist -------------------------------------------------------------- */

static void own_card(const char *name, struct drill_card *card)
{
	char below[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct buf bytes;

	assert_true(str_format(below, sizeof(below), "share/drills/%s.yaml", name));
	assert_true(file_join(path, sizeof(path), getenv("BEHEST_SOURCE"), below));
	assert_int_equal(file_read(path, DRILL_CARD_BYTES_MAX, &bytes, &note), OK);
	if (drill_card_read(path, (const char *)bytes.bytes, bytes.size,
			    drill_find(name)->needs, card, &note))
		fail_msg("%s", note.text);
	buf_finish(&bytes);
}

static struct drill_result act_out(const struct drill_card *card)
{
	struct drill_result result = {0};
	struct err_note note = {""};

	if (drill_find(card->name)->run(card, &result, &note))
		fail_msg("%s", note.text);
	return result;
}

static void portland_comes_out_as_stated(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("portland", &card);
	result = act_out(&card);
	assert_string_equal(result.trouble, "");
	assert_int_equal(result.cases, 64);
	assert_int_equal(result.harmful, 2);
	assert_true(drill_is_passed(&result));
}

static void a_card_that_states_something_else_fails(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("portland", &card);
	assert_true(str_copy(card.outcomes.all[0], DRILL_LINE_BYTES, "WIRPHM SENT ring"));
	result = act_out(&card);
	assert_int_equal(result.as_stated, 63);
	assert_non_null(strstr(result.trouble, "WIRPHM came out as WAKE_REJECTED"));
	assert_false(drill_is_passed(&result));
}

/* Talk that nothing of 2018 would have taken for anything proves nothing. */
static void a_drill_that_does_not_bite_fails(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("portland", &card);
	assert_true(str_copy(card.wake, DRILL_TEXT_BYTES, "put it over there"));
	for (size_t i = 0; i < card.outcomes.count; i++)
		assert_true(str_copy(card.outcomes.all[i] + 7, DRILL_LINE_BYTES - 7,
				     "WAKE_REJECTED"));
	result = act_out(&card);
	assert_int_equal(result.as_stated, 64);
	assert_false(result.bites);
	assert_false(drill_is_passed(&result));
}

/* The rule holds whatever the card states: who says the phrase goes past recognition, and
 * then only the hold is left. */
static void the_rule_is_not_the_cards(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("portland", &card);
	assert_true(str_copy(card.confirms.all[0], DRILL_LINE_BYTES,
			     "send it to mike wright"));
	result = act_out(&card);
	assert_true(result.broke);
	assert_false(drill_is_passed(&result));
}

static void all_of_it_has_to_hold(void **state)
{
	const struct drill_result good = {.cases = 2, .as_stated = 2, .bites = true};
	struct drill_result result = good;

	(void)state;
	assert_true(drill_is_passed(&result));
	result.broke = true;
	assert_false(drill_is_passed(&result));
	result = good;
	result.bites = false;
	assert_false(drill_is_passed(&result));
	result = good;
	result.as_stated = 1;
	assert_false(drill_is_passed(&result));
	assert_false(drill_is_passed(&(struct drill_result){.bites = true}));
}

static void a_case_that_nothing_is_stated_of_is_refused(void **state)
{
	static struct drill_card card;
	struct drill_result result = {0};
	struct err_note note = {""};

	(void)state;
	own_card("portland", &card);
	assert_true(
		str_copy(card.outcomes.all[5], DRILL_LINE_BYTES, card.outcomes.all[4]));
	assert_int_equal(drill_find("portland")->run(&card, &result, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "nothing is stated of"));
	card.outcomes.count--;
	note.text[0] = '\0';
	assert_int_equal(drill_find("portland")->run(&card, &result, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "64 combinations"));
}

static void the_silent_prompt_comes_out_as_stated(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("silent-prompt", &card);
	result = act_out(&card);
	assert_string_equal(result.trouble, "");
	assert_int_equal(result.stopped[REASON_PROMPT_NOT_HEARD], 3);
	assert_true(drill_is_passed(&result));
	assert_true(str_copy(card.answers.all[0], DRILL_LINE_BYTES, "nobody"));
	result = act_out(&card);
	assert_false(result.bites);
	assert_false(drill_is_passed(&result));
}

/* Whoever stands in the way of what a drill states: it is red. */
static void the_drills_of_rooms_hold_their_cards(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* of its outcomes */
		const char *other;
	} ROWS[] = {
		{"creepy-laugh", 0, "talk NO_MATCH"},
		{"own-voice", 0, "1 NEEDS_TAP"},
		{"several-rooms", 0, "light DONE elsewhere"},
		{"six-year-old", 0, "1 EXPIRED"},
		{"television", 0, "1 EXPIRED"},
	};
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		own_card(ROWS[i].name, &card);
		result = act_out(&card);
		if (!drill_is_passed(&result))
			fail_msg("%s: %s", ROWS[i].name, result.trouble);
		assert_true(str_copy(card.outcomes.all[ROWS[i].at], DRILL_LINE_BYTES,
				     ROWS[i].other));
		result = act_out(&card);
		assert_false(drill_is_passed(&result));
	}
}

/* Words that nobody of that time would have taken for anything prove nothing. */
static void the_drills_of_rooms_bite(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("television", &card);
	for (size_t i = 0; i < 2; i++)
		assert_true(str_copy(card.said.all[i], DRILL_LINE_BYTES, "{name} hello"));
	result = act_out(&card);
	/* But for the order that is not asked for any more, in each household that sells. */
	assert_int_equal(result.as_stated, result.cases - card.households);
	assert_false(result.bites);
	own_card("six-year-old", &card);
	assert_true(str_copy(card.code, DRILL_TEXT_BYTES, "nine nine"));
	for (size_t i = 0; i < card.said.count; i++)
		assert_true(str_copy(card.said.all[i], DRILL_LINE_BYTES, "{name} hello"));
	result = act_out(&card);
	assert_false(result.bites);
}

/* Of two notices more than are stated the drill tells, whatever its outcomes say. */
static void the_limit_of_notices_is_held(void **state)
{
	static struct drill_card card;
	struct drill_result result;

	(void)state;
	own_card("television", &card);
	card.notices_max = 1;
	result = act_out(&card);
	assert_true(result.broke);
	assert_string_equal(result.trouble,
			    "devices were told more often than is stated");
	assert_false(drill_is_passed(&result));
}

static int set_up(void **state)
{
	(void)state;
	return seal_init() ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_is_read),
		cmocka_unit_test(rooms_and_parts_that_are_missing_are_read),
		cmocka_unit_test(what_does_not_exist_yet_needs_nothing),
		cmocka_unit_test(a_bad_card_is_refused_with_its_place),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(portland_comes_out_as_stated),
		cmocka_unit_test(a_card_that_states_something_else_fails),
		cmocka_unit_test(a_drill_that_does_not_bite_fails),
		cmocka_unit_test(the_rule_is_not_the_cards),
		cmocka_unit_test(all_of_it_has_to_hold),
		cmocka_unit_test(a_case_that_nothing_is_stated_of_is_refused),
		cmocka_unit_test(the_silent_prompt_comes_out_as_stated),
		cmocka_unit_test(the_drills_of_rooms_hold_their_cards),
		cmocka_unit_test(the_drills_of_rooms_bite),
		cmocka_unit_test(the_limit_of_notices_is_held),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
