/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_notice - what a device makes of what the keeper tells: plain words of exactly the
 * action, the hash of exactly its bytes, ids by their first digits, numbers that stay; and
 * what somebody types at it.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/approve_watch.h"
#include "cli/household.h"
#include "cli/notice.h"

enum { NOW_MS = 5000 };

static struct notices *notices;

static int set_up(void **state)
{
	(void)state;
	notices = calloc(1, sizeof(*notices));
	return notices && seal_init() == OK ? 0 : 1;
}

static int tear_down(void **state)
{
	(void)state;
	free(notices);
	return 0;
}

/* --- reading ---------------------------------------------------------------------------- */

static const char FRONT[] =
	"behest-action-v2\nlock.unlock\nlock.front\nkitchen\n0\n0\n\n\n"
	"00000000000000000000000000000000"
	"00000000000000000000000000000000\n";

static enum err read_bytes(const char *bytes, size_t size, const char *state_text,
			   struct notice *out_notice)
{
	struct wire_notice told = {.turn = 7,
				   .left_ms = 300,
				   .may = 1,
				   .action = {(const uint8_t *)bytes, size}};
	struct err_note note = {""};
	enum err err;

	told.id.bytes[0] = 0x3f;
	assert_true(str_copy(told.state, sizeof(told.state), state_text));
	err = notice_read(&told, NOW_MS, out_notice, &note);
	assert_true((err != OK) == (note.text[0] != '\0'));
	return err;
}

static void a_notice_is_what_its_bytes_say(void **state)
{
	struct notice notice;
	uint8_t hash[SEAL_HASH_BYTES];

	(void)state;
	assert_int_equal(read_bytes(FRONT, strlen(FRONT), "asked", &notice), OK);
	assert_int_equal(notice.action.kind, ACTION_UNLOCK);
	assert_string_equal(notice.action.entity, "lock.front");
	assert_int_equal(notice.state, PROPOSAL_ASKED);
	assert_int_equal(notice.until_ms, NOW_MS + 300);
	assert_true(notice.may);
	assert_int_equal(seal_sha256(&(struct seal_part){FRONT, strlen(FRONT)}, 1, hash),
			 OK);
	assert_memory_equal(notice.hash, hash, sizeof(hash));
}

static void what_is_not_canonical_is_refused(void **state)
{
	char bytes[sizeof(FRONT) + 8];
	struct notice notice = {.number = 99};

	(void)state;
	for (size_t i = 0; i < strlen(FRONT); i++) {
		memcpy(bytes, FRONT, sizeof(FRONT));
		bytes[i] = '\n';
		if (FRONT[i] != '\n')
			assert_int_equal(read_bytes(bytes, strlen(FRONT), "asked",
						    &notice),
					 ERR_FORMAT);
	}
	assert_int_equal(read_bytes(FRONT, strlen(FRONT) - 1, "asked", &notice),
			 ERR_FORMAT);
	assert_int_equal(read_bytes("", 0, "asked", &notice), ERR_FORMAT);
	assert_int_equal(read_bytes(FRONT, strlen(FRONT), "eaten", &notice), ERR_FORMAT);
	assert_int_equal(notice.number, 99);
}

/* --- words ------------------------------------------------------------------------------ */

static void words_say_all_of_it(void **state)
{
	static const struct {
		struct action action;
		const char *words;
	} rows[] = {
		{{.kind = ACTION_UNLOCK, .entity = "lock.front", .room = "kitchen"},
		 "unlock a door: lock.front, asked for in the kitchen"},
		{{.kind = ACTION_DISARM_ALARM}, "disarm the alarm"},
		{{.kind = ACTION_SET_TILT, .entity = "cover.a"},
		 "tilt a blind: cover.a, 0 %"},
		{{.kind = ACTION_LIGHT_DIM, .entity = "light.a", .percent = 40},
		 "change a light's brightness: light.a, 40 %"},
		{{.kind = ACTION_SET_HEAT, .entity = "climate.a", .celsius = 21.5},
		 "set the heating: climate.a, 21.5 degrees"},
		{{.kind = ACTION_LIGHT_COLOUR, .entity = "light.a", .colour = "red"},
		 "change a light's colour: light.a, red"},
		{{.kind = ACTION_ARM_ALARM, .mode = "night"}, "arm the alarm: night"},
		{{.kind = ACTION_SEND_MESSAGE, .entity = "bob", .body = {0xab, 0xcd, 1}},
		 "send a message: bob, recording abcd0100"},
		/* nothing of it steers a terminal */
		{{.kind = ACTION_UNLOCK, .entity = "lock\033[2Ja\r", .room = "\a"},
		 "unlock a door: lock?[2Ja?, asked for in the ?"},
	};
	char words[NOTICE_WORDS_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct notice notice = {.action = rows[i].action};

		notice_words(&notice, words);
		assert_string_equal(words, rows[i].words);
	}
}

static void a_message_is_for_somebody(void **state)
{
	const struct notice notice = {.action = {.kind = ACTION_SEND_MESSAGE,
						 .entity = "00ff",
						 .room = "kitchen",
						 .body = {0xab}},
				      .to = "Anna Keller",
				      .sound_ms = 12340};
	char words[NOTICE_WORDS_BYTES];

	(void)state;
	notice_words(&notice, words);
	assert_string_equal(words, "send a message: Anna Keller, 12.3 seconds, recording "
				   "ab000000, asked for in the kitchen");
}

static void the_longest_action_is_said_whole(void **state)
{
	struct notice notice = {.action = {.kind = ACTION_PRESS,
					   .percent = -100,
					   .celsius = -17.125},
				.sound_ms = UINT32_MAX};
	struct action *const action = &notice.action;
	char words[NOTICE_WORDS_BYTES];

	(void)state;
	memset(action->entity, 'e', sizeof(action->entity) - 1);
	memset(action->room, 'r', sizeof(action->room) - 1);
	memset(action->mode, 'm', sizeof(action->mode) - 1);
	memset(action->colour, 'c', sizeof(action->colour) - 1);
	memset(notice.to, 't', sizeof(notice.to) - 1);
	memset(action->body, 1, sizeof(action->body));
	notice_words(&notice, words);
	assert_true(str_ends(words, action->room));
	assert_non_null(strstr(
		words,
		", -100 %, -17.125 degrees, 4294967.3 seconds, recording 01010101, "));
}

static void what_can_be_done_is_the_table_of_steps(void **state)
{
	static const bool approve[PROPOSAL_STATE_COUNT] = {[PROPOSAL_ASKED] = true};
	static const bool cancel[PROPOSAL_STATE_COUNT] = {[PROPOSAL_ASKED] = true};

	(void)state;
	for (size_t i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		const struct notice notice = {.state = (enum proposal_state)i,
					      .action = {.kind = ACTION_UNLOCK}};

		assert_int_equal(notice_can_approve(&notice), approve[i]);
		assert_int_equal(notice_can_cancel(&notice), cancel[i]);
	}
}

static void a_message_can_be_recalled_until_it_is_heard(void **state)
{
	static const bool approve[PROPOSAL_STATE_COUNT] = {
		[PROPOSAL_ASKED] = true, [PROPOSAL_UNRECEIPTED] = true};
	static const bool cancel[PROPOSAL_STATE_COUNT] = {
		[PROPOSAL_ASKED] = true, [PROPOSAL_UNRECEIPTED] = true,
		[PROPOSAL_HELD] = true,  [PROPOSAL_ORDERED] = true,
		[PROPOSAL_SENT] = true,
	};

	(void)state;
	for (size_t i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		const struct notice notice = {.state = (enum proposal_state)i,
					      .action = {.kind = ACTION_SEND_MESSAGE}};

		assert_int_equal(notice_can_approve(&notice), approve[i]);
		assert_int_equal(notice_can_cancel(&notice), cancel[i]);
	}
}

static void what_was_listened_to_is_not_on_its_way(void **state)
{
	static const struct {
		enum action_kind kind;
		enum proposal_state now;
		bool is;
	} rows[] = {
		{ACTION_SEND_MESSAGE, PROPOSAL_ASKED, true},
		{ACTION_SEND_MESSAGE, PROPOSAL_HELD, true},
		{ACTION_SEND_MESSAGE, PROPOSAL_ORDERED, true},
		{ACTION_SEND_MESSAGE, PROPOSAL_SENT, true},
		{ACTION_SEND_MESSAGE, PROPOSAL_FETCHED, false},
		{ACTION_SEND_MESSAGE, PROPOSAL_RECALLED, false},
		{ACTION_UNLOCK, PROPOSAL_ASKED, false},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct notice notice = {.action = {.kind = rows[i].kind},
					      .state = rows[i].now};

		assert_int_equal(notice_is_on_its_way(&notice), rows[i].is);
	}
}

/* --- the list --------------------------------------------------------------------------- */

static bool take(uint8_t first, uint8_t second, enum proposal_state now)
{
	struct notice notice = {.state = now};

	notice.id.bytes[0] = first;
	notice.id.bytes[1] = second;
	return notices_take(notices, &notice);
}

#define LISTS "behest outbox"

static void ids_are_found_by_their_first_digits(void **state)
{
	static const struct {
		const char *digits;
		enum err err;
		const char *words;
	} rows[] = {
		{"3f2a", OK, ""},
		{"3F2A", OK, ""},
		{"3f2a0000000000000000000000000000", OK, ""},
		{"3f2", ERR_RANGE, "at least 4"},
		{"", ERR_RANGE, "at least 4"},
		{"3f2g", ERR_RANGE, "as `behest outbox` lists them"},
		{"3f2a00000000000000000000000000000", ERR_RANGE, "expected"},
		{"3f2b", ERR_MISSING, "nothing that waits"},
		{"3f2a0000000000000000000000000001", ERR_MISSING, "nothing that waits"},
	};
	const struct notice *found = NULL;

	(void)state;
	assert_true(take(0x3f, 0x2a, PROPOSAL_ASKED));
	assert_true(take(0x3f, 0x2c, PROPOSAL_ASKED));
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct err_note note = {""};

		assert_int_equal(notices_find(notices, rows[i].digits, LISTS, &found,
					      &note),
				 rows[i].err);
		assert_non_null(strstr(note.text, rows[i].words));
	}
	assert_int_equal(found->id.bytes[1], 0x2a);
}

static void an_ambiguous_id_is_nobodys(void **state)
{
	const struct notice *found = NULL;
	struct err_note note = {""};

	(void)state;
	(void)take(0x3f, 0x2a, PROPOSAL_ASKED);
	(void)take(0x3f, 0x2a, PROPOSAL_ASKED); /* the same again */
	assert_int_equal(notices_find(notices, "3f2a", LISTS, &found, &note), OK);
	notices->list[1] = notices->list[0];
	notices->list[1].id.bytes[15] = 1;
	notices->count = 2;
	found = NULL;
	assert_int_equal(notices_find(notices, "3f2a", LISTS, &found, &note), ERR_EXISTS);
	assert_null(found);
	assert_non_null(strstr(note.text, "give more digits"));
}

static void a_number_is_never_given_twice(void **state)
{
	(void)state;
	assert_true(take(1, 0, PROPOSAL_ASKED));
	assert_true(take(2, 0, PROPOSAL_ASKED));
	assert_false(take(1, 0, PROPOSAL_ASKED));
	assert_true(take(1, 0, PROPOSAL_CANCELLED));
	assert_null(notices_numbered(notices, 1));
	assert_int_equal(notices_numbered(notices, 2)->id.bytes[0], 2);
	/* The link was lost; one of two is still there when it is back. */
	assert_true(take(3, 0, PROPOSAL_UNRECEIPTED));
	notices_begin(notices);
	assert_false(take(3, 0, PROPOSAL_UNRECEIPTED));
	assert_true(take(4, 0, PROPOSAL_ASKED));
	notices_end(notices);
	assert_int_equal(notices->count, 2);
	assert_int_equal(notices_numbered(notices, 3)->id.bytes[0], 3);
	assert_int_equal(notices_numbered(notices, 4)->id.bytes[0], 4);
}

static void a_receipt_is_remembered_while_the_state_lasts(void **state)
{
	(void)state;
	(void)take(1, 0, PROPOSAL_UNRECEIPTED);
	notices->list[0].was_receipted = true;
	(void)take(1, 0, PROPOSAL_UNRECEIPTED);
	assert_true(notices->list[0].was_receipted);
	/* Held, and then the keeper was started anew: it asks again. */
	(void)take(1, 0, PROPOSAL_HELD);
	(void)take(1, 0, PROPOSAL_UNRECEIPTED);
	assert_false(notices->list[0].was_receipted);
}

static void more_than_the_list_holds_is_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTICES_MAX + 3; i++)
		(void)take((uint8_t)(i >> 8), (uint8_t)i, PROPOSAL_ASKED);
	assert_int_equal(notices->count, NOTICES_MAX);
	assert_int_equal(notices->left_out, 3);
}

/* --- what is typed ---------------------------------------------------------------------- */

static void lines_are_read(void **state)
{
	static const struct {
		const char *line;
		enum approve_watch_verb verb;
		size_t number;
	} rows[] = {
		{"a 1\n", APPROVE_WATCH_APPROVE, 1},
		{" c  12 ", APPROVE_WATCH_CANCEL, 12},
		{"a7", APPROVE_WATCH_APPROVE, 7},
		{"q\n", APPROVE_WATCH_QUIT, 0},
		{"\n", APPROVE_WATCH_NOTHING, 0},
		{"a", APPROVE_WATCH_WRONG, 0},
		{"a 0", APPROVE_WATCH_WRONG, 0},
		{"a 1 2", APPROVE_WATCH_WRONG, 0},
		{"a -1", APPROVE_WATCH_WRONG, 0},
		{"q 1", APPROVE_WATCH_WRONG, 0},
		{"yes", APPROVE_WATCH_WRONG, 0},
		{"1", APPROVE_WATCH_WRONG, 0},
		{"A 1", APPROVE_WATCH_WRONG, 0},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		size_t number = 0;

		assert_int_equal(approve_watch_read(rows[i].line, &number), rows[i].verb);
		assert_int_equal(number, rows[i].number);
	}
}

/* --- devices ---------------------------------------------------------------------------- */

static void a_device_is_found_by_name_or_fingerprint(void **state)
{
	static struct household rows = {.device_count = 3};
	static struct household before;
	const struct wire_device *found = NULL;
	struct err_note note = {""};
	char fingerprint[KEY_FINGERPRINT_BYTES];
	uint8_t key[KEY_TEXT_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < rows.device_count; i++) {
		memset(key, (int)i + 1, sizeof(key));
		assert_int_equal(key_to_text(key, rows.devices[i].key), OK);
		assert_true(str_copy(rows.devices[i].name, sizeof(rows.devices[i].name),
				     i == 1 ? "phone" : "desk"));
	}
	assert_int_equal(household_device(&rows, "Phone", &found, &note), OK);
	assert_ptr_equal(found, &rows.devices[1]);
	assert_int_equal(household_device(&rows, "desk", &found, &note), ERR_EXISTS);
	assert_int_equal(key_fingerprint(key, fingerprint), OK);
	assert_int_equal(household_device(&rows, fingerprint, &found, &note), OK);
	assert_ptr_equal(found, &rows.devices[2]);
	fingerprint[strlen(fingerprint) - 1] = '\0';
	assert_int_equal(household_device(&rows, fingerprint, &found, &note),
			 ERR_MISSING);
	assert_int_equal(household_device(&rows, "", &found, &note), ERR_MISSING);
	before = rows;
	assert_null(household_new_device(&rows, &before));
	before.devices[1].is_revoked = 1;
	assert_ptr_equal(household_new_device(&rows, &before), &rows.devices[1]);
	rows.devices[0].is_revoked = 1;
	assert_int_equal(household_device(&rows, "desk", &found, &note), OK);
	assert_ptr_equal(found, &rows.devices[2]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_notice_is_what_its_bytes_say),
		TEST(what_is_not_canonical_is_refused),
		TEST(words_say_all_of_it),
		TEST(a_message_is_for_somebody),
		TEST(the_longest_action_is_said_whole),
		TEST(what_can_be_done_is_the_table_of_steps),
		TEST(a_message_can_be_recalled_until_it_is_heard),
		TEST(what_was_listened_to_is_not_on_its_way),
		TEST(ids_are_found_by_their_first_digits),
		TEST(an_ambiguous_id_is_nobodys),
		TEST(a_number_is_never_given_twice),
		TEST(a_receipt_is_remembered_while_the_state_lasts),
		TEST(more_than_the_list_holds_is_counted),
		TEST(lines_are_read),
		TEST(a_device_is_found_by_name_or_fingerprint),
	};

	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
