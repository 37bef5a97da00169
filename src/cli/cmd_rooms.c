/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest rooms: which rooms the owner added and what each may do. A change is policy:
 * signed in, kept by the keeper, journaled.
 */
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/status.h"

enum { MAY_BYTES = 64 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "may",
	 .kind = OPTION_TEXT,
	 .argument = "LIST",
	 .words = "move, tell, record, with commas between; or nothing"},
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
};

static const struct {
	const char *name;
	unsigned bit;
} CAPABILITIES[] = {
	{"move", ROOM_MAY_MOVE},
	{"record", ROOM_MAY_RECORD},
	{"tell", ROOM_MAY_TELL},
};

static void may_words(unsigned capabilities, char to[MAY_BYTES])
{
	to[0] = '\0';
	for (size_t i = 0; i < STR_COUNT(CAPABILITIES); i++) {
		if (capabilities & CAPABILITIES[i].bit)
			(void)str_append(to, MAY_BYTES, "%s%s", *to ? "," : "",
					 CAPABILITIES[i].name);
	}
	if (!*to)
		must(str_copy(to, MAY_BYTES, "nothing"));
}

static enum err read_may(const char *list, uint32_t *out_capabilities,
			 struct err_note *note)
{
	char words[MAY_BYTES];
	char *rest = words;
	uint32_t capabilities = 0;

	if (!str_copy(words, sizeof(words), list))
		return err_say(ERR_RANGE, note,
			       "--may: expected move,tell,record or nothing");
	if (str_equal(words, "nothing"))
		rest = NULL;
	while (rest) {
		const char *word = strsep(&rest, ",");
		size_t at = 0;

		while (at < STR_COUNT(CAPABILITIES) &&
		       !str_equal(CAPABILITIES[at].name, word))
			at++;
		if (at == STR_COUNT(CAPABILITIES))
			return err_say(ERR_RANGE, note,
				       "--may %s: expected move,tell,record or nothing",
				       list);
		capabilities |= CAPABILITIES[at].bit;
	}
	*out_capabilities = capabilities;
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

static void print_room(const struct json_value *room, bool as_json)
{
	char may[MAY_BYTES];
	const char *name = json_text(json_get(room, "name"), "?");
	bool muted = json_bool(json_get(room, "muted"), false);
	bool is_private = json_bool(json_get(room, "private"), false);

	may_words((unsigned)json_number(json_get(room, "capabilities"), 0), may);
	if (as_json)
		printf("{\"name\":\"%s\",\"may\":\"%s\",\"muted\":%s,\"private\":%s}\n",
		       name, may, muted ? "true" : "false",
		       is_private ? "true" : "false");
	else
		printf("%-20s may %s%s%s\n", name, may, muted ? ", muted" : "",
		       is_private ? ", private" : "");
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

static enum err list(const struct paths *paths, bool as_json, struct err_note *note)
{
	struct json *json = NULL;
	const struct json_value *rooms;
	enum err err = load_rooms(paths, &json, note);

	if (err)
		return err;
	rooms = json_get(json_root(json), "rooms");
	for (size_t i = 0; i < json_count(rooms); i++)
		print_room(json_at(rooms, i), as_json);
	if (json_count(rooms) == 0 && !as_json)
		puts("no room was added yet");
	json_destroy(json);
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
	set->capabilities = ROOM_MAY_ALL;
	if (room) {
		set->capabilities =
			(uint32_t)json_number(json_get(room, "capabilities"), 0);
		set->muted = json_bool(json_get(room, "muted"), false);
		set->is_private = json_bool(json_get(room, "private"), false);
	}
	json_destroy(json);
	return err;
}

static enum err change(const struct args *args, const struct paths *paths, bool is_new,
		       struct err_note *note)
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

static enum cli_exit run(const struct args *args)
{
	const char *verb = args->rest_count ? args->rest[0] : "list";
	bool is_add = str_equal(verb, "add");
	bool is_set = str_equal(verb, "set");
	struct err_note note = {""};
	struct paths paths;
	enum err err;

	if (!is_add && !is_set && !str_equal(verb, "list"))
		return command_fail(CLI_USAGE, "\"%.40s\": expected list, add or set",
				    verb);
	if (args->rest_count != (is_add || is_set ? 2 : args->rest_count ? 1 : 0))
		return command_fail(CLI_USAGE,
				    "expected the name of one room behind add or set");
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err && (is_add || is_set))
		err = change(args, &paths, is_add, &note);
	else if (!err)
		err = list(&paths, args_flag(args, "json"), &note);
	if (err == ERR_RANGE)
		return command_fail(CLI_USAGE, "%s", note.text);
	return err ? command_fail_err(err, &note, "the rooms") : CLI_DONE;
}

const struct command command_rooms = {
	.name = "rooms",
	.summary = "show the rooms, add one, or change what one may do",
	.operands = "[list | add NAME | set NAME]",
	.words =
		"A change is policy: it needs the owner's passphrase, is kept by the keeper and "
		"written into the journal.",
	.choices = "list|add|set",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
