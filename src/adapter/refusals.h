/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals - which refused announcements are worth a line: each topic and reason once,
 * and not more than some in a minute. A flood of lies must not become a flood of lines.
 *
 * Pure: the time is given, monotonic, in milliseconds.
 */
#ifndef ADAPTER_REFUSALS_H
#define ADAPTER_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REFUSALS_KNOWN_MAX = 256, /* the newest that are remembered */
	REFUSALS_TOLD_MAX = 20,   /* per REFUSALS_MS */
	REFUSALS_MS = 60000,
	FLOOD_MAX = 2000, /* messages of the house in FLOOD_MS that are none yet */
	FLOOD_MS = 1000,
};

/* All zero at first. */
struct refusals {
	size_t known_count;
	size_t next;
	uint64_t known[REFUSALS_KNOWN_MAX];
	int64_t since_ms;
	unsigned told;
	unsigned untold; /* that were too many, for the caller to tell and reset */
};

/* True when it is to be told. */
bool refusals_take(struct refusals *refusals, const char *topic, const char *why,
		   int64_t now_ms);

/* Counts what comes by and by; all zero at first. */
struct flood {
	int64_t since_ms;
	unsigned count;
};

/* A message came. True for the one that makes it a flood, once in FLOOD_MS. */
bool flood_take(struct flood *flood, int64_t now_ms);

#endif
