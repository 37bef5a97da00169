/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_inner - what link.c and the two transports share; nobody else includes it.
 */
#ifndef ADAPTER_LINK_INNER_H
#define ADAPTER_LINK_INNER_H

#include <sys/types.h>

#include "adapter/link.h"

/* How bytes go through the socket. receive and send answer like recv(2) and send(2). */
struct link_transport_ops {
	/* Before the first frame. ERR_BUSY: again when *out_want is ready. NULL: nothing. */
	enum err (*shake)(void *self, unsigned *out_want, struct err_note *note);
	ssize_t (*receive)(void *self, int fd, void *to, size_t size);
	ssize_t (*send)(void *self, int fd, const void *bytes, size_t size);
	bool (*has_more)(const void *self); /* received and not yet read; NULL: never */
	const uint8_t *(*key)(const void *self); /* NULL: the transport knows none */
	const char *(*why)(const void *self);    /* of a failed receive; NULL: no idea */
	void (*end)(void *self); /* before the socket is closed; may be NULL */
};

struct link_transport {
	const struct link_transport_ops *ops;
	void *self;       /* owned by the link: end() frees it */
	uint32_t process; /* of link_process */
};

/* Who we are on a link and who must be on the other side. */
struct link_ends {
	enum wire_link kind;
	enum wire_party self;
	enum wire_party other;
	char name[LINK_NAME_BYTES];
};

struct link_server {
	struct loop *loop;
	struct link *links;
	size_t link_count; /* also those that have not greeted */
	struct link_listener listener;
	struct link_ends ends;
	int64_t hello_ms;
	int fd;
	/* Is the socket let in? Fills its transport, and the address for the limit below. */
	enum err (*accepted)(struct link_server *server, int fd,
			     struct link_transport *out_transport,
			     char address[LINK_ADDRESS_BYTES]);
	size_t peers_max; /* that have greeted; 0: LINK_PEERS_MAX */
	size_t strangers_max; /* that have not: the oldest makes room; 0: they count as peers */
	size_t per_address_max; /* of those that have not greeted; 0: no limit */
	void (*finish)(struct link_server *server); /* frees own */
	void *own;
};

struct link_ends link_make_ends(enum wire_link kind, enum wire_party self,
				const char *name);
struct wire_hello link_make_hello(const struct link_ends *ends);
MUST_CHECK enum err link_check_hello(const struct link_ends *ends,
				     const struct wire_message *message,
				     struct err_note *note);
MUST_CHECK enum err link_check_right(const struct link_ends *ends,
				     const struct wire_message *message,
				     struct err_note *note);

/* Makes a link of a socket (which may still be connecting) and greets once the transport
 * is ready. Takes fd and the transport over in any case. */
MUST_CHECK enum err link_start(struct loop *loop, int fd,
			       const struct link_transport *transport,
			       const struct link_ends *ends, int64_t hello_ms,
			       const struct link_listener *listener,
			       struct link **out_link);

/* Begins to accept: server->fd is listening, and all but links is filled in. */
MUST_CHECK enum err link_server_start(struct link_server *server);

#endif
