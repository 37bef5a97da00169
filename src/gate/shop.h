/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shop - hands over orders of goods: to the owner's webhook, or by mail.
 *
 * Each at most once: its id is in the ledger before a byte leaves, and what may have been
 * taken is never sent again. What leaves is the item, its price and the order's id; not who
 * asked, not where, and nothing that was heard.
 */
#ifndef GATE_SHOP_H
#define GATE_SHOP_H

#include "adapter/identity.h"
#include "domain/action.h"
#include "domain/people.h"
#include "gate/ledger.h"
#include "port/clock.h"
#include "port/mail.h"
#include "port/webhook.h"

enum { SHOP_OPEN_MAX = 8 };

/* What is signed (docs/FORMATS.md): SHA-256 of this, NUL, time, '.', id, '.' and body. */
#define SHOP_LABEL "behest shop order v1"

struct shop;

struct shop_parts {
	struct clock clock;
	struct ledger *ledger; /* borrowed, as all here */
	struct mail *mail;     /* without ops: no server is set */
	struct webhook *webhook;
	const struct identity *identity; /* the gate's, that signs */
	/* OK; ERR_DENIED: not taken; ERR_EXISTS: nobody knows; ERR_UNSUPPORTED: no way;
	 * ERR_BUSY. */
	void (*carried)(void *context, struct proposal_id id, enum err err);
	void *context;
};

MUST_CHECK enum err shop_create(const struct shop_parts *parts, struct shop **out_shop);
void shop_destroy(struct shop *shop); /* NULL is fine */

/* An order that was verified, is in time and is not in the ledger; where to: the contact's
 * address; its name is the currency. carried() follows. */
void shop_take(struct shop *shop, struct proposal_id id, const struct action *action,
	       const struct contact *to);
/* It is under way: carried() follows. */
bool shop_has(const struct shop *shop, struct proposal_id id);
/* The ports' done; token as they were given. False: it is none of these. */
bool shop_delivered(struct shop *shop, uint64_t token, const struct delivery *result);

#endif
