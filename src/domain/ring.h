/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring - what a room may sound when something is due. Numbers travel between hub and room:
 * they are for ever.
 */
#ifndef DOMAIN_RING_H
#define DOMAIN_RING_H

enum ring_pattern {
	RING_TIMER,    /* two short notes */
	RING_ALARM,    /* rising, and longer */
	RING_REMINDER, /* one, and words behind it */
	RING_PATTERN_COUNT
};

enum {
	RING_MS = 10 * 60 * 1000, /* the longest: a ringing lease's, domain/lease.def */
	RING_CYCLE_MS = 3000,     /* from one sounding of a pattern to the next */
	RING_ONCE_MS = 1500,      /* so long, and it sounds once */
	RING_ALONE_MS = 60000,    /* without a hub, for a room hears no "stop" then */
};

#endif
