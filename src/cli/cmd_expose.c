/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest expose: which devices a voice may name, in which room. Lists them as the hub knows
 * them, beside what the owner said; a change is policy, and is signed in for.
 *
 * What a device is exposed as without a word of the owner follows from how it announces
 * itself: its main part is, what it keeps for settings and diagnosis is not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "domain/day.h"
#include "domain/home.h"

enum { LINE_BYTES = 16384 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "room",
	 .kind = OPTION_TEXT,
	 .argument = "ROOM",
	 .words = "in this room only; without it in all rooms that have no word of "
		  "their own"},
};

/* All that is told: the owner's words, and the hub's devices. */
struct listing {
	struct day_policy day;
	size_t device_count;
	bool has_hub;
	struct wire_device_row devices[HOME_ENTITIES_MAX];
};

/* --- a change --------------------------------------------------------------------------- */

static enum err read_change(const struct args *args, struct wire_expose_set *set,
			    struct err_note *note)
{
	const char *word = args->rest_count > 1 ? args->rest[1] : "";

	if (args->rest_count != 2)
		return err_say(ERR_RANGE, note, "expected ENTITY yes|no|default");
	if (!str_copy(set->entity, sizeof(set->entity), args->rest[0]) || !set->entity[0])
		return err_say(ERR_RANGE, note, "that is no name of an entity");
	if (!str_copy(set->room, sizeof(set->room), args_text(args, "room", "")))
		return err_say(ERR_RANGE, note, "that is too long for a room's name");
	str_fold(set->room);
	set->on = str_equal(word, "yes");
	set->is_gone = str_equal(word, "default");
	return set->on || set->is_gone || str_equal(word, "no")
		       ? OK
		       : err_say(ERR_RANGE, note, "%.40s: expected yes, no or default",
				 word);
}

static enum err change(const struct wire_expose_set *set, struct link_client *client,
		       struct err_note *note)
{
	enum err err = link_client_send_expose_set(client, set, note);

	return err ? err : client_expect_done(client, note);
}

/* --- what holds ------------------------------------------------------------------------- */

static void take_row(struct listing *listing, const struct wire_expose_set *row)
{
	struct day_policy *day = &listing->day;
	struct exposure_policy *own;

	if (day->exposure_count == EXPOSURES_MAX)
		return;
	own = &day->exposures[day->exposure_count++];
	must(str_copy(own->entity, sizeof(own->entity), row->entity));
	must(str_copy(own->room.text, sizeof(own->room.text), row->room));
	own->is_exposed = row->on != 0;
}

/* Rows of other everyday things come between. */
static bool keep_row(void *context, const struct wire_message *message)
{
	if (message->type == WIRE_expose_set)
		take_row(context, &message->expose_set);
	return message->type != WIRE_refused;
}

static enum err load_owner(struct link_client *client, struct listing *listing,
			   struct err_note *note)
{
	static const struct wire_day_get get;
	enum err err = link_client_send_day_get(client, &get, note);

	return err ? err : client_read_rows(client, keep_row, listing, note);
}

/* One part of the devices; *out_more: there may be others. */
static enum err load_some(struct link_client *client, struct listing *listing,
			  bool *out_more, struct err_note *note)
{
	const struct wire_devices_get get = {.from = (uint32_t)listing->device_count};
	enum err err = link_client_send_devices_get(client, &get, note);

	*out_more = false;
	while (!err) {
		const struct wire_message *message = NULL;

		err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);
		if (err || message->type == WIRE_end)
			break;
		if (message->type != WIRE_device_row)
			return client_other(message, note);
		if (listing->device_count == HOME_ENTITIES_MAX)
			return OK;
		listing->devices[listing->device_count++] = message->device_row;
		*out_more = true;
	}
	return err;
}

/* Without a hub only what the owner said is told. */
static void load_hub(const struct paths *paths, struct listing *listing)
{
	struct link_client *client = NULL;
	struct err_note note = {""};
	bool more = true;
	enum err err = client_hub(paths, &client, &note);

	listing->has_hub = err == OK;
	while (!err && more)
		err = load_some(client, listing, &more, &note);
	link_client_close(client);
}

/* --- told ------------------------------------------------------------------------------- */

static bool is_listed(const struct listing *listing, const char *entity)
{
	for (size_t i = 0; i < listing->device_count; i++)
		if (str_equal(listing->devices[i].entity, entity))
			return true;
	return false;
}

static void print_rooms(const struct day_policy *day, const char *entity)
{
	for (size_t i = 0; i < day->exposure_count; i++) {
		const struct exposure_policy *row = &day->exposures[i];

		if (str_equal(row->entity, entity) && row->room.text[0])
			printf(", %s in %s", row->is_exposed ? "named" : "not",
			       row->room.text);
	}
}

static void print_device(const struct day_policy *day, const struct wire_device_row *row)
{
	const bool is_named = day_exposes(day, row->entity, "", row->is_exposed != 0);

	printf("%-40s %s%s%s%s: %s", row->entity, row->name, row->area[0] ? " (" : "",
	       row->area, row->area[0] ? ")" : "", is_named ? "named" : "not named");
	print_rooms(day, row->entity);
	printf("%s\n", row->is_read_only ? "; only read" : "");
}

/* Of a device that is not there now. */
static void print_absent(const struct listing *listing)
{
	for (size_t i = 0; i < listing->day.exposure_count; i++) {
		const struct exposure_policy *row = &listing->day.exposures[i];

		if (!is_listed(listing, row->entity))
			printf("%-40s %s%s%s\n", row->entity,
			       row->is_exposed ? "named" : "not named",
			       row->room.text[0] ? " in " : "", row->room.text);
	}
}

static void add_rooms(struct json_write *write, const struct day_policy *day,
		      const char *entity)
{
	json_open_object(write, "rooms");
	for (size_t i = 0; i < day->exposure_count; i++) {
		const struct exposure_policy *row = &day->exposures[i];

		if (str_equal(row->entity, entity) && row->room.text[0])
			json_add_bool(write, row->room.text, row->is_exposed);
	}
	json_close(write, '}');
}

static enum err print_json(const struct day_policy *day, const char *entity,
			   const struct wire_device_row *row)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "entity", entity);
	json_add_text(&write, "name", row ? row->name : NULL);
	json_add_text(&write, "area", row && row->area[0] ? row->area : NULL);
	json_add_bool(&write, "named",
		      day_exposes(day, entity, "", row && row->is_exposed));
	json_add_bool(&write, "by_default", row && row->is_exposed);
	json_add_bool(&write, "read_only", row && row->is_read_only);
	add_rooms(&write, day, entity);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

/* An absent device once, though several rows may be about it. */
static bool is_first(const struct day_policy *day, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_equal(day->exposures[i].entity, day->exposures[at].entity))
			return false;
	return true;
}

static enum err print_all_json(const struct listing *listing)
{
	const struct day_policy *day = &listing->day;
	enum err err = OK;

	for (size_t i = 0; !err && i < listing->device_count; i++)
		err = print_json(day, listing->devices[i].entity, &listing->devices[i]);
	for (size_t i = 0; !err && i < day->exposure_count; i++)
		if (is_first(day, i) && !is_listed(listing, day->exposures[i].entity))
			err = print_json(day, day->exposures[i].entity, NULL);
	return err;
}

static enum err print(const struct listing *listing, bool as_json)
{
	if (as_json)
		return print_all_json(listing);
	if (!listing->has_hub)
		puts("the hub does not run; this is what the owner said");
	for (size_t i = 0; i < listing->device_count; i++)
		print_device(&listing->day, &listing->devices[i]);
	print_absent(listing);
	return OK;
}

static enum err show(struct link_client *client, const struct paths *paths, bool as_json,
		     struct err_note *note)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	enum err err = listing ? OK : ERR_MEMORY;

	if (!err)
		err = load_owner(client, listing, note);
	if (!err) {
		load_hub(paths, listing);
		err = print(listing, as_json);
	}
	free(listing);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct wire_expose_set set = {.on = 0};
	struct link_client *client = NULL;
	struct err_note note = {""};
	struct paths paths;
	enum err err = args->rest_count > 0 ? read_change(args, &set, &note) : OK;

	if (!err && args->rest_count == 0 && args_text(args, "room", NULL))
		err = err_say(ERR_RANGE, &note, "--room needs ENTITY yes|no|default");
	if (!err)
		err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err && args->rest_count > 0)
		err = change(&set, client, &note);
	else if (!err)
		err = show(client, &paths, args_flag(args, "json"), &note);
	link_client_close(client);
	if (err == ERR_RANGE)
		return command_fail(CLI_USAGE, "%s", note.text);
	return err ? command_fail_err(err, &note, "what a voice may name") : CLI_DONE;
}

const struct command command_expose = {
	.name = "expose",
	.summary = "show or change which devices a voice may name, and where",
	.operands = "[ENTITY yes|no|default]",
	.choices = "yes|no|default",
	.words =
		"Without operands it lists the devices that the hub knows, with what you "
		"said about them. ENTITY is the name at the beginning of such a line. "
		"Without your word a device's main part can be named and what it keeps "
		"for settings and diagnosis cannot; default takes your word back. With "
		"--room it holds in that room and goes before what holds in all. It does "
		"not make a device more harmless: what needs approval still needs it. A "
		"change is policy: journaled, and what loosens is told on all devices.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
