/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - messages between our programs, whatever carries them.
 *
 * Made by adapter/link_unix.h (one machine) or adapter/link_tls.h (two). Both greet with
 * hello (version, role, name) and check every message, sent and received, against the
 * table of rights. A side that breaks a rule is told `refused` and closed. Buffers are
 * wiped after use. One thread: the loop's.
 */
#ifndef ADAPTER_LINK_H
#define ADAPTER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "wire/wire.h"

enum {
	LINK_QUEUE_BYTES = 4 * 1024 * 1024, /* not yet sent; one recording fits */
	LINK_PEERS_MAX = 16,                /* per listening socket */
	LINK_HELLO_MS = 5000,               /* until the other side must have greeted */
	LINK_NAME_BYTES = 64,
	LINK_ADDRESS_BYTES = 64,
	LINK_KEY_BYTES = 32,
};

struct link;        /* one connection */
struct link_server; /* one listening socket with its connections */

/* Called on the loop's thread. All three must be set; closing links inside is fine. */
struct link_listener {
	void *context;
	/* The other side has greeted; from now on link_send works towards it. */
	void (*opened)(void *context, struct link *link);
	/* A message that the table of rights permits; borrowed for the call, then wiped. */
	void (*message)(void *context, struct link *link,
			const struct wire_message *message);
	/* The link is over and freed after this call, also one that never opened. Not
	 * called for link_close. why: one line for the log, without contents. */
	void (*closed)(void *context, struct link *link, enum err err, const char *why);
};

/* Closes the socket and its links (without closed()), removes the path. NULL is fine. */
void link_server_destroy(struct link_server *server);
size_t link_server_count(const struct link_server *server);
/* The index-th open (greeted) connection, or NULL behind the last. */
struct link *link_server_at(const struct link_server *server, size_t index);

/* Closes and frees at once or, inside a callback, after it. What was not yet written is
 * tried once. NULL is fine. */
void link_close(struct link *link);
/* The same, and says why first: the other side is told `refused`. */
void link_refuse(struct link *link, enum err err, const char *words);

bool link_is_open(const struct link *link);        /* greeted, and not closing */
const char *link_peer(const struct link *link);    /* the name in its hello; "" before */
void link_set_data(struct link *link, void *data); /* the caller's own, borrowed */
void *link_data(const struct link *link);
/* The key that the other side has proved to hold by the transport itself; NULL where the
 * transport knows none (a unix socket). */
const uint8_t *link_peer_key(const struct link *link);
const char *link_address(const struct link *link); /* "" for a unix socket */
/* The process that connected to our unix socket, as the kernel knows it; else 0. */
uint32_t link_process(const struct link *link);

/* Queues a message; written as the socket permits. ERR_LIMIT: the queue is full, nothing
 * was queued. ERR_CLOSED: not open. must(): the table of rights does not let us say it. */
MUST_CHECK enum err link_send(struct link *link, enum wire_type type, const void *fields);

/* For each message link_send_<name>, so that the wrong struct does not compile:
 * link_send_done(link, &(struct wire_done){.token = 7}). */
#define MESSAGE(name, number)                                        \
	MUST_CHECK static inline enum err link_send_##name(          \
		struct link *link, const struct wire_##name *fields) \
	{                                                            \
		return link_send(link, WIRE_##name, fields);         \
	}
#define FIELD(type, name)
#define TEXT(name, max)
#define BYTES(name, max)
#define EVENT(name)
#define POLICY(name)
#define END(name)
#include "wire/messages.def"
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END

#endif
