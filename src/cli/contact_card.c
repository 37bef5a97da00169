/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contact_card - see the header. The keys come from the keeper, the address from the
 * settings; neither is secret.
 */
#include "cli/contact_card.h"

#include <stdio.h>
#include <string.h>

#include "adapter/settings_file.h"
#include "base/json.h"
#include "base/key_text.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/household.h"
#include "domain/peer_address.h"

enum { CARD_JSON_BYTES = 4096 };

struct card {
	char name[PEOPLE_NAME_BYTES];
	const char *address;
	char key[KEY_TEXT_BYTES];
	char box_key[KEY_TEXT_BYTES];
};

/* --- what is printed -------------------------------------------------------------------- */

void contact_card_quote(char to[CONTACT_CARD_WORD_BYTES], const char *word)
{
	/* Within double quotes these do not stand for themselves. */
	const bool is_plain = !strpbrk(word, "\"$`\\!");
	size_t at = 0;

	must(strlen(word) * 4 + 3 <= CONTACT_CARD_WORD_BYTES);
	to[at++] = is_plain ? '"' : '\'';
	for (; *word; word++) {
		if (!is_plain && *word == '\'') {
			memcpy(to + at, "'\\''", 4);
			at += 4;
		} else {
			to[at++] = *word;
		}
	}
	to[at++] = is_plain ? '"' : '\'';
	to[at] = '\0';
}

static void print_words(const struct card *card)
{
	char name[CONTACT_CARD_WORD_BYTES];
	char address[CONTACT_CARD_WORD_BYTES];

	contact_card_quote(name, card->name);
	contact_card_quote(address, card->address);
	printf("behest contacts add %s --peer %s --key %s --box-key %s\n", name, address,
	       card->key, card->box_key);
}

static enum err print_json(const struct card *card)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, CARD_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", card->name);
	json_add_text(&write, "peer", card->address);
	json_add_text(&write, "key", card->key);
	json_add_text(&write, "box_key", card->box_key);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

/* --- where it comes from ---------------------------------------------------------------- */

enum err contact_card_address(const struct settings *settings, const char **out_address,
			      struct err_note *note)
{
	const char *const places[] = {settings->peer_address, settings->peer_relay,
				      settings->peer_listen};
	const char *address = "";

	for (size_t i = 0; i < STR_COUNT(places) && address[0] == '\0'; i++)
		address = places[i];
	if (address[0] == '\0')
		return err_say(ERR_MISSING, note,
			       "where other houses reach this one is not known: set "
			       "[peer] address");
	if (peer_address_check(address, note) != OK)
		return ERR_FORMAT;
	if (peer_address_is_unspecified(address))
		return err_say(ERR_MISSING, note,
			       "[peer] listen names no address that others can write: "
			       "set [peer] address");
	*out_address = address;
	return OK;
}

static enum err find_person(const struct args *args, const struct household *household,
			    const struct wire_unlocked *owner,
			    const struct wire_person **out_person, struct err_note *note)
{
	if (args->rest_count > 1)
		return household_person(household, args->rest[1], out_person, note);
	*out_person = household_person_of(household, owner->owner.bytes);
	return *out_person ? OK
			   : err_say(ERR_MISSING, note,
				     "you do not live here any more; say for whom");
}

static enum err get_card(struct link_client *client, const struct wire_person *person,
			 struct card *card, struct err_note *note)
{
	struct wire_card_get get = {.unused = 0};
	const struct wire_message *message = NULL;
	enum err err;

	must(person);
	memcpy(get.person.bytes, person->id.bytes, ID_BYTES);
	must(str_copy(card->name, sizeof(card->name), person->name));
	err = link_client_send_card_get(client, &get, note);
	if (!err)
		err = client_expect(client, WIRE_card, &message, note);
	if (err)
		return err;
	if (message->card.key.size != KEY_TEXT_KEY_BYTES ||
	    message->card.box_key.size != KEY_TEXT_KEY_BYTES)
		return err_say(ERR_FORMAT, note, "the keeper answers something else");
	err = key_to_text(message->card.key.bytes, card->key);
	return err ? err : key_to_text(message->card.box_key.bytes, card->box_key);
}

enum err contact_card(const struct args *args, const struct paths *paths,
		      struct err_note *note)
{
	struct settings settings;
	struct card card = {.address = NULL};
	struct wire_unlocked owner = {.name = ""};
	struct link_client *client = NULL;
	struct household *household = NULL;
	const struct wire_person *person = NULL;
	enum err err = settings_file_read(paths->config, false, &settings, note);

	if (!err)
		err = contact_card_address(&settings, &card.address, note);
	if (!err)
		err = client_sign_in_as(args, paths, &client, &owner, note);
	if (!err)
		err = household_get(client, &household, note);
	if (!err)
		err = find_person(args, household, &owner, &person, note);
	if (!err)
		err = get_card(client, person, &card, note);
	if (!err && !str_equal(settings.peer_on, "yes"))
		(void)fprintf(stderr,
			      "behest contacts: [peer] on is no in %s: nothing "
			      "goes to other houses or comes from them\n",
			      paths->config);
	if (!err && args_flag(args, "json"))
		err = print_json(&card);
	else if (!err)
		print_words(&card);
	household_destroy(household);
	link_client_close(client);
	return err;
}
