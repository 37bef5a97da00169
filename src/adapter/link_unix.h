/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_unix - links over unix stream sockets, and a small blocking client for the command
 * line. The other side must run as our user, or as root.
 */
#ifndef ADAPTER_LINK_UNIX_H
#define ADAPTER_LINK_UNIX_H

#include "adapter/link.h"

/* Listens at path (mode 0600; a stale socket is replaced, any other file is not). kind
 * and self say which rows of rights.def count; name is ours in hello. */
MUST_CHECK enum err link_listen(struct loop *loop, const char *path, enum wire_link kind,
				enum wire_party self, const char *name,
				const struct link_listener *listener,
				struct link_server **out_server, struct err_note *note);

/* Connects to path. ERR_CLOSED or ERR_MISSING: nobody listens there (try again later). */
MUST_CHECK enum err link_connect(struct loop *loop, const char *path, enum wire_link kind,
				 enum wire_party self, const char *name,
				 const struct link_listener *listener,
				 struct link **out_link, struct err_note *note);

/* The blocking client of the command line. */
struct link_client;
MUST_CHECK enum err link_client_open(const char *path, enum wire_link kind,
				     enum wire_party self, const char *name,
				     int timeout_ms, struct link_client **out_client,
				     struct err_note *note);
void link_client_close(struct link_client *client); /* NULL is fine */
MUST_CHECK enum err link_client_send(struct link_client *client, enum wire_type type,
				     const void *fields, struct err_note *note);
/* The next message (also `refused`), borrowed until the next call. timeout_ms -1: no
 * limit. ERR_TIMEOUT, ERR_CLOSED, ERR_FORMAT. */
MUST_CHECK enum err link_client_wait(struct link_client *client, int timeout_ms,
				     const struct wire_message **out_message,
				     struct err_note *note);
int link_client_fd(const struct link_client *client); /* for poll(2) */

/* link_client_send_<name>, as link_send_<name>. */
#define MESSAGE(name, number)                                                 \
	MUST_CHECK static inline enum err link_client_send_##name(            \
		struct link_client *client, const struct wire_##name *fields, \
		struct err_note *note)                                        \
	{                                                                     \
		return link_client_send(client, WIRE_##name, fields, note);   \
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
