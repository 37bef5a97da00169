/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orders - see the header.
 *
 * Invariant: no device is commanded by an order whose id is not in the ledger first. So an order that
 * was begun by a gate that died is never begun again: it is told as not confirmed, since
 * nobody knows. One that ended is told again as it ended.
 */
#include "gate/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
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

/* No key is zeros, or no bytes. */
static bool read_key(const struct wire_slice *from, uint8_t to[PEOPLE_KEY_BYTES])
{
	if (from->size != 0 && from->size != PEOPLE_KEY_BYTES)
		return false;
	memset(to, 0, PEOPLE_KEY_BYTES);
	if (from->size > 0)
		memcpy(to, from->bytes, from->size);
	return true;
}

/* Whom a message goes to, as it is signed; what is no message has no kind. */
static bool read_contact(const struct wire_order *order, struct contact *out_contact)
{
	memset(out_contact, 0, sizeof(*out_contact));
	return order->kind[0] == '\0' ||
	       (contact_kind_from_text(order->kind, &out_contact->kind) &&
		str_copy(out_contact->name, sizeof(out_contact->name), order->name) &&
		str_copy(out_contact->address, sizeof(out_contact->address),
			 order->address) &&
		read_key(&order->key, out_contact->key) &&
		read_key(&order->box_key, out_contact->box_key));
}

static bool is_the_keepers(const struct orders *orders, struct proposal_id id,
			   const struct wire_order *order, const struct contact *contact)
{
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_ORDER_BYTES_MAX];
	size_t size;

	if (order->signature.size != SEAL_SIGNATURE_BYTES ||
	    seal_sha256(&(struct seal_part){order->action.bytes, order->action.size}, 1,
			hash) != OK)
		return false;
	size = approval_order_bytes(orders->parts.keeper.household, id, hash,
				    order->until_ms, contact, bytes);
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

static void take_message(struct orders *orders, struct proposal_id id,
			 const struct wire_order *order, const struct contact *contact)
{
	struct action action;
	enum err err = action_read((const char *)order->action.bytes, order->action.size,
				   &action);

	if (!err && !is_in_time(orders, order->until_ms))
		err = ERR_TIMEOUT;
	if (!err && action.kind == ACTION_ORDER && contact->kind == CONTACT_MAIL) {
		shop_take(orders->parts.shop, id, &action, contact);
		return;
	}
	if (!err && action.kind != ACTION_SEND_MESSAGE)
		err = ERR_FORMAT;
	if (!err && contact->kind == CONTACT_HOUSE)
		err = ERR_UNSUPPORTED;
	if (!err && contact->kind == CONTACT_PEER && !orders->parts.abroad)
		err = ERR_UNSUPPORTED;
	if (err)
		over(orders, id, err);
	else if (contact->kind == CONTACT_PEER)
		abroad_take(orders->parts.abroad, id, contact);
	else
		letters_take(orders->parts.letters, id, &action, contact);
}

static void take_command(struct orders *orders, struct proposal_id id,
			 const struct wire_order *order)
{
	struct action action;
	enum err err = action_read((const char *)order->action.bytes, order->action.size,
				   &action);

	if (!err && !is_in_time(orders, order->until_ms))
		err = ERR_TIMEOUT;
	if (!err && action.kind == ACTION_ORDER)
		err = ERR_FORMAT; /* without where it goes */
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
}

enum err orders_take(struct orders *orders, const struct wire_order *order)
{
	const bool is_message = order->kind[0] != '\0';
	struct contact contact;
	struct proposal_id id;
	enum err outcome;

	memcpy(id.bytes, order->id.bytes, ID_BYTES);
	if (!read_contact(order, &contact) ||
	    !is_the_keepers(orders, id, order, is_message ? &contact : NULL))
		return ERR_AUTH;
	if (is_running(orders, id) ||
	    (orders->parts.shop && shop_has(orders->parts.shop, id)))
		return OK; /* whoever asks meanwhile hears how it ended, too */
	if (ledger_find(orders->parts.ledger, id, &outcome))
		over(orders, id, outcome);
	else if (is_message)
		take_message(orders, id, order, &contact);
	else
		take_command(orders, id, order);
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
