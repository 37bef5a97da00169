/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_history - an owner is shown exactly the turns that were asked for and are
 * theirs to see: against a plain list of what happened, for many questions.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/erasure.h"
#include "fake/desk_bench.h"

enum {
	SEED = 5,
	TURNS = 300,
	QUESTIONS = 400,
	SAMPLES = 320,
	TURN_SHIFT = 16,
	LASTS_MS = 240000,
};

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;

/* alice's, nobody's and bob's */
static const char *const ROOMS[] = {"kitchen", "hall", "attic"};
static const char *const WORDS[] = {"turn on the light", "what time is it",
				    "turn off the heating", "tell me the time"};
static const char *const DECISIONS[] = {"act", "refuse"};
static const char *const ACTIONS[] = {"light.on", "time.tell"};
static const char *const REASONS[] = {"NONE", "NO_DEVICE"};

struct happened {
	uint64_t turn;
	size_t room;
	size_t words;
	size_t decision;
	size_t action;
	size_t reason;
	bool is_wake_only;
	bool is_kept;
	bool is_over;
	int64_t over_ms;
	int64_t deleted_ms; /* 0: it was not */
};

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *owners[2]; /* alice, bob */
	struct rand_fake dice;
	size_t count;
	struct happened turns[TURNS];
	size_t open_count;
	size_t open[TURNS]; /* those that are not over */
};

static const char *const NAMES[] = {"alice", "bob"};

static size_t below(struct house *house, uint32_t limit)
{
	return rand_fake_below(&house->dice, limit);
}

static struct house *make_house(void)
{
	static struct house house;
	const struct wire_room_set hall = {.room = "hall", .capabilities = MAY_ALL};

	memset(&house, 0, sizeof(house));
	(void)rand_fake_init(&house.dice, SEED);
	house.bench = desk_bench_create(SEED);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	for (size_t i = 0; i < 2; i++)
		house.owners[i] = desk_bench_add_owner(house.bench, house.owners[0],
						       NAMES[i], ROOMS[2 * i]);
	assert_string_equal(desk_bench_change(house.bench, house.owners[0], WIRE_room_set,
					      &hall),
			    "");
	desk_bench_forget(house.hub);
	return &house;
}

static void append(struct house *house, const struct happened *turn, bool is_decision)
{
	struct wire_append say = {.token = 1};

	event_init(&say.event, is_decision ? EVENT_DECIDED : EVENT_WAKE,
		   (struct turn_id){turn->turn}, ROOMS[turn->room],
		   house->bench->clock.wall_ms);
	if (is_decision) {
		event_add(&say.event, "decision", DECISIONS[turn->decision]);
		event_add(&say.event, "action", ACTIONS[turn->action]);
		event_add(&say.event, "reason", REASONS[turn->reason]);
	}
	desk_bench_say(house->bench, house->hub, WIRE_append, &say);
}

/* --- what happens ----------------------------------------------------------------------- */

static void begin_turn(struct house *house)
{
	struct happened *turn = &house->turns[house->count];

	turn->turn = (uint64_t)house->bench->clock.wall_ms << TURN_SHIFT | house->count;
	turn->room = below(house, 3);
	turn->words = below(house, STR_COUNT(WORDS));
	turn->decision = below(house, 2);
	turn->action = below(house, 2);
	turn->reason = below(house, 2);
	turn->is_wake_only = below(house, 5) == 0;
	turn->is_kept = !turn->is_wake_only && turn->room != 1 && below(house, 2);
	append(house, turn, false);
	house->open[house->open_count++] = house->count++;
}

/* One of those that are open: none lasts longer than a few minutes. */
static size_t which_ends(struct house *house)
{
	for (size_t i = 0; i < house->open_count; i++) {
		const uint64_t turn = house->turns[house->open[i]].turn;

		if (house->bench->clock.wall_ms - (int64_t)(turn >> TURN_SHIFT) >
		    LASTS_MS)
			return i;
	}
	return below(house, (uint32_t)house->open_count);
}

static void end_turn(struct house *house)
{
	static const int16_t sound[SAMPLES];
	const size_t at = which_ends(house);
	struct happened *turn = &house->turns[house->open[at]];

	turn->is_over = true;
	turn->over_ms = house->bench->clock.wall_ms;
	house->open[at] = house->open[--house->open_count];
	if (turn->is_wake_only)
		return;
	append(house, turn, true);
	if (turn->is_kept)
		desk_bench_seal(house->bench, house->hub, 2, turn->turn,
				ROOMS[turn->room], WORDS[turn->words], sound, SAMPLES);
}

static void sign_in(struct house *house)
{
	for (size_t i = 0; i < 2; i++)
		assert_true(desk_bench_unlock(house->bench, house->owners[i], NAMES[i],
					      PASSPHRASE));
}

static void say(struct house *house, enum wire_type type, const void *fields)
{
	desk_bench_say(house->bench, house->owners[0], type, fields);
	desk_bench_settle(house->bench);
}

/* Of what alice has by now, what is of that time, or all of it at once. */
static void delete_hers(struct house *house, int64_t from_ms, bool is_all)
{
	static const struct wire_erase_all all;
	const struct wire_erase_ask ask = {.what = ERASURE_RANGE,
					   .from_ms = from_ms,
					   .to_ms = INT64_MAX};
	struct wire_erase_do doing = {.count = 0};
	const struct wire_message *message;

	sign_in(house);
	desk_bench_forget(house->owners[0]);
	if (is_all) {
		say(house, WIRE_erase_all, &all);
	} else {
		say(house, WIRE_erase_ask, &ask);
		message = desk_bench_take(house->owners[0]);
		assert_non_null(message);
		assert_int_equal(message->type, WIRE_erase_found);
		doing.count = message->erase_found.count;
		assert_true(doing.count > 0);
		say(house, WIRE_erase_do, &doing);
	}
	for (size_t i = 0; i < house->count; i++) {
		struct happened *turn = &house->turns[i];

		if (turn->is_over && turn->is_kept && turn->room == 0 &&
		    (is_all || turn->over_ms >= from_ms) && turn->deleted_ms == 0)
			turn->deleted_ms = house->bench->clock.wall_ms;
	}
	desk_bench_forget(house->owners[0]);
}

/* Turns begin and end as the dice fall, one in the middle of another; now and then some are
 * deleted, where that is wanted. */
static struct house *make_past_with(bool has_deletions)
{
	struct house *house = make_house();
	size_t deletions = has_deletions ? 0 : SIZE_MAX;

	while (house->count < TURNS || house->open_count > 0) {
		if (house->count < TURNS && (house->open_count == 0 ||
					     (house->open_count < 4 && below(house, 2))))
			begin_turn(house);
		else
			end_turn(house);
		clock_fake_pass(&house->bench->clock,
				1 + (int64_t)below(house, below(house, 4) ? 900 : 60000));
		desk_bench_settle(house->bench);
		desk_bench_forget(house->hub);
		if (deletions < 5 && house->count > (deletions + 1) * (TURNS / 6)) {
			delete_hers(house,
				    house->bench->clock.wall_ms - 20 * (int64_t)60000,
				    deletions % 2 == 1);
			deletions++;
		}
	}
	sign_in(house);
	return house;
}

static struct house *make_past(void)
{
	return make_past_with(false);
}

/* --- the plain list --------------------------------------------------------------------- */

static bool begins_word(const char *text, const char *begin)
{
	const size_t size = strlen(begin);

	for (const char *at = text; at; at = strchr(at, ' ')) {
		at += at != text;
		if (strncmp(at, begin, size) == 0)
			return true;
	}
	return false;
}

static bool fits(const struct happened *turn, size_t owner,
		 const struct wire_history_get *get)
{
	const int64_t at_ms = (int64_t)(turn->turn >> TURN_SHIFT);
	const char *outcome = get->outcome;
	const char *decision = turn->is_wake_only ? "" : DECISIONS[turn->decision];

	if (turn->room == 2 - 2 * owner) /* the other's */
		return false;
	if (at_ms < get->since_ms || at_ms >= get->before_ms)
		return false;
	if (get->room[0] && strcmp(get->room, ROOMS[turn->room]) != 0)
		return false;
	if (get->words[0] && (!turn->is_kept || turn->deleted_ms != 0 ||
			      !begins_word(WORDS[turn->words], get->words)))
		return false;
	if (get->person[0] && !(turn->is_kept && str_equal(get->person, NAMES[owner])))
		return false;
	if (!outcome[0])
		return true;
	if (str_equal(outcome, "kept"))
		return turn->is_kept;
	return !turn->is_wake_only && (str_equal(outcome, decision) ||
				       str_equal(outcome, ACTIONS[turn->action]) ||
				       str_equal(outcome, REASONS[turn->reason]));
}

/* --- asking ----------------------------------------------------------------------------- */

static void choose(struct house *house, const char *const *words, size_t count, char *to,
		   size_t size)
{
	if (below(house, 3) == 0)
		assert_true(str_copy(to, size, words[below(house, (uint32_t)count)]));
}

static struct wire_history_get question(struct house *house)
{
	static const char *const outcomes[] = {"act",       "refuse", "light.on", "NONE",
					       "NO_DEVICE", "kept",   "nothing"};
	static const char *const words[] = {"tu", "turn", "light", "t", "time", "ime"};
	static const char *const rooms[] = {"kitchen", "hall", "attic", "cellar"};
	const int64_t first_ms = (int64_t)(house->turns[0].turn >> TURN_SHIFT);
	const uint32_t span_ms = (uint32_t)(house->bench->clock.wall_ms - first_ms);
	struct wire_history_get get = {.before_ms = INT64_MAX,
				       .limit = 1 + (uint32_t)below(house, 100)};

	if (below(house, 2))
		get.since_ms = first_ms + (int64_t)below(house, span_ms);
	if (below(house, 2))
		get.before_ms = first_ms + (int64_t)below(house, span_ms);
	choose(house, rooms, STR_COUNT(rooms), get.room, sizeof(get.room));
	choose(house, outcomes, STR_COUNT(outcomes), get.outcome, sizeof(get.outcome));
	choose(house, words, STR_COUNT(words), get.words, sizeof(get.words));
	if (below(house, 6) == 0)
		choose(house, NAMES, 2, get.person, sizeof(get.person));
	return get;
}

static void expect_row(const struct wire_history_row *row, const struct happened *turn)
{
	assert_true(row->turn == turn->turn);
	assert_string_equal(row->room, ROOMS[turn->room]);
	assert_string_equal(row->transcript, turn->is_kept && turn->deleted_ms == 0
						     ? WORDS[turn->words]
						     : "");
	assert_true(row->deleted_ms == turn->deleted_ms);
	assert_string_equal(row->deleted_why,
			    turn->deleted_ms ? "its owner asked for it" : "");
	assert_int_equal(row->sound_ms, turn->is_kept ? SAMPLES / 16 : 0);
	assert_string_equal(row->by, turn->is_kept ? "room" : "");
	assert_int_equal(row->is_gone, 0);
}

static size_t expect_answer(struct house *house, size_t owner,
			    const struct wire_history_get *get)
{
	struct desk_bench_link *link = house->owners[owner];
	const struct wire_message *message;
	uint32_t count = 0;

	desk_bench_say(house->bench, link, WIRE_history_get, get);
	desk_bench_settle(house->bench);
	for (size_t i = house->count; i > 0 && count < get->limit; i--) {
		if (!fits(&house->turns[i - 1], owner, get))
			continue;
		message = desk_bench_take(link);
		assert_non_null(message);
		assert_int_equal(message->type, WIRE_history_row);
		expect_row(&message->history_row, &house->turns[i - 1]);
		count++;
	}
	message = desk_bench_take(link);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	assert_int_equal(desk_bench_waiting(link), 0);
	return count;
}

static void exactly_what_was_asked_for_is_shown(void **state)
{
	struct house *house = make_past();
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < QUESTIONS; i++) {
		const struct wire_history_get get = question(house);

		rows += expect_answer(house, i % 2, &get);
	}
	assert_true(rows > QUESTIONS); /* it was not all nothing */
	desk_bench_destroy(house->bench);
}

/* Also where it is begun to look back long before that. */
static void what_was_deleted_is_said_to_be(void **state)
{
	struct house *house = make_past_with(true);
	size_t deleted = 0;

	(void)state;
	for (size_t i = 0; i < QUESTIONS; i++) {
		const struct wire_history_get get = question(house);

		(void)expect_answer(house, i % 2, &get);
	}
	for (size_t i = 0; i < house->count; i++)
		deleted += house->turns[i].deleted_ms != 0;
	assert_true(deleted > TURNS / 10);
	desk_bench_destroy(house->bench);
}

/* Page by page, from the newest to the oldest, each turn once. */
static void pages_follow_one_another(void **state)
{
	struct house *house = make_past();
	struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 7};
	size_t count = 0;
	size_t all = 0;
	size_t page;

	(void)state;
	do {
		page = expect_answer(house, 0, &get);
		count += page;
		for (size_t i = 0, left = count; i < house->count && left > 0; i++) {
			const struct happened *turn = &house->turns[house->count - 1 - i];
			const struct wire_history_get any = {.before_ms = INT64_MAX};

			if (!fits(turn, 0, &any))
				continue;
			left--;
			get.before_ms = (int64_t)(turn->turn >> TURN_SHIFT);
		}
	} while (page == 7);
	for (size_t i = 0; i < house->count; i++)
		all += house->turns[i].room != 2;
	assert_int_equal(count, all);
	desk_bench_destroy(house->bench);
}

/* --- what does not open ----------------------------------------------------------------- */

/* A recording whose salt is not there any more says so; its row stays. */
static void what_is_gone_is_said(void **state)
{
	static const int16_t sound[SAMPLES];
	struct house *house = make_house();
	const uint64_t turn = (uint64_t)house->bench->clock.wall_ms << TURN_SHIFT;
	struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 5};
	const struct wire_message *message;
	struct record_id record;

	(void)state;
	desk_bench_seal(house->bench, house->hub, 2, turn, "kitchen", WORDS[0], sound,
			SAMPLES);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, 2, NULL, &record), OK);
	for (size_t i = store_fake_row_count(house->bench->rows); i > 0; i--)
		if (store_fake_row(house->bench->rows, i - 1, NULL)->key.space ==
		    STORE_SALT)
			store_fake_remove(house->bench->rows, i - 1);
	for (int i = 0; i < 2; i++) {
		desk_bench_say(house->bench, house->owners[0], WIRE_history_get, &get);
		desk_bench_settle(house->bench);
		if (i == 0) {
			message = desk_bench_take(house->owners[0]);
			assert_int_equal(message->type, WIRE_history_row);
			assert_int_equal(message->history_row.is_gone, 1);
			assert_string_equal(message->history_row.transcript, "");
		}
		message = desk_bench_take(house->owners[0]);
		assert_int_equal(message->type, WIRE_end);
		assert_true(str_copy(get.words, sizeof(get.words), "turn"));
	}
	desk_bench_destroy(house->bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_what_was_asked_for_is_shown),
		cmocka_unit_test(what_was_deleted_is_said_to_be),
		cmocka_unit_test(pages_follow_one_another),
		cmocka_unit_test(what_is_gone_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
