/* SPDX-License-Identifier: Apache-2.0 */
/* The plain types: ids, events, homes, policies, slots and the memory of recent turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/action.h"
#include "domain/event.h"
#include "domain/home.h"
#include "domain/ids.h"
#include "domain/intent.h"
#include "domain/lease.h"
#include "domain/policy.h"
#include "domain/reason.h"
#include "domain/recent.h"

static void test_turn_id_round_trip(void **state)
{
	char text[ID_TEXT_BYTES];
	struct turn_id back = {0};

	(void)state;
	turn_id_to_text(text, (struct turn_id){0x0123456789abcdef});
	assert_string_equal(text, "t-0123456789abcdef");
	assert_true(turn_id_from_text(&back, text));
	assert_true(back.value == 0x0123456789abcdef);
	assert_true(turn_id_from_text(&back, "0123456789abcdef"));
	assert_false(turn_id_from_text(&back, "t-012345678"));
	assert_false(turn_id_from_text(&back, "t-0123456789abcdeg"));
	assert_false(turn_id_from_text(&back, ""));
}

static void test_every_event_has_a_sentence(void **state)
{
	char sentence[EVENT_SENTENCE_BYTES];

	(void)state;
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event event;
		enum event_kind back;
		event_init(&event, (enum event_kind)kind, (struct turn_id){1}, "kitchen",
			   5);
		event_sentence(&event, sentence);
		assert_true(strlen(sentence) > 5);
		assert_null(strchr(sentence, '{'));
		assert_true(event_kind_from_text(event_kind_text(event.kind), &back));
		assert_int_equal(back, kind);
	}
}

static void test_event_fields(void **state)
{
	struct event event;
	char sentence[EVENT_SENTENCE_BYTES];
	char wide[EVENT_FIELD_VALUE_BYTES * 2];

	(void)state;
	event_init(&event, EVENT_DONE, (struct turn_id){1}, "kitchen", 5);
	event_add(&event, "action", "device.on");
	event_add(&event, "entity", "light.kitchen");
	event_sentence(&event, sentence);
	assert_string_equal(sentence, "It was done: device.on on light.kitchen.");
	assert_string_equal(event_value(&event, "nothing"), "");
	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	event_add(&event, "wide", wide);
	assert_int_equal(strlen(event_value(&event, "wide")),
			 EVENT_FIELD_VALUE_BYTES - 1);
}

static void test_reasons_are_distinct(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		enum reason back;
		assert_true(reason_from_code(reason_code((enum reason)i), &back));
		assert_int_equal(back, i);
		assert_true(strlen(reason_explained((enum reason)i)) > 5);
	}
}

static void test_actions_are_distinct(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_KIND_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(action_name((enum action_kind)i),
						action_name((enum action_kind)j));
	assert_int_equal(action_class(ACTION_UNLOCK), CLASS_C);
	assert_int_equal(action_class(ACTION_DISARM_ALARM), CLASS_C);
	assert_int_equal(action_class(ACTION_PRESS), CLASS_C);
	assert_int_equal(action_class(ACTION_SEND_MESSAGE), CLASS_C);
}

/* Promise 4: the table of leases is what the design says. */
static void test_lease_table(void **state)
{
	(void)state;
	assert_int_equal(lease_reason_max_ms(LEASE_REQUEST), 8000);
	assert_int_equal(lease_reason_renewals(LEASE_REQUEST), 2);
	assert_int_equal(lease_reason_max_ms(LEASE_ANSWER), 8000);
	assert_int_equal(lease_reason_max_ms(LEASE_MEMO), 120000);
	assert_int_equal(lease_reason_max_ms(LEASE_RINGING), 600000);
	assert_false(lease_reason_leaves_room(LEASE_NAME));
	assert_false(lease_reason_leaves_room(LEASE_RINGING));
}

static void test_home_keeps_state_on_replacement(void **state)
{
	struct home home;
	struct entity entity = entity_blank();
	struct entity *added = NULL;

	(void)state;
	home_init(&home);
	(void)str_copy(entity.id, sizeof(entity.id), "light.a");
	(void)str_copy(entity.name, sizeof(entity.name), "a");
	assert_int_equal(home_add_entity(&home, &entity, &added), OK);
	added->state.on = true;
	uint64_t version = home.names_version;
	assert_int_equal(home_add_entity(&home, &entity, &added), OK);
	assert_true(added->state.on);
	assert_int_equal(home.entity_count, 1);
	assert_true(home.names_version == version);
	(void)str_copy(entity.name, sizeof(entity.name), "b");
	assert_int_equal(home_add_entity(&home, &entity, &added), OK);
	assert_true(home.names_version > version);
	home_remove_entity(&home, "light.a");
	home_remove_entity(&home, "light.a");
	assert_int_equal(home.entity_count, 0);
	home_finish(&home);
}

static void test_home_has_limits(void **state)
{
	struct home home;
	struct entity entity = entity_blank();
	struct entity *added = NULL;

	(void)state;
	home_init(&home);
	for (int i = 0; i < HOME_ENTITIES_MAX; i++) {
		(void)str_format(entity.id, sizeof(entity.id), "light.%d", i);
		assert_int_equal(home_add_entity(&home, &entity, &added), OK);
	}
	(void)str_copy(entity.id, sizeof(entity.id), "one too many");
	assert_int_equal(home_add_entity(&home, &entity, &added), ERR_LIMIT);
	for (int i = 0; i < HOME_AREAS_MAX; i++) {
		char name[32];
		(void)str_format(name, sizeof(name), "area %d", i);
		assert_int_equal(home_area(&home, name), i);
	}
	assert_int_equal(home_area(&home, "one too many"), -1);
	assert_int_equal(home_area(&home, "AREA 3"), 3);
	struct home copy;
	assert_int_equal(home_copy(&home, &copy), OK);
	assert_int_equal(copy.entity_count, HOME_ENTITIES_MAX);
	home_finish(&copy);
	home_finish(&home);
}

static void test_policy_starts_closed(void **state)
{
	struct policy policy;

	(void)state;
	policy_init(&policy);
	assert_false(policy.has_owner);
	assert_null(policy_room(&policy, "kitchen"));
	assert_true(policy.celsius_min == 5 && policy.celsius_max == 30);
}

static void add_room_of(struct policy *policy, const char *name, uint8_t owner)
{
	struct room_policy *room = &policy->rooms[policy->room_count++];

	*room = (struct room_policy){.is_private = owner > 0};
	room->private_owner.bytes[0] = owner;
	assert_true(str_copy(room->room.text, sizeof(room->room.text), name));
}

static void test_what_is_of_a_private_room_is_its_owners(void **state)
{
	static const struct {
		const char *here;
		const char *from;
		bool may;
	} rows[] = {
		{"kitchen", "kitchen", true}, {"kitchen", "hall", true},
		{"hall", "kitchen", true},    {"alices", "kitchen", true},
		{"alices", "ALICES", true},   {"alices", "hers too", true},
		{"bobs", "alices", false},    {"kitchen", "alices", false},
		{"kitchen", "cellar", false}, {"cellar", "kitchen", false},
		{"cellar", "cellar", false},
	};
	struct policy policy;

	(void)state;
	policy_init(&policy);
	add_room_of(&policy, "kitchen", 0);
	add_room_of(&policy, "hall", 0);
	add_room_of(&policy, "alices", 1);
	add_room_of(&policy, "hers too", 1);
	add_room_of(&policy, "bobs", 2);
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (policy_may_say_of(&policy, rows[i].here, rows[i].from) != rows[i].may)
			fail_msg("of %s in %s", rows[i].from, rows[i].here);
}

static void test_intent_slots(void **state)
{
	struct intent intent = {.slot_count = 0};
	char name[SLOT_NAME_BYTES];

	(void)state;
	assert_true(intent_set(&intent, "name", "lamp"));
	assert_true(intent_set(&intent, "name", "light"));
	assert_int_equal(intent.slot_count, 1);
	assert_string_equal(intent_value(&intent, "name", ""), "light");
	assert_true(intent_set_number(&intent, "brightness", 21.5));
	assert_string_equal(intent_value(&intent, "brightness", ""), "21.5");
	assert_true(intent_slot(&intent, "brightness")->is_number);
	for (size_t i = intent.slot_count; i < INTENT_SLOTS_MAX; i++) {
		(void)str_format(name, sizeof(name), "s%zu", i);
		assert_true(intent_set(&intent, name, "x"));
	}
	assert_false(intent_set(&intent, "one too many", "x"));
}

static void test_recent_forgets(void **state)
{
	static struct recent recent;
	struct recent_turn turn = {.at_ms = 1000, .text = "a secret"};

	(void)state;
	recent_init(&recent);
	assert_null(recent_newest(&recent, 1000));
	for (int i = 0; i < RECENT_TURNS_MAX + 3; i++) {
		turn.at_ms = 1000 + i;
		recent_add(&recent, &turn);
	}
	assert_int_equal(recent_newest(&recent, 2000)->at_ms,
			 1000 + RECENT_TURNS_MAX + 2);
	assert_null(recent_newest(&recent, 2000 + RECENT_KEEP_MS));
	/* Nothing of it is left in memory. */
	for (size_t i = 0; i + 8 <= sizeof(recent); i++)
		assert_memory_not_equal((const char *)&recent + i, "a secret", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turn_id_round_trip),
		cmocka_unit_test(test_every_event_has_a_sentence),
		cmocka_unit_test(test_event_fields),
		cmocka_unit_test(test_reasons_are_distinct),
		cmocka_unit_test(test_actions_are_distinct),
		cmocka_unit_test(test_lease_table),
		cmocka_unit_test(test_home_keeps_state_on_replacement),
		cmocka_unit_test(test_home_has_limits),
		cmocka_unit_test(test_policy_starts_closed),
		cmocka_unit_test(test_what_is_of_a_private_room_is_its_owners),
		cmocka_unit_test(test_intent_slots),
		cmocka_unit_test(test_recent_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
