/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_tls_place - where another machine is: an address as people write it, and what the
 * network's names say of it, at once or in the background.
 */
#ifndef ADAPTER_LINK_TLS_PLACE_H
#define ADAPTER_LINK_TLS_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/loop.h"

enum { LINK_TLS_ADDRESSES_MAX = 4, LINK_TLS_WORDS_BYTES = 320 };

/* All addresses of its name. */
struct link_tls_place {
	char words[LINK_TLS_WORDS_BYTES]; /* as it was written */
	uint16_t port;
	size_t count;
	size_t next; /* which one is tried next */
	struct sockaddr_storage addresses[LINK_TLS_ADDRESSES_MAX];
	socklen_t sizes[LINK_TLS_ADDRESSES_MAX];
};

/* "HOST:PORT" or "[ADDRESS]:PORT". May ask the network for HOST, and waits for it: do it
 * before the sandbox is entered. to_listen: ADDRESS must be numbers. ERR_FORMAT,
 * ERR_MISSING with a note. */
MUST_CHECK enum err link_tls_resolve(const char *words, bool to_listen,
				     struct link_tls_place *out_place,
				     struct err_note *note);

/* The same without waiting: done follows once, never from inside the call, with the place
 * or ERR_MISSING. It is what a program in a sandbox may do that resolves names. */
struct link_tls_search;
typedef void link_tls_found_fn(void *context, enum err err,
			       const struct link_tls_place *place);
MUST_CHECK enum err link_tls_search(struct loop *loop, const char *words,
				    link_tls_found_fn *done, void *context,
				    struct link_tls_search **out_search,
				    struct err_note *note);
/* Then done does not follow. NULL is fine. */
void link_tls_search_cancel(struct link_tls_search *search);

#endif
