/* SPDX-License-Identifier: Apache-2.0 */
/* people_rows - see the header. Asks and finds; changes nothing. */
#include "cli/people_rows.h"

#include "base/key_text.h"
#include "base/str.h"
#include "cli/room_key.h"

static bool take(struct people_rows *rows, const struct wire_message *message)
{
	if (message->type == WIRE_person) {
		if (rows->person_count == STR_COUNT(rows->people))
			return false;
		rows->people[rows->person_count++] = message->person;
	} else if (message->type == WIRE_device) {
		if (rows->device_count == STR_COUNT(rows->devices))
			return false;
		rows->devices[rows->device_count++] = message->device;
	}
	return true;
}

enum err people_rows_get(struct link_client *client, struct people_rows *out_rows,
			 struct err_note *note)
{
	const struct wire_people_get get = {.unused = 0};
	const struct wire_message *message = NULL;
	enum err err = link_client_send_people_get(client, &get, note);

	out_rows->person_count = 0;
	out_rows->device_count = 0;
	while (!err) {
		err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);
		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (message->type == WIRE_end)
			return (enum err)message->end.err;
		if (message->type == WIRE_refused)
			return client_other(message, note);
		if (!take(out_rows, message))
			err = err_say(ERR_LIMIT, note,
				      "the keeper tells of more than a house can have");
	}
	return err;
}

enum err people_rows_find(const struct people_rows *rows, const char *name,
			  const struct wire_person **out_person, struct err_note *note)
{
	for (size_t i = 0; i < rows->person_count; i++) {
		if (!str_equal_folded(rows->people[i].name, name))
			continue;
		*out_person = &rows->people[i];
		return OK;
	}
	return err_say(ERR_MISSING, note, "nobody here is called \"%.60s\"", name);
}

const char *people_rows_name(const struct people_rows *rows, const uint8_t id[ID_BYTES])
{
	for (size_t i = 0; i < rows->person_count; i++)
		if (id_equal(rows->people[i].id.bytes, id))
			return rows->people[i].name;
	return "?";
}

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

enum err people_rows_find_device(const struct people_rows *rows, const char *word,
				 const struct wire_device **out_device,
				 struct err_note *note)
{
	const struct wire_device *found = NULL;

	for (size_t i = 0; i < rows->device_count; i++) {
		const struct wire_device *device = &rows->devices[i];

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

static bool has_device(const struct people_rows *rows, const char *key)
{
	for (size_t i = 0; i < rows->device_count; i++)
		if (str_equal(rows->devices[i].key, key) && !rows->devices[i].is_revoked)
			return true;
	return false;
}

const struct wire_device *people_rows_new_device(const struct people_rows *rows,
						 const struct people_rows *before)
{
	for (size_t i = 0; i < rows->device_count; i++)
		if (!rows->devices[i].is_revoked &&
		    !has_device(before, rows->devices[i].key))
			return &rows->devices[i];
	return NULL;
}
