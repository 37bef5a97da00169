/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest people: who lives here, what their devices may approve, and who owns the house.
 * A change is policy: signed in, kept by the keeper, journaled.
 */
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/enrol.h"
#include "cli/household.h"
#include "cli/may.h"
#include "cli/new_owner.h"
#include "cli/verbs.h"

enum { PERSON_JSON_BYTES = 2048, QUESTION_BYTES = 160 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_MAY,
	{.name = "name", .kind = OPTION_TEXT, .argument = "NAME", .words = "a new name"},
	NEW_OWNER_OPTION_PASSPHRASE("a new owner's"),
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "role",
	 .kind = OPTION_TEXT,
	 .argument = "ROLE",
	 .words = "guest or child (may nothing unless --may says so), adult (may all), "
		  "or owner (add only: signs in and decides)"},
	ENROL_OPTION_ALIKE,
	CONFIRM_OPTION_YES("remove"),
};

/* --- who is there ----------------------------------------------------------------------- */

static size_t count_devices(const struct household *household,
			    const struct wire_person *person)
{
	size_t count = 0;

	for (size_t i = 0; i < household->device_count; i++)
		count += !household->devices[i].is_revoked &&
			 id_equal(household->devices[i].person.bytes, person->id.bytes);
	return count;
}

static enum err print_json(const struct wire_person *person, const char *may,
			   size_t devices)
{
	char id[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	id_to_text(id, person->id.bytes);
	buf_init(&line, PERSON_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", person->name);
	json_add_text(&write, "role", person->role);
	json_add_text(&write, "may", may);
	json_add_int(&write, "devices", (int64_t)devices);
	json_add_text(&write, "id", id);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_person(const struct household *household,
			     const struct wire_person *person, bool as_json)
{
	const size_t devices = count_devices(household, person);
	char may[CAPABILITIES_TEXT_BYTES];

	capabilities_to_text(person->capabilities, may);
	if (as_json)
		return print_json(person, may, devices);
	printf("%-20s %-6s may %s", person->name, person->role, may);
	if (devices > 0)
		printf(", %zu device%s", devices, devices == 1 ? "" : "s");
	putchar('\n');
	return OK;
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	struct link_client *client = NULL;
	struct household *household = NULL;
	enum err err = household_meet(args, paths, &client, &household, note);

	for (size_t i = 0; !err && i < household->person_count; i++)
		err = print_person(household, &household->people[i],
				   args_flag(args, "json"));
	household_destroy(household);
	link_client_close(client);
	return err;
}

/* --- what is given ---------------------------------------------------------------------- */

/* With another role come its capabilities, unless --may says which. */
static enum err read_role(const struct args *args, struct wire_person *person,
			  struct err_note *note)
{
	const char *given = args_text(args, "role", NULL);
	enum person_role role = ROLE_GUEST;

	if (!given)
		return OK;
	if (!role_from_text(given, &role))
		return err_say(ERR_RANGE, note,
			       "--role %s: expected guest, child, adult or owner", given);
	must(str_copy(person->role, sizeof(person->role), given));
	person->capabilities = role_capabilities(role);
	return OK;
}

static enum err check_name(const struct args *args, const struct paths *paths,
			   const struct household *household,
			   const struct wire_person *person, struct err_note *note)
{
	struct alike_name name = {.text = person->name};

	memcpy(name.who.bytes, person->id.bytes, ID_BYTES);
	return enrol_check(args, paths, household, person->id.bytes, &name, 1, NULL,
			   note);
}

static enum err send_person(struct link_client *client, const struct wire_person *person,
			    struct err_note *note)
{
	enum err err = link_client_send_person(client, person, note);

	return err ? err : client_expect_done(client, note);
}

/* --- owners ----------------------------------------------------------------------------- */

static enum err new_passphrase(const struct args *args, const char *name,
			       struct secret **out_passphrase, struct err_note *note)
{
	char question[QUESTION_BYTES];

	must(str_format(question, sizeof(question), "The passphrase of %s:", name));
	return new_owner_passphrase(args, "the new owner's passphrase", question,
				    out_passphrase, note);
}

static void show_once(const char *name, const char *recovery)
{
	printf("\"%s\" is an owner of this house.\n"
	       "  recovery code  %s\n"
	       "Write it down now: this is shown once and stored nowhere. Without the\n"
	       "passphrase or the code nobody can open what is kept for them.\n",
	       name, recovery);
}

static enum err add_owner(const struct args *args, struct link_client *client,
			  const char *name, struct err_note *note)
{
	char recovery[NEW_OWNER_RECOVERY_BYTES] = "";
	struct secret *passphrase = NULL;
	enum err err = new_passphrase(args, name, &passphrase, note);

	if (!err)
		err = new_owner_create(client, "", name, passphrase, recovery, note);
	if (!err)
		show_once(name, recovery);
	explicit_bzero(recovery, sizeof(recovery));
	secret_destroy(passphrase);
	return err;
}

/* --- changes ---------------------------------------------------------------------------- */

static enum err add(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	struct wire_person person = {.capabilities = 0};
	struct link_client *client = NULL;
	struct household *household = NULL;
	enum err err = enrol_name(args->rest[1], person.name, note);

	if (!err && !args_count(args, "role"))
		err = err_say(ERR_RANGE, note,
			      "add needs --role guest, child, adult or "
			      "owner");
	if (!err)
		err = read_role(args, &person, note);
	if (!err)
		err = may_read(args, &person.capabilities, note);
	if (!err)
		err = household_meet(args, paths, &client, &household, note);
	if (!err)
		err = check_name(args, paths, household, &person, note);
	if (!err)
		err = str_equal(person.role, role_text(ROLE_OWNER))
			      ? add_owner(args, client, person.name, note)
			      : send_person(client, &person, note);
	household_destroy(household);
	link_client_close(client);
	return err;
}

static enum err apply_options(const struct args *args, struct wire_person *person,
			      struct err_note *note)
{
	const char *name = args_text(args, "name", NULL);
	enum err err = OK;

	if (!name && !args_count(args, "role") && !args_count(args, "may"))
		return err_say(ERR_RANGE, note, "set needs --name, --role or --may");
	if (name)
		err = enrol_name(name, person->name, note);
	if (!err)
		err = read_role(args, person, note);
	return err ? err : may_read(args, &person->capabilities, note);
}

static enum err set(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	const struct wire_person *known = NULL;
	struct wire_person person = {.capabilities = 0};
	struct link_client *client = NULL;
	struct household *household = NULL;
	enum err err = apply_options(args, &person, note); /* before anybody signs in */

	if (!err)
		err = household_meet(args, paths, &client, &household, note);
	if (!err)
		err = household_person(household, args->rest[1], &known, note);
	if (!err) {
		person = *known;
		err = apply_options(args, &person, note);
	}
	if (!err && args_count(args, "name"))
		err = check_name(args, paths, household, &person, note);
	if (!err)
		err = send_person(client, &person, note);
	household_destroy(household);
	link_client_close(client);
	return err;
}

/* What is gone is gone: the name is typed again. */
static const struct confirm removing = {
	.to_do = "remove",
	.without_name = "remove somebody",
	.undone = "nobody was removed",
};

static enum err remove_person(const struct args *args, const struct paths *paths,
			      struct err_note *note)
{
	const struct wire_person *known = NULL;
	struct wire_person person;
	struct link_client *client = NULL;
	struct household *household = NULL;
	enum err err = confirm_name(args, &removing, args->rest[1], note);

	if (!err)
		err = household_meet(args, paths, &client, &household, note);
	if (!err)
		err = household_person(household, args->rest[1], &known, note);
	if (!err) {
		person = *known;
		person.is_gone = 1;
		err = send_person(client, &person, note);
	}
	household_destroy(household);
	link_client_close(client);
	return err;
}

static enum err remove_owner(const struct args *args, const struct paths *paths,
			     struct err_note *note)
{
	struct wire_owner_remove gone = {.name = ""};
	struct link_client *client = NULL;
	enum err err = enrol_name(args->rest[1], gone.name, note);

	if (!err)
		err = confirm_name(args, &removing, gone.name, note);
	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = link_client_send_owner_remove(client, &gone, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	static const char expected[] = "the name of one person";
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list},
		{"add", 1, 1, expected, add},
		{"remove", 1, 1, expected, remove_person},
		{"remove-owner", 1, 1, expected, remove_owner},
		{"set", 1, 1, expected, set},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the people");
}

const struct command command_people = {
	.name = "people",
	.summary = "show who lives here, add or remove somebody, or change what they may",
	.operands = "[list | add NAME | remove NAME | remove-owner NAME | set NAME]",
	.words =
		"A change is policy: it needs the owner's passphrase, is kept by the keeper and "
		"written into the journal. What somebody may is what their devices may "
		"approve. Who is removed loses their devices' word and the contact that is "
		"their inbox. An owner is added with a passphrase of their own, and is removed "
		"by themselves or by an owner who came before them; what was recorded for them "
		"stays theirs to read.",
	.choices = "list|add|remove|remove-owner|set",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
