/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper and what is bought, and the weather's place: nothing is asked for, approved or
 * ordered that is not of the owner's catalogue at its price and within every limit, whatever
 * the hub says; what was spent is counted over restarts.
 */
#include "cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/forecast.h"
#include "domain/proposal.h"
#include "fake/desk_house.h"

enum { TURN = 77, HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000 };

#define HEARD "order dishwasher tablets"

/* --- a shop ----------------------------------------------------------------------------- */

static void change(struct house *house, enum wire_type type, const void *fields,
		   const char *refusal)
{
	assert_string_equal(desk_bench_change(house->bench, house->alice, type, fields),
			    refusal);
}

static struct wire_shop_set shop_set(void)
{
	return (struct wire_shop_set){.on = 1,
				      .currency = "EUR",
				      .order_cents = 2000,
				      .day_cents = 5000,
				      .webhook = "https://shop.example/orders",
				      .mail = "shop@example.org"};
}

static void add_item(struct house *house, const char *name, uint32_t cents,
		     const char *way)
{
	struct wire_shop_item item = {.cents = cents};

	assert_true(str_copy(item.name, sizeof(item.name), name));
	assert_true(str_copy(item.way, sizeof(item.way), way));
	change(house, WIRE_shop_item, &item, "");
}

static struct house make_shop(struct phone *phone)
{
	struct house house = house_make();
	const struct wire_shop_set set = shop_set();

	change(&house, WIRE_shop_set, &set, "");
	add_item(&house, "Dishwasher tablets", 599, "webhook");
	add_item(&house, "Coffee", 1900, "mail");
	add_item(&house, "Dollhouse", 17000, "webhook");
	add_item(&house, "Bread", 300, "list");
	house_pair_phone(&house, 1, house.alice_id.bytes, phone);
	house_forget(house.hub);
	return house;
}

static struct action order_of(const char *item, int64_t cents, const char *way)
{
	struct action action = {.kind = ACTION_ORDER, .room = "kitchen", .cents = cents};

	assert_true(str_copy(action.item, sizeof(action.item), item));
	assert_true(str_copy(action.mode, sizeof(action.mode), way));
	return action;
}

static struct action tablets(void)
{
	return order_of("Dishwasher tablets", 599, "webhook");
}

static struct proposal_id ask(struct house *house, const struct action *action,
			      const char *expected)
{
	struct proposal_id id;
	char reason[32];

	house_propose(house, action, TURN, &id, reason);
	assert_string_equal(reason, expected);
	return id;
}

static const struct wire_order_card *card_of(struct phone *phone)
{
	return &house_expect(phone->link, WIRE_order_card)->order_card;
}

/* The card, and then the notice. */
static void expect_notice(struct phone *phone, const char *state)
{
	(void)card_of(phone);
	house_expect_state(phone->link, state);
}

static void tap(struct house *house, struct phone *phone, struct proposal_id id,
		const struct action *action)
{
	house_say_verdict(house, phone,
			  &(struct verdict){id, id, *action, APPROVAL_APPROVE,
					    APPROVAL_APPROVE});
}

static void carried(struct house *house, struct proposal_id id, enum err err)
{
	struct wire_carried told = {.err = (uint32_t)err};

	memcpy(told.id.bytes, id.bytes, ID_BYTES);
	house_say(house, house->gate, WIRE_carried, &told);
}

/* Asked for, tapped, carried out; nothing of it is left unread. */
static void buy(struct house *house, struct phone *phone, const struct action *action)
{
	const struct proposal_id id = ask(house, action, "NEEDS_TAP");

	tap(house, phone, id, action);
	carried(house, id, OK);
	house_forget(house->hub);
	house_forget(house->gate);
	house_forget(phone->link);
}

/* --- tests ------------------------------------------------------------------------------ */

static void a_tap_orders_once_where_the_owner_said(void **state)
{
	const struct action action = tablets();
	struct phone phone;
	struct house house = make_shop(&phone);
	const struct wire_heard heard = {.turn = TURN, .words = HEARD};
	const struct wire_order_card *card;
	const struct wire_message *order;
	struct proposal_id id;

	(void)state;
	house_say(&house, house.hub, WIRE_heard, &heard);
	id = ask(&house, &action, "NEEDS_TAP");
	card = card_of(&phone);
	assert_memory_equal(card->id.bytes, id.bytes, ID_BYTES);
	assert_string_equal(card->heard, HEARD);
	assert_string_equal(card->currency, "EUR");
	assert_int_equal(card->order_cents, 2000);
	assert_int_equal(card->day_left_cents, 5000);
	assert_int_equal(card->person_left_cents, 5000);
	house_expect_state(phone.link, "asked");
	house_expect_no_order(&house);
	tap(&house, &phone, id, &action);
	(void)house_expect(phone.link, WIRE_done);
	expect_notice(&phone, "ordered");
	order = house_expect(house.gate, WIRE_order);
	assert_string_equal(order->order.address, "https://shop.example/orders");
	assert_string_equal(order->order.name, "EUR");
	carried(&house, id, OK);
	assert_int_equal(card_of(&phone)->day_left_cents, 5000 - 599);
	house_expect_state(phone.link, "bought");
	tap(&house, &phone, id, &action);
	house_expect_refused(phone.link, "TOO_LATE");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

/* Whatever the hub makes of what it heard. */
static void the_hub_is_not_believed(void **state)
{
	const struct {
		struct action action;
		const char *reason;
	} rows[] = {
		{order_of("Dishwasher tablets", 598, "webhook"), "OUT_OF_RANGE"},
		{order_of("Dishwasher tablets", 0, "webhook"), "OUT_OF_RANGE"},
		{order_of("Dishwasher tablets", -599, "webhook"), "OUT_OF_RANGE"},
		{order_of("Dishwasher tablets", INT64_MAX, "webhook"), "OUT_OF_RANGE"},
		{order_of("Dishwasher tablets", 599, "mail"), "OUT_OF_RANGE"},
		{order_of("dishwasher tablets", 599, "webhook"), "OUT_OF_RANGE"},
		{order_of("Diamonds", 599, "webhook"), "NOT_FOR_SALE"},
		{order_of("", 599, "webhook"), "NOT_FOR_SALE"},
		{order_of("Dollhouse", 17000, "webhook"), "TOO_DEAR"},
		{order_of("Bread", 300, "list"), "NO_WAY"},
	};
	struct phone phone;
	struct house house = make_shop(&phone);

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		(void)ask(&house, &rows[i].action, rows[i].reason);
	assert_int_equal(desk_bench_waiting(phone.link), 0);
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void off_is_off(void **state)
{
	const struct action action = tablets();
	struct wire_shop_set set = shop_set();
	struct phone phone;
	struct house house = make_shop(&phone);
	struct proposal_id id = ask(&house, &action, "NEEDS_TAP");

	(void)state;
	set.on = 0;
	change(&house, WIRE_shop_set, &set, "");
	house_forget(phone.link);
	tap(&house, &phone, id, &action);
	house_expect_refused(phone.link, "SHOP_OFF");
	house_forget(house.hub);
	(void)ask(&house, &action, "SHOP_OFF");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

/* Between asking and tapping the owner thinks better of it. */
static void what_changed_meanwhile_counts(void **state)
{
	static const struct {
		uint32_t cents;
		uint32_t order_cents;
		const char *webhook;
		const char *refusal;
	} rows[] = {
		{700, 2000, "https://shop.example/orders", "NOT_FOR_SALE"},
		{599, 500, "https://shop.example/orders", "TOO_DEAR"},
		{599, 2000, "", "NO_WAY"},
	};
	const struct action action = tablets();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct phone phone;
		struct house house = make_shop(&phone);
		struct wire_shop_set set = shop_set();
		const struct proposal_id id = ask(&house, &action, "NEEDS_TAP");

		set.order_cents = rows[i].order_cents;
		assert_true(str_copy(set.webhook, sizeof(set.webhook), rows[i].webhook));
		change(&house, WIRE_shop_set, &set, "");
		add_item(&house, "Dishwasher tablets", rows[i].cents, "webhook");
		house_forget(phone.link);
		tap(&house, &phone, id, &action);
		house_expect_refused(phone.link, rows[i].refusal);
		house_expect_no_order(&house);
		desk_bench_destroy(house.bench);
	}
}

static void three_an_hour(void **state)
{
	const struct action action = tablets();
	struct phone phone;
	struct house house = make_shop(&phone);

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		(void)ask(&house, &action, i < 3 ? "NEEDS_TAP" : "TOO_MANY");
		house_forget(house.hub);
	}
	desk_bench_destroy(house.bench);
}

/* The day's limit is 50; what was spent is there after a restart, too. */
static void a_day_has_a_limit(void **state)
{
	const struct action coffee = order_of("Coffee", 1900, "mail");
	const struct action cheap = tablets();
	struct phone phone;
	struct house house = make_shop(&phone);

	(void)state;
	buy(&house, &phone, &coffee);
	buy(&house, &phone, &coffee); /* 38 */
	(void)ask(&house, &coffee, "SPENT");
	house_pass(&house, HOUR_MS + MINUTE_MS);
	desk_bench_restart(house.bench);
	house_open_links(&house);
	house_come_back(&house, &phone);
	house_forget(house.hub);
	house_forget(phone.link);
	(void)ask(&house, &coffee, "SPENT");
	buy(&house, &phone, &cheap); /* 43.99 */
	buy(&house, &phone, &cheap); /* 49.98 */
	(void)ask(&house, &cheap, "SPENT");
	for (unsigned i = 0; i < 25; i++)
		house_pass(&house, HOUR_MS);
	house_come_back(&house, &phone);
	house_forget(house.hub);
	buy(&house, &phone, &coffee);
	desk_bench_destroy(house.bench);
}

/* Two that wait are within the limit each, and not together. */
static void who_taps_second_may_not(void **state)
{
	const struct action coffee = order_of("Coffee", 1900, "mail");
	struct phone phone;
	struct house house = make_shop(&phone);
	struct wire_shop_set set = shop_set();
	struct proposal_id first;
	struct proposal_id second;

	(void)state;
	set.day_cents = 2000;
	change(&house, WIRE_shop_set, &set, "");
	house_forget(house.hub);
	first = ask(&house, &coffee, "NEEDS_TAP");
	second = ask(&house, &coffee, "NEEDS_TAP");
	house_forget(phone.link);
	tap(&house, &phone, first, &coffee);
	house_forget(phone.link);
	tap(&house, &phone, second, &coffee);
	house_expect_refused(phone.link, "SPENT");
	desk_bench_destroy(house.bench);
}

static void each_spends_their_own(void **state)
{
	const struct action action = tablets();
	uint8_t bob[ID_BYTES];
	uint8_t mia[ID_BYTES];
	struct phone phone;
	struct phone bobs;
	struct phone mias;
	struct house house = make_shop(&phone);
	struct wire_spend_set spend = {.day_cents = 600};
	struct proposal_id id;

	(void)state;
	house_add_person(&house, "Bob", "adult", MAY_ALL, bob);
	house_add_person(&house, "Mia", "child", 0, mia);
	house_pair_phone(&house, 2, bob, &bobs);
	house_pair_phone(&house, 3, mia, &mias);
	house_forget(house.hub);
	id = ask(&house, &action, "NEEDS_TAP");
	house_forget(phone.link);
	house_forget(bobs.link);
	house_forget(mias.link);
	tap(&house, &mias, id, &action); /* a child may not buy at all */
	house_expect_refused(mias.link, "MAY_NOT_APPROVE");
	tap(&house, &bobs, id, &action); /* and Bob has nothing of his own */
	house_expect_refused(bobs.link, "SPENT_PERSON");
	memcpy(spend.person.bytes, bob, ID_BYTES);
	change(&house, WIRE_spend_set, &spend, "");
	house_forget(bobs.link);
	tap(&house, &bobs, id, &action);
	(void)house_expect(bobs.link, WIRE_done);
	carried(&house, id, OK);
	house_forget(house.hub);
	house_forget(bobs.link);
	id = ask(&house, &action, "NEEDS_TAP");
	assert_int_equal(card_of(&bobs)->person_left_cents, 1);
	house_forget(bobs.link);
	tap(&house, &bobs, id, &action);
	house_expect_refused(bobs.link, "SPENT_PERSON");
	house_forget(phone.link);
	tap(&house, &phone, id, &action); /* the owner may */
	(void)house_expect(phone.link, WIRE_done);
	desk_bench_destroy(house.bench);
}

/* What nobody knows counts as spent; what was not taken does not. */
static void what_may_have_been_bought_counts(void **state)
{
	static const struct {
		enum err err;
		const char *state;
		uint32_t left;
	} rows[] = {
		{ERR_EXISTS, "unsure", 5000 - 599},
		{ERR_DENIED, "failed", 5000},
		{ERR_UNSUPPORTED, "failed", 5000},
	};
	const struct action action = tablets();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct phone phone;
		struct house house = make_shop(&phone);
		const struct proposal_id id = ask(&house, &action, "NEEDS_TAP");

		tap(&house, &phone, id, &action);
		house_forget(phone.link);
		carried(&house, id, rows[i].err);
		assert_int_equal(card_of(&phone)->day_left_cents, rows[i].left);
		house_expect_state(phone.link, rows[i].state);
		desk_bench_destroy(house.bench);
	}
}

/* The gate is only asked what it knows: no such order is begun, whenever it arrives. */
static void expect_question(struct house *house, struct proposal_id id)
{
	const struct wire_order *order = &house_expect(house->gate, WIRE_order)->order;

	assert_memory_equal(order->id.bytes, id.bytes, ID_BYTES);
	assert_int_equal(order->until_ms, 0);
}

static struct house make_tapped(struct phone *phone, struct proposal_id *out_id)
{
	const struct action action = tablets();
	struct house house = make_shop(phone);

	*out_id = ask(&house, &action, "NEEDS_TAP");
	tap(&house, phone, *out_id, &action);
	house_forget(phone->link);
	return house;
}

/* As the card of the next order says. */
static void expect_day_left(struct house *house, struct phone *phone, uint32_t cents)
{
	const struct action action = tablets();

	house_come_back(house, phone);
	house_forget(house->hub);
	house_forget(phone->link);
	(void)ask(house, &action, "NEEDS_TAP");
	assert_int_equal(card_of(phone)->day_left_cents, cents);
}

/* The gate never answers, or the keeper dies meanwhile: never ordered again. */
static void an_order_is_told_once(void **state)
{
	struct phone phone;
	struct proposal_id id;
	struct house house = make_tapped(&phone, &id);

	(void)state;
	assert_true(house_expect(house.gate, WIRE_order)->order.until_ms > 0);
	desk_bench_restart(house.bench);
	house_open_links(&house);
	house_come_back(&house, &phone);
	expect_question(&house, id);
	for (unsigned i = 0; i < 10; i++)
		house_pass(&house, MINUTE_MS);
	while (desk_bench_waiting(house.gate) > 0)
		expect_question(&house, id);
	carried(&house, id, ERR_TIMEOUT); /* it knows of none: that is no proof */
	expect_day_left(&house, &phone, 5000 - 599);
	desk_bench_destroy(house.bench);
}

/* The keeper dies while the gate hands it over: what became of it is written down after all. */
static void the_gate_is_asked_what_became_of_it(void **state)
{
	static const struct {
		enum err err;
		const char *state; /* NULL: it stays unsure */
		uint32_t left;
	} rows[] = {
		{OK, "bought", 5000 - 599},
		{ERR_DENIED, "failed", 5000},
		{ERR_EXISTS, NULL, 5000 - 599},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct phone phone;
		struct proposal_id id;
		struct house house = make_tapped(&phone, &id);

		desk_bench_restart(house.bench);
		house_open_links(&house);
		house_come_back(&house, &phone);
		house_forget(phone.link);
		expect_question(&house, id);
		carried(&house, id, rows[i].err);
		if (rows[i].state) {
			(void)card_of(&phone);
			house_expect_state(phone.link, rows[i].state);
		}
		assert_int_equal(desk_bench_waiting(phone.link), 0);
		expect_day_left(&house, &phone, rows[i].left);
		desk_bench_destroy(house.bench);
	}
}

/* It was tapped while the gate was away, for a moment, or for too long. */
static void an_order_waits_for_the_gate(void **state)
{
	static const int64_t away_ms[] = {MINUTE_MS, PROPOSAL_PURCHASE_MS + MINUTE_MS};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(away_ms); i++) {
		const struct action action = tablets();
		struct phone phone;
		struct house house = make_shop(&phone);
		const struct proposal_id id = ask(&house, &action, "NEEDS_TAP");

		desk_bench_unlink(house.bench, house.gate);
		tap(&house, &phone, id, &action);
		house_pass(&house, away_ms[i]);
		house.gate = desk_bench_link(house.bench, DESK_GATE);
		if (i == 0)
			assert_true(house_expect(house.gate, WIRE_order)->order.until_ms >
				    0);
		else
			expect_question(&house, id);
		house_expect_no_order(&house);
		desk_bench_destroy(house.bench);
	}
}

/* The gate is away when an owner shuts the shop: nothing leaves any more. */
static void a_shop_that_was_shut_orders_nothing(void **state)
{
	const struct action action = tablets();
	struct phone phone;
	struct house house = make_shop(&phone);
	struct wire_shop_set set = shop_set();
	const struct proposal_id id = ask(&house, &action, "NEEDS_TAP");

	(void)state;
	desk_bench_unlink(house.bench, house.gate);
	tap(&house, &phone, id, &action);
	set.on = 0;
	change(&house, WIRE_shop_set, &set, "");
	house.gate = desk_bench_link(house.bench, DESK_GATE);
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void a_room_may_be_without(void **state)
{
	const struct action action = tablets();
	struct phone phone;
	struct house house = make_shop(&phone);

	(void)state;
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities =
						      MAY_ALL & ~(unsigned)MAY_BUY});
	house_forget(house.hub);
	(void)ask(&house, &action, "CAPABILITY_OFF");
	desk_bench_destroy(house.bench);
}

/* A price that is none is no item. */
static void a_catalogue_has_prices(void **state)
{
	static const uint32_t prices[] = {0, SHOP_CENTS_MAX + 1, UINT32_MAX};
	struct phone phone;
	struct house house = make_shop(&phone);

	(void)state;
	for (size_t i = 0; i < STR_COUNT(prices); i++) {
		const struct wire_shop_item item = {.name = "Tea",
						    .way = "mail",
						    .cents = prices[i]};

		change(&house, WIRE_shop_item, &item, "OUT_OF_RANGE");
	}
	desk_bench_destroy(house.bench);
}

/* --- the place -------------------------------------------------------------------------- */

static struct wire_forecast forecast_of(int32_t latitude_deci,
					uint8_t bytes[FORECAST_BYTES_MAX])
{
	const struct forecast forecast = {.latitude_deci = latitude_deci,
					  .longitude_deci = latitude_deci ? 134 : 0,
					  .day_count = 1};
	const size_t size = forecast_bytes(&forecast, bytes);

	return (struct wire_forecast){.bytes = {bytes, size}};
}

static void the_hub_has_the_weather_of_the_place_alone(void **state)
{
	struct house house = house_make();
	const struct wire_place_set home = {.on = 1,
					    .name = "Home",
					    .latitude = 5254,
					    .longitude = 1341};
	const struct wire_place_set off = {.on = 0};
	const struct wire_weather_place *place;
	uint8_t bytes[FORECAST_BYTES_MAX];
	struct wire_forecast told = forecast_of(525, bytes);

	(void)state;
	house.bench->hears_weather = true;
	house_say(&house, house.gate, WIRE_forecast, &told); /* of no place */
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	told = forecast_of(0, bytes); /* which is not that one either */
	house_say(&house, house.gate, WIRE_forecast, &told);
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	told = forecast_of(525, bytes);
	change(&house, WIRE_place_set, &home, "");
	place = &house_expect(house.gate, WIRE_weather_place)->weather_place;
	assert_int_equal(place->is_set, 1);
	assert_int_equal(place->latitude_deci, 525);
	assert_int_equal(place->longitude_deci, 134);
	house_forget(house.hub);
	house_say(&house, house.gate, WIRE_forecast, &told);
	assert_int_equal(house_expect(house.hub, WIRE_forecast)->forecast.bytes.size,
			 told.bytes.size);
	told = forecast_of(526, bytes); /* of another one */
	house_say(&house, house.gate, WIRE_forecast, &told);
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	told.bytes.size--;
	house_say(&house, house.gate, WIRE_forecast, &told); /* of nothing */
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	change(&house, WIRE_place_set, &off, "");
	assert_int_equal(
		house_expect(house.gate, WIRE_weather_place)->weather_place.is_set, 0);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tap_orders_once_where_the_owner_said),
		cmocka_unit_test(the_hub_is_not_believed),
		cmocka_unit_test(off_is_off),
		cmocka_unit_test(what_changed_meanwhile_counts),
		cmocka_unit_test(three_an_hour),
		cmocka_unit_test(a_day_has_a_limit),
		cmocka_unit_test(who_taps_second_may_not),
		cmocka_unit_test(each_spends_their_own),
		cmocka_unit_test(what_may_have_been_bought_counts),
		cmocka_unit_test(an_order_is_told_once),
		cmocka_unit_test(the_gate_is_asked_what_became_of_it),
		cmocka_unit_test(an_order_waits_for_the_gate),
		cmocka_unit_test(a_shop_that_was_shut_orders_nothing),
		cmocka_unit_test(a_room_may_be_without),
		cmocka_unit_test(a_catalogue_has_prices),
		cmocka_unit_test(the_hub_has_the_weather_of_the_place_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
