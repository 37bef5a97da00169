/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contact_words - see the header. The keeper checks the same again; here it is said by
 * the word that is wrong.
 */
#include "cli/contact_words.h"

#include <string.h>

#include "base/key_text.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/enrol.h"
#include "domain/peer_address.h"

/* What is written is given to one of these; the rest of the contact is empty. */
struct filling {
	const struct contact_words *words;
	const struct household *household;
	const char *place;
	struct wire_contact *contact;
	struct err_note *note;
};

static enum err wrong(const struct filling *filling, const char *what)
{
	return err_say(ERR_RANGE, filling->note, "%s%s", filling->place, what);
}

static enum err fill_house(const struct filling *filling)
{
	const struct wire_person *person = NULL;
	struct err_note unknown = {""};

	if (!filling->household)
		return OK;
	if (household_person(filling->household, filling->words->house, &person,
			     &unknown))
		return err_say(ERR_MISSING, filling->note, "%s%s", filling->place,
			       unknown.text);
	memcpy(filling->contact->person.bytes, person->id.bytes, ID_BYTES);
	return OK;
}

static enum err fill_address(const struct filling *filling, const char *address)
{
	return *address && str_copy(filling->contact->address,
				    sizeof(filling->contact->address), address)
		       ? OK
		       : wrong(filling, "an address has 1 to 127 bytes");
}

static enum err fill_mail(const struct filling *filling)
{
	if (!strchr(filling->words->mail, '@'))
		return wrong(filling, "mail: expected an address with an @");
	if (filling->words->voice)
		return wrong(filling, "voice: a message to a mailbox, which nobody can "
				      "call back, takes a tap");
	return fill_address(filling, filling->words->mail);
}

static bool read_key(const char *given, char *to, size_t size)
{
	uint8_t bytes[KEY_TEXT_KEY_BYTES];

	return key_from_text(given, bytes) == OK && str_copy(to, size, given);
}

static enum err fill_peer(const struct filling *filling)
{
	const struct contact_words *words = filling->words;
	struct wire_contact *contact = filling->contact;
	struct err_note why = {""};

	if (!words->key || !words->box_key)
		return wrong(filling, "a peer needs its hub's key and the person's box "
				      "key");
	if (!read_key(words->key, contact->key, sizeof(contact->key)))
		return wrong(filling, "key: some letter of it is wrong");
	if (!read_key(words->box_key, contact->box_key, sizeof(contact->box_key)))
		return wrong(filling, "box_key: some letter of it is wrong");
	if (peer_address_check(words->peer, &why))
		return wrong(filling, why.text);
	return fill_address(filling, words->peer);
}

enum err contact_from_words(const struct contact_words *words,
			    const struct household *household, const char *place,
			    struct wire_contact *contact, struct err_note *note)
{
	const struct {
		enum contact_kind kind;
		const char *given;
		enum err (*fill)(const struct filling *filling);
	} ways[] = {
		{CONTACT_HOUSE, words->house, fill_house},
		{CONTACT_MAIL, words->mail, fill_mail},
		{CONTACT_PEER, words->peer, fill_peer},
	};
	struct wire_contact filled = {.voice_allowed = words->voice};
	const struct filling filling = {words, household, place, &filled, note};
	size_t given = STR_COUNT(ways);
	size_t count = 0;
	enum err err;

	for (size_t i = 0; i < STR_COUNT(ways); i++) {
		if (!ways[i].given)
			continue;
		given = i;
		count++;
	}
	if (count != 1)
		return wrong(&filling, "expected one of house, mail and peer");
	if (ways[given].kind != CONTACT_PEER && (words->key || words->box_key))
		return wrong(&filling, "only a peer has keys");
	if (enrol_name(words->name, filled.name, NULL))
		return wrong(&filling, "name: expected 1 to 63 bytes");
	must(str_copy(filled.kind, sizeof(filled.kind),
		      contact_kind_text(ways[given].kind)));
	err = ways[given].fill(&filling);
	if (err)
		return err;
	memcpy(filled.id.bytes, contact->id.bytes, ID_BYTES);
	*contact = filled;
	return OK;
}
