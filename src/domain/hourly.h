/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hourly - how often what binds the household was asked for within the hour.
 *
 * Each kind of class C has the limit of its row in actions.def; what binds only by its
 * device (class A or B, raised) has one for all kinds together. The keeper counts, whoever
 * asks. Pure; times are monotonic milliseconds.
 */
#ifndef DOMAIN_HOURLY_H
#define DOMAIN_HOURLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/action.h"

enum {
	HOURLY_MS = 3600 * 1000,
	HOURLY_RAISED_PER_HOUR = 20, /* of what binds only by its device */
	HOURLY_MAX = 64,             /* the largest limit an hour fits */
};

struct hourly_times {
	size_t count;
	int64_t at_ms[HOURLY_MAX]; /* of the newest, a ring */
};

struct hourly {
	struct hourly_times of[ACTION_KIND_COUNT];
	struct hourly_times raised;
};

/* Counts one at now_ms; false, and not counted, when there were limit of them within the
 * hour. */
bool hourly_count(struct hourly_times *times, unsigned limit, int64_t now_ms);
/* Of what takes a while until it may be counted: how many there were within the hour, at
 * most HOURLY_MAX; and one more. */
size_t hourly_within(const struct hourly_times *times, int64_t now_ms);
void hourly_add(struct hourly_times *times, int64_t now_ms);
/* hourly_count by the limit of that kind; true when there were too many. */
bool hourly_too_many(struct hourly *hourly, enum action_kind kind, int64_t now_ms);

#endif
