/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_action - an action as bytes: what is written is read back the same, every field
 * is part of it, and there is no second way to write one.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "domain/action.h"
#include "fake/rand_fake.h"

enum { ACTIONS = 20000, CELSIUS_SPAN = 2000001, CELSIUS_MAX = 1000 };

struct form {
	char bytes[ACTION_BYTES_MAX];
	size_t size;
};

static struct form form_of(const struct action *action)
{
	struct form form;

	assert_int_equal(action_bytes(action, form.bytes, &form.size), OK);
	assert_int_equal(form.size, strlen(form.bytes));
	return form;
}

static bool forms_equal(const struct form *a, const struct form *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* --- what is written is read back ------------------------------------------------------- */

/* Any text that fits, of letters that somebody might take for something else. */
static void make_text(struct rand_fake *dice, char *to, size_t size)
{
	static const char *const LETTERS[] = {"a", "z", ".", "A",  "Z",  "0", "9",
					      " ", "-", "+", "\"", "\\", "%", "\xc3\xa9"};
	size_t left = rand_fake_below(dice, (uint32_t)size);

	to[0] = '\0';
	while (left > 0) {
		const char *letter = LETTERS[rand_fake_below(dice, STR_COUNT(LETTERS))];

		if (strlen(letter) > left)
			return;
		left -= strlen(letter);
		assert_true(str_append(to, size, "%s", letter));
	}
}

static struct action make_action(struct rand_fake *dice)
{
	struct action action = {
		.kind = (enum action_kind)rand_fake_below(dice, ACTION_KIND_COUNT),
		.percent = (int)rand_fake_below(dice, UINT32_MAX),
		.celsius =
			(double)rand_fake_below(dice, CELSIUS_SPAN) / 1000 - CELSIUS_MAX,
	};

	make_text(dice, action.entity, sizeof(action.entity));
	make_text(dice, action.room, sizeof(action.room));
	make_text(dice, action.mode, sizeof(action.mode));
	make_text(dice, action.colour, sizeof(action.colour));
	if (rand_fake_below(dice, 2)) {
		make_text(dice, action.item, sizeof(action.item));
		action.cents = (int64_t)rand_fake_below(dice, UINT32_MAX) - INT32_MAX;
	}
	for (size_t i = 0; i < sizeof(action.body); i++)
		action.body[i] = (uint8_t)rand_fake_below(dice, 256);
	return action;
}

static void what_cannot_be_shown_is_no_action(void **state)
{
	static const char *const texts[] = {"a\nb",     "a\tb", "\x1b[2J", "\x7f",
					    "\xc2\x85", "\xff", "\xc3"};
	struct form form;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		struct action action = {.kind = ACTION_UNLOCK};

		assert_true(str_copy(action.entity, sizeof(action.entity), texts[i]));
		assert_int_equal(action_bytes(&action, form.bytes, &form.size),
				 ERR_RANGE);
	}
}

static void what_is_written_is_read_back(void **state)
{
	struct rand_fake dice;
	const uint64_t seed = rand_fake_seed();

	(void)state;
	(void)rand_fake_init(&dice, seed);
	for (size_t i = 0; i < ACTIONS; i++) {
		const struct action action = make_action(&dice);
		const struct form form = form_of(&action);
		struct action back;

		if (action_read(form.bytes, form.size, &back) != OK)
			fail_msg("action %zu is not read back:\n%s", i, form.bytes);
		assert_int_equal(back.kind, action.kind);
		assert_string_equal(back.entity, action.entity);
		assert_string_equal(back.room, action.room);
		assert_int_equal(back.percent, action.percent);
		assert_true(fabs(back.celsius - action.celsius) < 0.0005);
		assert_string_equal(back.mode, action.mode);
		assert_string_equal(back.colour, action.colour);
		assert_memory_equal(back.body, action.body, sizeof(back.body));
		assert_string_equal(back.item, action.item);
		assert_int_equal(back.cents, action.cents);
	}
}

/* A thousandth of a degree is a thousandth, whatever its binary fraction is. */
static void no_thousandth_is_lost(void **state)
{
	static const struct {
		double celsius;
		const char *line;
	} degrees[] = {
		{4.035, "\n4035\n"}, {1.001, "\n1001\n"},     {21.1, "\n21100\n"},
		{-0.0, "\n0\n"},     {-19.999, "\n-19999\n"}, {0.0004, "\n0\n"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(degrees); i++) {
		const struct action action = {.kind = ACTION_SET_HEAT,
					      .celsius = degrees[i].celsius};
		const struct form form = form_of(&action);

		assert_non_null(strstr(form.bytes, degrees[i].line));
	}
}

/* --- every field counts ----------------------------------------------------------------- */

static void change_kind(struct action *action)
{
	action->kind = ACTION_LOCK;
}

static void change_entity(struct action *action)
{
	assert_true(str_copy(action->entity, sizeof(action->entity), "lock.back"));
}

static void change_room(struct action *action)
{
	assert_true(str_copy(action->room, sizeof(action->room), "hall"));
}

static void change_percent(struct action *action)
{
	action->percent++;
}

static void change_celsius(struct action *action)
{
	action->celsius += 0.001;
}

static void change_mode(struct action *action)
{
	assert_true(str_copy(action->mode, sizeof(action->mode), "home"));
}

static void change_colour(struct action *action)
{
	assert_true(str_copy(action->colour, sizeof(action->colour), "red"));
}

static void change_first_of_body(struct action *action)
{
	action->body[0] ^= 1;
}

static void change_last_of_body(struct action *action)
{
	action->body[ACTION_BODY_BYTES - 1] ^= 0x80;
}

/* The same text in the next field is another action. */
static void move_text(struct action *action)
{
	assert_true(str_copy(action->room, sizeof(action->room), action->entity));
	action->entity[0] = '\0';
}

static void every_field_changes_the_bytes(void **state)
{
	static void (*const changes[])(struct action * action) = {
		change_kind,         change_entity, change_room,   change_percent,
		change_celsius,      change_mode,   change_colour, change_first_of_body,
		change_last_of_body, move_text,
	};
	const struct action action = {.kind = ACTION_UNLOCK, .entity = "lock.front"};
	struct form forms[STR_COUNT(changes) + 1];

	(void)state;
	forms[STR_COUNT(changes)] = form_of(&action);
	for (size_t i = 0; i < STR_COUNT(changes); i++) {
		struct action changed = action;

		changes[i](&changed);
		forms[i] = form_of(&changed);
	}
	for (size_t i = 0; i < STR_COUNT(forms); i++)
		for (size_t j = 0; j < i; j++)
			if (forms_equal(&forms[i], &forms[j]))
				fail_msg("changes %zu and %zu give the same bytes", i, j);
}

static void what_has_no_form_is_not_written(void **state)
{
	static const struct action actions[] = {
		{.kind = ACTION_UNLOCK, .entity = "lock\nfront"},
		{.kind = ACTION_UNLOCK, .room = "\n"},
		{.kind = ACTION_UNLOCK, .colour = "re\nd"},
		{.kind = ACTION_UNLOCK, .mode = "away\n"},
		{.kind = ACTION_UNLOCK, .item = "te\na"},
		{.kind = ACTION_ANNOUNCE, .words = "dinner is ready"},
		{.kind = ACTION_SET_HEAT, .celsius = (double)NAN},
		{.kind = ACTION_SET_HEAT, .celsius = (double)INFINITY},
		{.kind = ACTION_SET_HEAT, .celsius = -1000.001},
		{.kind = ACTION_SET_HEAT, .celsius = 1e300},
	};
	char bytes[ACTION_BYTES_MAX];
	size_t size = 7;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(actions); i++)
		assert_int_equal(action_bytes(&actions[i], bytes, &size), ERR_RANGE);
	assert_int_equal(size, 7);
}

/* --- one form only ---------------------------------------------------------------------- */

#define NO_BODY "0000000000000000000000000000000000000000000000000000000000000000"
#define AB_BODY "ab00000000000000000000000000000000000000000000000000000000000000"
#define AB_LARGE "AB00000000000000000000000000000000000000000000000000000000000000"
#define LONG_16 "0123456789abcdef"
#define LONG_128 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16
#define FORM_HEAD "behest-action-v2\nlock.unlock\nlock.front\nhall\n"

#define ITEM_HEAD "behest-action-v3\nlock.unlock\n\nhall\n0\n0\n\n\n" NO_BODY "\n"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *what;
	const char *bytes;
	size_t size;
} MALFORMED[] = {
	{"nothing", BYTES("")},
	{"the form's name alone", BYTES("behest-action-v2\n")},
	{"another form", BYTES("behest-action-v1\nlock.unlock\nlock.front\nhall\n0\n0\n"
			       "\n\n" NO_BODY "\n")},
	{"no form", BYTES("lock.unlock\nlock.front\nhall\n0\n0\n\n\n" NO_BODY "\n")},
	{"a line is missing", BYTES(FORM_HEAD "0\n0\n\n" NO_BODY "\n")},
	{"a line too many", BYTES(FORM_HEAD "0\n0\n\n\n" NO_BODY "\n\n")},
	{"bytes behind it", BYTES(FORM_HEAD "0\n0\n\n\n" NO_BODY "\nx")},
	{"the last line is open", BYTES(FORM_HEAD "0\n0\n\n\n" NO_BODY)},
	{"a leading zero", BYTES(FORM_HEAD "050\n0\n\n\n" NO_BODY "\n")},
	{"a plus sign", BYTES(FORM_HEAD "+50\n0\n\n\n" NO_BODY "\n")},
	{"a plus sign of heat", BYTES(FORM_HEAD "0\n+21000\n\n\n" NO_BODY "\n")},
	{"minus nothing", BYTES(FORM_HEAD "-0\n0\n\n\n" NO_BODY "\n")},
	{"a space", BYTES(FORM_HEAD " 50\n0\n\n\n" NO_BODY "\n")},
	{"a fraction", BYTES(FORM_HEAD "0\n21.5\n\n\n" NO_BODY "\n")},
	{"no number", BYTES(FORM_HEAD "\n0\n\n\n" NO_BODY "\n")},
	{"a number too large", BYTES(FORM_HEAD "2147483648\n0\n\n\n" NO_BODY "\n")},
	{"heat too large", BYTES(FORM_HEAD "0\n1000001\n\n\n" NO_BODY "\n")},
	{"large letters", BYTES(FORM_HEAD "0\n0\n\n\n" AB_LARGE "\n")},
	{"a short body", BYTES(FORM_HEAD "0\n0\n\n\nab\n")},
	{"no body", BYTES(FORM_HEAD "0\n0\n\n\n\n")},
	{"a long body", BYTES(FORM_HEAD "0\n0\n\n\n" NO_BODY "00\n")},
	{"no such kind", BYTES("behest-action-v2\nlock.explode\nlock.front\nhall\n0\n0\n"
			       "\n\n" NO_BODY "\n")},
	{"a kind in large letters", BYTES("behest-action-v2\nLock.unlock\nlock.front\n"
					  "hall\n0\n0\n\n\n" NO_BODY "\n")},
	{"NUL in a text", BYTES("behest-action-v2\nlock.unlock\nlock\0front\nhall\n0\n0\n"
				"\n\n" NO_BODY "\n")},
	{"NUL behind it", BYTES(FORM_HEAD "0\n0\n\n\n" NO_BODY "\n\0")},
	{"a long colour", BYTES(FORM_HEAD "0\n0\n" LONG_16 LONG_16 "\n\n" NO_BODY "\n")},
	{"a long mode", BYTES(FORM_HEAD "0\n0\n\n" LONG_16 "\n" NO_BODY "\n")},
	{"a long entity", BYTES("behest-action-v2\nlock.unlock\n" LONG_128 "\nhall\n0\n"
				"0\n\n\n" NO_BODY "\n")},
	{"an item in the plain form", BYTES(FORM_HEAD "0\n0\n\n\n" NO_BODY "\ntea\n5\n")},
	{"no item in the form of items", BYTES(ITEM_HEAD "\n0\n")},
	{"no price", BYTES(ITEM_HEAD "tea\n")},
	{"a price with a zero in front", BYTES(ITEM_HEAD "tea\n05\n")},
	{"a price with a fraction", BYTES(ITEM_HEAD "tea\n5.0\n")},
	{"a price too large", BYTES(ITEM_HEAD "tea\n9223372036854775808\n")},
	{"a line too many of items", BYTES(ITEM_HEAD "tea\n5\n\n")},
	{"longer than any",
	 BYTES("behest-action-v2\nlock.unlock\n" LONG_128 LONG_128 LONG_128 LONG_128
	       "\nhall\n0\n0\n\n\n" NO_BODY "\n")},
};

static void there_is_one_form_only(void **state)
{
	static const char right[] = FORM_HEAD "50\n-21500\nred\naway\n" AB_BODY "\n";
	struct action action = {.percent = 7};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(MALFORMED); i++)
		if (action_read(MALFORMED[i].bytes, MALFORMED[i].size, &action) !=
		    ERR_FORMAT)
			fail_msg("%s: it was read", MALFORMED[i].what);
	assert_int_equal(action.percent, 7);
	assert_int_equal(action_read(right, sizeof(right) - 1, &action), OK);
	assert_int_equal(action.kind, ACTION_UNLOCK);
	assert_int_equal(action.percent, 50);
	assert_int_equal(action.body[0], 0xab);
	assert_string_equal(action.mode, "away");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(what_cannot_be_shown_is_no_action),
		cmocka_unit_test(no_thousandth_is_lost),
		cmocka_unit_test(every_field_changes_the_bytes),
		cmocka_unit_test(what_has_no_form_is_not_written),
		cmocka_unit_test(there_is_one_form_only),
	};
	return cmocka_run_group_tests_name("action", tests, NULL, NULL);
}
