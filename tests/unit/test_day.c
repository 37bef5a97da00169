/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What owners decided about everyday things: found by name and room, there and back as
 * bytes, and no bytes that cannot stand.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/day.h"

static const struct person_id mia = {{1}};

static void add_exposure(struct day_policy *day, const char *entity, const char *room,
			 bool is_exposed)
{
	struct exposure_policy *row = &day->exposures[day->exposure_count++];

	assert_true(str_copy(row->entity, sizeof(row->entity), entity));
	assert_true(str_copy(row->room.text, sizeof(row->room.text), room));
	row->is_exposed = is_exposed;
}

/* One of each, and two where there is an order. */
static void fill(struct day_policy *day)
{
	day_init(day);
	day->place = (struct place_policy){true, "Oslo", 5990, 1075};
	day->shop = (struct shop_policy){
		.is_on = true,
		.currency = "EUR",
		.order_cents = 3000,
		.day_cents = 5000,
		.webhook = "https://shop.example/orders",
		.mail = "shop@example.org",
		.item_count = 2,
		.items = {{"Dishwasher tablets", 899, SHOP_WEBHOOK},
			  {"tea", 350, SHOP_LIST}},
	};
	day->spend_count = 1;
	day->spends[0] = (struct spend_policy){mia, 1000};
	day->skill_count = 1;
	day->skills[0] = (struct skill_policy){.name = "jokes",
					       .hash = {7},
					       .host_count = 1,
					       .hosts = {"jokes.example"}};
	add_exposure(day, "light.desk", "", false);
	add_exposure(day, "light.desk", "study", true);
}

static void things_are_found(void **state)
{
	static struct day_policy day;

	(void)state;
	fill(&day);
	assert_ptr_equal(shop_item_find(&day.shop, "dishwasher TABLETS"),
			 &day.shop.items[0]);
	assert_null(shop_item_find(&day.shop, "dollhouse"));
	assert_ptr_equal(day_skill(&day, "jokes"), &day.skills[0]);
	assert_null(day_skill(&day, "Jokes"));
	assert_int_equal(day_spend_cents(&day, mia, false), 1000);
	assert_int_equal(day_spend_cents(&day, (struct person_id){{2}}, false), 0);
	assert_int_equal(day_spend_cents(&day, (struct person_id){{2}}, true), 5000);
}

static void a_rooms_own_word_counts_first(void **state)
{
	static struct day_policy day;

	(void)state;
	fill(&day);
	assert_false(day_exposes(&day, "light.desk", "kitchen", true));
	assert_true(day_exposes(&day, "light.desk", "Study", false));
	assert_true(day_exposes(&day, "light.other", "study", true));
	assert_false(day_exposes(&day, "light.other", "study", false));
	/* Also where the row of the whole house stands behind the room's. */
	add_exposure(&day, "fan.a", "study", false);
	add_exposure(&day, "fan.a", "", true);
	assert_false(day_exposes(&day, "fan.a", "study", true));
	assert_true(day_exposes(&day, "fan.a", "hall", false));
}

static void ways_have_names(void **state)
{
	enum shop_way way;

	(void)state;
	for (size_t i = 0; i < SHOP_WAY_COUNT; i++) {
		assert_true(shop_way_from_text(shop_way_text((enum shop_way)i), &way));
		assert_int_equal(way, i);
	}
	assert_false(shop_way_from_text("telephone", &way));
}

static size_t pack_day(const struct day_policy *day, uint8_t to[DAY_BYTES_MAX])
{
	struct pack pack;

	pack_init(&pack, to, DAY_BYTES_MAX);
	day_pack(&pack, day);
	assert_true(pack_is_whole(&pack));
	return pack.size;
}

static bool unpack_day(const uint8_t *bytes, size_t size, struct day_policy *to)
{
	struct unpack unpack;

	unpack_init(&unpack, bytes, size);
	day_unpack(&unpack, to);
	return unpack_is_whole(&unpack);
}

static void bytes_are_read_back(void **state)
{
	static struct day_policy day;
	static struct day_policy back;
	static uint8_t bytes[DAY_BYTES_MAX];
	static uint8_t again[DAY_BYTES_MAX];

	(void)state;
	fill(&day);
	const size_t size = pack_day(&day, bytes);
	assert_true(unpack_day(bytes, size, &back));
	assert_int_equal(pack_day(&back, again), size);
	assert_memory_equal(bytes, again, size);
	assert_int_equal(back.place.latitude, 5990);
	assert_string_equal(back.shop.items[1].name, "tea");
	assert_string_equal(back.skills[0].hosts[0], "jokes.example");
	assert_true(back.exposures[1].is_exposed);
	day.place.latitude = -9000;
	day.place.longitude = -18000;
	assert_true(unpack_day(bytes, pack_day(&day, bytes), &back));
	assert_int_equal(back.place.latitude, -9000);
	assert_int_equal(back.place.longitude, -18000);
	for (size_t i = 0; i < size; i++)
		assert_false(unpack_day(bytes, i, &back));
}

static void the_largest_fits(void **state)
{
	static struct day_policy day;
	static uint8_t bytes[DAY_BYTES_MAX];

	(void)state;
	fill(&day);
	day.shop.item_count = SHOP_ITEMS_MAX;
	for (size_t i = 0; i < SHOP_ITEMS_MAX; i++) {
		day.shop.items[i].cents = 1;
		memset(day.shop.items[i].name, 'i', NAME_BYTES - 1);
		day.shop.items[i].name[0] = (char)('0' + i / 10);
		day.shop.items[i].name[1] = (char)('0' + i % 10);
	}
	day.skill_count = SKILLS_MAX;
	for (size_t i = 0; i < SKILLS_MAX; i++) {
		memset(day.skills[i].name, 's', SKILL_NAME_BYTES - 1);
		day.skills[i].name[0] = (char)('a' + i);
		day.skills[i].host_count = SKILL_HOSTS_MAX;
		for (size_t j = 0; j < SKILL_HOSTS_MAX; j++)
			memset(day.skills[i].hosts[j], 'h', SKILL_HOST_BYTES - 1);
	}
	day.exposure_count = EXPOSURES_MAX;
	for (size_t i = 0; i < EXPOSURES_MAX; i++) {
		memset(day.exposures[i].entity, 'e', EXPOSURE_ENTITY_BYTES - 1);
		memset(day.exposures[i].room.text, 'r', NAME_BYTES - 1);
	}
	assert_true(day_is_sound(&day));
	assert_true(unpack_day(bytes, pack_day(&day, bytes), &day));
}

/* --- what cannot stand ------------------------------------------------------------------ */

static void too_far_north(struct day_policy *day)
{
	day->place.latitude = PLACE_LATITUDE_MAX + 1;
}
static void too_far_west(struct day_policy *day)
{
	day->place.longitude = -PLACE_LONGITUDE_MAX - 1;
}
static void place_of_two_lines(struct day_policy *day)
{
	day->place.name[1] = '\n';
}
static void for_nothing(struct day_policy *day)
{
	day->shop.items[0].cents = 0;
}
static void for_a_fortune(struct day_policy *day)
{
	day->shop.items[0].cents = SHOP_CENTS_MAX + 1;
}
static void without_a_name(struct day_policy *day)
{
	day->shop.items[0].name[0] = '\0';
}
static void twice(struct day_policy *day)
{
	assert_true(str_copy(day->shop.items[1].name, NAME_BYTES, "dishwasher tablets"));
}
static void a_day_too_dear(struct day_policy *day)
{
	day->shop.day_cents = SHOP_CENTS_MAX + 1;
}
static void an_order_too_dear(struct day_policy *day)
{
	day->shop.order_cents = SHOP_CENTS_MAX + 1;
}
static void nobody_spends(struct day_policy *day)
{
	day->spends[0].person = (struct person_id){{0}};
}
static void spends_too_much(struct day_policy *day)
{
	day->spends[0].day_cents = SHOP_CENTS_MAX + 1;
}
static void skill_twice(struct day_policy *day)
{
	day->skills[day->skill_count++] = day->skills[0];
}
static void host_without_a_name(struct day_policy *day)
{
	day->skills[0].hosts[0][0] = '\0';
}
static void exposure_of_nothing(struct day_policy *day)
{
	day->exposures[0].entity[0] = '\0';
}
static void room_of_two_lines(struct day_policy *day)
{
	day->exposures[1].room.text[0] = '\r';
}

static void what_cannot_stand_is_not_read(void **state)
{
	static void (*const changes[])(struct day_policy * day) = {
		too_far_north,
		too_far_west,
		place_of_two_lines,
		for_nothing,
		for_a_fortune,
		without_a_name,
		twice,
		a_day_too_dear,
		nobody_spends,
		an_order_too_dear,
		skill_twice,
		spends_too_much,
		room_of_two_lines,
		host_without_a_name,
		exposure_of_nothing,
	};
	static struct day_policy day;
	static uint8_t bytes[DAY_BYTES_MAX];

	(void)state;
	fill(&day);
	assert_true(day_is_sound(&day));
	for (size_t i = 0; i < STR_COUNT(changes); i++) {
		fill(&day);
		changes[i](&day);
		if (day_is_sound(&day))
			fail_msg("change %zu stands", i);
		const size_t size = pack_day(&day, bytes);
		if (unpack_day(bytes, size, &day))
			fail_msg("change %zu is read", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_are_found),
		cmocka_unit_test(a_rooms_own_word_counts_first),
		cmocka_unit_test(ways_have_names),
		cmocka_unit_test(bytes_are_read_back),
		cmocka_unit_test(the_largest_fits),
		cmocka_unit_test(what_cannot_stand_is_not_read),
	};
	return cmocka_run_group_tests_name("day", tests, NULL, NULL);
}
