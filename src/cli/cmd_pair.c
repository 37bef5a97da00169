/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest pair: devices that approve what binds the household. An owner shows a code, or
 * pairs this computer in one go; lists devices, and revokes one.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/household.h"
#include "cli/pair_here.h"
#include "cli/pair_show.h"
#include "cli/room_key.h"
#include "domain/pairing.h"

enum { DEVICE_JSON_BYTES = 2048 };

static const struct option options[] = {
	{.name = "code",
	 .kind = OPTION_TEXT,
	 .argument = "CODE",
	 .words = "take up a code, or a whole offer, that is shown elsewhere on this "
		  "machine; needs no owner here"},
	COMMAND_OPTION_DATA,
	{.name = "here", .kind = OPTION_FLAG, .words = "pair this computer itself"},
	COMMAND_OPTION_JSON,
	{.name = "list", .kind = OPTION_FLAG, .words = "list the devices"},
	{.name = "name",
	 .kind = OPTION_TEXT,
	 .argument = "DEVICE",
	 .words = "what the device is called (default: this computer's name)"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "person",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "whose it is, and so what it may approve (default: the owner's)"},
	{.name = "revoke",
	 .kind = OPTION_TEXT,
	 .argument = "NAME|FINGERPRINT",
	 .words = "let a device approve nothing any more"},
};

/* What every way of pairing is about. */
struct pairing {
	const struct args *args;
	struct paths paths;
	bool as_json;
	char name[PEOPLE_NAME_BYTES]; /* the device's */
	struct link_client *owner;    /* signed in */
	struct wire_unlocked who;
	struct household *before; /* owned */
	struct household *after;  /* owned */
	struct notices notices;
	struct device_link *device;
};

/* --- one device ------------------------------------------------------------------------- */

static enum err print_json(const char *name, const char *person, const char *fingerprint,
			   bool is_revoked)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, DEVICE_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", name);
	json_add_text(&write, "person", person);
	json_add_text(&write, "fingerprint", fingerprint);
	json_add_bool(&write, "revoked", is_revoked);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		puts((const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_paired(const char *name, const char *person,
			     const char *fingerprint, bool as_json)
{
	if (as_json)
		return print_json(name, person, fingerprint, false);
	printf("paired: %s, of %s; key %s\n", name, person, fingerprint);
	return OK;
}

static enum err print_own(const struct pairing *pairing)
{
	char fingerprint[KEY_FINGERPRINT_BYTES];

	device_fingerprint(pairing->device, fingerprint);
	return print_paired(device_name(pairing->device), device_person(pairing->device),
			    fingerprint, pairing->as_json);
}

static enum err print_row(const struct pairing *pairing, const struct wire_device *device)
{
	const char *person = household_name(pairing->before, device->person.bytes);
	char fingerprint[KEY_FINGERPRINT_BYTES];

	room_key_fingerprint(device->key, fingerprint);
	if (pairing->as_json)
		return print_json(device->name, person, fingerprint, device->is_revoked);
	printf("%-20s %-20s %s%s\n", device->name, person, fingerprint,
	       device->is_revoked ? "  revoked" : "");
	return OK;
}

/* --- signed in -------------------------------------------------------------------------- */

static enum err sign_in(struct pairing *pairing, struct err_note *note)
{
	enum err err = client_sign_in_as(pairing->args, &pairing->paths, &pairing->owner,
					 &pairing->who, note);

	return err ? err : household_get(pairing->owner, &pairing->before, note);
}

static enum err list(struct pairing *pairing, struct err_note *note)
{
	enum err err = sign_in(pairing, note);

	for (size_t i = 0; !err && i < pairing->before->device_count; i++)
		err = print_row(pairing, &pairing->before->devices[i]);
	if (!err && pairing->before->device_count == 0 && !pairing->as_json)
		puts("no device is paired; this computer: behest pair --here");
	return err;
}

static enum err revoke_one(struct pairing *pairing, struct err_note *note)
{
	const struct wire_message *message = NULL;
	const struct wire_device *found = NULL;
	struct wire_device set;
	enum err err = sign_in(pairing, note);

	if (!err)
		err = household_device(pairing->before,
				       args_text(pairing->args, "revoke", ""), &found,
				       note);
	if (err)
		return err;
	set = *found;
	set.is_revoked = true;
	err = link_client_send_device(pairing->owner, &set, note);
	if (!err)
		err = client_expect(pairing->owner, WIRE_done, &message, note);
	return err ? err : print_row(pairing, &set);
}

/* Whose device it is to be: somebody named, else the owner. */
static enum err find_person(const struct pairing *pairing, struct wire_id *out_id,
			    struct err_note *note)
{
	const char *name = args_text(pairing->args, "person", NULL);
	const struct wire_person *person = NULL;
	enum err err = OK;

	*out_id = pairing->who.owner;
	if (name)
		err = household_person(pairing->before, name, &person, note);
	if (person)
		*out_id = person->id;
	return err;
}

/* --- the three ways --------------------------------------------------------------------- */

/* Whoever took up the code is shown: it may not be who was meant. */
static enum err print_new(struct pairing *pairing, struct err_note *note)
{
	const struct wire_device *device;
	char fingerprint[KEY_FINGERPRINT_BYTES];
	enum err err = household_get(pairing->owner, &pairing->after, note);

	if (err)
		return err;
	device = household_new_device(pairing->after, pairing->before);
	if (!device) {
		puts("a device that was paired before is paired again");
		return OK;
	}
	room_key_fingerprint(device->key, fingerprint);
	return print_paired(device->name,
			    household_name(pairing->after, device->person.bytes),
			    fingerprint, pairing->as_json);
}

static void house_name(char to[PAIRING_HOUSE_BYTES])
{
	if (gethostname(to, PAIRING_HOUSE_BYTES - 1) != 0 || to[0] == '\0')
		(void)str_copy(to, PAIRING_HOUSE_BYTES, "computer");
	to[PAIRING_HOUSE_BYTES - 1] = '\0';
	str_clean(to);
}

static enum err show(struct pairing *pairing, struct err_note *note)
{
	struct wire_id person;
	const struct wire_pair_offer *offer = NULL;
	char house[PAIRING_HOUSE_BYTES];
	enum err err = sign_in(pairing, note);

	house_name(house);
	if (!err)
		err = find_person(pairing, &person, note);
	if (!err)
		err = pair_code(pairing->owner, person, pairing->name, &offer, note);
	if (!err)
		err = pair_show(offer, house, pairing->as_json, note);
	if (!err)
		err = pair_wait(pairing->owner, note);
	return err ? err : print_new(pairing, note);
}

static enum err here(struct pairing *pairing, struct err_note *note)
{
	struct wire_id person;
	enum err err = sign_in(pairing, note);

	if (!err)
		err = find_person(pairing, &person, note);
	if (!err)
		err = pair_here(pairing->owner, person, pairing->name, &pairing->paths,
				&pairing->notices, &pairing->device, note);
	return err ? err : print_own(pairing);
}

/* The code alone, in capitals, or the one within a whole offer of this machine. */
static enum err read_code(const char *given, char to[PAIRING_CODE_BYTES],
			  struct err_note *note)
{
	struct pairing_offer offer;
	enum err err = OK;

	if (!strchr(given, ':')) {
		if (!str_copy(to, PAIRING_CODE_BYTES, given))
			return err_say(ERR_RANGE, note,
				       "--code: expected four groups of four letters");
		for (char *at = to; *at; at++)
			*at = (char)toupper((unsigned char)*at);
		return OK;
	}
	err = pairing_offer_read(given, &offer, note);
	if (err)
		return err_say(ERR_RANGE, note, "--code: %s", err_words(err));
	if (str_equal(offer.address, "unix"))
		(void)str_copy(to, PAIRING_CODE_BYTES, offer.code);
	else
		err = err_say(ERR_UNSUPPORTED, note,
			      "--code: that house is on another machine");
	pairing_offer_wipe(&offer);
	return err;
}

static enum err take_up(struct pairing *pairing, struct err_note *note)
{
	char code[PAIRING_CODE_BYTES];
	enum err err = read_code(args_text(pairing->args, "code", ""), code, note);

	if (!err)
		err = device_pair(&pairing->paths, code, pairing->name, &pairing->notices,
				  &pairing->device, note);
	explicit_bzero(code, sizeof(code));
	if (!err)
		err = device_wait_paired(pairing->device, note);
	return err ? err : print_own(pairing);
}

/* --- the command ------------------------------------------------------------------------ */

static const struct way {
	const char *option; /* NULL: without any of them */
	enum err (*run)(struct pairing *pairing, struct err_note *note);
} WAYS[] = {
	{"code", take_up},      {"here", here}, {"list", list},
	{"revoke", revoke_one}, {NULL, show},
};

/* NULL: more than one. */
static const struct way *find_way(const struct args *args)
{
	const struct way *found = NULL;

	for (size_t i = 0; i < STR_COUNT(WAYS) - 1; i++) {
		if (args_count(args, WAYS[i].option) == 0)
			continue;
		if (found)
			return NULL;
		found = &WAYS[i];
	}
	return found ? found : &WAYS[STR_COUNT(WAYS) - 1];
}

static enum err read_name(struct pairing *pairing, struct err_note *note)
{
	const char *given = args_text(pairing->args, "name", NULL);
	char own[PAIRING_HOUSE_BYTES];

	house_name(own);
	if (!str_copy(pairing->name, sizeof(pairing->name), given ? given : own) ||
	    pairing->name[0] == '\0')
		return err_say(ERR_RANGE, note, "--name: a name has 1 to %d bytes",
			       PEOPLE_NAME_BYTES - 1);
	return OK;
}

static void finish(struct pairing *pairing)
{
	if (!pairing)
		return;
	device_close(pairing->device);
	link_client_close(pairing->owner);
	household_destroy(pairing->before);
	household_destroy(pairing->after);
	free(pairing);
}

static enum cli_exit run(const struct args *args)
{
	const struct way *way = find_way(args);
	struct err_note note = {""};
	struct pairing *pairing = NULL;
	enum cli_exit status = CLI_DONE;
	enum err err;

	if (!way)
		return command_fail(CLI_USAGE,
				    "--code, --here, --list and --revoke exclude each "
				    "other");
	pairing = calloc(1, sizeof(*pairing));
	err = pairing ? paths_find(args_text(args, "data", NULL), &pairing->paths, &note)
		      : ERR_MEMORY;
	if (!err) {
		pairing->args = args;
		pairing->as_json = args_flag(args, "json");
		err = read_name(pairing, &note);
	}
	if (!err)
		err = way->run(pairing, &note);
	if (err == ERR_RANGE)
		status = command_fail(CLI_USAGE, "%s", note.text);
	else if (err)
		status = command_fail_err(err, &note, "the device");
	finish(pairing);
	return status;
}

const struct command command_pair = {
	.name = "pair",
	.summary = "pair a device that approves what binds the household",
	.operands = "",
	.words =
		"Shows a code for ten minutes, as a picture and as text, and waits for the "
		"device that takes it up. --here pairs this computer in one go. Pairing, "
		"listing and revoking need the owner's passphrase; a revoked device comes "
		"back only by pairing it again. What waits is then approved with `behest "
		"approve`.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
