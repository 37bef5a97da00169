/* SPDX-License-Identifier: Apache-2.0 */
/*
 * election - one winner per request, from levels and times alone.
 *
 * Does not know rooms but by number, and asks no clock. Invariant: a wake that was added
 * and neither dropped nor followed by another one of its room is answered exactly once: as
 * lost at once, or as winner or loser by election_decide.
 */
#include "listen/election.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

void election_init(struct election *election)
{
	memset(election, 0, sizeof(*election));
}

static bool is_same(const struct election_wake *one, const struct election_wake *other)
{
	return llabs(one->heard_ms - other->heard_ms) <= ELECTION_SAME_MS;
}

static bool is_better(const struct election_wake *one, const struct election_wake *other)
{
	if (one->level_db != other->level_db)
		return one->level_db > other->level_db;
	if (one->heard_ms != other->heard_ms)
		return one->heard_ms < other->heard_ms;
	return one->room < other->room;
}

/* A room that wakes again has begun anew: its earlier wake counts no more. */
static void forget(struct election *election, uint32_t room)
{
	size_t kept = 0;

	for (size_t i = 0; i < election->count; i++)
		if (election->wakes[i].room != room)
			election->wakes[kept++] = election->wakes[i];
	election->count = kept;
}

enum election_answer election_add(struct election *election,
				  const struct election_wake *wake, int64_t now_ms)
{
	if (election->has_winner && election->winner.room != wake->room &&
	    is_same(&election->winner, wake))
		return ELECTION_LOST;
	forget(election, wake->room);
	if (election->count == 0)
		election->ends_ms = now_ms + ELECTION_WINDOW_MS;
	if (election->count == ELECTION_ROOMS_MAX)
		return ELECTION_LOST;
	election->wakes[election->count++] = *wake;
	return ELECTION_WAIT;
}

void election_drop(struct election *election, uint32_t room)
{
	forget(election, room);
	if (election->has_winner && election->winner.room == room)
		election->has_winner = false;
}

bool election_is_due(const struct election *election, size_t listening, int64_t now_ms)
{
	return election->count > 0 &&
	       (election->count >= listening || now_ms >= election->ends_ms);
}

size_t election_decide(struct election *election, struct election_wake *out_winner,
		       struct election_wake *out_losers)
{
	size_t best = 0;
	size_t losers = 0;

	must(election->count > 0);
	for (size_t i = 1; i < election->count; i++)
		if (is_better(&election->wakes[i], &election->wakes[best]))
			best = i;
	for (size_t i = 0; i < election->count; i++)
		if (i != best)
			out_losers[losers++] = election->wakes[i];
	*out_winner = election->wakes[best];
	election->winner = *out_winner;
	election->has_winner = true;
	election->count = 0;
	return losers;
}
