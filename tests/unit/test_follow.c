/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_follow - words that lean on what was done or asked before: what they become, and
 * what decide/ makes of them, with the name of the house and without. Each row is what was
 * said first, what is said then, and the request that it must be; "-" is none.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "decide/decide.h"
#include "own_sentences.h"
#include "understand/follow.h"

enum { ARENA_BYTES = 1 << 20, SHOWN_BYTES = 512, NOW_MS = 5000 };

static const double GOOD = -3;
static const char ROOM[] = "Living Room";

static const struct {
	const char *id;
	const char *name;
	enum entity_domain domain;
	const char *area;
	const char *device_class;
} DEVICES[] = {
	{"light.desk", "Desk Lamp", ENTITY_LIGHT, "Bedroom", ""},
	{"light.k", "Ceiling", ENTITY_LIGHT, "Kitchen", ""},
	{"light.b", "Ceiling", ENTITY_LIGHT, "Bedroom", ""},
	{"fan.h", "Ventilator", ENTITY_FAN, "Hall", ""},
	{"light.h", "Ventilator", ENTITY_LIGHT, "Hall", ""},
	{"switch.k", "Coffee Machine", ENTITY_SWITCH, "Kitchen", ""},
	{"climate.l", "Thermostat", ENTITY_CLIMATE, "Living Room", ""},
	{"climate.b", "Radiator", ENTITY_CLIMATE, "Bedroom", ""},
	{"cover.b", "Blind", ENTITY_COVER, "Bedroom", "blind"},
	{"cover.g", "Garage", ENTITY_COVER, "Hall", "garage"},
	{"lock.f", "Front Door", ENTITY_LOCK, "Hall", ""},
	{"lock.b", "Back Door", ENTITY_LOCK, "Kitchen", ""},
};

struct house {
	struct arena *arena;
	struct home home;
	struct policy policy;
	struct understand *first;  /* the household's own */
	struct understand *follow; /* and what leans on what was done */
	struct understand *which;  /* and what answers a question */
	struct follow on;
	struct dialogue dialogue;
	struct understanding understanding;
	struct decide_input input;
	struct decision decision;
};

static void add_devices(struct home *home)
{
	for (size_t i = 0; i < STR_COUNT(DEVICES); i++) {
		struct entity entity = entity_blank();
		struct entity *added = NULL;

		must(str_copy(entity.name, sizeof(entity.name), DEVICES[i].name));
		must(str_copy(entity.id, sizeof(entity.id), DEVICES[i].id));
		must(str_copy(entity.device_class, sizeof(entity.device_class),
			      DEVICES[i].device_class));
		entity.domain = DEVICES[i].domain;
		entity.exposed = true;
		entity.features = ENTITY_CAN_SWITCH | ENTITY_CAN_DIM |
				  ENTITY_CAN_SET_HEAT | ENTITY_CAN_POSITION;
		entity.celsius_min = 5;
		entity.celsius_max = 30;
		entity.area = home_area(home, DEVICES[i].area);
		assert_int_equal(home_add_entity(home, &entity, &added), OK);
	}
}

static int setup(void **state)
{
	static struct house house;

	memset(&house, 0, sizeof(house));
	if (seal_init() || arena_create(ARENA_BYTES, &house.arena))
		return -1;
	home_init(&house.home);
	add_devices(&house.home);
	policy_init(&house.policy);
	house.policy.has_owner = true;
	house.policy.room_count = 1;
	must(str_copy(house.policy.rooms[0].room.text, NAME_BYTES, ROOM));
	house.policy.rooms[0].capabilities = MAY_ALL;
	house.policy.rooms[0].has_key = true;
	house.first = own_understand(&house.home);
	house.follow = own_understand_with(&house.home, "follow.yaml");
	house.which = own_understand_with(&house.home, "which.yaml");
	*state = &house;
	return 0;
}

static int teardown(void **state)
{
	struct house *house = *state;

	understand_destroy(house->first);
	understand_destroy(house->follow);
	understand_destroy(house->which);
	arena_destroy(house->arena);
	home_finish(&house->home);
	return 0;
}

/* --- what the words become ---------------------------------------------------------------- */

/* "HassTurnOn area=Bedroom domain=light", or "-"; the slots in their order. */
static void show(const struct understanding *understanding, char to[SHOWN_BYTES])
{
	const struct intent *intent = &understanding->intent;

	must(str_copy(to, SHOWN_BYTES,
		      understanding->reason == REASON_NONE ? intent->name : "-"));
	for (size_t i = 0; i < intent->slot_count; i++)
		if (understanding->reason == REASON_NONE)
			must(str_append(to, SHOWN_BYTES, " %s=%s", intent->slots[i].name,
					intent->slots[i].value));
}

/* Something was done, or asked back about. */
static void before(struct house *house, const char *said)
{
	struct understanding understood = {.reason = REASON_NONE};

	follow_forget(&house->on);
	if (said[0] == '\0')
		return;
	understand_heard(house->first, said, ROOM, &understood);
	if (understood.reason == REASON_NONE)
		follow_did(&house->on, (struct turn_id){7}, &understood.intent, NOW_MS);
	else if (understood.reason == REASON_AMBIGUOUS)
		follow_asked(&house->on, (struct turn_id){7}, &understood.intent,
			     &understood.asks, false, NOW_MS);
	else
		fail_msg("\"%s\" is %s", said, reason_code(understood.reason));
}

static void then(struct house *house, const char *said)
{
	const struct understand *words =
		house->on.kind == FOLLOW_QUESTION ? house->which : house->follow;

	understand_heard(words, said, ROOM, &house->understanding);
	understand_follow(&house->on, &house->home, &house->understanding);
}

static const struct {
	const char *before;
	const char *then;
	const char *becomes;
} LEANING[] = {
	/* more and less of what was done */
	{"make it warmer", "warmer",
	 "HassClimateSetTemperature area=Living Room temperature_step=1"},
	{"make it warmer", "a bit more",
	 "HassClimateSetTemperature area=Living Room temperature_step=0.5"},
	{"make it colder in the bedroom", "more",
	 "HassClimateSetTemperature area=Bedroom temperature_step=-1"},
	{"make it colder in the bedroom", "a lot less",
	 "HassClimateSetTemperature area=Bedroom temperature_step=2"},
	{"set the heating to twenty one degrees", "even colder",
	 "HassClimateSetTemperature area=Living Room temperature_step=-1"},
	{"how warm is it in the bedroom", "a little warmer",
	 "HassClimateSetTemperature area=Bedroom temperature_step=0.5"},
	{"turn on the desk lamp", "brighter",
	 "HassLightSet name=Desk Lamp entity=light.desk brightness_step=20"},
	{"turn on the desk lamp", "much darker",
	 "HassLightSet name=Desk Lamp entity=light.desk brightness_step=-40"},
	{"dim the kitchen lights", "more",
	 "HassLightSet domain=light area=Kitchen brightness_step=-20"},
	{"speak louder", "more", "HassSetVolumeRelative volume_step=10"},
	{"speak quieter", "a bit less", "HassSetVolumeRelative volume_step=5"},
	/* of something else: here */
	{"turn on the desk lamp", "warmer",
	 "HassClimateSetTemperature temperature_step=1"},
	{"make it warmer", "darker", "HassLightSet domain=light brightness_step=-20"},
	{"what time is it", "brighter", "HassLightSet domain=light brightness_step=20"},
	{"what time is it", "more", "-"},
	{"close the blind", "more", "-"},
	/* the same elsewhere */
	{"turn on the kitchen lights", "and in the bedroom",
	 "HassTurnOn domain=light area=Bedroom"},
	{"turn on the desk lamp", "the kitchen too",
	 "HassTurnOn domain=light area=Kitchen"},
	{"how warm is it in the bedroom", "and in the living room",
	 "HassClimateGetTemperature domain=climate area=Living Room"},
	{"make it warmer", "what about the bedroom",
	 "HassClimateSetTemperature temperature_step=1 domain=climate area=Bedroom"},
	{"close the blind", "and in the hall",
	 "BehestClose domain=cover device_class=blind area=Hall"},
	{"turn on the kitchen lights", "and the desk lamp",
	 "HassTurnOn name=Desk Lamp entity=light.desk"},
	{"lock the front door", "and the back door",
	 "BehestLock name=Back Door entity=lock.b"},
	{"is the front door locked", "and the back door",
	 "HassGetState state=locked name=Back Door entity=lock.b"},
	{"is the front door locked", "and in the kitchen", "-"},
	{"what time is it", "and in the kitchen", "-"},
	{"speak louder", "and in the kitchen", "-"},
	/* it, again */
	{"turn on the desk lamp", "turn it off again",
	 "HassTurnOff name=Desk Lamp entity=light.desk"},
	{"turn on the kitchen lights", "switch them off",
	 "HassTurnOff domain=light area=Kitchen"},
	{"make it warmer", "turn it off", "HassTurnOff area=Living Room domain=climate"},
	{"close the blind", "open it again", "BehestOpen name=Blind entity=cover.b"},
	{"turn on the desk lamp", "open it", "-"},
	{"lock the front door", "open it again", "-"},
	{"what time is it", "turn it off", "-"},
	/* whole requests are left as they are */
	{"turn on the desk lamp", "make it warmer",
	 "HassClimateSetTemperature area=Living Room temperature_step=1"},
	/* nothing to lean on */
	{"", "warmer", "-"},
	{"", "turn it off again", "-"},
	{"", "and in the kitchen", "-"},
	/* a question: the candidate, or the request again */
	{"turn on the ceiling", "the kitchen one",
	 "HassTurnOn name=Ceiling entity=light.k"},
	{"turn on the ceiling", "in the bedroom",
	 "HassTurnOn name=Ceiling entity=light.b"},
	{"turn on the ceiling", "the hall", "-"},
	{"turn on the ceiling", "the desk lamp", "-"},
	{"turn on the ceiling", "the ceiling", "-"},
	{"turn on the ceiling", "turn on the kitchen lights",
	 "HassTurnOn domain=light area=Kitchen"},
	{"turn on the ceiling", "no", "HassNevermind"},
	{"turn off the ventilator", "the fan",
	 "HassTurnOff name=Ventilator entity=fan.h"},
	{"turn off the ventilator", "the light",
	 "HassTurnOff name=Ventilator entity=light.h"},
	{"turn off the ventilator", "the switch", "-"},
	{"turn on the desk lamp", "the kitchen one", "-"},
};

static void test_what_leans_becomes_whole(void **state)
{
	struct house *house = *state;
	char shown[SHOWN_BYTES];

	for (size_t i = 0; i < STR_COUNT(LEANING); i++) {
		before(house, LEANING[i].before);
		then(house, LEANING[i].then);
		show(&house->understanding, shown);
		if (!str_equal(shown, LEANING[i].becomes))
			fail_msg("\"%s\", \"%s\":\n is       %s\n expected %s",
				 LEANING[i].before, LEANING[i].then, shown,
				 LEANING[i].becomes);
	}
}

/* Whatever it is that was done, and whatever leans on it: nobody is written to. */
static void test_no_contact_comes_out_of_it(void **state)
{
	static const char *const SAID[] = {"more", "and in the bedroom", "the desk lamp",
					   "turn it off again"};
	struct house *house = *state;
	struct intent message = {.name = "BehestSendMessage"};

	must(intent_set(&message, "contact", "Anna Keller"));
	for (size_t i = 0; i < 2 * STR_COUNT(SAID); i++) {
		if (i % 2)
			follow_did(&house->on, (struct turn_id){7}, &message, NOW_MS);
		else
			follow_asked(&house->on, (struct turn_id){7}, &message,
				     &(struct saying){.key = SAYING_ASK_WHICH}, false,
				     NOW_MS);
		then(house, SAID[i / 2]);
		assert_null(intent_slot(&house->understanding.intent, "contact"));
		assert_false(
			str_equal(house->understanding.intent.name, "BehestSendMessage"));
	}
}

static void test_it_is_forgotten(void **state)
{
	struct house *house = *state;

	before(house, "turn on the desk lamp");
	assert_int_equal(follow_now(&house->on, false, NOW_MS + FOLLOW_KEEP_MS),
			 FOLLOW_DONE);
	assert_int_equal(follow_now(&house->on, true, NOW_MS), FOLLOW_DONE);
	assert_int_equal(follow_now(&house->on, false, NOW_MS + FOLLOW_KEEP_MS + 1),
			 FOLLOW_NOTHING);
	assert_int_equal(house->on.kind, FOLLOW_NOTHING);
	assert_string_equal(house->on.intent.name, "");
	/* What was asked aloud is not answered by what is typed. */
	before(house, "turn on the ceiling");
	assert_int_equal(follow_now(&house->on, true, NOW_MS), FOLLOW_NOTHING);
	assert_int_equal(follow_now(&house->on, false, NOW_MS), FOLLOW_QUESTION);
}

/* --- what is decided ---------------------------------------------------------------------- */

/* How it comes: without the name, under a lease for an answer; or as any request. */
enum way { UNNAMED, NAMED, TYPED };

static void begin(struct house *house, enum dialogue_step step, enum way way)
{
	house->dialogue = (struct dialogue){.step = step};
	house->understanding =
		(struct understanding){.reason = REASON_NONE, .confidence = 1};
	house->input = (struct decide_input){
		.understanding = &house->understanding,
		.home = &house->home,
		.policy = &house->policy,
		.room = ROOM,
		.spoken = way != TYPED,
		.ratio = GOOD,
		.speech_frames = 150,
		.word_count = 4,
		.now_ms = NOW_MS,
		.can_hold = true,
		.reach = MAY_ALL,
		.is_answer = way == UNNAMED,
		.follow = &house->on,
		.dialogue = way == TYPED ? NULL : &house->dialogue,
		.wake_word = "jarvis",
	};
}

static void judge(struct house *house)
{
	arena_reset(house->arena);
	assert_int_equal(decide(&house->input, house->arena, &house->decision), OK);
	assert_int_equal(house->decision.warrant_count > 0,
			 house->decision.kind == DECISION_ACT);
}

static void expect(const struct house *house, const char *what, enum decision_kind kind,
		   enum reason reason, enum dialogue_step step)
{
	const struct decision *decision = &house->decision;

	if (decision->kind != kind || decision->reason != reason ||
	    decision->dialogue.step != step)
		fail_msg("%s: %s %s, step '%s'", what, decision_kind_text(decision->kind),
			 reason_code(decision->reason),
			 dialogue_step_text(decision->dialogue.step));
}

static const struct {
	const char *before;
	const char *then;
	enum way way;
	enum decision_kind kind;
	enum reason reason;
	enum dialogue_step step;
} JUDGED[] = {
	/* a question is answered without the name */
	{"turn on the ceiling", "the kitchen one", UNNAMED, DECISION_ACT, REASON_NONE,
	 DIALOGUE_NONE},
	{"turn on the ceiling", "turn on the desk lamp", UNNAMED, DECISION_ACT,
	 REASON_NONE, DIALOGUE_NONE},
	{"turn on the ceiling", "no", UNNAMED, DECISION_REFUSE, REASON_CANCELLED,
	 DIALOGUE_NONE},
	{"turn on the ceiling", "the hall", UNNAMED, DECISION_ASK, REASON_LOW_CONFIDENCE,
	 DIALOGUE_WHICH},
	/* nothing that binds comes of it, by whatever words */
	{"turn on the ceiling", "unlock the front door", UNNAMED, DECISION_REFUSE,
	 REASON_NAME_NEEDED, DIALOGUE_NONE},
	{"turn on the ceiling", "open the garage", UNNAMED, DECISION_REFUSE,
	 REASON_NAME_NEEDED, DIALOGUE_NONE},
	{"turn on the ceiling", "turn on the coffee machine", UNNAMED, DECISION_REFUSE,
	 REASON_NAME_NEEDED, DIALOGUE_NONE},
	{"turn on the ceiling", "send a message", UNNAMED, DECISION_REFUSE,
	 REASON_NAME_NEEDED, DIALOGUE_NONE},
	{"turn on the ceiling", "unlock the front door", NAMED, DECISION_HOLD,
	 REASON_NEEDS_TAP, DIALOGUE_NONE},
	/* nor of what leans, also with the name */
	{"turn on the desk lamp", "and the coffee machine", NAMED, DECISION_REFUSE,
	 REASON_NAME_NEEDED, DIALOGUE_NONE},
	{"turn on the desk lamp", "and the coffee machine", TYPED, DECISION_REFUSE,
	 REASON_NAME_NEEDED, DIALOGUE_NONE},
	{"close the blind", "and the garage", NAMED, DECISION_ACT, REASON_NONE,
	 DIALOGUE_NONE},
	{"turn on the desk lamp", "brighter", NAMED, DECISION_ACT, REASON_NONE,
	 DIALOGUE_NONE},
	{"turn on the desk lamp", "brighter", TYPED, DECISION_ACT, REASON_NONE,
	 DIALOGUE_NONE},
	/* with the name, and typed: a question goes on */
	{"turn on the desk lamp", "turn on the ceiling", NAMED, DECISION_ASK,
	 REASON_AMBIGUOUS, DIALOGUE_WHICH},
	{"turn on the desk lamp", "and the ceiling", TYPED, DECISION_ASK,
	 REASON_AMBIGUOUS, DIALOGUE_WHICH},
};

static void test_what_is_decided(void **state)
{
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(JUDGED); i++) {
		before(house, JUDGED[i].before);
		begin(house, JUDGED[i].way == UNNAMED ? DIALOGUE_WHICH : DIALOGUE_NONE,
		      JUDGED[i].way);
		then(house, JUDGED[i].then);
		judge(house);
		expect(house, JUDGED[i].then, JUDGED[i].kind, JUDGED[i].reason,
		       JUDGED[i].step);
	}
}

/* After a reply, where the house wants that. */
static void test_after_a_reply(void **state)
{
	struct house *house = *state;

	for (unsigned wants = 0; wants < 2; wants++) {
		before(house, "turn on the desk lamp");
		begin(house, DIALOGUE_NONE, NAMED);
		house->input.follow_up = wants != 0;
		then(house, "brighter");
		judge(house);
		expect(house, "brighter", DECISION_ACT, REASON_NONE,
		       wants ? DIALOGUE_FOLLOW : DIALOGUE_NONE);
		assert_int_equal(house->decision.then,
				 wants ? THEN_ANSWER : THEN_NOTHING);
	}
	begin(house, DIALOGUE_FOLLOW, UNNAMED);
	house->input.follow_up = true;
	then(house, "a bit darker");
	judge(house);
	expect(house, "goes on", DECISION_ACT, REASON_NONE, DIALOGUE_FOLLOW);
	then(house, "and the ceiling");
	judge(house);
	expect(house, "asks", DECISION_ASK, REASON_AMBIGUOUS, DIALOGUE_WHICH);
	assert_int_equal(house->decision.then, THEN_ANSWER);
	then(house, "unlock the front door");
	judge(house);
	expect(house, "binds", DECISION_REFUSE, REASON_NAME_NEEDED, DIALOGUE_NONE);
	then(house, "stop");
	judge(house);
	expect(house, "stop", DECISION_REFUSE, REASON_CANCELLED, DIALOGUE_NONE);
	house->input.can_call_off = true; /* of what waits it is a request */
	judge(house);
	expect(house, "cancel", DECISION_ACT, REASON_NONE, DIALOGUE_NONE);
	assert_int_equal(house->decision.does, DIALOGUE_DOES_CALL_OFF);
}

/* Talk, silence and our own voice end it; after a reply without a word. */
static void test_it_ends(void **state)
{
	static const struct {
		enum dialogue_step step;
		enum dialogue_event news;
		enum reason reason;
		enum saying_key says;
	} ENDS[] = {
		{DIALOGUE_FOLLOW, DIALOGUE_TIME, REASON_LEASE_OVER, SAYING_NONE},
		{DIALOGUE_FOLLOW, DIALOGUE_NOT_HEARD, REASON_PROMPT_NOT_HEARD,
		 SAYING_NONE},
		{DIALOGUE_WHICH, DIALOGUE_TIME, REASON_NOT_ANSWERED, SAYING_REFUSED},
		{DIALOGUE_WHICH, DIALOGUE_NOT_HEARD, REASON_PROMPT_NOT_HEARD,
		 SAYING_REFUSED},
	};
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(ENDS); i++) {
		begin(house, ENDS[i].step, NAMED);
		house->input.news = ENDS[i].news;
		judge(house);
		expect(house, "news", DECISION_REFUSE, ENDS[i].reason, DIALOGUE_NONE);
		assert_int_equal(house->decision.said.key, ENDS[i].says);
	}
	before(house, "turn on the desk lamp");
	begin(house, DIALOGUE_FOLLOW, UNNAMED);
	house->input.word_count = 0;
	judge(house);
	expect(house, "silence", DECISION_REFUSE, REASON_NOT_ADDRESSED, DIALOGUE_NONE);
	assert_int_equal(house->decision.said.key, SAYING_NONE);
	begin(house, DIALOGUE_FOLLOW, UNNAMED);
	then(house, "brighter");
	house->input.media_match = true;
	judge(house);
	expect(house, "our voice", DECISION_REFUSE, REASON_MEDIA_MATCH, DIALOGUE_NONE);
	for (size_t i = 0; i < 2; i++) {
		begin(house, i ? DIALOGUE_WHICH : DIALOGUE_FOLLOW, UNNAMED);
		then(house, "brighter");
		house->input.media_match = false;
		house->input.one_sided = true;
		judge(house);
		expect(house, "one microphone", DECISION_REFUSE, REASON_UNTRUSTED_SOURCE,
		       DIALOGUE_NONE);
		house->input.one_sided = false;
	}
}

/* One retry, with the same question; then it is left. */
static void test_a_question_is_repeated_once(void **state)
{
	struct house *house = *state;

	before(house, "turn on the ceiling");
	begin(house, DIALOGUE_WHICH, UNNAMED);
	then(house, "the hall");
	judge(house);
	expect(house, "once", DECISION_ASK, REASON_LOW_CONFIDENCE, DIALOGUE_WHICH);
	assert_true(house->decision.repeats);
	assert_int_equal(house->decision.said.key, SAYING_ASK_WHICH_PLACE);
	assert_int_equal(house->decision.then, THEN_ANSWER);
	house->dialogue = house->decision.dialogue;
	judge(house);
	expect(house, "twice", DECISION_REFUSE, REASON_NOT_ANSWERED, DIALOGUE_NONE);
}

/* Short words carry little evidence: an answer needs the margin of class B, also where what
 * it asks for is of class A. */
static void test_the_margin_is_that_of_class_b(void **state)
{
	struct house *house = *state;

	for (unsigned good = 0; good < 2; good++) {
		before(house, "turn on the ceiling");
		begin(house, DIALOGUE_WHICH, UNNAMED);
		house->input.speech_frames = 40;
		house->input.ratio = good ? -12 : -13;
		then(house, "what time is it");
		judge(house);
		expect(house, "the time", good ? DECISION_ACT : DECISION_ASK,
		       good ? REASON_NONE : REASON_LOW_CONFIDENCE,
		       good ? DIALOGUE_NONE : DIALOGUE_WHICH);
	}
}

/* Of what binds the question stands as it did, and the name is needed for its answer. */
static void test_what_binds_opens_no_ear(void **state)
{
	struct house *house = *state;

	begin(house, DIALOGUE_NONE, NAMED);
	follow_forget(&house->on);
	must(str_copy(house->understanding.intent.name,
		      sizeof(house->understanding.intent.name), "BehestUnlock"));
	must(intent_set(&house->understanding.intent, "name", "Door"));
	house->understanding.reason = REASON_AMBIGUOUS;
	house->understanding.asks = saying_make(SAYING_ASK_WHICH);
	judge(house);
	expect(house, "unlock", DECISION_ASK, REASON_AMBIGUOUS, DIALOGUE_NONE);
	assert_int_equal(house->decision.then, THEN_NOTHING);
	/* And where nobody keeps what was said, nothing is followed up. */
	before(house, "turn on the ceiling");
	begin(house, DIALOGUE_NONE, NAMED);
	then(house, "turn on the ceiling");
	house->input.follow = NULL;
	judge(house);
	expect(house, "no follow", DECISION_ASK, REASON_AMBIGUOUS, DIALOGUE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_leans_becomes_whole),
		cmocka_unit_test(test_no_contact_comes_out_of_it),
		cmocka_unit_test(test_it_is_forgotten),
		cmocka_unit_test(test_what_is_decided),
		cmocka_unit_test(test_after_a_reply),
		cmocka_unit_test(test_it_ends),
		cmocka_unit_test(test_a_question_is_repeated_once),
		cmocka_unit_test(test_the_margin_is_that_of_class_b),
		cmocka_unit_test(test_what_binds_opens_no_ear),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
