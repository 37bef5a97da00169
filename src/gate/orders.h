/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orders - the keeper's orders, each carried out at most once; messages go to letters.h
 * or abroad.h.
 *
 * An order counts when the keeper signed it over this household, its id and the hash of
 * exactly its action, of a message also over whom it goes to, and until the time that it
 * signed with it. Knows neither sockets nor why something was ordered. Runs in the caller's
 * loop; one thread.
 */
#ifndef GATE_ORDERS_H
#define GATE_ORDERS_H

#include "adapter/keeper_mark.h"
#include "gate/abroad.h"
#include "gate/ledger.h"
#include "gate/letters.h"
#include "gate/shop.h"
#include "port/bus.h"
#include "port/clock.h"
#include "wire/wire.h"

enum {
	ORDERS_MAX = 64, /* under way at a time */
	/* The keeper signs none that is good for longer, of a message either: it tells those
	 * again, signed anew. One that ends later comes of a clock that was set back. */
	ORDERS_AHEAD_MS = 60000,
};

struct orders;

struct orders_parts {
	struct keeper_mark keeper;
	struct clock clock;
	struct ledger *ledger; /* borrowed */
	struct bus *bus;       /* borrowed */
	struct letters *letters;
	struct shop *shop;     /* borrowed; tells carried() itself */
	struct abroad *abroad; /* the same; NULL: nothing goes to other houses */
	/* An order is over; OK: it was done. */
	void (*carried)(void *context, struct proposal_id id, enum err err);
	void *context;
};

MUST_CHECK enum err orders_create(const struct orders_parts *parts,
				  struct orders **out_orders);
void orders_destroy(struct orders *orders); /* NULL is fine */

/* Takes one as it came. carried() follows, also from inside this call; but not for one
 * that is under way already, nor for one whose signature is wrong (ERR_AUTH). */
MUST_CHECK enum err orders_take(struct orders *orders, const struct wire_order *order);
/* The bus is done with one. */
void orders_bus_done(struct orders *orders, uint64_t token, enum err err);

#endif
