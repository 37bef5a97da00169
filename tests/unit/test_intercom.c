/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_intercom - decide/ over announcements: to all rooms or one, in words or spoken after
 * a tone. A row is what was asked for, and what must come of it.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "decide/decide.h"
#include "domain/warrant.h"

enum { ARENA_BYTES = 1 << 20 };

struct house {
	struct arena *arena;
	struct home home;
	struct policy policy;
	struct dialogue dialogue;
	struct follow follow;
	struct understanding understanding;
	uint8_t memo[ACTION_BODY_BYTES];
	struct decide_input input;
	struct decision decision;
};

static struct room_policy *add_room(struct policy *policy, const char *name)
{
	struct room_policy *room = &policy->rooms[policy->room_count++];

	must(str_copy(room->room.text, sizeof(room->room.text), name));
	room->capabilities = MAY_ALL;
	room->has_key = true;
	return room;
}

static int setup(void **state)
{
	static struct house house;

	memset(&house, 0, sizeof(house));
	if (seal_init() || arena_create(ARENA_BYTES, &house.arena))
		return -1;
	home_init(&house.home);
	policy_init(&house.policy);
	house.policy.has_owner = true;
	(void)add_room(&house.policy, "kitchen");
	(void)add_room(&house.policy, "bedroom");
	add_room(&house.policy, "hall")->muted = true;
	add_room(&house.policy, "attic")->capabilities = MAY_ALL & ~(unsigned)MAY_TELL;
	memset(house.memo, 7, sizeof(house.memo));
	*state = &house;
	return 0;
}

static int teardown(void **state)
{
	struct house *house = *state;

	arena_destroy(house->arena);
	home_finish(&house->home);
	return 0;
}

static void begin(struct house *house, const char *intent)
{
	house->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
	house->understanding =
		(struct understanding){.reason = REASON_NONE, .confidence = 1};
	must(str_copy(house->understanding.intent.name,
		      sizeof(house->understanding.intent.name), intent));
	house->input = (struct decide_input){
		.understanding = &house->understanding,
		.home = &house->home,
		.policy = &house->policy,
		.room = "kitchen",
		.spoken = true,
		.ratio = -3,
		.speech_frames = 150,
		.word_count = 4,
		.now_ms = 1000,
		.can_hold = true,
		.reach = MAY_ALL,
		.dialogue = &house->dialogue,
		.follow = &house->follow,
		.memo = house->memo,
		.wake_word = "jarvis",
	};
}

/* Where what is spoken is waited for. */
static void begin_spoken(struct house *house, const char *room)
{
	begin(house, "");
	house->dialogue.step = DIALOGUE_ANNOUNCE;
	must(str_copy(house->dialogue.name, sizeof(house->dialogue.name), room));
}

static void put(struct house *house, const char *slot, const char *value)
{
	if (value[0])
		must(intent_set(&house->understanding.intent, slot, value));
}

/* Whatever comes: no class C, nothing proposed, and nothing asked of the keeper. */
static void judge(struct house *house)
{
	const struct decision *decision = &house->decision;

	arena_reset(house->arena);
	assert_int_equal(decide(&house->input, house->arena, &house->decision), OK);
	assert_int_equal(decision->warrant_count > 0, decision->kind == DECISION_ACT);
	assert_int_not_equal(decision->kind, DECISION_HOLD);
	assert_int_not_equal(decision->class_of, CLASS_C);
	assert_int_equal(decision->does, DIALOGUE_DOES_NOTHING);
	assert_int_equal(decision->proposed_count, 0);
}

static void expect(const struct house *house, enum decision_kind kind, enum reason reason,
		   enum dialogue_step step)
{
	const struct decision *decision = &house->decision;

	if (decision->kind != kind || decision->reason != reason ||
	    decision->dialogue.step != step)
		fail_msg("%s %s, step '%s'", decision_kind_text(decision->kind),
			 reason_code(decision->reason),
			 dialogue_step_text(decision->dialogue.step));
}

static const struct action *permitted(const struct house *house)
{
	assert_int_equal(house->decision.warrant_count, 1);
	return warrant_shows(house->decision.warrants[0]);
}

static const struct {
	const char *area;
	const char *place;
	enum reason reason;
	const char *room; /* that it is for */
} PLACES[] = {
	{"", "", REASON_NONE, ""},
	{"bedroom", "", REASON_NONE, "bedroom"},
	{"Bedroom", "", REASON_NONE, "bedroom"},
	{"kitchen", "", REASON_NO_ROOM, ""}, /* where it is said */
	{"cellar", "", REASON_NO_ROOM, ""},
	{"", "ballroom", REASON_NO_ROOM, ""},
	{"hall", "", REASON_ROOM_MUTED, ""},
	{"attic", "", REASON_ROOM_MUTED, ""}, /* may tell nothing */
};

static void test_words(void **state)
{
	struct house *house = *state;

	for (size_t i = 0; i < 2 * STR_COUNT(PLACES); i++) {
		const enum reason reason = PLACES[i / 2].reason;

		begin(house, "HassBroadcast");
		house->input.spoken = i % 2;
		put(house, "area", PLACES[i / 2].area);
		put(house, "place", PLACES[i / 2].place);
		put(house, "message", "dinner is ready");
		judge(house);
		expect(house, reason == REASON_NONE ? DECISION_ACT : DECISION_REFUSE,
		       reason, DIALOGUE_NONE);
		if (reason != REASON_NONE)
			continue;
		assert_string_equal(permitted(house)->entity, PLACES[i / 2].room);
		assert_string_equal(permitted(house)->words, "dinner is ready");
	}
}

static void test_it_is_asked_for(void **state)
{
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(PLACES); i++) {
		const enum reason reason = PLACES[i].reason;
		const struct decision *decision = &house->decision;

		begin(house, "BehestAnnounce");
		put(house, "area", PLACES[i].area);
		put(house, "place", PLACES[i].place);
		judge(house);
		if (reason != REASON_NONE) {
			expect(house, DECISION_REFUSE, reason, DIALOGUE_NONE);
			continue;
		}
		expect(house, DECISION_ASK, REASON_NONE, DIALOGUE_ANNOUNCE);
		assert_int_equal(decision->then, THEN_MEMO);
		assert_string_equal(decision->dialogue.name, PLACES[i].room);
		assert_int_equal(decision->said.key, PLACES[i].room[0]
							     ? SAYING_ASK_ANNOUNCE_IN
							     : SAYING_ASK_ANNOUNCE);
	}
}

/* What a request like others is refused for, and that nothing can be spoken by typing. */
static void test_it_is_not_asked_for(void **state)
{
	struct house *house = *state;

	begin(house, "BehestAnnounce");
	house->input.spoken = false;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_NOT_SPOKEN, DIALOGUE_NONE);
	begin(house, "BehestAnnounce");
	house->policy.rooms[1].muted = true; /* nobody else would hear it */
	judge(house);
	expect(house, DECISION_REFUSE, REASON_NO_ROOM, DIALOGUE_NONE);
	assert_int_equal(house->decision.said.key, SAYING_TOLD_NO_ROOMS);
	begin(house, "BehestAnnounce");
	house->input.media_match = true;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MEDIA_MATCH, DIALOGUE_NONE);
	begin(house, "BehestAnnounce");
	house->input.room = "attic";
	judge(house);
	expect(house, DECISION_REFUSE, REASON_CAPABILITY_OFF, DIALOGUE_NONE);
	begin(house, "BehestAnnounce");
	house->input.room = "hall";
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MUTED, DIALOGUE_NONE);
}

static void test_it_was_spoken(void **state)
{
	struct house *house = *state;
	const struct action *action;

	for (size_t i = 0; i < STR_COUNT(PLACES); i++) {
		if (PLACES[i].place[0])
			continue;
		begin_spoken(house, PLACES[i].area);
		house->input.news = DIALOGUE_SPOKEN;
		judge(house);
		if (PLACES[i].reason != REASON_NONE) { /* the policy changed meanwhile */
			expect(house, DECISION_REFUSE, PLACES[i].reason, DIALOGUE_NONE);
			continue;
		}
		expect(house, DECISION_ACT, REASON_NONE, DIALOGUE_NONE);
		action = permitted(house);
		assert_int_equal(action->kind, ACTION_ANNOUNCE);
		assert_string_equal(action->entity, PLACES[i].room);
		assert_string_equal(action->room, "kitchen");
		assert_string_equal(action->words, "");
		assert_memory_equal(action->body, house->memo, sizeof(house->memo));
		assert_int_equal(house->decision.class_of, CLASS_B);
	}
}

static void test_it_ends(void **state)
{
	static const struct {
		enum dialogue_event news;
		enum reason reason;
		enum saying_key said;
	} ENDS[] = {
		{DIALOGUE_SILENT, REASON_MEMO_EMPTY, SAYING_REFUSED_ANNOUNCEMENT_EMPTY},
		{DIALOGUE_LOST, REASON_MEMO_LOST, SAYING_REFUSED_ANNOUNCEMENT_LOST},
		{DIALOGUE_TIME, REASON_MEMO_LOST, SAYING_REFUSED_ANNOUNCEMENT_LOST},
		{DIALOGUE_NOT_HEARD, REASON_PROMPT_NOT_HEARD, SAYING_REFUSED},
	};
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(ENDS); i++) {
		begin_spoken(house, "");
		house->input.news = ENDS[i].news;
		judge(house);
		expect(house, DECISION_REFUSE, ENDS[i].reason, DIALOGUE_NONE);
		assert_int_equal(house->decision.said.key, ENDS[i].said);
	}
}

static void test_it_is_called_off(void **state)
{
	struct house *house = *state;

	begin_spoken(house, "bedroom");
	must(str_copy(house->understanding.intent.name, INTENT_NAME_BYTES,
		      "HassNevermind"));
	judge(house);
	expect(house, DECISION_REFUSE, REASON_CANCELLED, DIALOGUE_NONE);
	assert_int_equal(house->decision.said.key, SAYING_TOLD_CALLED_OFF);
	house->input.one_sided = true;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_UNTRUSTED_SOURCE, DIALOGUE_NONE);
	house->input.media_match = true;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MEDIA_MATCH, DIALOGUE_NONE);
	/* Other words are no part of it, whatever they ask for. */
	begin_spoken(house, "bedroom");
	must(str_copy(house->understanding.intent.name, INTENT_NAME_BYTES,
		      "BehestSendIt"));
	judge(house);
	expect(house, DECISION_REFUSE, REASON_NO_ACTION, DIALOGUE_NONE);
	/* Muted meanwhile, or told nothing more. */
	begin_spoken(house, "");
	house->input.news = DIALOGUE_SPOKEN;
	house->policy.rooms[0].muted = true;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MUTED, DIALOGUE_NONE);
	house->policy.rooms[0].muted = false;
	house->policy.rooms[0].capabilities = MAY_MOVE | MAY_MESSAGE;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_CAPABILITY_OFF, DIALOGUE_NONE);
	house->policy.rooms[0].capabilities = MAY_ALL;
	house->input.memo = NULL;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MEMO_LOST, DIALOGUE_NONE);
}

/* Every event in its step: none leads to a message. */
static void test_nothing_becomes_a_message(void **state)
{
	struct house *house = *state;

	for (unsigned e = 0; e < DIALOGUE_EVENT_COUNT; e++) {
		begin_spoken(house, "");
		house->input.news = (enum dialogue_event)e;
		judge(house);
		assert_int_equal(house->decision.dialogue.step, DIALOGUE_NONE);
		assert_int_equal(house->decision.then, THEN_NOTHING);
	}
}

int main(void)
{
#define WITH_HOUSE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_HOUSE(test_words),
		WITH_HOUSE(test_it_is_asked_for),
		WITH_HOUSE(test_it_is_not_asked_for),
		WITH_HOUSE(test_it_was_spoken),
		WITH_HOUSE(test_it_ends),
		WITH_HOUSE(test_it_is_called_off),
		WITH_HOUSE(test_nothing_becomes_a_message),
	};
#undef WITH_HOUSE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
