/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music - orders to the music player, the rooms that it sounds in, and what plays.
 *
 * An output of the player that is named like a room is that room's. Others belong to no
 * room and are left as they are. Invariant: a room that was named and has no output is a
 * refusal of the whole, before anything is ordered.
 */
#include <assert.h>
#include <string.h>

#include "act/actions.h"
#include "base/str.h"

static_assert((int)ACTION_ITEM_BYTES == (int)MUSIC_NAME_BYTES, "an item is a name");

enum { ROOMS_MAX = 4 };

/* Rooms of a request; borrowed from its action. */
struct rooms {
	bool all;
	size_t count;
	char names[ROOMS_MAX][NAME_BYTES];
};

enum reason act_music_reason(enum err err)
{
	if (!err)
		return REASON_NONE;
	if (err == ERR_MISSING)
		return REASON_NO_MUSIC;
	return err == ERR_CLOSED || err == ERR_TIMEOUT || err == ERR_BUSY
		       ? REASON_MUSIC_AWAY
		       : REASON_DEVICE_CANNOT;
}

/* ---- rooms ---- */

static bool is_room(const struct act_ports *ports, const char *name)
{
	return policy_room(ports->policy, name) ||
	       home_find_area(bus_home(ports->bus), name) >= 0;
}

static struct rooms read_rooms(const struct action *action)
{
	struct rooms rooms = {.all = str_equal(action->words, "*")};
	const char *at = action->words;

	while (!rooms.all && *at && rooms.count < ROOMS_MAX) {
		const size_t size = strcspn(at, "\n");

		if (str_copy_bytes(rooms.names[rooms.count], NAME_BYTES, at, size))
			rooms.count++;
		at += size + (at[size] == '\n');
	}
	return rooms;
}

static bool is_among(const struct rooms *rooms, const char *name)
{
	for (size_t i = 0; i < rooms->count; i++)
		if (str_equal_folded(rooms->names[i], name))
			return true;
	return rooms->all;
}

static bool has_output(const struct music_state *state, const char *room)
{
	for (size_t i = 0; i < state->output_count; i++)
		if (str_equal_folded(state->outputs[i].name, room))
			return true;
	return false;
}

static bool have_outputs(const struct music_state *state, const struct rooms *rooms)
{
	for (size_t i = 0; i < rooms->count; i++)
		if (!has_output(state, rooms->names[i]))
			return false;
	return true;
}

/* Whether a room's output is on that is not among these. */
static bool sounds_elsewhere(const struct act_ports *ports,
			     const struct music_state *state, const struct rooms *rooms)
{
	for (size_t i = 0; i < state->output_count; i++)
		if (state->outputs[i].is_on && is_room(ports, state->outputs[i].name) &&
		    !is_among(rooms, state->outputs[i].name))
			return true;
	return false;
}

static void add_switch(struct music_command *command, const struct music_output *output,
		       bool on)
{
	if (output->is_on != on)
		command->switches[command->switch_count++] =
			(struct music_switch){output->id, on};
}

/* In these rooms, and in no other. */
static void switch_to(const struct act_ports *ports, const struct music_state *state,
		      const struct rooms *rooms, struct music_command *command)
{
	for (size_t i = 0; i < state->output_count; i++)
		if (is_room(ports, state->outputs[i].name))
			add_switch(command, &state->outputs[i],
				   is_among(rooms, state->outputs[i].name));
}

static void switch_off(const struct music_state *state, const struct rooms *rooms,
		       struct music_command *command)
{
	for (size_t i = 0; i < state->output_count; i++)
		if (is_among(rooms, state->outputs[i].name))
			add_switch(command, &state->outputs[i], false);
}

/* Where nobody named a room: in the speaker's. */
static struct rooms only_here(const struct action *action,
			      const struct music_state *state)
{
	struct rooms rooms = {.count = 0};

	if (has_output(state, action->room) &&
	    str_copy(rooms.names[0], NAME_BYTES, action->room))
		rooms.count = 1;
	return rooms;
}

static bool are_named(const struct rooms *rooms)
{
	return rooms->all || rooms->count > 0;
}

/* ---- orders ---- */

static void order(const struct act_ports *ports, const struct music_command *command,
		  uint64_t token, struct act_result *result)
{
	enum err err = music_command(ports->music, command, token);

	result->waits = !err;
	result->reason = act_music_reason(err);
}

/* False, and the result says why: no player, or one that is away. */
static bool has_player(const struct act_ports *ports, struct act_result *result)
{
	if (!ports->music)
		result->reason = REASON_NO_ACTION;
	return ports->music != NULL;
}

/* "Play it everywhere", "play music": what there is goes on. */
static void ask_for(const struct action *action, const struct music_state *state,
		    struct music_command *command, struct act_result *result)
{
	if (action->item[0] == '\0' && state->queue_count > 0) {
		command->order = MUSIC_RESUME;
	} else if (!music_kind_from_text(action->mode, &command->kind) ||
		   !str_copy(command->name, sizeof(command->name), action->item)) {
		result->reason = REASON_NO_MUSIC;
	} else if (action->item[0] != '\0') {
		result->said = saying_make(SAYING_DONE_PLAYING);
		saying_set_text(&result->said, SLOT_NAME, action->item);
	}
}

void act_music_play(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	struct music_command command = {.order = MUSIC_PLAY};
	struct rooms rooms = read_rooms(action);

	if (!has_player(ports, result))
		return;
	const struct music_state *state = music_state(ports->music);
	if (!have_outputs(state, &rooms)) {
		result->reason = REASON_NO_MUSIC_ROOM;
		return;
	}
	ask_for(action, state, &command, result);
	if (result->reason != REASON_NONE)
		return;
	if (!are_named(&rooms))
		rooms = only_here(action, state);
	if (are_named(&rooms))
		switch_to(ports, state, &rooms, &command);
	order(ports, &command, token, result);
}

/* In some rooms it falls silent there; in the last of them, and where none was named, it
 * stops. */
void act_music_pause(const struct action *action, const struct act_ports *ports,
		     uint64_t token, struct act_result *result)
{
	struct music_command command = {.order = MUSIC_PAUSE};
	const struct rooms rooms = read_rooms(action);

	if (!has_player(ports, result))
		return;
	const struct music_state *state = music_state(ports->music);
	if (!have_outputs(state, &rooms)) {
		result->reason = REASON_NO_MUSIC_ROOM;
		return;
	}
	if (rooms.count > 0 && sounds_elsewhere(ports, state, &rooms)) {
		command.order = MUSIC_SWITCH;
		switch_off(state, &rooms, &command);
	}
	order(ports, &command, token, result);
}

/* Where it was; here, when that is nowhere. */
void act_music_resume(const struct action *action, const struct act_ports *ports,
		      uint64_t token, struct act_result *result)
{
	static const struct rooms NONE;
	struct music_command command = {.order = MUSIC_RESUME};
	struct rooms rooms = read_rooms(action);

	if (!has_player(ports, result))
		return;
	const struct music_state *state = music_state(ports->music);
	if (!have_outputs(state, &rooms)) {
		result->reason = REASON_NO_MUSIC_ROOM;
		return;
	}
	if (!are_named(&rooms) && !sounds_elsewhere(ports, state, &NONE))
		rooms = only_here(action, state);
	if (are_named(&rooms))
		switch_to(ports, state, &rooms, &command);
	order(ports, &command, token, result);
}

void act_music_step(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const struct music_command command = {
		.order = action->kind == ACTION_MUSIC_NEXT ? MUSIC_NEXT : MUSIC_PREVIOUS};

	if (has_player(ports, result))
		order(ports, &command, token, result);
}

void act_music_volume(const struct action *action, const struct act_ports *ports,
		      uint64_t token, struct act_result *result)
{
	const struct music_command command = {.order = MUSIC_VOLUME,
					      .percent = action->percent};

	if (!has_player(ports, result))
		return;
	result->said = saying_make(SAYING_DONE_MUSIC_VOLUME);
	saying_set_number(&result->said, SLOT_PERCENT, action->percent);
	order(ports, &command, token, result);
}

/* ---- what plays ---- */

static struct saying two(enum saying_key key, const char *words, const char *other)
{
	struct saying said = saying_make(key);

	saying_set_text(&said, SLOT_WORDS, words);
	saying_set_text(&said, SLOT_OTHER, other);
	return said;
}

static struct saying one(const char *words)
{
	struct saying said = saying_make(SAYING_TOLD_PLAYING_TITLE);

	saying_set_text(&said, SLOT_WORDS, words);
	return said;
}

static struct saying playing(const struct music_state *state)
{
	if (state->play != MUSIC_PLAYING)
		return saying_make(SAYING_TOLD_PLAYING_NOTHING);
	if (state->title[0] && state->artist[0])
		return two(SAYING_TOLD_PLAYING, state->title, state->artist);
	if (state->title[0] && state->station[0])
		return two(SAYING_TOLD_PLAYING_ON, state->title, state->station);
	if (state->title[0] || state->station[0] || state->artist[0])
		return one(state->title[0]     ? state->title
			   : state->station[0] ? state->station
					       : state->artist);
	return saying_make(SAYING_TOLD_PLAYING_UNKNOWN);
}

void act_tell_playing(const struct action *action, const struct act_ports *ports,
		      uint64_t token, struct act_result *result)
{
	(void)action;
	(void)token;
	if (!has_player(ports, result))
		return;
	if (music_trouble(ports->music)[0] != '\0' &&
	    music_state(ports->music)->play == MUSIC_STOPPED)
		result->reason = REASON_MUSIC_AWAY;
	else
		result->said = playing(music_state(ports->music));
}
