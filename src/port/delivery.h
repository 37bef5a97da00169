/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery - how handing something over to a server ended.
 *
 * One shape for mail and for notices, so that whoever tries again needs to know only it:
 * what was refused stays refused, what was not answered may have arrived.
 */
#ifndef PORT_DELIVERY_H
#define PORT_DELIVERY_H

#include <stdbool.h>

enum { DELIVERY_WORDS_BYTES = 256 };

enum delivery_outcome {
	DELIVERY_ACCEPTED, /* the server has said that it has it */
	DELIVERY_REFUSED,  /* for good: the same again would be refused again */
	DELIVERY_LATER,    /* not taken, and certainly not there; may be tried again */
	DELIVERY_UNKNOWN, /* all of it may have been sent, no answer came: it may be there */
};

struct delivery {
	enum delivery_outcome outcome;
	unsigned code; /* the server's own; 0: it gave none */
	/* One clean line for the owner. It may quote the server, who may quote an address:
	 * for the journal, never for the log. */
	char words[DELIVERY_WORDS_BYTES];
};

static inline bool delivery_may_repeat(const struct delivery *delivery)
{
	return delivery->outcome == DELIVERY_LATER ||
	       delivery->outcome == DELIVERY_UNKNOWN;
}

static inline bool delivery_may_be_there(const struct delivery *delivery)
{
	return delivery->outcome == DELIVERY_ACCEPTED ||
	       delivery->outcome == DELIVERY_UNKNOWN;
}

#endif
