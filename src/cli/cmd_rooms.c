/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest rooms: which rooms the owner added, what each may do, and by which key it is
 * known. A change is policy: signed in, kept by the keeper, journaled.
 */
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/room_key.h"
#include "cli/status.h"

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
	{.name = "may",
	 .kind = OPTION_TEXT,
	 .argument = "LIST",
	 .words =
		 "message, move, record, security, tell, with commas between; or nothing"},
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

static enum err read_may(const char *list, uint32_t *out_capabilities,
			 struct err_note *note)
{
	unsigned set = 0;

	if (!capabilities_from_text(list, &set))
		return err_say(ERR_RANGE, note,
			       "--may %s: expected message, move, record, security and "
			       "tell, with commas between, or nothing",
			       list);
	*out_capabilities = set;
	return OK;
}

static enum err read_yes(const struct args *args, const char *name, uint8_t *out_yes,
			 struct err_note *note)
{
	const char *word = args_text(args, name, NULL);

	if (!word)
		return OK;
	if (!str_equal(word, "yes") && !str_equal(word, "no"))
		return err_say(ERR_RANGE, note, "--%s %s: expected yes or no", name,
			       word);
	*out_yes = str_equal(word, "yes");
	return OK;
}

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
	const struct wire_message *answer = NULL;
	struct link_client *client = NULL;
	enum err err = OK;

	if (!str_copy(set.room, sizeof(set.room), args->rest[1]) || !set.room[0])
		return err_say(ERR_RANGE, note, "a room's name has 1 to %zu bytes",
			       sizeof(set.room) - 1);
	str_fold(set.room);
	err = start_from(paths, set.room, is_new, &set, note);
	if (!err && args_count(args, "may"))
		err = read_may(args_text(args, "may", ""), &set.capabilities, note);
	if (!err)
		err = read_yes(args, "muted", &set.muted, note);
	if (!err)
		err = read_yes(args, "private", &set.is_private, note);
	if (!err)
		err = read_yes(args, "thin", &set.is_thin, note);
	if (!err && !revoke)
		err = read_key(args, paths, is_new, &set, note);
	set.is_revoked = revoke;
	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = link_client_send_room_set(client, &set, note);
	if (!err)
		err = client_expect(client, WIRE_done, &answer, note);
	if (!err && answer->done.err)
		err = err_say((enum err)answer->done.err, note, "the keeper: %s",
			      err_words((enum err)answer->done.err));
	link_client_close(client);
	return err;
}

/* How many names each verb wants behind it. */
static const struct {
	const char *name;
	size_t least;
	size_t most;
} VERBS[] = {
	{"list", 0, 0}, {"add", 1, 1}, {"key", 0, 1}, {"revoke", 1, 1}, {"set", 1, 1},
};

static enum cli_exit check_words(const struct args *args, const char *verb)
{
	const size_t names = args->rest_count > 0 ? args->rest_count - 1 : 0;

	for (size_t i = 0; i < STR_COUNT(VERBS); i++) {
		if (!str_equal(VERBS[i].name, verb))
			continue;
		if (names >= VERBS[i].least && names <= VERBS[i].most)
			return CLI_DONE;
		return command_fail(CLI_USAGE, "expected %s behind %s",
				    VERBS[i].most ? "the name of one room" : "nothing",
				    verb);
	}
	return command_fail(CLI_USAGE,
			    "\"%.40s\": expected list, add, key, revoke or set", verb);
}

static enum cli_exit run(const struct args *args)
{
	const char *verb = args->rest_count ? args->rest[0] : "list";
	const char *name = args->rest_count > 1 ? args->rest[1] : NULL;
	const bool as_json = args_flag(args, "json");
	struct err_note note = {""};
	struct paths paths;
	enum cli_exit status = check_words(args, verb);
	enum err err;

	if (status != CLI_DONE)
		return status;
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err && str_equal(verb, "list"))
		err = list(&paths, as_json, &note);
	else if (!err && str_equal(verb, "key"))
		err = show_key(&paths, name, as_json, &note);
	else if (!err)
		err = change(args, &paths, str_equal(verb, "add"),
			     str_equal(verb, "revoke"), &note);
	if (err == ERR_RANGE)
		return command_fail(CLI_USAGE, "%s", note.text);
	return err ? command_fail_err(err, &note, "the rooms") : CLI_DONE;
}

const struct command command_rooms = {
	.name = "rooms",
	.summary = "show the rooms, add or revoke one, or change what one may do",
	.operands = "[list | add NAME | key [NAME] | revoke NAME | set NAME]",
	.words =
		"A change is policy: it needs the owner's passphrase, is kept by the keeper and "
		"written into the journal. `key` shows the public key of this machine's hub, "
		"or of its room NAME. A room of this machine is added without --key; one on "
		"another machine with the key that `behest-room --print-key` shows there. A "
		"revoked room is let in again only when its key is named again: set NAME --key.",
	.choices = "list|add|key|revoke|set",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
