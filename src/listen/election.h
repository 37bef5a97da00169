/* SPDX-License-Identifier: Apache-2.0 */
/*
 * election - which of the rooms that heard the same request answers it.
 *
 * Wakes that were heard within ELECTION_SAME_MS of one another are one request. The first
 * opens a window of ELECTION_WINDOW_MS, which ends early once every room that listens has
 * spoken up: with one room there is no window at all. The room where the name stood
 * highest above the room's own noise answers; of equals the one that heard it first, then
 * the lower number. Whoever comes later with the same request is left out. Pure: times are
 * given, monotonic, the hub's own.
 */
#ifndef LISTEN_ELECTION_H
#define LISTEN_ELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ELECTION_ROOMS_MAX = 16,
	/* The loudest may be 300 ms late; what is said meanwhile is kept for who wins. */
	ELECTION_WINDOW_MS = 350,
	ELECTION_SAME_MS = 600, /* detectors fire that much apart for one name */
};

struct election_wake {
	uint32_t room; /* any number, one per room */
	uint64_t turn;
	double level_db;  /* above the room's noise */
	int64_t heard_ms; /* when the name was over there */
};

struct election {
	size_t count; /* candidates of the open window; 0: none is open */
	struct election_wake wakes[ELECTION_ROOMS_MAX];
	int64_t ends_ms;
	bool has_winner; /* of the newest request that was decided */
	struct election_wake winner;
};

enum election_answer {
	ELECTION_WAIT, /* for election_decide */
	ELECTION_LOST, /* another room has that request already */
};

void election_init(struct election *election);

/* A room heard its name. */
enum election_answer election_add(struct election *election,
				  const struct election_wake *wake, int64_t now_ms);

/* The room is gone, or gave its lease up: it no longer stands. */
void election_drop(struct election *election, uint32_t room);

/* True when the open window is to be decided now. listening: rooms that could have heard. */
bool election_is_due(const struct election *election, size_t listening, int64_t now_ms);

/* Decides the open window: *out_winner answers, the others are written to out_losers
 * (which has place for ELECTION_ROOMS_MAX); returns how many. The window must be open. */
size_t election_decide(struct election *election, struct election_wake *out_winner,
		       struct election_wake *out_losers);

#endif
