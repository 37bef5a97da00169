/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest rooms: which rooms the owner added, what each may do, and by which key it is
 * known. A change is policy: signed in, kept by the keeper, journaled.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/device.h"
#include "cli/may.h"
#include "cli/room_key.h"
#include "cli/status.h"
#include "cli/verbs.h"

#define INDENT "                     "

enum { ROOM_JSON_BYTES = 4096 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "key",
	 .kind = OPTION_TEXT,
	 .argument = "KEY",
	 .words =
		 "its public key, as `behest-room --print-key` shows it there; local: the "
		 "one of this machine's room (add: default)"},
	COMMAND_OPTION_MAY,
	{.name = "muted",
	 .kind = OPTION_TEXT,
	 .argument = "yes|no",
	 .words = "whether its microphone is shut"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "private",
	 .kind = OPTION_TEXT,
	 .argument = "yes|no",
	 .words = "whether what is asked there is kept for its owner alone"},
	{.name = "thin",
	 .kind = OPTION_TEXT,
	 .argument = "yes|no",
	 .words =
		 "whether its word proves nothing: it never asks for what binds the house"},
};

/* What the hub says of a room, or NULL. */
static const struct json_value *of_hub(const struct json *hub, const char *name)
{
	const struct json_value *rooms = hub ? json_get(json_root(hub), "rooms") : NULL;

	for (size_t i = 0; i < json_count(rooms); i++) {
		const struct json_value *room = json_at(rooms, i);

		if (str_equal_folded(json_text(json_get(room, "name"), ""), name))
			return room;
	}
	return NULL;
}

/* What waits for a device's word about the room. */
static void add_asked(struct json_write *write, const struct json_value *room)
{
	const struct json_value *asked = json_get(room, "asked");

	json_open_array(write, "asked");
	for (size_t i = 0; i < json_count(asked); i++) {
		const struct json_value *one = json_at(asked, i);

		json_open_object(write, NULL);
		json_add_text(write, "may", json_text(json_get(one, "may"), "?"));
		json_add_bool(write, "on", json_bool(json_get(one, "on"), false));
		json_close(write, '}');
	}
	json_close(write, ']');
}

static enum err print_json(const struct json_value *room, const struct json_value *live,
			   const char *may, const char *fingerprint)
{
	static const char *const kept[] = {"muted", "private", "thin", "revoked"};
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, ROOM_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", json_text(json_get(room, "name"), "?"));
	json_add_text(&write, "may", may);
	for (size_t i = 0; i < STR_COUNT(kept); i++)
		json_add_bool(&write, kept[i], json_bool(json_get(room, kept[i]), false));
	add_asked(&write, room);
	json_add_text(&write, "key", json_text(json_get(room, "key"), NULL));
	json_add_text(&write, "fingerprint", fingerprint[0] ? fingerprint : NULL);
	json_add_bool(&write, "connected",
		      live && json_bool(json_get(live, "connected"), false));
	json_add_text(&write, "link", json_text(json_get(live, "link"), NULL));
	json_add_text(&write, "address", json_text(json_get(live, "address"), NULL));
	json_add_int(&write, "heard_ms_ago",
		     (int64_t)json_number(json_get(live, "heard_ms_ago"), -1));
	json_add_text(&write, "light", json_text(json_get(live, "light"), NULL));
	json_add_text(&write, "trouble", json_text(json_get(live, "trouble"), NULL));
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

/* One word for how far its word goes. */
static const char *standing(const struct json_value *room)
{
	if (json_bool(json_get(room, "revoked"), false))
		return "revoked";
	return json_bool(json_get(room, "thin"), false) ? "thin" : "attested";
}

/* A room that is there and does not hear says so, and why. */
static void print_trouble(const struct json_value *live)
{
	const char *trouble = json_text(json_get(live, "trouble"), "");
	const bool deaf = str_equal(json_text(json_get(live, "light"), ""), "deaf");

	if (deaf)
		printf(INDENT "deaf: %s\n", trouble[0] ? trouble : "it did not say why");
	else if (trouble[0])
		printf(INDENT "trouble: %s\n", trouble);
}

static void print_asked(const struct json_value *room)
{
	const struct json_value *asked = json_get(room, "asked");

	for (size_t i = 0; i < json_count(asked); i++) {
		const struct json_value *one = json_at(asked, i);

		printf(INDENT
		       "asked for: may %s%s; it waits for a tap (behest approve)\n",
		       json_bool(json_get(one, "on"), false) ? "" : "not ",
		       json_text(json_get(one, "may"), "?"));
	}
}

static void print_words(const struct json_value *room, const struct json_value *live,
			const char *may, const char *fingerprint)
{
	const char *link = json_text(json_get(live, "link"), "away");
	const char *address = json_text(json_get(live, "address"), "");
	const double ago_ms = json_number(json_get(live, "heard_ms_ago"), -1);

	printf("%-20s may %s%s%s, %s, %s%s%s", json_text(json_get(room, "name"), "?"),
	       may, json_bool(json_get(room, "muted"), false) ? ", muted" : "",
	       json_bool(json_get(room, "private"), false) ? ", private" : "",
	       standing(room), link, address[0] ? " " : "", address);
	if (ago_ms >= 0)
		printf(", last heard %.0f s ago", ago_ms / 1000);
	printf("%s%s\n", fingerprint[0] ? "\n" INDENT "key " : "", fingerprint);
	print_asked(room);
	print_trouble(live);
}

static enum err print_room(const struct json_value *room, const struct json_value *live,
			   bool as_json)
{
	char fingerprint[KEY_FINGERPRINT_BYTES];
	char may[CAPABILITIES_TEXT_BYTES];

	capabilities_to_text((unsigned)json_number(json_get(room, "capabilities"), 0),
			     may);
	room_key_fingerprint(json_text(json_get(room, "key"), ""), fingerprint);
	if (as_json)
		return print_json(room, live, may, fingerprint);
	print_words(room, live, may, fingerprint);
	return OK;
}

/* The keeper's rooms, as its status tells them. */
static enum err load_rooms(const struct paths *paths, struct json **out_json,
			   struct err_note *note)
{
	char text[STATUS_BYTES_MAX];
	enum err err = status_of_keeper(paths, text, note);

	return err ? err
		   : json_parse("keeper", text, strlen(text), STATUS_BYTES_MAX, out_json,
				note);
}

/* What the hub knows besides; without one, nothing. */
static struct json *load_hub(const struct paths *paths)
{
	static char text[STATUS_BYTES_MAX];
	struct err_note note = {""};
	struct json *json = NULL;

	if (status_of_hub(paths, text, &note) != OK ||
	    json_parse("hub", text, strlen(text), STATUS_BYTES_MAX, &json, &note) != OK)
		return NULL;
	return json;
}

static enum err list(const struct paths *paths, bool as_json, struct err_note *note)
{
	struct json *json = NULL;
	struct json *hub = NULL;
	const struct json_value *rooms;
	enum err err = load_rooms(paths, &json, note);

	if (err)
		return err;
	hub = load_hub(paths);
	rooms = json_get(json_root(json), "rooms");
	for (size_t i = 0; !err && i < json_count(rooms); i++) {
		const struct json_value *room = json_at(rooms, i);

		err = print_room(room, of_hub(hub, json_text(json_get(room, "name"), "")),
				 as_json);
	}
	if (json_count(rooms) == 0 && !as_json)
		puts("no room was added yet");
	json_destroy(hub);
	json_destroy(json);
	return err;
}

/* The key of this machine's room, or of its hub. */
static enum err show_key(const struct paths *paths, const char *name, bool as_json,
			 struct err_note *note)
{
	char key[KEY_TEXT_BYTES];
	char fingerprint[KEY_FINGERPRINT_BYTES];
	enum err err = room_key_local(paths, name, key, note);

	if (err)
		return err;
	room_key_fingerprint(key, fingerprint);
	printf(as_json ? "{\"key\":\"%s\",\"fingerprint\":\"%s\"}\n"
		       : "key          %s\nfingerprint  %s\n",
	       key, fingerprint);
	return OK;
}

/* The key to record: given, this machine's own, or none. */
static enum err read_key(const struct args *args, const struct paths *paths, bool is_new,
			 struct wire_room_set *set, struct err_note *note)
{
	const char *given = args_text(args, "key", NULL);
	uint8_t bytes[KEY_TEXT_KEY_BYTES];

	if (!given && (!is_new || set->is_thin))
		return OK;
	if (!given || str_equal(given, "local"))
		return room_key_local(paths, set->room, set->key, note);
	if (key_from_text(given, bytes) != OK ||
	    !str_copy(set->key, sizeof(set->key), given))
		return err_say(ERR_RANGE, note,
			       "--key: some letter of it is wrong; copy it from "
			       "`behest-room --print-key`");
	return OK;
}

/* What the room is now, for `set`, or what a new one is, for `add`. */
static enum err start_from(const struct paths *paths, const char *name, bool is_new,
			   struct wire_room_set *set, struct err_note *note)
{
	struct json *json = NULL;
	const struct json_value *rooms;
	const struct json_value *room = NULL;
	enum err err = load_rooms(paths, &json, note);

	if (err)
		return err;
	rooms = json_get(json_root(json), "rooms");
	for (size_t i = 0; !room && i < json_count(rooms); i++) {
		if (str_equal(json_text(json_get(json_at(rooms, i), "name"), ""), name))
			room = json_at(rooms, i);
	}
	if (is_new && room)
		err = err_say(ERR_EXISTS, note, "the %s is there already; see: rooms set",
			      name);
	if (!is_new && !room)
		err = err_say(ERR_MISSING, note, "there is no %s; see: rooms list", name);
	set->capabilities = MAY_ALL;
	if (room) {
		set->capabilities =
			(uint32_t)json_number(json_get(room, "capabilities"), 0);
		set->muted = json_bool(json_get(room, "muted"), false);
		set->is_private = json_bool(json_get(room, "private"), false);
		set->is_thin = json_bool(json_get(room, "thin_set"), false);
	}
	json_destroy(json);
	return err;
}

static enum err change(const struct args *args, const struct paths *paths, bool is_new,
		       bool revoke, struct err_note *note)
{
	struct wire_room_set set = {.unused = 0};
	struct link_client *client = NULL;
	enum err err = OK;

	if (!str_copy(set.room, sizeof(set.room), args->rest[1]) || !set.room[0])
		return err_say(ERR_RANGE, note, "a room's name has 1 to %zu bytes",
			       sizeof(set.room) - 1);
	str_fold(set.room);
	err = start_from(paths, set.room, is_new, &set, note);
	if (!err)
		err = may_read(args, &set.capabilities, note);
	if (!err)
		err = args_yes(args, "muted", &set.muted, note);
	if (!err)
		err = args_yes(args, "private", &set.is_private, note);
	if (!err)
		err = args_yes(args, "thin", &set.is_thin, note);
	if (!err && !revoke)
		err = read_key(args, paths, is_new, &set, note);
	set.is_revoked = revoke;
	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = link_client_send_room_set(client, &set, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

static enum err list_rooms(const struct args *args, const struct paths *paths,
			   struct err_note *note)
{
	return list(paths, args_flag(args, "json"), note);
}

static enum err add_room(const struct args *args, const struct paths *paths,
			 struct err_note *note)
{
	return change(args, paths, true, false, note);
}

static enum err show_room_key(const struct args *args, const struct paths *paths,
			      struct err_note *note)
{
	return show_key(paths, args->rest_count > 1 ? args->rest[1] : NULL,
			args_flag(args, "json"), note);
}

static enum err revoke_room(const struct args *args, const struct paths *paths,
			    struct err_note *note)
{
	return change(args, paths, false, true, note);
}

static enum err set_room(const struct args *args, const struct paths *paths,
			 struct err_note *note)
{
	return change(args, paths, false, false, note);
}

/* --- as a paired device ----------------------------------------------------------------- */

static enum err print_muted(const char *room, bool on, bool as_json)
{
	struct json_write write;
	struct buf line;
	enum err err = OK;

	if (!as_json) {
		printf("the %s is %smuted\n", room, on ? "" : "not ");
		return OK;
	}
	buf_init(&line, ROOM_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", room);
	json_add_bool(&write, "muted", on);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err say_muted(const struct args *args, const struct paths *paths, bool on,
			  struct err_note *note)
{
	const struct device_listener nobody = {.told = NULL};
	struct notices *notices = calloc(1, sizeof(*notices));
	struct device_link *device = NULL;
	char room[NAME_BYTES] = "";
	enum err err = notices ? OK : ERR_MEMORY;

	if (!err && !str_copy(room, sizeof(room), args->rest[1]))
		err = err_say(ERR_RANGE, note, "that is too long for a room's name");
	str_fold(room);
	if (!err)
		err = device_open(paths, notices, &nobody, &device, note);
	if (!err)
		err = device_mute(device, room, on, note);
	if (!err)
		err = print_muted(room, on, args_flag(args, "json"));
	device_close(device);
	free(notices);
	return err;
}

static enum err mute_room(const struct args *args, const struct paths *paths,
			  struct err_note *note)
{
	return say_muted(args, paths, true, note);
}

static enum err unmute_room(const struct args *args, const struct paths *paths,
			    struct err_note *note)
{
	return say_muted(args, paths, false, note);
}

static enum cli_exit run(const struct args *args)
{
	static const char expected[] = "the name of one room";
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list_rooms},
		{"add", 1, 1, expected, add_room},
		{"key", 0, 1, expected, show_room_key},
		{"mute", 1, 1, expected, mute_room},
		{"revoke", 1, 1, expected, revoke_room},
		{"set", 1, 1, expected, set_room},
		{"unmute", 1, 1, expected, unmute_room},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the rooms");
}

const struct command command_rooms = {
	.name = "rooms",
	.summary = "show the rooms, add, revoke or mute one, or change what one may do",
	.operands =
		"[list | add NAME | key [NAME] | mute NAME | revoke NAME | set NAME | "
		"unmute NAME]",
	.words =
		"A change is policy: it needs the owner's passphrase, is kept by the keeper and "
		"written into the journal. `key` shows the public key of this machine's hub, "
		"or of its room NAME. A room of this machine is added without --key; one on "
		"another machine with the key that `behest-room --print-key` shows there. A "
		"revoked room is let in again only when its key is named again: set NAME --key. "
		"`mute` and `unmute` need no passphrase: this computer has to be paired "
		"(`behest pair --here`). Whoever lives here mutes; guests do not. To unmute "
		"takes the device of somebody who may change what rooms do (policy). Status "
		"3 when the keeper refuses, with its reason.",
	.choices = "list|add|key|mute|revoke|set|unmute",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
