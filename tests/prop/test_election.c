/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_election - whatever the order, delays and losses: of the rooms that heard a request
 * exactly one answers, within the window, and it is the loudest of those known by then.
 * Prints its seed and takes $BEHEST_SEED.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "fake/rand_fake.h"
#include "listen/election.h"

enum {
	HISTORIES = 400,
	REQUESTS = 20,
	ROOMS = 8,
	APART_MS = 2000, /* between requests */
	SPREAD_MS = 250, /* between detectors */
	DELAY_MS = 900,  /* of the line, at most */
	STEP_MS = 5,     /* how often the hub looks */
	NEVER = 1 << 30,
};

struct room {
	bool hears;
	bool added;
	struct election_wake wake;
	int64_t arrives_ms;
	unsigned won;
	unsigned lost;
};

struct request {
	size_t listening;
	struct room rooms[ROOMS];
	int64_t first_ms;
	int64_t decided_ms;
	unsigned winners;
};

static struct rand_fake dice;

static void make_request(struct request *request, size_t listening, int64_t at_ms,
			 uint64_t turn)
{
	memset(request, 0, sizeof(*request));
	request->listening = listening;
	request->first_ms = NEVER;
	request->decided_ms = -1;
	for (size_t i = 0; i < listening; i++) {
		struct room *room = &request->rooms[i];

		room->hears = i == 0 || rand_fake_below(&dice, 3) > 0;
		room->wake.room = (uint32_t)i;
		room->wake.turn = turn + i;
		room->wake.level_db = rand_fake_below(&dice, 6); /* equals happen */
		room->wake.heard_ms = at_ms + rand_fake_below(&dice, SPREAD_MS);
		room->arrives_ms = room->wake.heard_ms +
				   rand_fake_below(&dice, rand_fake_below(&dice, 4)
								  ? ELECTION_WINDOW_MS
								  : DELAY_MS);
		if (room->hears && room->arrives_ms < request->first_ms)
			request->first_ms = room->arrives_ms;
	}
}

static void check_best(const struct request *request, const struct election_wake *winner)
{
	for (size_t i = 0; i < request->listening; i++) {
		const struct room *room = &request->rooms[i];

		if (room->added && room->lost == 0)
			assert_true(room->wake.level_db <= winner->level_db);
	}
}

static void decide(struct election *election, struct request *request, int64_t now_ms)
{
	struct election_wake winner;
	struct election_wake losers[ELECTION_ROOMS_MAX];
	size_t count;

	if (!election_is_due(election, request->listening, now_ms))
		return;
	count = election_decide(election, &winner, losers);
	check_best(request, &winner);
	request->rooms[winner.room].won++;
	for (size_t i = 0; i < count; i++)
		request->rooms[losers[i].room].lost++;
	request->winners++;
	request->decided_ms = now_ms;
	assert_false(election_is_due(election, 1, now_ms + NEVER));
}

static void run_request(struct election *election, struct request *request, int64_t at_ms)
{
	for (int64_t now = at_ms; now < at_ms + APART_MS; now += STEP_MS) {
		for (size_t i = 0; i < request->listening; i++) {
			struct room *room = &request->rooms[i];

			if (!room->hears || room->added || room->arrives_ms > now)
				continue;
			room->added = true;
			if (election_add(election, &room->wake, now) == ELECTION_LOST)
				room->lost++;
			decide(election, request, now);
		}
		decide(election, request, now);
	}
}

static void check(const struct request *request)
{
	size_t heard = 0;

	assert_int_equal(request->winners, 1);
	for (size_t i = 0; i < request->listening; i++) {
		const struct room *room = &request->rooms[i];

		heard += room->hears ? 1 : 0;
		assert_int_equal(room->won + room->lost, room->hears ? 1 : 0);
	}
	assert_true(request->decided_ms <=
		    request->first_ms + ELECTION_WINDOW_MS + 2 * STEP_MS);
	if (request->listening == 1) /* at once */
		assert_true(request->decided_ms < request->first_ms + STEP_MS);
	assert_true(heard > 0);
}

static void exactly_one_answers(void **state)
{
	(void)state;
	for (int history = 0; history < HISTORIES; history++) {
		const size_t listening = 1 + rand_fake_below(&dice, ROOMS);
		struct election election;

		election_init(&election);
		for (int i = 0; i < REQUESTS; i++) {
			const int64_t at_ms = (int64_t)i * APART_MS;
			struct request request;

			make_request(&request, listening, at_ms, 1 + (uint64_t)i * ROOMS);
			run_request(&election, &request, at_ms);
			check(&request);
		}
	}
}

/* Of equals, the first; of those, the lower number: the same on every run. */
static void ties_are_decided(void **state)
{
	struct election election;
	struct election_wake winner;
	struct election_wake losers[ELECTION_ROOMS_MAX];
	struct election_wake one = {.room = 2, .turn = 7, .level_db = 3, .heard_ms = 10};
	struct election_wake other = {.room = 1,
				      .turn = 8,
				      .level_db = 3,
				      .heard_ms = 10};

	(void)state;
	election_init(&election);
	assert_int_equal(election_add(&election, &one, 20), ELECTION_WAIT);
	assert_int_equal(election_add(&election, &other, 21), ELECTION_WAIT);
	assert_true(election_is_due(&election, 2, 21));
	assert_false(election_is_due(&election, 3, 21));
	assert_true(election_is_due(&election, 3, 20 + ELECTION_WINDOW_MS));
	assert_int_equal(election_decide(&election, &winner, losers), 1);
	assert_int_equal(winner.room, 1);
	other.heard_ms = 11;
	election_init(&election);
	assert_int_equal(election_add(&election, &one, 20), ELECTION_WAIT);
	assert_int_equal(election_add(&election, &other, 21), ELECTION_WAIT);
	assert_int_equal(election_decide(&election, &winner, losers), 1);
	assert_int_equal(winner.room, 2);
}

/* Three rooms that listen, two that heard it, the nearer one of them 300 ms later. */
static void the_loudest_may_be_late(void **state)
{
	struct election election;
	struct election_wake winner;
	struct election_wake losers[ELECTION_ROOMS_MAX];
	struct election_wake one = {.room = 1, .level_db = 3, .heard_ms = 0};
	struct election_wake other = {.room = 2, .level_db = 9, .heard_ms = 300};

	(void)state;
	election_init(&election);
	assert_int_equal(election_add(&election, &one, 0), ELECTION_WAIT);
	assert_false(election_is_due(&election, 3, 300));
	assert_int_equal(election_add(&election, &other, 300), ELECTION_WAIT);
	assert_int_equal(election_decide(&election, &winner, losers), 1);
	assert_int_equal(winner.room, 2);
}

/* A winner that goes away leaves the request to whoever still comes with it. */
static void a_winner_that_is_gone(void **state)
{
	struct election election;
	struct election_wake winner;
	struct election_wake losers[ELECTION_ROOMS_MAX];
	struct election_wake one = {.room = 1, .level_db = 9, .heard_ms = 0};
	struct election_wake other = {.room = 2, .level_db = 1, .heard_ms = 100};

	(void)state;
	election_init(&election);
	assert_int_equal(election_add(&election, &one, 0), ELECTION_WAIT);
	election_drop(&election, 1);
	assert_false(election_is_due(&election, 1, NEVER));
	assert_int_equal(election_add(&election, &one, 0), ELECTION_WAIT);
	assert_int_equal(election_decide(&election, &winner, losers), 0);
	assert_int_equal(election_add(&election, &other, 300), ELECTION_LOST);
	election_drop(&election, 1);
	assert_int_equal(election_add(&election, &other, 300), ELECTION_WAIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_one_answers),
		cmocka_unit_test(ties_are_decided),
		cmocka_unit_test(the_loudest_may_be_late),
		cmocka_unit_test(a_winner_that_is_gone),
	};
	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
