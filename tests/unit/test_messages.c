/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_messages - decide/ in a message's dialogue: a row is a step, what was said or told in
 * it, and what must come of it.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "decide/decide.h"

enum { ARENA_BYTES = 1 << 20, ANNA = 0, MAIL = 1, TWIN = 2, TAP = 4 };

struct house {
	struct arena *arena;
	struct home home;
	struct policy policy;
	struct dialogue dialogue;
	struct understanding understanding;
	uint8_t memo[ACTION_BODY_BYTES];
	struct decide_input input;
	struct decision decision;
};

static const double GOOD = -3;

static void add_contact(struct policy *policy, const char *name, enum contact_kind kind,
			bool voice_allowed)
{
	struct contact *contact = &policy->contacts[policy->contact_count];

	memset(contact, 0, sizeof(*contact));
	contact->id.bytes[0] = (uint8_t)++policy->contact_count;
	must(str_copy(contact->name, sizeof(contact->name), name));
	contact->kind = kind;
	contact->voice_allowed = voice_allowed;
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
	house.policy.room_count = 1;
	must(str_copy(house.policy.rooms[0].room.text, NAME_BYTES, "kitchen"));
	house.policy.rooms[0].capabilities = MAY_ALL;
	house.policy.rooms[0].has_key = true;
	add_contact(&house.policy, "Anna Keller", CONTACT_HOUSE, true);
	add_contact(&house.policy, "Mike Wright", CONTACT_MAIL, true);
	add_contact(&house.policy, "Jo", CONTACT_HOUSE, true);
	add_contact(&house.policy, "jo", CONTACT_HOUSE, true);
	add_contact(&house.policy, "Ben", CONTACT_HOUSE, false);
	add_contact(&house.policy, "Granny Smith", CONTACT_PEER, true);
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

/* In that step, with that contact where one is known. */
static void begin(struct house *house, enum dialogue_step step, size_t contact)
{
	house->dialogue = (struct dialogue){.step = step};
	if (step == DIALOGUE_RECORD || step == DIALOGUE_CONFIRM) {
		house->dialogue.contact = house->policy.contacts[contact].id;
		must(str_copy(house->dialogue.name, sizeof(house->dialogue.name),
			      house->policy.contacts[contact].name));
	}
	if (step == DIALOGUE_CONFIRM)
		house->dialogue.proposal.bytes[0] = 9;
	house->understanding =
		(struct understanding){.reason = REASON_NONE, .confidence = 1};
	house->input = (struct decide_input){
		.understanding = &house->understanding,
		.home = &house->home,
		.policy = &house->policy,
		.room = "kitchen",
		.spoken = true,
		.ratio = GOOD,
		.speech_frames = 150,
		.word_count = 4,
		.now_ms = 1000,
		.can_hold = true,
		.reach = MAY_ALL,
		.dialogue = &house->dialogue,
		.memo = house->memo,
		.carries_to_houses = true,
		.wake_word = "jarvis",
	};
}

static void say(struct house *house, const char *intent, const char *contact)
{
	must(str_copy(house->understanding.intent.name,
		      sizeof(house->understanding.intent.name), intent));
	if (contact[0])
		must(intent_set(&house->understanding.intent, "contact", contact));
}

static void judge(struct house *house)
{
	arena_reset(house->arena);
	assert_int_equal(decide(&house->input, house->arena, &house->decision), OK);
	assert_int_equal(house->decision.warrant_count > 0,
			 house->decision.kind == DECISION_ACT);
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

struct row {
	enum dialogue_step step;
	const char *intent;
	const char *contact;
	enum decision_kind kind;
	enum reason reason;
	enum dialogue_step to;
	enum saying_key said;
	enum evidence_then then;
	enum dialogue_does does;
};

static const struct row ROWS[] = {
	{DIALOGUE_NONE, "BehestSendMessage", "", DECISION_ASK, REASON_NONE,
	 DIALOGUE_TO_WHOM, SAYING_ASK_TO_WHOM, THEN_ANSWER, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_NONE, "BehestSendMessage", "anna keller", DECISION_ASK, REASON_NONE,
	 DIALOGUE_RECORD, SAYING_ASK_RECORD, THEN_MEMO, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_NONE, "BehestSendMessage", "Anna", DECISION_REFUSE,
	 REASON_UNKNOWN_RECIPIENT, DIALOGUE_NONE, SAYING_NONE, THEN_NOTHING,
	 DIALOGUE_DOES_NOTHING},
	{DIALOGUE_NONE, "BehestSendMessage", "Jo", DECISION_REFUSE, REASON_AMBIGUOUS,
	 DIALOGUE_NONE, SAYING_NONE, THEN_NOTHING, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_TO_WHOM, "BehestToWhom", "Anna Keller", DECISION_ASK, REASON_NONE,
	 DIALOGUE_RECORD, SAYING_ASK_RECORD, THEN_MEMO, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_TO_WHOM, "BehestToWhom", "Anna", DECISION_REFUSE,
	 REASON_UNKNOWN_RECIPIENT, DIALOGUE_NONE, SAYING_NONE, THEN_NOTHING,
	 DIALOGUE_DOES_NOTHING},
	{DIALOGUE_TO_WHOM, "BehestToWhom", "jo", DECISION_REFUSE, REASON_AMBIGUOUS,
	 DIALOGUE_NONE, SAYING_NONE, THEN_NOTHING, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_TO_WHOM, "BehestSendIt", "Anna Keller", DECISION_ASK,
	 REASON_LOW_CONFIDENCE, DIALOGUE_TO_WHOM, SAYING_ASK_TO_WHOM, THEN_ANSWER,
	 DIALOGUE_DOES_NOTHING},
	{DIALOGUE_TO_WHOM, "HassNevermind", "", DECISION_REFUSE, REASON_CANCELLED,
	 DIALOGUE_NONE, SAYING_TOLD_CALLED_OFF, THEN_NOTHING, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_TO_WHOM, "HassTurnOn", "", DECISION_ASK, REASON_LOW_CONFIDENCE,
	 DIALOGUE_TO_WHOM, SAYING_ASK_TO_WHOM, THEN_ANSWER, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_CONFIRM, "BehestSendIt", "Anna Keller", DECISION_HOLD, REASON_NONE,
	 DIALOGUE_NONE, SAYING_TOLD_HELD, THEN_NOTHING, DIALOGUE_DOES_CONFIRM},
	{DIALOGUE_CONFIRM, "BehestSendIt", "Ben", DECISION_ASK, REASON_LOW_CONFIDENCE,
	 DIALOGUE_CONFIRM, SAYING_ASK_CONFIRM, THEN_CONFIRM, DIALOGUE_DOES_NOTHING},
	{DIALOGUE_CONFIRM, "BehestToWhom", "Anna Keller", DECISION_ASK,
	 REASON_LOW_CONFIDENCE, DIALOGUE_CONFIRM, SAYING_ASK_CONFIRM, THEN_CONFIRM,
	 DIALOGUE_DOES_NOTHING},
	{DIALOGUE_CONFIRM, "HassNevermind", "", DECISION_REFUSE, REASON_CANCELLED,
	 DIALOGUE_NONE, SAYING_TOLD_CALLED_OFF, THEN_NOTHING, DIALOGUE_DOES_CALL_OFF},
	{DIALOGUE_CONFIRM, "BehestSendMessage", "Anna Keller", DECISION_ASK,
	 REASON_LOW_CONFIDENCE, DIALOGUE_CONFIRM, SAYING_ASK_CONFIRM, THEN_CONFIRM,
	 DIALOGUE_DOES_NOTHING},
};

static void test_table(void **state)
{
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const struct row *row = &ROWS[i];

		begin(house, row->step, ANNA);
		say(house, row->intent, row->contact);
		judge(house);
		expect(house, row->kind, row->reason, row->to);
		assert_int_equal(house->decision.said.key, row->said);
		assert_int_equal(house->decision.then, row->then);
		assert_int_equal(house->decision.does, row->does);
		assert_int_equal(house->decision.class_of, CLASS_C);
	}
}

/* Whatever weakens the words weakens the answer, and never the calling off. */
static void test_words_that_are_not_sure(void **state)
{
	struct house *house = *state;

	for (unsigned how = 0; how < 4; how++) {
		begin(house, DIALOGUE_CONFIRM, ANNA);
		say(house, "BehestSendIt", "Anna Keller");
		if (how == 0)
			house->input.ratio = -16.5; /* of class B, this would do */
		else if (how == 1)
			house->understanding.confidence = 0.7;
		else if (how == 2)
			house->understanding.reason = REASON_UNEXPLAINED_WORDS;
		else
			house->input.word_count = 0;
		judge(house);
		expect(house, DECISION_ASK, REASON_LOW_CONFIDENCE, DIALOGUE_CONFIRM);
	}
	begin(house, DIALOGUE_CONFIRM, ANNA);
	say(house, "HassNevermind", "");
	house->input.ratio = -40;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_CANCELLED, DIALOGUE_NONE);
}

static void test_our_own_voice_confirms_nothing(void **state)
{
	struct house *house = *state;

	begin(house, DIALOGUE_CONFIRM, ANNA);
	say(house, "BehestSendIt", "Anna Keller");
	house->input.media_match = true;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MEDIA_MATCH, DIALOGUE_NONE);
	assert_int_equal(house->decision.does, DIALOGUE_DOES_CALL_OFF);
}

static void test_one_microphone_of_two_confirms_nothing(void **state)
{
	struct house *house = *state;

	begin(house, DIALOGUE_CONFIRM, ANNA);
	say(house, "BehestSendIt", "Anna Keller");
	house->input.one_sided = true;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_UNTRUSTED_SOURCE, DIALOGUE_NONE);
	assert_int_equal(house->decision.does, DIALOGUE_DOES_CALL_OFF);
}

static void test_what_the_room_tells(void **state)
{
	static const struct {
		enum dialogue_step step;
		size_t contact;
		enum dialogue_event news;
		enum decision_kind kind;
		enum reason reason;
		enum dialogue_step to;
	} NEWS[] = {
		{DIALOGUE_RECORD, ANNA, DIALOGUE_SPOKEN, DECISION_HOLD, REASON_NEEDS_TAP,
		 DIALOGUE_CONFIRM},
		{DIALOGUE_RECORD, TAP, DIALOGUE_SPOKEN, DECISION_HOLD, REASON_NEEDS_TAP,
		 DIALOGUE_NONE},
		/* A mailbox is never confirmed by voice, though the policy says so. */
		{DIALOGUE_RECORD, MAIL, DIALOGUE_SPOKEN, DECISION_HOLD, REASON_NEEDS_TAP,
		 DIALOGUE_NONE},
		{DIALOGUE_RECORD, ANNA, DIALOGUE_SILENT, DECISION_REFUSE,
		 REASON_MEMO_EMPTY, DIALOGUE_NONE},
		{DIALOGUE_RECORD, ANNA, DIALOGUE_TIME, DECISION_REFUSE, REASON_MEMO_LOST,
		 DIALOGUE_NONE},
		{DIALOGUE_TO_WHOM, ANNA, DIALOGUE_NOT_HEARD, DECISION_REFUSE,
		 REASON_PROMPT_NOT_HEARD, DIALOGUE_NONE},
		{DIALOGUE_CONFIRM, ANNA, DIALOGUE_TIME, DECISION_REFUSE,
		 REASON_NOT_ANSWERED, DIALOGUE_NONE},
		/* A memo that nobody waits for is none. */
		{DIALOGUE_TO_WHOM, ANNA, DIALOGUE_SPOKEN, DECISION_REFUSE,
		 REASON_UNKNOWN_RECIPIENT, DIALOGUE_NONE},
		{DIALOGUE_NONE, ANNA, DIALOGUE_SPOKEN, DECISION_REFUSE, REASON_NO_ACTION,
		 DIALOGUE_NONE},
		/* Nobody has said anything, so nothing was said. */
		{DIALOGUE_CONFIRM, ANNA, DIALOGUE_PHRASE, DECISION_REFUSE,
		 REASON_NO_ACTION, DIALOGUE_NONE},
		{DIALOGUE_TO_WHOM, ANNA, DIALOGUE_NAMED, DECISION_REFUSE,
		 REASON_NO_ACTION, DIALOGUE_NONE},
	};
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(NEWS); i++) {
		begin(house, NEWS[i].step, NEWS[i].contact);
		house->input.news = NEWS[i].news;
		judge(house);
		expect(house, NEWS[i].kind, NEWS[i].reason, NEWS[i].to);
	}
}

static void test_the_proposal_is_the_memo(void **state)
{
	struct house *house = *state;
	char id[ID_TEXT_BYTES];

	begin(house, DIALOGUE_RECORD, ANNA);
	house->input.news = DIALOGUE_SPOKEN;
	judge(house);
	id_to_text(id, house->policy.contacts[ANNA].id.bytes);
	assert_string_equal(house->decision.proposed[0].entity, id);
	assert_string_equal(house->decision.proposed[0].room, "kitchen");
	assert_memory_equal(house->decision.proposed[0].body, house->memo,
			    sizeof(house->memo));
	assert_int_equal(house->decision.dialogue.step, DIALOGUE_CONFIRM);
}

/* What the policy takes away holds in the middle of a dialogue. */
static void test_the_house_may_end_it(void **state)
{
	struct house *house = *state;
	struct room_policy *room = &house->policy.rooms[0];

	for (unsigned how = 0; how < 5; how++) {
		begin(house, DIALOGUE_RECORD, ANNA);
		house->input.news = DIALOGUE_SPOKEN;
		room->muted = how == 0;
		room->has_key = how != 1;
		room->capabilities = how == 2 ? MAY_ALL & ~MAY_MESSAGE : MAY_ALL;
		if (how == 3)
			house->input.reach = MAY_SECURITY;
		if (how == 4)
			house->dialogue.contact.bytes[0] = 77;
		judge(house);
		expect(house, DECISION_REFUSE,
		       (const enum reason[]){REASON_MUTED, REASON_THIN_ROOM,
					     REASON_CAPABILITY_OFF, REASON_NO_APPROVER,
					     REASON_UNKNOWN_RECIPIENT}[how],
		       DIALOGUE_NONE);
	}
	room->muted = true;
	room->has_key = true;
	room->capabilities = MAY_ALL;
	begin(house, DIALOGUE_CONFIRM, ANNA);
	say(house, "BehestSendIt", "Anna Keller");
	judge(house);
	expect(house, DECISION_REFUSE, REASON_MUTED, DIALOGUE_NONE);
	assert_int_equal(house->decision.does, DIALOGUE_DOES_CALL_OFF);
}

/* Told before anybody speaks a message into the room, not after. */
static void test_before_the_memo(void **state)
{
	struct house *house = *state;

	begin(house, DIALOGUE_NONE, ANNA);
	say(house, "BehestSendMessage", "Anna Keller");
	house->input.reach = MAY_SECURITY;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_NO_APPROVER, DIALOGUE_NONE);

	begin(house, DIALOGUE_NONE, ANNA);
	say(house, "BehestSendMessage", "Anna Keller");
	house->input.spoken = false;
	judge(house);
	expect(house, DECISION_REFUSE, REASON_NOT_SPOKEN, DIALOGUE_NONE);
}

/* Nobody speaks a message that nothing carries. */
static void test_another_house_without_a_way(void **state)
{
	struct house *house = *state;

	for (int carries = 0; carries < 2; carries++) {
		begin(house, DIALOGUE_NONE, ANNA);
		say(house, "BehestSendMessage", "Granny Smith");
		house->input.carries_to_houses = carries;
		judge(house);
		expect(house, carries ? DECISION_ASK : DECISION_REFUSE,
		       carries ? REASON_NONE : REASON_NO_ACTION,
		       carries ? DIALOGUE_RECORD : DIALOGUE_NONE);
	}
}

static void test_cancel_outside_of_a_dialogue(void **state)
{
	struct house *house = *state;

	for (unsigned how = 0; how < 2; how++) {
		begin(house, DIALOGUE_NONE, ANNA);
		say(house, "HassNevermind", "");
		house->input.can_call_off = how == 1;
		judge(house);
		assert_int_equal(house->decision.kind, DECISION_ACT);
		assert_int_equal(house->decision.does,
				 how ? DIALOGUE_DOES_CALL_OFF : DIALOGUE_DOES_NOTHING);
		assert_int_equal(house->decision.said.key,
				 how ? SAYING_TOLD_CALLED_OFF : SAYING_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words_that_are_not_sure, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_one_microphone_of_two_confirms_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_our_own_voice_confirms_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_the_room_tells, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_the_proposal_is_the_memo, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_the_house_may_end_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_before_the_memo, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_house_without_a_way, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_cancel_outside_of_a_dialogue, setup,
						teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
