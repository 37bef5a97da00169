/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of decide/ as a table: an intent, how it was heard, and what must come out.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "decide/answer.h"
#include "decide/decide.h"
#include "decide/floor.h"
#include "domain/warrant.h"

struct house {
	struct arena *arena;
	struct home home;
	struct policy policy;
};

static void add(struct home *home, const char *id, enum entity_domain domain,
		const char *area, unsigned features, const char *device_class)
{
	struct entity entity = entity_blank();
	struct entity *added;

	must(str_copy(entity.id, sizeof(entity.id), id));
	must(str_copy(entity.name, sizeof(entity.name), id));
	must(str_copy(entity.device_class, sizeof(entity.device_class), device_class));
	entity.domain = domain;
	entity.area = home_area(home, area);
	entity.features = features;
	entity.exposed = true;
	must(home_add_entity(home, &entity, &added) == OK);
}

static int setup(void **state)
{
	static struct house house;
	struct room_policy *room = &house.policy.rooms[0];

	memset(&house, 0, sizeof(house));
	if (seal_init() || arena_create(1 << 20, &house.arena))
		return -1;
	home_init(&house.home);
	policy_init(&house.policy);
	house.policy.has_owner = true;
	house.policy.room_count = 1;
	(void)str_copy(room->room.text, sizeof(room->room.text), "kitchen");
	room->capabilities = MAY_ALL;
	room->has_key = true;
	add(&house.home, "full", ENTITY_LIGHT, "kitchen",
	    ENTITY_CAN_SWITCH | ENTITY_CAN_DIM | ENTITY_CAN_COLOUR, "");
	add(&house.home, "plain", ENTITY_LIGHT, "kitchen", ENTITY_CAN_SWITCH, "");
	add(&house.home, "far", ENTITY_LIGHT, "attic", ENTITY_CAN_SWITCH, "");
	add(&house.home, "heater", ENTITY_CLIMATE, "kitchen", ENTITY_CAN_SET_HEAT, "");
	add(&house.home, "door", ENTITY_LOCK, "kitchen", 0, "");
	add(&house.home, "gate", ENTITY_LOCK, "attic", 0, "");
	add(&house.home, "alarm", ENTITY_ALARM, "kitchen", 0, "");
	add(&house.home, "pump", ENTITY_SWITCH, "kitchen", ENTITY_CAN_SWITCH, "");
	add(&house.home, "garage", ENTITY_COVER, "kitchen", ENTITY_CAN_POSITION,
	    "garage");
	add(&house.home, "blind", ENTITY_COVER, "kitchen", ENTITY_CAN_POSITION, "blind");
	add(&house.home, "scene", ENTITY_SCENE, "kitchen", 0, "");
	add(&house.home, "white", ENTITY_LIGHT, "hall",
	    ENTITY_CAN_SWITCH | ENTITY_CAN_WHITE, "");
	add(&house.home, "valve", ENTITY_VALVE, "hall", ENTITY_CAN_SWITCH, "");
	add(&house.home, "slats", ENTITY_COVER, "hall", ENTITY_CAN_TILT, "blind");
	add(&house.home, "mister", ENTITY_HUMIDIFIER, "hall", ENTITY_CAN_HUMIDITY, "");
	house.policy.harmless_count = 1;
	(void)str_copy(house.policy.harmless[0], sizeof(house.policy.harmless[0]),
		       "valve");
	house.policy.day.shop = (struct shop_policy){
		.is_on = true,
		.order_cents = 1000,
		.day_cents = 5000,
		.item_count = 2,
		.items = {{"milk", 120, SHOP_LIST}, {"tea", 350, SHOP_WEBHOOK}},
	};
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

struct row {
	const char *intent;
	const char *slots; /* "name=value name=value"; numbers are numbers */
	double ratio;
	enum decision_kind decision;
	enum reason reason;
	enum action_class class_of;
	size_t warrants;
};

static const double GOOD = -3;

static const struct row ROWS[] = {
	{"HassTurnOn", "entity=full", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"HassTurnOn", "domain=light", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 2},
	{"HassTurnOn", "domain=light where=house", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 4},
	{"HassTurnOn", "domain=light area=attic", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassTurnOn", "domain=fan", GOOD, DECISION_REFUSE, REASON_NO_DEVICE, CLASS_B, 0},
	{"HassTurnOn", "domain=light area=moon", GOOD, DECISION_REFUSE, REASON_NO_DEVICE,
	 CLASS_B, 0},
	{"HassTurnOn", "entity=gone", GOOD, DECISION_REFUSE, REASON_NO_DEVICE, CLASS_B,
	 0},
	{"HassTurnOn", "name=full", GOOD, DECISION_ASK, REASON_AMBIGUOUS, CLASS_B, 0},
	{"HassTurnOn", "entity=pump", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	/* What goes by the list is bought by nobody. */
	{"BehestOrder", "item=milk", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"BehestOrder", "item=tea", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C, 0},
	{"BehestOrder", "item=gold", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C, 0},
	{"BehestAllow", "capability=message", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP,
	 CLASS_C, 0},
	{"BehestForbid", "capability=message", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP,
	 CLASS_C, 0},
	{"HassLightSet", "entity=full brightness=50", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassLightSet", "entity=plain brightness=50", GOOD, DECISION_REFUSE,
	 REASON_DEVICE_CANNOT, CLASS_B, 0},
	{"HassLightSet", "entity=full brightness=101", GOOD, DECISION_REFUSE,
	 REASON_OUT_OF_RANGE, CLASS_B, 0},
	{"HassLightSet", "domain=light brightness=50", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassLightSet", "entity=white color=warmwhite", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassLightSet", "entity=white color=red", GOOD, DECISION_REFUSE,
	 REASON_DEVICE_CANNOT, CLASS_B, 0},
	{"HassLightSet", "entity=plain color=white", GOOD, DECISION_REFUSE,
	 REASON_DEVICE_CANNOT, CLASS_B, 0},
	/* Only a switch is what an owner says it is. */
	{"HassTurnOn", "entity=valve", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	{"BehestOpen", "entity=valve", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	{"HassSetPosition", "entity=slats tilt=30", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassSetPosition", "entity=blind tilt=30", GOOD, DECISION_REFUSE,
	 REASON_DEVICE_CANNOT, CLASS_B, 0},
	{"HassStopMoving", "entity=blind", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"HassStopMoving", "entity=garage", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP,
	 CLASS_C, 0},
	{"HassHumidifierSetpoint", "entity=mister humidity=55", GOOD, DECISION_ACT,
	 REASON_NONE, CLASS_B, 1},
	{"HassHumidifierSetpoint", "entity=mister humidity=101", GOOD, DECISION_REFUSE,
	 REASON_OUT_OF_RANGE, CLASS_B, 0},
	{"HassClimateSetTemperature", "temperature=21", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassClimateSetTemperature", "temperature=31", GOOD, DECISION_ACT, REASON_NONE,
	 CLASS_B, 1},
	{"HassClimateSetTemperature", "temperature=nan", GOOD, DECISION_REFUSE,
	 REASON_OUT_OF_RANGE, CLASS_B, 0},
	{"BehestUnlock", "entity=door", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	{"BehestUnlock", "entity=gone", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	{"BehestLock", "entity=door", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"BehestArm", "mode=night", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"BehestDisarm", "", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C, 0},
	{"BehestPress", "entity=scene", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	{"BehestOpen", "entity=garage", GOOD, DECISION_REFUSE, REASON_NEEDS_TAP, CLASS_C,
	 0},
	{"BehestClose", "entity=garage", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"HassSetPosition", "entity=garage position=40", GOOD, DECISION_REFUSE,
	 REASON_NEEDS_TAP, CLASS_C, 0},
	{"BehestOpen", "entity=blind", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"BehestSendMessage", "", GOOD, DECISION_ASK, REASON_NONE, CLASS_C, 0},
	{"BehestSendMessage", "contact=nobody", GOOD, DECISION_REFUSE,
	 REASON_UNKNOWN_RECIPIENT, CLASS_C, 0},
	{"BehestSetAlarm", "clock=1439", GOOD, DECISION_ACT, REASON_NONE, CLASS_B, 1},
	{"BehestSetAlarm", "clock=1440", GOOD, DECISION_ASK, REASON_AMBIGUOUS, CLASS_B,
	 0},
	{"BehestSetAlarm", "clock=nan", GOOD, DECISION_ASK, REASON_AMBIGUOUS, CLASS_B, 0},
	{"BehestSetAlarm", "hour=nan", GOOD, DECISION_ASK, REASON_AMBIGUOUS, CLASS_B, 0},
	{"BehestSetAlarm", "hour=1000000", GOOD, DECISION_ASK, REASON_AMBIGUOUS, CLASS_B,
	 0},
	{"HassStartTimer", "seconds=0.4", GOOD, DECISION_REFUSE, REASON_OUT_OF_RANGE,
	 CLASS_B, 0},
	{"HassStartTimer", "seconds=-5", GOOD, DECISION_REFUSE, REASON_OUT_OF_RANGE,
	 CLASS_B, 0},
	{"HassStartTimer", "seconds=nan", GOOD, DECISION_REFUSE, REASON_OUT_OF_RANGE,
	 CLASS_B, 0},
	{"orderDrink", "size=small", GOOD, DECISION_REFUSE, REASON_NO_ACTION, CLASS_A, 0},
	{"HassGetCurrentTime", "", GOOD, DECISION_ACT, REASON_NONE, CLASS_A, 1},
	{"HassTurnOn", "entity=full", -500, DECISION_REFUSE, REASON_NOT_ADDRESSED,
	 CLASS_A, 0},
	{"HassTurnOn", "entity=full", NAN, DECISION_REFUSE, REASON_NOT_ADDRESSED, CLASS_A,
	 0},
};

static void set_slots(struct intent *intent, const char *slots)
{
	char copy[256];
	char *rest = copy;

	must(str_copy(copy, sizeof(copy), slots));
	for (char *pair = strsep(&rest, " "); pair && *pair; pair = strsep(&rest, " ")) {
		char *value = strchr(pair, '=');
		double number;
		*value++ = '\0';
		if (str_equal(value, "nan"))
			must(intent_set_number(intent, pair, NAN));
		else if (str_to_double(value, -1e6, 1e6, &number))
			must(intent_set_number(intent, pair, number));
		else
			must(intent_set(intent, pair, value));
	}
}

static struct decide_input input_of(const struct house *house,
				    const struct understanding *understanding)
{
	return (struct decide_input){
		.understanding = understanding,
		.home = &house->home,
		.policy = &house->policy,
		.room = "kitchen",
		.spoken = true,
		.ratio = GOOD,
		.speech_frames = 150,
		.word_count = 4,
		.now_ms = 1000,
		.reach = MAY_ALL,
		.wake_word = "jarvis",
	};
}

static void test_table(void **state)
{
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const struct row *row = &ROWS[i];
		struct understanding understanding = {.reason = REASON_NONE,
						      .confidence = 1};
		struct decision decision;

		arena_reset(house->arena);
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), row->intent));
		set_slots(&understanding.intent, row->slots);
		struct decide_input input = input_of(house, &understanding);
		input.ratio = row->ratio;
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		if (decision.kind != row->decision || decision.reason != row->reason ||
		    decision.warrant_count != row->warrants ||
		    (row->ratio > -100 && decision.class_of != row->class_of))
			fail_msg("row %zu (%s %s): %s %s class %s, %zu warrants", i,
				 row->intent, row->slots,
				 decision_kind_text(decision.kind),
				 reason_code(decision.reason),
				 action_class_text(decision.class_of),
				 decision.warrant_count);
	}
}

/* Whatever is asked, a warrant of class C is never made, and warrants come with ACT only. */
static void test_never_class_c(void **state)
{
	struct house *house = *state;

	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct understanding understanding = {.reason = REASON_NONE,
						      .confidence = 1};
		struct decision decision;
		struct decide_input input = input_of(house, &understanding);

		arena_reset(house->arena);
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), ROWS[i].intent));
		set_slots(&understanding.intent, ROWS[i].slots);
		input.spoken = i % 2 == 0;
		input.can_hold = i % 3 != 0;
		input.ratio = 1000;
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_true((decision.kind == DECISION_ACT) ==
			    (decision.warrant_count > 0));
		for (size_t j = 0; j < decision.warrant_count; j++)
			assert_int_not_equal(
				action_class(warrant_shows(decision.warrants[j])->kind),
				CLASS_C);
	}
}

/* What was not said in the household's own sentences moves what may be moved, and
 * proposes nothing that binds. */
static void test_frames(void **state)
{
	struct house *house = *state;
	static const struct {
		const char *intent;
		const char *slots;
		enum decision_kind decision;
		enum reason reason;
	} FRAMES[] = {
		{"HassTurnOn", "entity=full", DECISION_ACT, REASON_NONE},
		{"BehestUnlock", "entity=door", DECISION_REFUSE, REASON_LOW_CONFIDENCE},
		{"HassTurnOn", "entity=pump", DECISION_REFUSE, REASON_LOW_CONFIDENCE},
		{"HassGetCurrentTime", "", DECISION_ACT, REASON_NONE},
		{"HassGetCurrentTime", "place=london", DECISION_REFUSE, REASON_NO_ACTION},
		{"HassGetCurrentDate", "what=easter", DECISION_REFUSE, REASON_NO_ACTION},
		{"HassGetCurrentDate", "day=tomorrow", DECISION_REFUSE, REASON_NO_ACTION},
	};

	for (size_t i = 0; i < 2 * STR_COUNT(FRAMES); i++) {
		const size_t at = i / 2;
		struct understanding understanding = {.confidence = 0.8};
		struct decision decision;
		struct decide_input input = input_of(house, &understanding);

		input.spoken = i % 2;
		arena_reset(house->arena);
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), FRAMES[at].intent));
		if (FRAMES[at].slots[0])
			set_slots(&understanding.intent, FRAMES[at].slots);
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		if (decision.kind != FRAMES[at].decision ||
		    decision.reason != FRAMES[at].reason)
			fail_msg("%s %s: %s", FRAMES[at].intent, FRAMES[at].slots,
				 reason_code(decision.reason));
	}
}

/* A question back is a question; where there is none, words are refused. */
static void test_questions(void **state)
{
	struct house *house = *state;
	struct understanding understanding = {.reason = REASON_UNEXPLAINED_WORDS,
					      .confidence = 0.4};
	struct decide_input input = input_of(house, &understanding);
	struct decision decision;

	assert_int_equal(decide(&input, house->arena, &decision), OK);
	assert_int_equal(decision.kind, DECISION_REFUSE);
	understanding.asks = saying_make(SAYING_ASK_DID_YOU_MEAN);
	saying_set_text(&understanding.asks, SLOT_WORDS, "turn it on");
	assert_int_equal(decide(&input, house->arena, &decision), OK);
	assert_int_equal(decision.kind, DECISION_ASK);
	assert_int_equal(decision.reason, REASON_UNEXPLAINED_WORDS);
	assert_int_equal(decision.warrant_count, 0);
	assert_int_equal(decision.said.key, SAYING_ASK_DID_YOU_MEAN);
	assert_string_equal(decision.said.values[0].text, "turn it on");
	/* Of what binds the household not even the question. */
	must(str_copy(understanding.intent.name, sizeof(understanding.intent.name),
		      "BehestUnlock"));
	set_slots(&understanding.intent, "entity=door");
	for (size_t i = 0; i < 2; i++) {
		understanding.reason = i ? REASON_AMBIGUOUS : REASON_UNEXPLAINED_WORDS;
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_int_equal(decision.kind, DECISION_REFUSE);
		assert_int_equal(decision.reason, REASON_LOW_CONFIDENCE);
		assert_int_equal(decision.said.key, SAYING_NONE);
	}
}

/* With somebody there to hold it: one thing, that can be done, is proposed. */
static void test_what_is_held(void **state)
{
	struct house *house = *state;
	static const struct {
		const char *intent;
		const char *slots;
		enum decision_kind decision;
		enum reason reason;
		enum saying_key said;
		const char *proposed; /* the last of them; "" nothing */
	} HELD[] = {
		{"BehestUnlock", "entity=door", DECISION_HOLD, REASON_NEEDS_TAP,
		 SAYING_NONE, "door"},
		{"HassTurnOn", "entity=pump", DECISION_HOLD, REASON_NEEDS_TAP,
		 SAYING_NONE, "pump"},
		{"BehestUnlock", "domain=lock where=house", DECISION_HOLD,
		 REASON_NEEDS_TAP, SAYING_NONE, "gate"},
		{"BehestUnlock", "entity=gone", DECISION_REFUSE, REASON_NO_DEVICE,
		 SAYING_NONE, ""},
		{"BehestForbid", "capability=message", DECISION_HOLD, REASON_NEEDS_TAP,
		 SAYING_NONE, "kitchen"},
		{"BehestAllow", "capability=message area=KITCHEN", DECISION_HOLD,
		 REASON_NEEDS_TAP, SAYING_NONE, "kitchen"},
		{"BehestAllow", "capability=message area=attic", DECISION_REFUSE,
		 REASON_NO_DEVICE, SAYING_NONE, ""}, /* an area, and no room */
		{"HassTurnOn", "entity=full", DECISION_ACT, REASON_NONE, SAYING_NONE, ""},
	};

	for (size_t i = 0; i < STR_COUNT(HELD); i++) {
		struct understanding understanding = {.reason = REASON_NONE,
						      .confidence = 1};
		struct decision decision;
		struct decide_input input = input_of(house, &understanding);

		arena_reset(house->arena);
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), HELD[i].intent));
		set_slots(&understanding.intent, HELD[i].slots);
		input.can_hold = true;
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_int_equal(decision.kind, HELD[i].decision);
		assert_int_equal(decision.reason, HELD[i].reason);
		assert_int_equal(decision.said.key, HELD[i].said);
		const size_t count = decision.proposed_count;
		assert_string_equal(count ? decision.proposed[count - 1].entity : "",
				    HELD[i].proposed);
		if (decision.kind == DECISION_HOLD)
			assert_int_equal(decision.warrant_count, 0);
	}
}

/* What is beyond a limit is as near as it goes, and the action says so; where the limits leave
 * nothing, nothing is done. The owner's are 5 to 30 degrees. */
static void test_limits(void **state)
{
	struct house *house = *state;
	static const struct {
		const char *intent;
		const char *slots;
		double smallest; /* of the device */
		double largest;
		double expected; /* NAN: refused */
		bool is_limited;
	} LIMITS[] = {
		{"HassClimateSetTemperature", "temperature=21", 7, 35, 21, false},
		{"HassClimateSetTemperature", "temperature=31", 7, 35, 30, true},
		{"HassClimateSetTemperature", "temperature=26", 7, 25, 25, true},
		{"HassClimateSetTemperature", "temperature=5", 7, 25, 7, true},
		{"HassClimateSetTemperature", "temperature=30", 7, 85.0 / 1.8 - 32 / 1.8,
		 29.4, true},
		{"HassClimateSetTemperature", "temperature_step=99", 7, 25, 25, true},
		{"HassClimateSetTemperature", "temperature=21", 31, 35, NAN, false},
		{"HassClimateSetTemperature", "temperature=21", 25, 7, NAN, false},
		{"HassHumidifierSetpoint", "entity=mister humidity=50", 30, 70, 50,
		 false},
		{"HassHumidifierSetpoint", "entity=mister humidity=90", 30, 70, 70, true},
		{"HassHumidifierSetpoint", "entity=mister humidity=0", 30, 70, 30, true},
		{"HassHumidifierSetpoint", "entity=mister humidity=50", 70, 30, NAN,
		 false},
	};
	struct entity *heater = home_find(&house->home, "heater");
	struct entity *mister = home_find(&house->home, "mister");

	for (size_t i = 0; i < STR_COUNT(LIMITS); i++) {
		struct understanding understanding = {.reason = REASON_NONE,
						      .confidence = 1};
		struct decision decision;
		struct decide_input input = input_of(house, &understanding);

		arena_reset(house->arena);
		heater->celsius_min = LIMITS[i].smallest;
		heater->celsius_max = LIMITS[i].largest;
		mister->humidity_min = (int)LIMITS[i].smallest;
		mister->humidity_max = (int)LIMITS[i].largest;
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), LIMITS[i].intent));
		set_slots(&understanding.intent, LIMITS[i].slots);
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_int_equal(decision.warrant_count,
				 isnan(LIMITS[i].expected) ? 0 : 1);
		if (isnan(LIMITS[i].expected))
			continue;
		const struct action *action = warrant_shows(decision.warrants[0]);
		const double set = action->kind == ACTION_SET_HEAT ? action->celsius
								   : action->percent;
		assert_true(fabs(set - LIMITS[i].expected) < 1e-9);
		assert_int_equal(action->is_limited, LIMITS[i].is_limited);
	}
}

/* More than one request may move: nothing is moved, and it says why. */
static void test_too_many(void **state)
{
	struct house *house = *state;
	struct understanding understanding = {.reason = REASON_NONE, .confidence = 1};
	struct decision decision;
	char name[16];

	for (int i = 0; i <= DECISION_WARRANTS_MAX; i++) {
		must(str_format(name, sizeof(name), "fan%d", i));
		add(&house->home, name, ENTITY_FAN, i % 2 ? "kitchen" : "hall",
		    ENTITY_CAN_SWITCH, "");
	}
	struct decide_input input = input_of(house, &understanding);
	arena_reset(house->arena);
	must(str_copy(understanding.intent.name, sizeof(understanding.intent.name),
		      "HassTurnOff"));
	set_slots(&understanding.intent, "domain=fan where=house");
	assert_int_equal(decide(&input, house->arena, &decision), OK);
	assert_int_equal(decision.kind, DECISION_REFUSE);
	assert_int_equal(decision.reason, REASON_TOO_MANY);
}

/* A room that cannot prove what it heard asks for nothing of class C; the rest it may. */
static void test_thin_rooms(void **state)
{
	struct house *house = *state;
	struct room_policy *room = &house->policy.rooms[0];

	for (unsigned how = 0; how < 3; how++) {
		struct understanding understanding = {.reason = REASON_NONE,
						      .confidence = 1};
		struct decision decision;
		struct decide_input input = input_of(house, &understanding);

		room->has_key = how != 0;
		room->is_thin = how == 1;
		arena_reset(house->arena);
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), "BehestUnlock"));
		set_slots(&understanding.intent, "entity=door");
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_int_equal(decision.reason,
				 how == 2 ? REASON_NEEDS_TAP : REASON_THIN_ROOM);
		assert_int_equal(decision.warrant_count, 0);
		input.spoken = false; /* typed on this machine: no room's word */
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_int_equal(decision.reason, REASON_NEEDS_TAP);
		must(str_copy(understanding.intent.name,
			      sizeof(understanding.intent.name), "BehestLock"));
		input.spoken = true;
		assert_int_equal(decide(&input, house->arena, &decision), OK);
		assert_int_equal(decision.kind, DECISION_ACT);
	}
	room->has_key = true;
	room->is_thin = false;
}

/* Nor does what comes through one microphone of two. */
static void test_media_moves_nothing(void **state)
{
	struct house *house = *state;
	struct understanding understanding = {.reason = REASON_NONE, .confidence = 1};
	struct decision decision;
	struct decide_input input = input_of(house, &understanding);

	input.media_match = true;
	must(str_copy(understanding.intent.name, sizeof(understanding.intent.name),
		      "HassTurnOn"));
	set_slots(&understanding.intent, "entity=full");
	assert_int_equal(decide(&input, house->arena, &decision), OK);
	assert_int_equal(decision.reason, REASON_MEDIA_MATCH);
	input.media_match = false;
	input.one_sided = true;
	assert_int_equal(decide(&input, house->arena, &decision), OK);
	assert_int_equal(decision.reason, REASON_UNTRUSTED_SOURCE);
	must(str_copy(understanding.intent.name, sizeof(understanding.intent.name),
		      "HassGetCurrentTime"));
	assert_int_equal(decide(&input, house->arena, &decision), OK);
	assert_int_equal(decision.kind, DECISION_ACT);
}

/* A question that nobody could hear is not a question. */
static void test_only_what_was_heard_is_answered(void **state)
{
	static const struct {
		struct answer_prompt prompt;
		enum reason reason;
	} PROMPTS[] = {
		{{.whole = true, .measured = true, .heard = true}, REASON_NONE},
		{{.whole = true, .measured = true}, REASON_PROMPT_NOT_HEARD},
		{{.whole = true}, REASON_PROMPT_NOT_HEARD},
		{{.whole = true, .heard = true}, REASON_PROMPT_NOT_HEARD},
		{{.measured = true, .heard = true}, REASON_CANCELLED},
		{{.measured = true}, REASON_CANCELLED},
		{{.whole = false}, REASON_CANCELLED},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(PROMPTS); i++)
		assert_int_equal(answer_reason(&PROMPTS[i].prompt), PROMPTS[i].reason);
}

static struct decide_input spoken_input(const struct house *house,
					const struct understanding *understanding)
{
	return (struct decide_input){.understanding = understanding,
				     .home = &house->home,
				     .policy = &house->policy,
				     .room = "kitchen",
				     .spoken = true,
				     .ratio = GOOD,
				     .speech_frames = 200,
				     .word_count = 3,
				     .said_words = 3,
				     .can_hold = true,
				     .reach = MAY_ALL};
}

static void judge(const struct house *house, const struct decide_input *input,
		  struct decision *decision)
{
	arena_reset(house->arena);
	assert_int_equal(decide(input, house->arena, decision), OK);
}

/* A skill is asked when an owner approved it, gets its slots, and for a sound it takes
 * three words. */
static void test_skills_are_asked_what_is_theirs(void **state)
{
	struct house *house = *state;
	struct understanding understanding = {.confidence = 1};
	struct decide_input input = spoken_input(house, &understanding);
	struct decision decision;
	const struct action *action;

	must(str_copy(understanding.intent.name, INTENT_NAME_BYTES,
		      "effect/jokes/Laugh"));
	must(intent_set(&understanding.intent, "subject", "cats"));
	judge(house, &input, &decision);
	assert_int_equal(decision.kind, DECISION_REFUSE);
	assert_int_equal(decision.reason, REASON_NO_ACTION);
	house->policy.day.skill_count = 1;
	must(str_copy(house->policy.day.skills[0].name, SKILL_NAME_BYTES, "jokes"));
	judge(house, &input, &decision);
	assert_int_equal(decision.kind, DECISION_ACT);
	assert_int_equal(decision.class_of, CLASS_A);
	action = warrant_shows(decision.warrants[0]);
	assert_int_equal(action->kind, ACTION_SKILL);
	assert_string_equal(action->entity, "jokes");
	assert_string_equal(action->item, "Laugh");
	assert_string_equal(action->words, "{\"subject\": \"cats\"}");
	assert_string_equal(action->mode, "effect");
	input.said_words = 2;
	judge(house, &input, &decision);
	assert_int_equal(decision.reason, REASON_TOO_SHORT);
	input.spoken = false; /* typed, too */
	judge(house, &input, &decision);
	assert_int_equal(decision.reason, REASON_TOO_SHORT);
	must(str_copy(understanding.intent.name, INTENT_NAME_BYTES, "skill/jokes/Joke"));
	judge(house, &input, &decision);
	assert_int_equal(decision.kind, DECISION_ACT);
	/* What is no value of a manifest never reaches it. */
	must(intent_set(&understanding.intent, "subject", "a\"b"));
	judge(house, &input, &decision);
	assert_int_equal(decision.reason, REASON_OUT_OF_RANGE);
}

/* In the quiet hours what needs no sound is done, and nothing is asked. */
static void test_quiet_hours(void **state)
{
	static const struct {
		const char *intent;
		const char *slot;
		const char *value;
		enum decision_kind kind;
		enum reason reason;
	} NIGHT[] = {
		{"HassTurnOn", "entity", "full", DECISION_ACT, REASON_NONE},
		{"HassGetCurrentTime", NULL, NULL, DECISION_ACT, REASON_NONE},
		{"HassTurnOn", "name", "full", DECISION_REFUSE, REASON_QUIET_HOURS},
		{"BehestUnlock", "entity", "door", DECISION_HOLD, REASON_NEEDS_TAP},
		{"HassBroadcast", "message", "dinner", DECISION_REFUSE,
		 REASON_QUIET_HOURS},
		{"BehestAnnounce", NULL, NULL, DECISION_REFUSE, REASON_QUIET_HOURS},
		{"BehestPlayMessages", NULL, NULL, DECISION_REFUSE, REASON_QUIET_HOURS},
		{"BehestSendMessage", NULL, NULL, DECISION_REFUSE, REASON_QUIET_HOURS},
		{"effect/jokes/Laugh", NULL, NULL, DECISION_REFUSE, REASON_QUIET_HOURS},
		{"skill/jokes/Joke", NULL, NULL, DECISION_ACT, REASON_NONE},
	};
	struct house *house = *state;
	size_t wrong = 0;

	house->policy.day.skill_count = 1;
	must(str_copy(house->policy.day.skills[0].name, SKILL_NAME_BYTES, "jokes"));
	for (size_t i = 0; i < STR_COUNT(NIGHT); i++) {
		struct understanding understanding = {.confidence = 1};
		struct decide_input input = spoken_input(house, &understanding);
		const struct follow nothing = {.kind = FOLLOW_NOTHING};
		struct decision decision;

		input.is_quiet = true;
		input.follow = &nothing;
		input.follow_up = true;
		must(str_copy(understanding.intent.name, INTENT_NAME_BYTES,
			      NIGHT[i].intent));
		if (NIGHT[i].slot)
			must(intent_set(&understanding.intent, NIGHT[i].slot,
					NIGHT[i].value));
		judge(house, &input, &decision);
		if (decision.kind == NIGHT[i].kind &&
		    decision.reason == NIGHT[i].reason && decision.then == THEN_NOTHING &&
		    decision.dialogue.step == DIALOGUE_NONE)
			continue;
		wrong++;
		print_error("%s: %s %s\n", NIGHT[i].intent,
			    decision_kind_text(decision.kind),
			    reason_code(decision.reason));
	}
	assert_int_equal(wrong, 0);
}

/* A reply of the house is listened behind where the owner wants that; a skill's never. */
static void test_no_microphone_behind_a_skill(void **state)
{
	struct house *house = *state;
	struct understanding understanding = {.confidence = 1};
	struct decide_input input = spoken_input(house, &understanding);
	const struct follow nothing = {.kind = FOLLOW_NOTHING};
	struct decision decision;

	house->policy.day.skill_count = 1;
	must(str_copy(house->policy.day.skills[0].name, SKILL_NAME_BYTES, "jokes"));
	input.follow = &nothing;
	input.follow_up = true;
	must(str_copy(understanding.intent.name, INTENT_NAME_BYTES,
		      "HassGetCurrentTime"));
	judge(house, &input, &decision);
	assert_int_not_equal(decision.then, THEN_NOTHING);
	must(str_copy(understanding.intent.name, INTENT_NAME_BYTES, "skill/jokes/Joke"));
	judge(house, &input, &decision);
	assert_int_equal(decision.kind, DECISION_ACT);
	assert_int_equal(decision.then, THEN_NOTHING);
	assert_int_equal(decision.dialogue.step, DIALOGUE_NONE);
}

static void test_floors_are_ordered(void **state)
{
	(void)state;
	for (uint32_t frames = 0; frames < 400; frames++) {
		assert_true(floor_addressed(frames) <= floor_for_class(CLASS_A, frames));
		assert_true(floor_for_class(CLASS_A, frames) <=
			    floor_for_class(CLASS_B, frames));
		assert_true(floor_for_class(CLASS_B, frames) <=
			    floor_for_class(CLASS_C, frames));
		assert_true(floor_addressed(frames + 1) <= floor_addressed(frames));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_never_class_c, setup, teardown),
		cmocka_unit_test_setup_teardown(test_media_moves_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_thin_rooms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_questions, setup, teardown),
		cmocka_unit_test(test_only_what_was_heard_is_answered),
		cmocka_unit_test_setup_teardown(test_skills_are_asked_what_is_theirs,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_quiet_hours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_microphone_behind_a_skill, setup,
						teardown),
		cmocka_unit_test(test_floors_are_ordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
