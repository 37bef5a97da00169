/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts - tells people outside of the house that something waits for them.
 *
 * A short notice, at most one for each proposal and state and so many an hour; without the
 * name of a contact unless its owner said so, and never with what a message says. One that
 * is not taken is not sent again: the devices hear of it from the keeper, and a notice is no
 * receipt. Knows no sockets. Runs in the caller's loop; one thread.
 */
#ifndef GATE_ALERTS_H
#define GATE_ALERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "port/clock.h"
#include "port/push.h"
#include "wire/wire.h"

enum {
	ALERTS_PER_HOUR = 20,
	ALERTS_KNOWN_MAX = 256, /* the newest, so that none is told twice */
};

struct alerts;

struct alerts_parts {
	struct clock clock;
	struct push *push; /* borrowed; without ops: nowhere is set */
	bool has_names;    /* a notice says whom a message is for */
};

MUST_CHECK enum err alerts_create(const struct alerts_parts *parts,
				  struct alerts **out_alerts);
void alerts_destroy(struct alerts *alerts); /* NULL is fine */

/* Sends it, or not; what comes of it is for the log alone. */
void alerts_take(struct alerts *alerts, const struct wire_alert *alert);

#endif
