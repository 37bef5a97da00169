/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_commands - the command line's side of the hub: typed requests, status, watching.
 *
 * A typed request goes down the same line as a spoken one and may do no more. Its turn
 * is told to whoever typed it; every turn is told to those who watch.
 */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/hub.h"

enum { JSON_BYTES_MAX = 8191, DEVICES_AT_ONCE = 64 };

static void refuse(struct link *link, uint64_t token, enum err err, enum reason reason,
		   const char *words)
{
	struct wire_refused refused = {.token = token, .err = (uint32_t)err};

	(void)str_copy(refused.reason, sizeof(refused.reason), reason_code(reason));
	(void)str_copy(refused.words, sizeof(refused.words), words);
	if (link_send_refused(link, &refused))
		log_line("commands: a refusal could not be sent");
}

static void on_text(struct hub *hub, struct link *link, const struct wire_text *text)
{
	struct hub_room *room = hub_room_find(hub, text->room);
	struct turn_heard heard = {.spoken = false};

	if (!room) {
		bool has_owner = keep_policy(&hub->keep)->has_owner;
		refuse(link, text->token, ERR_MISSING,
		       has_owner ? REASON_CAPABILITY_OFF : REASON_NO_OWNER,
		       has_owner ? "there is no such room"
				 : "this house has no owner yet");
		return;
	}
	if (turn_line_busy(room->line)) {
		refuse(link, text->token, ERR_BUSY, REASON_NONE,
		       "the room is busy with another request");
		return;
	}
	room->asker = link;
	room->asker_token = text->token;
	(void)str_copy(heard.text, sizeof(heard.text), text->words);
	if (turn_begin(room->line, turn_id_make(&hub->clock, &hub->rand), room->name,
		       &heard, (struct audio_span){NULL, 0}))
		refuse(link, text->token, ERR_BUSY, REASON_NONE,
		       "the request could not begin");
	explicit_bzero(&heard, sizeof(heard));
}

/* Its word proves nothing: no key recorded, none shown, or marked so by the owner. */
static bool room_is_thin(const struct hub_room *room)
{
	const struct room_policy *policy =
		policy_room(keep_policy(&room->hub->keep), room->name);

	return !policy || policy_room_is_thin(policy) ||
	       (room->guest && !room->guest->has_key);
}

static void add_room(struct json_write *write, const struct hub_room *room)
{
	json_open_object(write, NULL);
	json_add_text(write, "name", room->name);
	json_add_bool(write, "connected", room->link != NULL);
	json_add_text(write, "link",
		      room->guest ? room->guest->is_remote ? "tls" : "local" : NULL);
	json_add_text(write, "address", room->link ? link_address(room->link) : NULL);
	json_add_bool(write, "key_shown", room->guest && room->guest->has_key);
	json_add_bool(write, "thin", room_is_thin(room));
	if (room->heard_ms > 0)
		json_add_int(write, "heard_ms_ago", loop_now_ms() - room->heard_ms);
	json_add_int(write, "frames_refused", room->frames_refused);
	json_add_int(write, "frames_missing", room->frames_missing);
	json_add_text(write, "light", room->light);
	json_add_bool(write, "muted", room->muted);
	json_add_text(write, "trouble", room->trouble);
	json_add_int(write, "volume_percent", room->volume_percent);
	json_add_bool(write, "busy", turn_line_busy(room->line));
	json_close(write, '}');
}

static enum err status_json(struct hub *hub, struct buf *to)
{
	const struct home *home = bus_home(&hub->bus);
	struct json_write write;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_bool(&write, "keeper", keep_is_up(&hub->keep));
	json_add_bool(&write, "has_owner", keep_policy(&hub->keep)->has_owner);
	json_add_int(&write, "events_waiting", (int64_t)late_count(hub->late));
	json_add_bool(&write, "broker", bus_is_up(&hub->bus));
	json_add_text(&write, "broker_trouble", bus_trouble(&hub->bus));
	json_add_int(&write, "devices", (int64_t)home->entity_count);
	json_add_int(&write, "areas", (int64_t)home->area_count);
	if (hub_music_is_set(hub)) {
		json_add_text(&write, "music_trouble", music_trouble(&hub->music));
		json_add_int(&write, "stations", (int64_t)hub->radio.count);
	}
	json_add_int(&write, "contacts", (int64_t)keep_policy(&hub->keep)->contact_count);
	json_add_int(&write, "grammar_states", (int64_t)words_grammar_states(hub->words));
	json_add_bool(&write, "words_current", words_are_current(hub->words));
	json_add_int(&write, "routines", (int64_t)hub->arranged->routine_count);
	json_add_int(&write, "groups", (int64_t)hub->arranged->group_count);
	json_add_text(&write, "arranged_trouble", hub->arranged_trouble.text);
	json_add_text(&write, "wake_word", hub->settings.wake_word);
	json_open_array(&write, "rooms");
	for (size_t i = 0; i < hub->room_count; i++)
		add_room(&write, &hub->rooms[i]);
	json_close(&write, ']');
	json_close(&write, '}');
	return json_write_finish(&write);
}

static void on_status(struct hub *hub, struct link *link)
{
	struct wire_status status = {.unused = 0};
	struct buf json;

	buf_init(&json, sizeof(status.json) - 1);
	if (status_json(hub, &json) ||
	    !str_copy(status.json, sizeof(status.json), (const char *)json.bytes) ||
	    link_send_status(link, &status))
		refuse(link, 0, ERR_LIMIT, REASON_NONE, "the status is too long to tell");
	buf_finish(&json);
}

static enum err send_device(struct link *link, const struct home *home,
			    const struct entity *entity)
{
	struct wire_device_row row = {.is_exposed = entity->exposed,
				      .is_read_only = entity->read_only};

	if (!str_copy(row.entity, sizeof(row.entity), entity->id) ||
	    !str_copy(row.name, sizeof(row.name), entity->name) ||
	    (entity->area >= 0 &&
	     !str_copy(row.area, sizeof(row.area), home->areas[entity->area].name)))
		return ERR_LIMIT;
	return link_send_device_row(link, &row);
}

/* A part of them at a time, so that what is sent never piles up. */
static void on_devices(struct hub *hub, struct link *link, uint32_t from)
{
	const struct home *home = bus_home(&hub->bus);
	enum err err = OK;

	for (size_t i = from;
	     !err && i < home->entity_count && i - from < DEVICES_AT_ONCE; i++)
		err = send_device(link, home, &home->entities[i]);
	if (link_send_end(link, &(struct wire_end){.err = (uint32_t)err}))
		log_line("commands: the devices could not be told");
}

static void on_watch(struct hub *hub, struct link *link)
{
	for (size_t i = 0; i < hub->watcher_count; i++)
		if (hub->watchers[i] == link)
			return;
	if (hub->watcher_count == HUB_WATCHERS_MAX) {
		refuse(link, 0, ERR_LIMIT, REASON_NONE, "too many are watching already");
		return;
	}
	hub->watchers[hub->watcher_count++] = link;
}

static void on_radio_set(struct hub *hub, struct link *link,
			 const struct wire_radio_set *set)
{
	struct err_note note = {""};
	const enum err err = hub_music_set_station(hub, set->name, set->url, &note);

	if (err)
		refuse(link, 0, err, REASON_OUT_OF_RANGE, note.text);
	else
		on_status(hub, link);
}

static void tell_turn(struct link *link, uint64_t token, const struct buf *json)
{
	struct wire_turn turn = {.token = token};

	if (!str_copy(turn.json, sizeof(turn.json), (const char *)json->bytes) ||
	    link_send_turn(link, &turn))
		log_line("commands: a turn could not be told");
	explicit_bzero(&turn, sizeof(turn));
}

void hub_commands_turn_over(struct hub *hub, struct hub_room *room,
			    const struct turn *turn)
{
	struct buf json;

	buf_init(&json, JSON_BYTES_MAX);
	if (turn_to_json(turn, NULL, 1, &json)) {
		log_line("commands: a turn is too long to tell");
		goto out;
	}
	if (room->asker && !turn->heard.spoken)
		tell_turn(room->asker, room->asker_token, &json);
	for (size_t i = 0; i < hub->watcher_count; i++)
		if (turn->heard.spoken || hub->watchers[i] != room->asker)
			tell_turn(hub->watchers[i], 0, &json);
out:
	room->asker = NULL;
	if (json.bytes)
		explicit_bzero(json.bytes, json.size);
	buf_finish(&json);
}

static void commands_opened(void *context, struct link *link)
{
	(void)context;
	(void)link;
}

static void commands_message(void *context, struct link *link,
			     const struct wire_message *message)
{
	struct hub *hub = context;

	/* The table of rights lets nothing else through. */
	if (message->type == WIRE_text)
		on_text(hub, link, &message->text);
	else if (message->type == WIRE_status_get)
		on_status(hub, link);
	else if (message->type == WIRE_devices_get)
		on_devices(hub, link, message->devices_get.from);
	else if (message->type == WIRE_watch)
		on_watch(hub, link);
	else if (message->type == WIRE_radio_set)
		on_radio_set(hub, link, &message->radio_set);
	else if (message->type == WIRE_routines_get)
		hub_routines_tell(hub, link);
}

static void commands_closed(void *context, struct link *link, enum err err,
			    const char *why)
{
	struct hub *hub = context;
	size_t kept = 0;

	(void)err;
	(void)why;
	for (size_t i = 0; i < hub->watcher_count; i++)
		if (hub->watchers[i] != link)
			hub->watchers[kept++] = hub->watchers[i];
	hub->watcher_count = kept;
	for (size_t i = 0; i < hub->room_count; i++)
		if (hub->rooms[i].asker == link)
			hub->rooms[i].asker = NULL;
}

enum err hub_commands_open(struct hub *hub, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const struct link_listener listener = {
		.context = hub,
		.opened = commands_opened,
		.message = commands_message,
		.closed = commands_closed,
	};

	if (!file_join(path, sizeof(path), hub->run, "hub/cli.sock"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", hub->run);
	return link_listen(hub->loop, path, WIRE_LINK_CLI_HUB, WIRE_PARTY_HUB, "hub",
			   &listener, &hub->command_server, note);
}

void hub_commands_close(struct hub *hub)
{
	link_server_destroy(hub->command_server);
	hub->command_server = NULL;
}
