/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_order - what people ordered, in its order, and how each order is said to an MPD.
 *
 * What is to be played is chosen here: a filter over the library, a playlist, or the
 * address of a station. It is looked for before the queue is emptied for it. Sends; what
 * is answered comes to whoever asked.
 */
#ifndef ADAPTER_MUSIC_ORDER_H
#define ADAPTER_MUSIC_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/music_connection.h"
#include "port/music.h"

struct music_ordered {
	uint64_t token;
	struct music_command command;
	bool exists; /* it was looked for and found */
};

/* The first is being carried out. */
struct music_orders {
	size_t count;
	struct music_ordered orders[MUSIC_COMMANDS_MAX];
};

/* ERR_RANGE: the port forbids it. */
MUST_CHECK enum err music_orders_check(const struct music_command *command);
/* ERR_BUSY: there are too many. */
MUST_CHECK enum err music_orders_add(struct music_orders *orders,
				     const struct music_command *command, uint64_t token);
/* The first goes; its token. */
uint64_t music_orders_drop(struct music_orders *orders);
/* Whether the first is one that lets music begin. */
bool music_orders_start_music(const struct music_orders *orders);

/* Known to fail, without asking: no such station, or nothing to go on with. */
bool music_order_is_missing(const struct music_ordered *order, const struct radio *radio,
			    const struct music_state *state);
/* Whether it has to be looked for first. */
bool music_order_needs_look(const struct music_ordered *order);
/* Asks for one piece of it; the answer's `file` says that there is one. False: it did not fit. */
bool music_order_look(const struct music_ordered *order,
		      struct music_connection *connection);

/* Says all of it as one list. percent: of VOLUME, what the player is to be set to. */
bool music_order_say(const struct music_ordered *order, const struct radio *radio,
		     const struct music_state *state, int percent,
		     struct music_connection *connection);
/* Whether it switches an output on. */
bool music_order_opens(const struct music_ordered *order);

#endif
