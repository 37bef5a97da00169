/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push - a short notice to the owner's devices, by way of a server that the owner runs.
 *
 * Runs in the caller's loop and calls back on its thread. A notice that is sent twice is
 * shown twice. What it says leaves the house: callers put no name and no message text
 * into it that the owner did not allow.
 */
#ifndef PORT_PUSH_H
#define PORT_PUSH_H

#include <stdint.h>

#include "base/err.h"
#include "port/delivery.h"

enum {
	PUSH_WHOLE_MS = 10000, /* from push_send to done */
	PUSH_OPEN_MAX = 4,     /* under way at once */
	PUSH_TITLE_MAX = 100,
	PUSH_TEXT_MAX = 1024,
};

enum push_priority {
	PUSH_LOW,    /* without a sound */
	PUSH_NORMAL, /* as the device is set */
	PUSH_HIGH,   /* also where the device is quiet */
	PUSH_PRIORITY_COUNT
};

/* All borrowed for the call of push_send. */
struct push_notice {
	enum push_priority priority;
	const char *title; /* one line */
	const char *text;
};

struct push_listener {
	void *context;
	/* token as given to send. The result is borrowed for the call, from inside of which
	 * more may be sent. */
	void (*done)(void *context, uint64_t token, const struct delivery *result);
};

struct push_ops {
	/* done() follows, always and not from inside. What cannot be sent at all is refused
	 * at once with a note that says why, and then done() does not follow: ERR_FORMAT,
	 * ERR_LIMIT; ERR_BUSY: PUSH_OPEN_MAX are under way; ERR_MEMORY. */
	enum err (*send)(void *self, const struct push_notice *notice, uint64_t token,
			 struct err_note *note);
	/* Ends what is under way, with done() for each. */
	void (*close)(void *self);
};

struct push {
	const struct push_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err push_send(struct push *push,
					    const struct push_notice *notice,
					    uint64_t token, struct err_note *note)
{
	return push->ops->send(push->self, notice, token, note);
}

static inline void push_close(struct push *push)
{
	if (push->ops)
		push->ops->close(push->self);
	push->ops = 0;
}

#endif
