/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest contacts: whom messages may go to, by which way, and how long they are held.
 * A change is policy: signed in, kept by the keeper, journaled.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/contact_card.h"
#include "cli/contact_words.h"
#include "cli/contacts_file.h"
#include "cli/enrol.h"
#include "cli/household.h"
#include "cli/room_key.h"
#include "cli/verbs.h"

#define INDENT "                     "

enum { CONTACT_JSON_BYTES = 4096 };

static const struct option options[] = {
	{.name = "box-key",
	 .kind = OPTION_TEXT,
	 .argument = "KEY",
	 .words = "a peer's: the person's key, by which only they open a message"},
	COMMAND_OPTION_DATA,
	{.name = "house",
	 .kind = OPTION_TEXT,
	 .argument = "PERSON",
	 .words = "the inbox of somebody who lives here"},
	COMMAND_OPTION_JSON,
	{.name = "key",
	 .kind = OPTION_TEXT,
	 .argument = "KEY",
	 .words = "a peer's: the key of their house; no other is spoken to"},
	{.name = "mail",
	 .kind = OPTION_TEXT,
	 .argument = "ADDRESS",
	 .words = "a mailbox; what went there cannot be called back"},
	{.name = "name", .kind = OPTION_TEXT, .argument = "NAME", .words = "a new name"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "peer",
	 .kind = OPTION_TEXT,
	 .argument = "ADDRESS",
	 .words =
		 "another house: HOST:PORT where it answers; /KEY behind it: by a relay"},
	ENROL_OPTION_ALIKE,
	{.name = "voice",
	 .kind = OPTION_TEXT,
	 .argument = "yes|no",
	 .words = "whether the phrase, spoken, sends it; else a tap does (default: no)"},
};

/* --- who is there ----------------------------------------------------------------------- */

static bool can_recall(const struct wire_contact *contact)
{
	enum contact_kind kind = CONTACT_MAIL;

	return contact_kind_from_text(contact->kind, &kind) &&
	       contact_kind_can_recall(kind);
}

static enum err print_json(const struct wire_contact *contact, const char *person,
			   const char *fingerprint)
{
	char id[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	id_to_text(id, contact->id.bytes);
	buf_init(&line, CONTACT_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", contact->name);
	json_add_text(&write, "kind", contact->kind);
	json_add_text(&write, "person", person);
	json_add_text(&write, "address", contact->address[0] ? contact->address : NULL);
	json_add_bool(&write, "voice", contact->voice_allowed != 0);
	json_add_bool(&write, "can_recall", can_recall(contact));
	json_add_text(&write, "key", contact->key[0] ? contact->key : NULL);
	json_add_text(&write, "box_key", contact->box_key[0] ? contact->box_key : NULL);
	json_add_text(&write, "fingerprint", fingerprint[0] ? fingerprint : NULL);
	json_add_text(&write, "id", id);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_contact(const struct household *household,
			      const struct wire_contact *contact, bool as_json)
{
	const struct wire_person *person =
		household_person_of(household, contact->person.bytes);
	char fingerprint[KEY_FINGERPRINT_BYTES];

	room_key_fingerprint(contact->key, fingerprint);
	if (as_json)
		return print_json(contact, person ? person->name : NULL, fingerprint);
	printf("%-20s %-5s %s, %s%s\n", contact->name, contact->kind,
	       person ? person->name : contact->address,
	       contact->voice_allowed ? "by voice or a tap" : "by a tap",
	       can_recall(contact) ? "" : ", cannot be called back");
	if (fingerprint[0])
		printf(INDENT "key %s\n", fingerprint);
	return OK;
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	const bool as_json = args_flag(args, "json");
	struct link_client *client = NULL;
	struct household *household = NULL;
	enum err err = household_meet(args, paths, &client, &household, note);

	for (size_t i = 0; !err && i < household->contact_count; i++)
		err = print_contact(household, &household->contacts[i], as_json);
	if (!err && household->contact_count == 0 && !as_json)
		puts("there is no contact yet");
	household_destroy(household);
	link_client_close(client);
	return err;
}

/* --- changes ---------------------------------------------------------------------------- */

static enum err send_contact(struct link_client *client,
			     const struct wire_contact *contact, struct err_note *note)
{
	enum err err = link_client_send_contact(client, contact, note);

	return err ? err : client_expect_done(client, note);
}

static struct alike_name name_of(const struct wire_contact *contact)
{
	struct alike_name name = {.text = contact->name, .is_contact = true};

	memcpy(name.who.bytes, contact->person.bytes, ID_BYTES);
	return name;
}

/* The words that the options give, over those that words holds. Another way to the
 * contact drops what belonged to the one before. */
static enum err read_words(const struct args *args, struct contact_words *words,
			   struct err_note *note)
{
	uint8_t voice = words->voice;
	enum err err;

	if (args_count(args, "house") || args_count(args, "mail") ||
	    args_count(args, "peer")) {
		if (!args_count(args, "peer"))
			words->key = words->box_key = NULL;
		voice = voice && !args_count(args, "mail");
		words->house = args_text(args, "house", NULL);
		words->mail = args_text(args, "mail", NULL);
		words->peer = args_text(args, "peer", NULL);
	}
	words->key = args_text(args, "key", words->key);
	words->box_key = args_text(args, "box-key", words->box_key);
	words->name = args_text(args, "name", words->name);
	err = args_yes(args, "voice", &voice, note);
	words->voice = voice != 0;
	return err;
}

static enum err add(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	struct contact_words words = {.name = args->rest[1]};
	struct wire_contact contact = {.voice_allowed = 0};
	struct link_client *client = NULL;
	struct household *household = NULL;
	struct alike_name name;
	enum err err = read_words(args, &words, note);

	if (!err)
		err = contact_from_words(&words, NULL, "", &contact, note);
	if (!err)
		err = household_meet(args, paths, &client, &household, note);
	if (!err)
		err = contact_from_words(&words, household, "", &contact, note);
	if (!err) {
		name = name_of(&contact);
		err = enrol_check(args, paths, household, NULL, &name, 1, NULL, note);
	}
	if (!err)
		err = send_contact(client, &contact, note);
	household_destroy(household);
	link_client_close(client);
	return err;
}

static struct contact_words words_of(const struct household *household,
				     const struct wire_contact *contact)
{
	const struct wire_person *person =
		household_person_of(household, contact->person.bytes);
	const char *kind = contact->kind;

	return (struct contact_words){
		.name = contact->name,
		.house = person ? person->name : NULL,
		.mail = str_equal(kind, contact_kind_text(CONTACT_MAIL))
				? contact->address
				: NULL,
		.peer = str_equal(kind, contact_kind_text(CONTACT_PEER))
				? contact->address
				: NULL,
		.key = contact->key[0] ? contact->key : NULL,
		.box_key = contact->box_key[0] ? contact->box_key : NULL,
		.voice = contact->voice_allowed != 0,
	};
}

static enum err set(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	const struct wire_contact *known = NULL;
	struct wire_contact contact = {.voice_allowed = 0};
	struct link_client *client = NULL;
	struct household *household = NULL;
	struct contact_words words;
	struct alike_name name;
	enum err err = household_meet(args, paths, &client, &household, note);

	if (!err)
		err = household_contact(household, args->rest[1], &known, note);
	if (!err) {
		contact = *known;
		words = words_of(household, known);
		err = read_words(args, &words, note);
	}
	if (!err)
		err = contact_from_words(&words, household, "", &contact, note);
	if (!err && args_count(args, "name")) {
		name = name_of(&contact);
		err = enrol_check(args, paths, household, contact.id.bytes, &name, 1,
				  NULL, note);
	}
	if (!err)
		err = send_contact(client, &contact, note);
	household_destroy(household);
	link_client_close(client);
	return err;
}

static enum err remove_contact(const struct args *args, const struct paths *paths,
			       struct err_note *note)
{
	const struct wire_contact *known = NULL;
	struct wire_contact contact;
	struct link_client *client = NULL;
	struct household *household = NULL;
	enum err err = household_meet(args, paths, &client, &household, note);

	if (!err)
		err = household_contact(household, args->rest[1], &known, note);
	if (!err) {
		contact = *known;
		contact.is_gone = 1;
		err = send_contact(client, &contact, note);
	}
	household_destroy(household);
	link_client_close(client);
	return err;
}

/* --- many at once ----------------------------------------------------------------------- */

static enum err check_names(const struct args *args, const struct paths *paths,
			    const struct household *household,
			    const struct contacts_file *file, struct err_note *note)
{
	struct alike_name names[POLICY_CONTACTS_MAX];

	for (size_t i = 0; i < file->count; i++)
		names[i] = name_of(&file->contacts[i]);
	return enrol_check(args, paths, household, NULL, names, file->count,
			   args->rest[1], note);
}

/* Everything was checked: what fails now is the world. */
static enum err send_all(struct link_client *client, const struct contacts_file *file,
			 struct err_note *note)
{
	struct err_note why = {""};
	enum err err = OK;
	size_t sent = 0;

	while (!err && sent < file->count) {
		err = send_contact(client, &file->contacts[sent], &why);
		sent += !err;
	}
	if (err)
		return err_say(err, note, "%zu of %zu contacts were added, then: %s",
			       sent, file->count,
			       why.text[0] ? why.text : err_words(err));
	printf("%zu contact%s added\n", sent, sent == 1 ? "" : "s");
	return OK;
}

static enum err import(const struct args *args, const struct paths *paths,
		       struct err_note *note)
{
	struct link_client *client = NULL;
	struct household *household = NULL;
	struct contacts_file *file = calloc(1, sizeof(*file));
	enum err err =
		file ? contacts_file_read(args->rest[1], NULL, file, note) : ERR_MEMORY;

	if (!err)
		err = household_meet(args, paths, &client, &household, note);
	if (!err)
		err = contacts_file_read(args->rest[1], household, file, note);
	if (!err)
		err = check_names(args, paths, household, file, note);
	if (!err)
		err = send_all(client, file, note);
	free(file);
	household_destroy(household);
	link_client_close(client);
	return err;
}

/* --- the hold --------------------------------------------------------------------------- */

static enum err show_hold(struct link_client *client, bool as_json, struct err_note *note)
{
	struct household *household = NULL;
	enum err err = household_get(client, &household, note);

	if (!err)
		printf(as_json ? "{\"hold_s\":%u}\n"
			       : "a message is held for %u s, and can be called off\n",
		       household->hold_s);
	household_destroy(household);
	return err;
}

static enum err hold(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	const char *given = args->rest_count > 1 ? args->rest[1] : NULL;
	struct wire_hold_set change = {.hold_s = 0};
	struct link_client *client = NULL;
	int64_t seconds = 0;
	enum err err = OK;

	if (given && !str_to_int(given, POLICY_HOLD_S_MIN, POLICY_HOLD_S_MAX, &seconds))
		err = err_say(ERR_RANGE, note,
			      "hold %s: expected a whole number from %d to %d", given,
			      POLICY_HOLD_S_MIN, POLICY_HOLD_S_MAX);
	change.hold_s = (uint32_t)seconds;
	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err && !given)
		err = show_hold(client, args_flag(args, "json"), note);
	if (!err && given)
		err = link_client_send_hold_set(client, &change, note);
	if (!err && given)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	static const char expected[] = "the name of one contact";
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list},
		{"add", 1, 1, expected, add},
		{"card", 0, 1, "the name of one person", contact_card},
		{"hold", 0, 1, "how many seconds", hold},
		{"import", 1, 1, "one file", import},
		{"remove", 1, 1, expected, remove_contact},
		{"set", 1, 1, expected, set},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the contacts");
}

const struct command command_contacts = {
	.name = "contacts",
	.summary =
		"show whom messages may go to, add or remove somebody, or set the hold",
	.operands =
		"[list | add NAME | card [PERSON] | hold [SECONDS] | import FILE.json | remove NAME | "
		"set NAME]",
	.words =
		"A change is policy: it needs the owner's passphrase, is kept by the keeper and "
		"written into the journal. A contact is somebody who lives here (--house), a "
		"mailbox (--mail), or somebody of another house (--peer, with --key and "
		"--box-key); `card` prints what they type to write to somebody here, by default "
		"to you. `hold` is how long a message waits before it goes out, 10 to 600 "
		"seconds. `import` adds all contacts of a file or none: a JSON array of objects "
		"with name, one of house, mail and peer, and key, box_key and voice.",
	.choices = "list|add|card|hold|import|remove|set",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
