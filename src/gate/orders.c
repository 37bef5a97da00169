/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orders - see the header.
 *
 * Invariant: nothing is commanded whose id is not in the ledger first. So an order that
 * was begun by a gate that died is never begun again: it is told as not confirmed, since
 * nobody knows. One that ended is told again as it ended.
 */
#include "gate/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "domain/approval.h"

struct orders {
	struct orders_parts parts;
	size_t count;
	struct {
		struct proposal_id id;
		uint64_t token;
	} running[ORDERS_MAX];
	uint64_t last_token;
};

enum err orders_create(const struct orders_parts *parts, struct orders **out_orders)
{
	struct orders *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->parts = *parts;
	*out_orders = made;
	return OK;
}

void orders_destroy(struct orders *orders)
{
	free(orders);
}

static bool is_the_keepers(const struct orders *orders, struct proposal_id id,
			   const struct wire_order *order)
{
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_ORDER_BYTES_MAX];
	size_t size;

	if (order->signature.size != SEAL_SIGNATURE_BYTES ||
	    seal_sha256(&(struct seal_part){order->action.bytes, order->action.size}, 1,
			hash) != OK)
		return false;
	size = approval_order_bytes(orders->parts.keeper.household, id, hash,
				    order->until_ms, NULL, bytes);
	return seal_verify_labelled(orders->parts.keeper.key, APPROVAL_ORDER_LABEL, bytes,
				    size, order->signature.bytes) == OK;
}

static bool is_in_time(const struct orders *orders, int64_t until_ms)
{
	const int64_t now_ms = clock_wall_ms(&orders->parts.clock);

	return now_ms < until_ms && until_ms - now_ms <= ORDERS_AHEAD_MS;
}

static bool is_running(const struct orders *orders, struct proposal_id id)
{
	for (size_t i = 0; i < orders->count; i++)
		if (id_equal(orders->running[i].id.bytes, id.bytes))
			return true;
	return false;
}

static void over(struct orders *orders, struct proposal_id id, enum err err)
{
	orders->parts.carried(orders->parts.context, id, err);
}

/* done() may come from inside the command: the place is taken before. */
static void carry_out(struct orders *orders, struct proposal_id id,
		      const struct action *action)
{
	const uint64_t token = ++orders->last_token;
	enum err err;

	orders->running[orders->count].id = id;
	orders->running[orders->count].token = token;
	orders->count++;
	err = bus_command(orders->parts.bus, action, token);
	if (err)
		orders_bus_done(orders, token, err);
}

enum err orders_take(struct orders *orders, const struct wire_order *order)
{
	struct proposal_id id;
	struct action action;
	enum err outcome;
	enum err err;

	memcpy(id.bytes, order->id.bytes, ID_BYTES);
	if (!is_the_keepers(orders, id, order))
		return ERR_AUTH;
	if (is_running(orders, id))
		return OK;
	if (ledger_find(orders->parts.ledger, id, &outcome)) {
		over(orders, id, outcome);
		return OK;
	}
	err = action_read((const char *)order->action.bytes, order->action.size, &action);
	if (!err && !is_in_time(orders, order->until_ms))
		err = ERR_TIMEOUT;
	if (!err && orders->count == ORDERS_MAX)
		err = ERR_BUSY;
	if (!err && !bus_is_up(orders->parts.bus))
		err = ERR_CLOSED; /* not begun: it may be told again */
	if (!err)
		err = ledger_begin(orders->parts.ledger, id);
	if (err)
		over(orders, id, err);
	else
		carry_out(orders, id, &action);
	return OK;
}

void orders_bus_done(struct orders *orders, uint64_t token, enum err err)
{
	for (size_t i = 0; i < orders->count; i++) {
		const struct proposal_id id = orders->running[i].id;

		if (orders->running[i].token != token)
			continue;
		orders->count--;
		orders->running[i] = orders->running[orders->count];
		/* Unwritten: told again, nobody knows how it ended. */
		(void)!ledger_end(orders->parts.ledger, id, err);
		over(orders, id, err);
		return;
	}
}
