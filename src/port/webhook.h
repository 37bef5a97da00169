/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook - one order of goods to an address that the owner set, signed by the house.
 *
 * Runs in the caller's loop and calls back on its thread. Sent once: what may have been
 * taken is never sent again, so that nothing is bought twice.
 */
#ifndef PORT_WEBHOOK_H
#define PORT_WEBHOOK_H

#include <stdint.h>

#include "base/err.h"
#include "port/delivery.h"

enum {
	WEBHOOK_WHOLE_MS = 20000, /* from webhook_post to done */
	WEBHOOK_OPEN_MAX = 4,     /* under way at once */
	WEBHOOK_BODY_MAX = 1024,
	WEBHOOK_HEADER_MAX = 160,
	WEBHOOK_HEADERS = 5,
};

/* All borrowed for the call of webhook_post. */
struct webhook_order {
	const char *address;                  /* domain/web_address.h */
	const char *headers[WEBHOOK_HEADERS]; /* "Name: value", up to the first NULL */
	const char *body;                     /* JSON */
};

struct webhook_listener {
	void *context;
	/* token as given to post. ACCEPTED; REFUSED: it was not taken; UNKNOWN: it may have
	 * been. The result is borrowed for the call. */
	void (*done)(void *context, uint64_t token, const struct delivery *result);
};

struct webhook_ops {
	/* done() follows, always and not from inside. What cannot be sent at all is refused
	 * at once, and then done() does not follow: ERR_FORMAT, ERR_DENIED, ERR_LIMIT: the
	 * address; ERR_BUSY: WEBHOOK_OPEN_MAX are under way; ERR_MEMORY. */
	enum err (*post)(void *self, const struct webhook_order *order, uint64_t token);
	/* Ends what is under way, with done() for each. */
	void (*close)(void *self);
};

struct webhook {
	const struct webhook_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err webhook_post(struct webhook *webhook,
					       const struct webhook_order *order,
					       uint64_t token)
{
	return webhook->ops->post(webhook->self, order, token);
}

static inline void webhook_close(struct webhook *webhook)
{
	if (webhook->ops)
		webhook->ops->close(webhook->self);
	webhook->ops = 0;
}

#endif
