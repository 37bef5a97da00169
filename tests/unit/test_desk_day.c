/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_day - what owners decide about everyday things: it is written down, told, there
 * after a restart, and refused where it cannot stand; the hub is told, but not where orders
 * go.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "fake/desk_bench.h"

enum { SEED = 61 };

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
};

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", "study");
	desk_bench_forget(house.hub);
	desk_bench_forget(house.alice);
	return house;
}

static void expect(struct house *house, enum wire_type type, const void *set,
		   const char *refused)
{
	const struct wire_message *message;

	desk_bench_say(house->bench, house->alice, type, set);
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->alice);
	assert_non_null(message);
	if (!refused && message->type == WIRE_refused)
		fail_msg("refused: %s", message->refused.words);
	assert_int_equal(message->type, refused ? WIRE_refused : WIRE_done);
	if (refused)
		assert_string_equal(message->refused.reason, refused);
}

/* One of each; what is listed then is what was set. */
static void set_all(struct house *house)
{
	static const uint8_t hash[SKILL_HASH_BYTES] = {5};
	const struct wire_skill_set skill = {.name = "jokes",
					     .hash = {hash, sizeof(hash)},
					     .hosts = "one.example two.example"};

	expect(house, WIRE_place_set,
	       &(struct wire_place_set){
		       .on = 1, .name = " Oslo ", .latitude = 5993, .longitude = -1075},
	       NULL);
	expect(house, WIRE_shop_set,
	       &(struct wire_shop_set){.on = 1,
				       .currency = "EUR",
				       .order_cents = 3000,
				       .day_cents = 5000,
				       .webhook = "https://shop.example/x"},
	       NULL);
	expect(house, WIRE_shop_item,
	       &(struct wire_shop_item){.name = "tea", .cents = 350, .way = "list"},
	       NULL);
	expect(house, WIRE_shop_item,
	       &(struct wire_shop_item){.name = "Tea", .cents = 400, .way = "webhook"},
	       NULL);
	expect(house, WIRE_skill_set, &skill, NULL);
	expect(house, WIRE_expose_set,
	       &(struct wire_expose_set){.entity = "fan.a", .room = "study", .on = 0},
	       NULL);
}

static const struct wire_message *take(struct house *house, enum wire_type type)
{
	const struct wire_message *message = desk_bench_take(house->alice);

	assert_non_null(message);
	assert_string_equal(wire_type_name(message->type), wire_type_name(type));
	return message;
}

static void expect_all(struct house *house)
{
	const struct wire_message *message;

	desk_bench_say(house->bench, house->alice, WIRE_day_get,
		       &(struct wire_day_get){.unused = 0});
	desk_bench_settle(house->bench);
	message = take(house, WIRE_place_set);
	assert_string_equal(message->place_set.name, "Oslo");
	/* A tenth of a degree is as much as anybody learns. */
	assert_int_equal(message->place_set.latitude, 5990);
	assert_int_equal(message->place_set.longitude, -1080);
	message = take(house, WIRE_shop_set);
	assert_string_equal(message->shop_set.webhook, "https://shop.example/x");
	assert_int_equal(message->shop_set.day_cents, 5000);
	message = take(house, WIRE_shop_item);
	assert_string_equal(message->shop_item.name, "Tea");
	assert_int_equal(message->shop_item.cents, 400);
	message = take(house, WIRE_skill_set);
	assert_string_equal(message->skill_set.hosts, "one.example two.example");
	assert_int_equal(message->skill_set.hash.bytes[0], 5);
	message = take(house, WIRE_expose_set);
	assert_string_equal(message->expose_set.room, "study");
	assert_int_equal(message->expose_set.on, 0);
	(void)take(house, WIRE_end);
}

static void what_is_set_stays(void **state)
{
	struct house house = make_house();

	(void)state;
	set_all(&house);
	expect_all(&house);
	desk_bench_restart(house.bench);
	house.alice = desk_bench_sign_in(house.bench, "alice");
	desk_bench_forget(house.alice);
	expect_all(&house);
	desk_bench_destroy(house.bench);
}

static void what_is_gone_is_gone(void **state)
{
	struct house house = make_house();

	(void)state;
	set_all(&house);
	expect(&house, WIRE_place_set, &(struct wire_place_set){.on = 0}, NULL);
	expect(&house, WIRE_shop_item,
	       &(struct wire_shop_item){.name = "TEA", .is_gone = 1}, NULL);
	expect(&house, WIRE_shop_item,
	       &(struct wire_shop_item){.name = "tea", .is_gone = 1}, "UNKNOWN_ITEM");
	expect(&house, WIRE_skill_set,
	       &(struct wire_skill_set){.name = "jokes", .is_gone = 1}, NULL);
	expect(&house, WIRE_skill_set,
	       &(struct wire_skill_set){.name = "jokes", .is_gone = 1}, "UNKNOWN_SKILL");
	expect(&house, WIRE_expose_set,
	       &(struct wire_expose_set){.entity = "fan.a",
					 .room = "study",
					 .is_gone = 1},
	       NULL);
	desk_bench_say(house.bench, house.alice, WIRE_day_get,
		       &(struct wire_day_get){.unused = 0});
	assert_int_equal(take(&house, WIRE_place_set)->place_set.on, 0);
	(void)take(&house, WIRE_shop_set);
	(void)take(&house, WIRE_end);
	desk_bench_destroy(house.bench);
}

static void what_cannot_stand_is_refused(void **state)
{
	static const uint8_t hash[SKILL_HASH_BYTES] = {5};
	const struct wire_place_set places[] = {
		{.on = 1, .name = "", .latitude = 0},
		{.on = 1, .name = "x", .latitude = PLACE_LATITUDE_MAX + 1},
		{.on = 1, .name = "x", .latitude = INT64_MIN},
		{.on = 1, .name = "x", .longitude = PLACE_LONGITUDE_MAX + 1},
	};
	const struct wire_shop_item items[] = {
		{.name = "", .cents = 1, .way = "list"},
		{.name = "x", .cents = 0, .way = "list"},
		{.name = "x", .cents = SHOP_CENTS_MAX + 1, .way = "list"},
		{.name = "x", .cents = UINT32_MAX, .way = "list"},
		{.name = "x", .cents = 1, .way = "shout"},
	};
	const struct wire_skill_set skills[] = {
		{.name = "x", .hash = {hash, 31}},
		{.name = " ", .hash = {hash, 32}},
		{.name = "x", .hash = {hash, 32}, .hosts = "a b c d e"},
		{.name = "x", .hash = {hash, 32}, .hosts = "a  b"},
	};
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(places); i++)
		expect(&house, WIRE_place_set, &places[i], "OUT_OF_RANGE");
	for (size_t i = 0; i < STR_COUNT(items); i++)
		expect(&house, WIRE_shop_item, &items[i], "OUT_OF_RANGE");
	for (size_t i = 0; i < STR_COUNT(skills); i++)
		expect(&house, WIRE_skill_set, &skills[i], "OUT_OF_RANGE");
	expect(&house, WIRE_shop_set, &(struct wire_shop_set){.currency = "EURO"},
	       "OUT_OF_RANGE");
	expect(&house, WIRE_shop_set, &(struct wire_shop_set){.day_cents = UINT32_MAX},
	       "OUT_OF_RANGE");
	expect(&house, WIRE_spend_set, &(struct wire_spend_set){.person = {{9}}},
	       "UNKNOWN_PERSON");
	expect(&house, WIRE_expose_set, &(struct wire_expose_set){.entity = ""},
	       "UNKNOWN_ENTITY");
	expect(&house, WIRE_expose_set,
	       &(struct wire_expose_set){.entity = "a", .room = "attic"}, "UNKNOWN_ROOM");
	desk_bench_destroy(house.bench);
}

static void there_are_limits(void **state)
{
	static const uint8_t hash[SKILL_HASH_BYTES] = {5};
	struct house house = make_house();
	struct wire_shop_item item = {.cents = 1, .way = "list"};
	struct wire_skill_set skill = {.hash = {hash, sizeof(hash)}};
	struct wire_expose_set exposed = {.on = 1};

	(void)state;
	for (int i = 0; i <= SHOP_ITEMS_MAX; i++) {
		assert_true(str_format(item.name, sizeof(item.name), "thing %d", i));
		expect(&house, WIRE_shop_item, &item,
		       i < SHOP_ITEMS_MAX ? NULL : "ITEM_LIMIT");
	}
	for (int i = 0; i <= SKILLS_MAX; i++) {
		assert_true(str_format(skill.name, sizeof(skill.name), "skill%d", i));
		expect(&house, WIRE_skill_set, &skill,
		       i < SKILLS_MAX ? NULL : "SKILL_LIMIT");
	}
	for (int i = 0; i <= EXPOSURES_MAX; i++) {
		assert_true(
			str_format(exposed.entity, sizeof(exposed.entity), "fan.%d", i));
		expect(&house, WIRE_expose_set, &exposed,
		       i < EXPOSURES_MAX ? NULL : "OUT_OF_RANGE");
	}
	desk_bench_destroy(house.bench);
}

/* With a person's own limit, which goes with the person's row. */
static void a_person_has_a_limit(void **state)
{
	struct house house = make_house();
	struct wire_spend_set spend = {.day_cents = 700};
	const struct wire_message *message;

	(void)state;
	desk_bench_say(house.bench, house.alice, WIRE_people_get,
		       &(struct wire_people_get){.unused = 0});
	message = take(&house, WIRE_person);
	memcpy(spend.person.bytes, message->person.id.bytes, ID_BYTES);
	desk_bench_forget(house.alice);
	expect(&house, WIRE_spend_set, &spend, NULL);
	spend.day_cents = 800;
	expect(&house, WIRE_spend_set, &spend, NULL);
	desk_bench_say(house.bench, house.alice, WIRE_day_get,
		       &(struct wire_day_get){.unused = 0});
	(void)take(&house, WIRE_place_set);
	(void)take(&house, WIRE_shop_set);
	assert_int_equal(take(&house, WIRE_spend_set)->spend_set.day_cents, 800);
	(void)take(&house, WIRE_end);
	spend.is_gone = 1;
	expect(&house, WIRE_spend_set, &spend, NULL);
	desk_bench_destroy(house.bench);
}

static void the_hub_knows_all_but_where_orders_go(void **state)
{
	struct house house = make_house();
	const struct wire_message *message;
	const struct day_policy *day;

	(void)state;
	set_all(&house);
	desk_bench_forget(house.hub);
	desk_bench_say(house.bench, house.hub, WIRE_policy_get,
		       &(struct wire_policy_get){.unused = 0});
	message = desk_bench_take(house.hub);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_policy);
	day = &message->policy.policy.day;
	assert_true(day->place.is_set);
	assert_string_equal(day->shop.items[0].name, "Tea");
	assert_string_equal(day->shop.webhook, "");
	assert_string_equal(day->skills[0].name, "jokes");
	assert_int_equal(day->exposure_count, 1);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_stays),
		cmocka_unit_test(what_is_gone_is_gone),
		cmocka_unit_test(what_cannot_stand_is_refused),
		cmocka_unit_test(there_are_limits),
		cmocka_unit_test(a_person_has_a_limit),
		cmocka_unit_test(the_hub_knows_all_but_where_orders_go),
	};
	return cmocka_run_group_tests_name("desk_day", tests, NULL, NULL);
}
