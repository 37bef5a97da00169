/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus - the home: devices that announce themselves, and commands to them.
 *
 * Runs in the caller's loop and calls back on its thread. A command is done when the
 * device has confirmed it, or, where it has no way to, when it is there and the broker has
 * acknowledged. It is never sent later than its deadline: a light that comes on minutes
 * after it was asked for frightens people.
 */
#ifndef PORT_BUS_H
#define PORT_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/action.h"
#include "domain/home.h"

enum {
	BUS_ACK_MS = 1500,     /* for the broker, from the command */
	BUS_CONFIRM_MS = 3000, /* for the device, from the command */
};

/* Filled in by the hub; all may be called from inside bus_command. */
struct bus_listener {
	void *context;
	/* token as given to command. ERR_CLOSED or ERR_TIMEOUT: nobody acknowledged it.
	 * ERR_BUSY: it was sent, and the device has not confirmed it. */
	void (*done)(void *context, uint64_t token, enum err err);
	/* Devices, names or the connection changed. */
	void (*changed)(void *context);
	/* A device's announcement was refused, or part of it; NULL: not told. Each topic and
	 * reason once, and not more often than a journal can bear. */
	void (*refused)(void *context, const char *topic, const char *why);
};

struct bus_ops {
	/* Sends the action to its entity; done() follows, always. ERR_CLOSED at once when the
	 * broker is away or the device has said that it is, ERR_UNSUPPORTED when the device cannot do it, ERR_MISSING when it
	 * is not there: then done() does not follow. */
	enum err (*command)(void *self, const struct action *action, uint64_t token);
	/* The home as known now; borrowed until control returns to the loop. */
	const struct home *(*home)(void *self);
	bool (*is_up)(void *self);
	/* What keeps it from being up, in words for status; "" when up. */
	const char *(*trouble)(void *self);
	void (*close)(void *self);
};

struct bus {
	const struct bus_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err bus_command(struct bus *bus,
					      const struct action *action, uint64_t token)
{
	return bus->ops->command(bus->self, action, token);
}

static inline const struct home *bus_home(struct bus *bus)
{
	return bus->ops->home(bus->self);
}

static inline bool bus_is_up(struct bus *bus)
{
	return bus->ops->is_up(bus->self);
}

static inline const char *bus_trouble(struct bus *bus)
{
	return bus->ops->trouble(bus->self);
}

static inline void bus_close(struct bus *bus)
{
	if (bus->ops)
		bus->ops->close(bus->self);
	bus->ops = 0;
}

#endif
