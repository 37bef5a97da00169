/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_fake - the home bus in memory, for stories.
 *
 * The test fills the home by hand and says how the broker behaves. An acknowledged
 * command changes the device's state the way a real device would. Remembers every
 * command, also those that nobody acknowledged.
 */
#ifndef FAKE_BUS_FAKE_H
#define FAKE_BUS_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/bus.h"
#include "port/clock.h"

enum { BUS_FAKE_COMMANDS_MAX = 256 };

enum bus_fake_ack {
	BUS_FAKE_ACK_NOW,   /* done(OK) inside bus_command */
	BUS_FAKE_ACK_LATER, /* done(OK) in bus_fake_acknowledge */
	BUS_FAKE_ACK_ALONE, /* the device does not confirm: done(ERR_BUSY) in bus_fake_pass
			     * after BUS_CONFIRM_MS */
	BUS_FAKE_ACK_NEVER, /* done(ERR_TIMEOUT) in bus_fake_pass after BUS_ACK_MS */
};

struct bus_fake;

/* Up, empty, acknowledging at once. clock is borrowed by value; it may be a fake. */
MUST_CHECK enum err bus_fake_create(struct clock clock, struct bus_listener listener,
				    struct bus_fake **out_fake);
void bus_fake_destroy(struct bus_fake *fake); /* NULL is fine */

/* The port. bus_close on it leaves the fake to its test. */
struct bus bus_fake_bus(struct bus_fake *fake);

/* The home, to be changed freely; call bus_fake_changed afterwards. */
struct home *bus_fake_home(struct bus_fake *fake);
void bus_fake_changed(struct bus_fake *fake); /* tells the listener */

/* Adds a usual device: known, available, exposed, off, able to do what its domain can.
 * area "" is none. Its id is "domain.name" with blanks as '_'. */
MUST_CHECK enum err bus_fake_add(struct bus_fake *fake, enum entity_domain domain,
				 const char *name, const char *area,
				 struct entity **out_entity);

/* As the gate's bus: what binds the household may be sent too. */
void bus_fake_let_bind(struct bus_fake *fake);

/* Down: open commands end with ERR_CLOSED, new ones are refused with it. */
void bus_fake_set_up(struct bus_fake *fake, bool up);
/* That device does not answer, as one that has said that it is away. */
void bus_fake_set_dead(struct bus_fake *fake, const char *id, bool is_dead);
/* It has left the house. bus_fake_changed tells of it. */
void bus_fake_remove(struct bus_fake *fake, const char *id);
void bus_fake_set_ack(struct bus_fake *fake, enum bus_fake_ack ack);

/* Acknowledges every open command (LATER or NEVER alike). */
void bus_fake_acknowledge(struct bus_fake *fake);

/* Ends open commands that are over their deadline by the clock, with ERR_TIMEOUT, or with
 * ERR_BUSY when only their device is silent. */
void bus_fake_pass(struct bus_fake *fake);

/* What was sent, oldest first; only the first BUS_FAKE_COMMANDS_MAX are kept. */
size_t bus_fake_command_count(const struct bus_fake *fake);
const struct action *bus_fake_command(const struct bus_fake *fake, size_t index);

#endif
