/* SPDX-License-Identifier: Apache-2.0 */
/*
 * household - asks for the rows and keeps them. Decides nothing.
 */
#include "cli/household.h"

#include <stdlib.h>

#include "base/key_text.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/room_key.h"

/* False: there are more of them than a house can have, or it is no such row. */
static bool keep_row(void *context, const struct wire_message *message)
{
	struct household *household = context;

	if (message->type == WIRE_person &&
	    household->person_count < STR_COUNT(household->people))
		household->people[household->person_count++] = message->person;
	else if (message->type == WIRE_contact &&
		 household->contact_count < STR_COUNT(household->contacts))
		household->contacts[household->contact_count++] = message->contact;
	else if (message->type == WIRE_device &&
		 household->device_count < STR_COUNT(household->devices))
		household->devices[household->device_count++] = message->device;
	else if (message->type == WIRE_hold_set)
		household->hold_s = message->hold_set.hold_s;
	else
		return false;
	return true;
}

enum err household_get(struct link_client *client, struct household **out_household,
		       struct err_note *note)
{
	static const struct wire_people_get get;
	struct household *household = calloc(1, sizeof(*household));
	enum err err = household ? OK : ERR_MEMORY;

	if (!err)
		err = link_client_send_people_get(client, &get, note);
	if (!err)
		err = client_read_rows(client, keep_row, household, note);
	if (!err) {
		*out_household = household;
		household = NULL;
	}
	household_destroy(household);
	return err;
}

enum err household_meet(const struct args *args, const struct paths *paths,
			struct link_client **out_client, struct household **out_household,
			struct err_note *note)
{
	enum err err = client_sign_in(args, paths, out_client, note);

	return err ? err : household_get(*out_client, out_household, note);
}

void household_destroy(struct household *household)
{
	free(household);
}

enum err household_person(const struct household *household, const char *name,
			  const struct wire_person **out_person, struct err_note *note)
{
	for (size_t i = 0; i < household->person_count; i++) {
		if (!str_equal_folded(household->people[i].name, name))
			continue;
		*out_person = &household->people[i];
		return OK;
	}
	return err_say(ERR_MISSING, note, "nobody called \"%s\" lives here; see: people",
		       name);
}

enum err household_contact(const struct household *household, const char *name,
			   const struct wire_contact **out_contact, struct err_note *note)
{
	for (size_t i = 0; i < household->contact_count; i++) {
		if (!str_equal_folded(household->contacts[i].name, name))
			continue;
		*out_contact = &household->contacts[i];
		return OK;
	}
	return err_say(ERR_MISSING, note, "there is no contact \"%s\"; see: contacts",
		       name);
}

const struct wire_person *household_person_of(const struct household *household,
					      const uint8_t id[ID_BYTES])
{
	for (size_t i = 0; i < household->person_count; i++)
		if (id_equal(household->people[i].id.bytes, id))
			return &household->people[i];
	return NULL;
}

const char *household_name(const struct household *household, const uint8_t id[ID_BYTES])
{
	const struct wire_person *person = household_person_of(household, id);

	return person ? person->name : "?";
}

/* ---- devices ---- */

static bool is_fingerprint(const char *key, const char *word)
{
	char fingerprint[KEY_FINGERPRINT_BYTES];
	const char *at = fingerprint;

	room_key_fingerprint(key, fingerprint);
	for (; *word; word++) {
		while (*at == ' ')
			at++;
		if (*word == ' ')
			continue;
		if (!str_equal_folded((char[2]){*at, '\0'}, (char[2]){*word, '\0'}))
			return false;
		at++;
	}
	return *at == '\0' && at > fingerprint;
}

enum err household_device(const struct household *household, const char *word,
			  const struct wire_device **out_device, struct err_note *note)
{
	const struct wire_device *found = NULL;

	for (size_t i = 0; i < household->device_count; i++) {
		const struct wire_device *device = &household->devices[i];

		if (device->is_revoked || (!str_equal_folded(device->name, word) &&
					   !is_fingerprint(device->key, word)))
			continue;
		if (found)
			return err_say(
				ERR_EXISTS, note,
				"several devices are called \"%.60s\"; name one "
				"by its fingerprint, as `behest pair --list` has it",
				word);
		found = device;
	}
	if (!found)
		return err_say(ERR_MISSING, note,
			       "no device that counts is called \"%.60s\"; see: behest "
			       "pair --list",
			       word);
	*out_device = found;
	return OK;
}

static bool has_device(const struct household *household, const char *key)
{
	for (size_t i = 0; i < household->device_count; i++)
		if (str_equal(household->devices[i].key, key) &&
		    !household->devices[i].is_revoked)
			return true;
	return false;
}

const struct wire_device *household_new_device(const struct household *household,
					       const struct household *before)
{
	for (size_t i = 0; i < household->device_count; i++)
		if (!household->devices[i].is_revoked &&
		    !has_device(before, household->devices[i].key))
			return &household->devices[i];
	return NULL;
}
