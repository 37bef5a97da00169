/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_tls - links between two machines: TCP, and TLS 1.3 with both sides' keys pinned.
 *
 * A connection that is cut is noticed within LINK_TLS_DEAD_MS, also when nothing is being
 * said; a side that connects and dawdles is gone after the hello time.
 */
#ifndef ADAPTER_LINK_TLS_H
#define ADAPTER_LINK_TLS_H

#include "adapter/link.h"
#include "adapter/link_tls_place.h"
#include "adapter/tls.h"

enum {
	LINK_TLS_DEAD_MS = 4000,  /* without an answer to what was sent, or to a probe */
	LINK_TLS_PER_ADDRESS = 4, /* connections that have not greeted yet */
	LINK_TLS_STRANGERS_MAX = 8, /* of these in all; the oldest makes room */
};

struct link_tls_side {
	enum wire_link kind;
	enum wire_party self;
	const char *name;
	const uint8_t *seed; /* TLS_KEY_BYTES; borrowed for the call */
	int64_t hello_ms;    /* 0: LINK_HELLO_MS */
	size_t peers_max;    /* of a server, that have greeted; 0: LINK_PEERS_MAX */
};

/* knows(context, key) is asked for each connection; it stays borrowed. */
MUST_CHECK enum err link_tls_listen(struct loop *loop, const struct link_tls_place *place,
				    const struct link_tls_side *side, tls_knows_fn *knows,
				    void *context, const struct link_listener *listener,
				    struct link_server **out_server,
				    struct err_note *note);
/* The port that a server listens on, for place->port 0. */
uint16_t link_tls_port(const struct link_server *server);

/* Begins to connect to the next address. hub_key: whom we expect there. What goes wrong
 * later is told by closed(). */
MUST_CHECK enum err link_tls_connect(struct loop *loop, struct link_tls_place *place,
				     const struct link_tls_side *side,
				     const uint8_t hub_key[TLS_KEY_BYTES],
				     const struct link_listener *listener,
				     struct link **out_link, struct err_note *note);

#endif
