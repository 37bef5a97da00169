/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ringing - whether the room rings, and when its pattern sounds again. Between two soundings
 * it is quiet, so that "stop" and the name are heard also where our own sound cannot be taken
 * out of what is heard.
 *
 * Knows no devices and no clock: times are given, monotonic. Whether it may sound just now
 * is the room's to know. One thread.
 */
#ifndef ROOM_RINGING_H
#define ROOM_RINGING_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/ids.h"
#include "domain/ring.h"
#include "wire/wire.h"

/* All zero: it does not ring. */
struct ringing {
	bool is_on;
	uint64_t ring; /* the hub's number */
	struct event_id parent;
	enum ring_pattern pattern;
	int percent; /* at least so loud */
	int64_t began_ms;
	int64_t until_ms;
	int64_t next_ms; /* when the pattern sounds again */
};

/* Takes the place of what rang. False: it has no parent, or is of no pattern; then what was
 * goes on. Never longer than RING_MS, whatever was asked for. */
bool ringing_begin(struct ringing *ringing, const struct wire_ring *asked,
		   int64_t now_ms);
void ringing_end(struct ringing *ringing);
/* The hub is gone, and nobody can stop it: RING_ALONE_MS more at most. */
void ringing_alone(struct ringing *ringing, int64_t now_ms);
bool ringing_is_over(const struct ringing *ringing, int64_t now_ms); /* its time is */
bool ringing_is_due(const struct ringing *ringing, int64_t now_ms);
void ringing_sounds(struct ringing *ringing, int64_t now_ms); /* the pattern has begun */
/* Somebody spoke, or we did: not before a moment of quiet. */
void ringing_waits(struct ringing *ringing, int64_t now_ms);
uint32_t ringing_ms(const struct ringing *ringing, int64_t now_ms); /* so long */

#endif
