/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_order - see the header.
 *
 * Invariant: a name that was asked for is one argument of a command, quoted by the
 * library, and within a filter quoted once more; an address comes from the household's
 * stations.
 */
#include "adapter/music_order.h"

#include <string.h>

#include "adapter/music_filter.h"
#include "base/must.h"
#include "base/str.h"

enum { WINDOW_BYTES = 16 };

/* ---- the queue of orders ---- */

enum err music_orders_check(const struct music_command *command)
{
	const bool names =
		command->order == MUSIC_PLAY && command->kind != MUSIC_ANYTHING;
	char taken[MUSIC_NAME_BYTES];

	if (command->percent < 0 || command->percent > 100 ||
	    command->switch_count > MUSIC_OUTPUTS_MAX || command->order > MUSIC_SWITCH ||
	    command->kind > MUSIC_SEARCH)
		return ERR_RANGE;
	if (names)
		return music_name_take(taken, sizeof(taken), command->name) ? OK
									    : ERR_RANGE;
	return command->name[0] == '\0' ? OK : ERR_RANGE;
}

enum err music_orders_add(struct music_orders *orders,
			  const struct music_command *command, uint64_t token)
{
	if (orders->count == MUSIC_COMMANDS_MAX)
		return ERR_BUSY;
	orders->orders[orders->count++] =
		(struct music_ordered){.token = token, .command = *command};
	return OK;
}

uint64_t music_orders_drop(struct music_orders *orders)
{
	const uint64_t token = orders->orders[0].token;

	must(orders->count > 0);
	orders->count--;
	memmove(orders->orders, orders->orders + 1,
		orders->count * sizeof(*orders->orders));
	return token;
}

bool music_orders_start_music(const struct music_orders *orders)
{
	return orders->count > 0 && (orders->orders[0].command.order == MUSIC_PLAY ||
				     orders->orders[0].command.order == MUSIC_RESUME);
}

/* ---- whether it is there ---- */

bool music_order_is_missing(const struct music_ordered *order, const struct radio *radio,
			    const struct music_state *state)
{
	const struct music_command *command = &order->command;

	if (command->order == MUSIC_RESUME)
		return state->queue_count == 0;
	return command->order == MUSIC_PLAY && command->kind == MUSIC_STATION &&
	       !radio_find(radio, command->name);
}

bool music_order_needs_look(const struct music_ordered *order)
{
	return order->command.order == MUSIC_PLAY && !order->exists &&
	       order->command.kind != MUSIC_STATION;
}

static bool say(struct music_connection *connection, const char *command)
{
	return music_connection_say(connection, command, NULL);
}

/* Without the tags of what is found: one that is longer than a line would end the
 * connection. */
bool music_order_look(const struct music_ordered *order,
		      struct music_connection *connection)
{
	const struct music_command *command = &order->command;
	char filter[MUSIC_FILTER_BYTES];

	if (command->kind == MUSIC_PLAYLIST)
		return music_connection_say(connection, "listplaylist", command->name,
					    NULL);
	must(music_filter_make(command->kind, command->name, filter));
	return say(connection, "command_list_begin") &&
	       music_connection_say(connection, "tagtypes", "clear", NULL) &&
	       music_connection_say(connection, "search", filter, "window", "0:1",
				    NULL) &&
	       say(connection, "command_list_end");
}

/* ---- how it is said ---- */

static bool say_source(const struct music_command *command, const struct radio *radio,
		       struct music_connection *connection)
{
	const struct station *station = NULL;
	char filter[MUSIC_FILTER_BYTES];
	char window[WINDOW_BYTES];

	if (!str_format(window, sizeof(window), "0:%d", MUSIC_QUEUE_MAX))
		return false;
	if (command->kind == MUSIC_STATION)
		station = radio_find(radio, command->name);
	if (station)
		return music_connection_say(connection, "add", station->url, NULL);
	if (command->kind == MUSIC_PLAYLIST)
		return music_connection_say(connection, "load", command->name, window,
					    NULL);
	return music_filter_make(command->kind, command->name, filter) &&
	       music_connection_say(connection, "searchadd", filter, "window", window,
				    NULL);
}

static bool say_switches(const struct music_command *command,
			 struct music_connection *connection)
{
	bool was_said = true;

	for (size_t i = 0; was_said && i < command->switch_count; i++)
		was_said = music_connection_say_number(connection,
						       command->switches[i].on
							       ? "enableoutput"
							       : "disableoutput",
						       command->switches[i].output);
	return was_said;
}

/* Of many pieces that nobody put in order each is played once, in any. */
static bool is_mixed(enum music_kind kind)
{
	return kind == MUSIC_ARTIST || kind == MUSIC_GENRE || kind == MUSIC_ANYTHING;
}

static bool say_play(const struct music_command *command, const struct radio *radio,
		     struct music_connection *connection)
{
	return say(connection, "clear") && say_source(command, radio, connection) &&
	       (!is_mixed(command->kind) || say(connection, "shuffle")) &&
	       say(connection, "play");
}

/* What has no beginning is left, not held. */
static bool say_pause(const struct music_state *state,
		      struct music_connection *connection)
{
	return state->is_stream ? say(connection, "stop")
				: music_connection_say(connection, "pause", "1", NULL);
}

static bool say_resume(const struct music_state *state,
		       struct music_connection *connection)
{
	return state->play == MUSIC_STOPPED
		       ? say(connection, "play")
		       : music_connection_say(connection, "pause", "0", NULL);
}

static bool say_one(const struct music_command *command, const struct radio *radio,
		    const struct music_state *state, int percent,
		    struct music_connection *connection)
{
	switch (command->order) {
	case MUSIC_PLAY:
		return say_play(command, radio, connection);
	case MUSIC_PAUSE:
		return say_pause(state, connection);
	case MUSIC_RESUME:
		return say_resume(state, connection);
	case MUSIC_NEXT:
		return say(connection, "next");
	case MUSIC_PREVIOUS:
		return say(connection, "previous");
	case MUSIC_VOLUME:
		return music_connection_say_number(connection, "setvol",
						   (unsigned)percent);
	case MUSIC_SWITCH:
		return true;
	}
	must(false);
}

bool music_order_say(const struct music_ordered *order, const struct radio *radio,
		     const struct music_state *state, int percent,
		     struct music_connection *connection)
{
	const struct music_command *command = &order->command;

	return say(connection, "command_list_begin") &&
	       say_switches(command, connection) &&
	       say_one(command, radio, state, percent, connection) &&
	       say(connection, "command_list_end");
}

bool music_order_opens(const struct music_ordered *order)
{
	for (size_t i = 0; i < order->command.switch_count; i++)
		if (order->command.switches[i].on)
			return true;
	return false;
}
