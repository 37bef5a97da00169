/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_commands - the command line's side of the hub: typed requests, status, watching.
 *
 * A typed request goes down the same line as a spoken one and may do no more. Its turn
 * is told to whoever typed it; every turn is told to those who watch.
 */
#include <string.h>

#include "act/local.h"
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

/* A name that the policy does not know would take a room's place here for good. */
static bool may_be_room(struct hub *hub, const char *name)
{
	const struct policy *policy = keep_policy(&hub->keep);

	return name[0] == '\0' || !policy->has_owner || policy_room(policy, name);
}

static void begin_typed(struct hub *hub, struct link *link, const char *name,
			uint64_t token, const struct turn_heard *heard)
{
	struct hub_room *room = may_be_room(hub, name) ? hub_room_find(hub, name) : NULL;

	if (!room) {
		bool has_owner = keep_policy(&hub->keep)->has_owner;
		refuse(link, token, ERR_MISSING,
		       has_owner ? REASON_CAPABILITY_OFF : REASON_NO_OWNER,
		       has_owner ? "there is no such room"
				 : "this house has no owner yet");
		return;
	}
	if (turn_line_busy(room->line)) {
		refuse(link, token, ERR_BUSY, REASON_NONE,
		       "the room is busy with another request");
		return;
	}
	room->asker = link;
	room->asker_token = token;
	if (turn_begin(room->line, turn_id_make(&hub->clock, &hub->rand), room->name,
		       heard, (struct audio_span){NULL, 0}))
		refuse(link, token, ERR_BUSY, REASON_NONE, "the request could not begin");
}

static void on_text(struct hub *hub, struct link *link, const struct wire_text *text)
{
	struct turn_heard heard = {.spoken = false};

	(void)str_copy(heard.text, sizeof(heard.text), text->words);
	begin_typed(hub, link, text->room, text->token, &heard);
	explicit_bzero(&heard, sizeof(heard));
}

/* --- the house book --------------------------------------------------------------------- */

/* What a command of the book may ask for; it may do no more than what is said. */
static const char *const BOOK_INTENTS[] = {
	"BehestCancelAlarm",
	"BehestCancelReminder",
	"BehestClearShoppingList",
	"BehestRestoreList",
	"BehestSetAlarm",
	"BehestSetReminder",
	"HassCancelTimer",
	"HassDecreaseTimer",
	"HassIncreaseTimer",
	"HassNevermind",
	"HassPauseTimer",
	"HassShoppingListAddItem",
	"HassShoppingListCompleteItem",
	"HassStartTimer",
	"HassUnpauseTimer",
};

static bool is_of_book(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(BOOK_INTENTS); i++)
		if (str_equal(BOOK_INTENTS[i], name))
			return true;
	return false;
}

/* These are numbers; a thing may be called "007". */
static bool is_number(const char *slot)
{
	static const char *const NUMBERS[] = {"clock", "hour", "seconds"};

	for (size_t i = 0; i < STR_COUNT(NUMBERS); i++)
		if (str_equal(NUMBERS[i], slot))
			return true;
	return false;
}

/* "seconds=300;name=pizza;" */
static bool read_slot(const char *at, size_t length, struct intent *intent)
{
	const char *equals = memchr(at, '=', length);
	char name[SLOT_NAME_BYTES];
	char value[SLOT_VALUE_BYTES];
	double number = 0;

	if (!equals || !str_copy_bytes(name, sizeof(name), at, (size_t)(equals - at)) ||
	    !str_copy_bytes(value, sizeof(value), equals + 1,
			    length - (size_t)(equals + 1 - at)))
		return false;
	if (!is_number(name))
		return intent_set(intent, name, value);
	return str_to_double(value, -1e15, 1e15, &number) &&
	       intent_set_number(intent, name, number);
}

static bool read_intent(const struct wire_book_ask *asked, struct intent *intent)
{
	const char *at = asked->slots;

	if (!is_of_book(asked->intent) ||
	    !str_copy(intent->name, sizeof(intent->name), asked->intent))
		return false;
	while (*at) {
		const size_t length = strcspn(at, ";");

		if (at[length] != ';' || !read_slot(at, length, intent))
			return false;
		at += length + 1;
	}
	return true;
}

static void on_book_ask(struct hub *hub, struct link *link,
			const struct wire_book_ask *asked)
{
	struct turn_heard heard = {.spoken = false};
	struct intent intent = {.slot_count = 0};

	if (!read_intent(asked, &intent)) {
		refuse(link, asked->token, ERR_FORMAT, REASON_NO_ACTION,
		       "that is no request of the house book");
		return;
	}
	heard.intent = &intent;
	(void)str_copy(heard.text, sizeof(heard.text), "a command that was typed");
	begin_typed(hub, link, asked->room, asked->token, &heard);
	explicit_bzero(&intent, sizeof(intent));
}

static void add_due(struct json_write *write, const struct book_entry *entry,
		    int64_t now_ms)
{
	const struct book_zone zone = act_zone();
	const int64_t due_ms = book_due_ms(entry, &zone, now_ms);

	if (entry->is_paused)
		json_add_int(write, "left_ms", entry->rest_ms);
	else if (entry->is_span)
		json_add_int(write, "left_ms",
			     entry->due_ms > now_ms ? entry->due_ms - now_ms : 0);
	if (entry->is_span)
		json_add_int(write, "set_ms", entry->span_ms);
	json_add_bool(write, "paused", entry->is_paused);
	json_add_bool(write, "rings", entry->rang_ms != 0);
	if (due_ms != INT64_MAX)
		json_add_int(write, "due_ms", due_ms);
	if (!entry->is_span)
		json_add_int(write, "minute", entry->minute);
	if (!entry->is_span)
		json_add_int(write, "days", entry->days);
}

static enum err entry_json(const struct hub *hub, const struct book_entry *entry,
			   struct buf *to)
{
	char id[ID_TEXT_BYTES];
	struct json_write write;

	id_to_text(id, entry->id.bytes);
	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_text(&write, "id", id);
	json_add_text(&write, "kind", book_kind_text(entry->kind));
	json_add_text(&write, entry->kind == BOOK_TIMER ? "name" : "text", entry->text);
	json_add_text(&write, "room", entry->room);
	json_add_int(&write, "created_ms", entry->created_ms);
	if (entry->kind == BOOK_ITEM)
		json_add_text(&write, "list", entry->list[0] ? entry->list : "shopping");
	else
		add_due(&write, entry, hub_book_now(hub));
	json_close(&write, '}');
	return json_write_finish(&write);
}

/* What was ticked or cleared is not shown. */
static bool is_shown(const struct book *book, const struct book_entry *entry,
		     enum book_kind kind)
{
	return entry->kind == kind &&
	       (kind != BOOK_ITEM || book_is_on_list(book, entry, entry->list));
}

static enum err show_entry(const struct hub *hub, struct link *link, uint64_t token,
			   const struct book_entry *entry)
{
	struct wire_book_shown shown = {.token = token};
	struct buf json;
	enum err err;

	buf_init(&json, sizeof(shown.json) - 1);
	err = entry_json(hub, entry, &json);
	if (!err && !str_copy(shown.json, sizeof(shown.json), (const char *)json.bytes))
		err = ERR_LIMIT;
	if (!err)
		err = link_send_book_shown(link, &shown);
	if (json.bytes)
		explicit_bzero(json.bytes, json.size);
	buf_finish(&json);
	explicit_bzero(&shown, sizeof(shown));
	return err;
}

static void on_book_show(struct hub *hub, struct link *link,
			 const struct wire_book_show *show)
{
	const struct book *book = hub->book.now;
	enum book_kind kind;
	enum err err = OK;

	if (!book_kind_from_text(show->kind, &kind)) {
		refuse(link, show->token, ERR_FORMAT, REASON_NONE,
		       "that is no kind of the house book");
		return;
	}
	if (!hub->book.is_known) {
		refuse(link, show->token, ERR_BUSY, REASON_JOURNAL_UNAVAILABLE,
		       "the keeper has not told the house book yet");
		return;
	}
	for (size_t i = 0; !err && i < book->count; i++)
		if (is_shown(book, &book->entries[i], kind))
			err = show_entry(hub, link, show->token, &book->entries[i]);
	if (err ||
	    link_send_book_shown(link, &(struct wire_book_shown){.token = show->token}))
		log_line("commands: the house book could not be shown: %s",
			 err_words(err));
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
	json_add_int(&write, "routines_broken", (int64_t)hub_routines_broken(hub));
	json_add_int(&write, "groups", (int64_t)hub->arranged->group_count);
	json_add_text(&write, "arranged_trouble", hub->arranged_trouble.text);
	json_add_text(&write, "wake_word", hub->settings.wake_word);
	hub_skills_to_json(hub, &write);
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
	else if (message->type == WIRE_book_ask)
		on_book_ask(hub, link, &message->book_ask);
	else if (message->type == WIRE_book_show)
		on_book_show(hub, link, &message->book_show);
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
