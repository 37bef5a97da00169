/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_http - notices as one POST each to a server that the owner runs, as ntfy takes
 * them: the text is the body, headers say the title and the priority.
 *
 * By https, verified. Plain http goes to this machine (127.0.0.0/8, ::1), where nobody
 * listens on the line, and, where the owner said so, to a private address: a notice on
 * the owner's own wire shows little, and many such servers have no certificate. Both have
 * to be written as numbers, because what a name means is answered by somebody else. A
 * token never leaves the machine without TLS.
 */
#ifndef ADAPTER_PUSH_HTTP_H
#define ADAPTER_PUSH_HTTP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "port/push.h"

enum { PUSH_HTTP_URL_BYTES = 512, PUSH_HTTP_PATH_BYTES = 1024 };

/* Copied by push_http_open. */
struct push_http_settings {
	const char *url;            /* https://HOST[:PORT]/TOPIC */
	bool plain_at_home;         /* http:// to a private address is allowed */
	const struct secret *token; /* NULL: none */
	const char *ca_file;        /* NULL or "": the system's authorities */
};

/* Connects to nothing yet; seal_init() was called. ERR_FORMAT, ERR_DENIED, ERR_LIMIT with
 * a note that says what is wrong with the URL; ERR_MISSING: the ca_file; ERR_MEMORY;
 * ERR_LIMIT of the loop. push_close must not be called from the listener, and may take
 * TRANSFER_CLOSE_MS. */
MUST_CHECK enum err push_http_open(struct loop *loop,
				   const struct push_http_settings *settings,
				   struct push_listener listener, struct push *out_push,
				   struct err_note *note);

#endif
