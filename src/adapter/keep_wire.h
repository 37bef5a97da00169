/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_wire - the hub's side of the keeper: port/keep.h over a unix socket.
 *
 * Runs in the loop. Connects, and connects again with back-off, by itself. What was
 * asked and not answered when the link breaks ends with ERR_CLOSED, what is not answered
 * in KEEP_ANSWER_MS (a message: KEEP_FETCH_MS) with ERR_TIMEOUT; nothing is asked twice.
 */
#ifndef ADAPTER_KEEP_WIRE_H
#define ADAPTER_KEEP_WIRE_H

#include "base/err.h"
#include "base/loop.h"
#include "port/keep.h"

enum {
	KEEP_WIRE_PENDING_MAX = 256,
	KEEP_WIRE_RETRY_MS = 100,
	KEEP_WIRE_RETRY_MAX_MS = 5000
};

/* Starts connecting to path. A keeper that is away is no error. ERR_LIMIT: the path is
 * too long. keep_close must not be called from the listener. */
MUST_CHECK enum err keep_wire_create(struct loop *loop, const char *path,
				     const struct keep_listener *listener,
				     struct keep *out_keep, struct err_note *note);

#endif
