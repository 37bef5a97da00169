/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_file - reads them one by one; the first that is wrong ends it. Names are not
 * compared here.
 */
#include "cli/contacts_file.h"

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/contact_words.h"

enum { PLACE_BYTES = 256 };

static bool *voice_of(struct contact_words *words, const char *key)
{
	return str_equal(key, "voice") ? &words->voice : NULL;
}

static const char **text_of(struct contact_words *words, const char *key)
{
	const struct {
		const char *key;
		const char **to;
	} texts[] = {
		{"box_key", &words->box_key}, {"house", &words->house},
		{"key", &words->key},         {"mail", &words->mail},
		{"name", &words->name},       {"peer", &words->peer},
	};

	for (size_t i = 0; i < STR_COUNT(texts); i++)
		if (str_equal(texts[i].key, key))
			return texts[i].to;
	return NULL;
}

static enum err read_value(struct contact_words *words, const char *key,
			   const struct json_value *value, const char *place,
			   struct err_note *note)
{
	const char **text = text_of(words, key);
	bool *voice = voice_of(words, key);

	if (text && json_is_text(value)) {
		*text = json_text(value, "");
		return OK;
	}
	if (voice && json_is_bool(value)) {
		*voice = json_bool(value, false);
		return OK;
	}
	if (text || voice)
		return err_say(ERR_FORMAT, note, "%s%s: expected %s", place, key,
			       text ? "text" : "true or false");
	return err_say(ERR_FORMAT, note,
		       "%s%.40s: expected name, house, mail, peer, key, box_key or voice",
		       place, key);
}

static enum err read_contact(const struct json_value *object,
			     const struct household *household, const char *place,
			     struct wire_contact *contact, struct err_note *note)
{
	struct contact_words words = {.name = NULL};
	enum err err = OK;

	if (!json_is_object(object))
		return err_say(ERR_FORMAT, note, "%sexpected an object", place);
	for (size_t i = 0; !err && i < json_count(object); i++) {
		const struct json_value *value = NULL;
		const char *key = json_key_at(object, i, &value);

		err = read_value(&words, key, value, place, note);
	}
	if (!err && !words.name)
		err = err_say(ERR_FORMAT, note, "%sname: expected text", place);
	if (!err && contact_from_words(&words, household, place, contact, note))
		err = ERR_FORMAT;
	return err;
}

static enum err read_all(const char *path, const struct json_value *root,
			 const struct household *household, struct contacts_file *file,
			 struct err_note *note)
{
	const size_t count = json_count(root);
	const size_t there = household ? household->contact_count : 0;
	char place[PLACE_BYTES];
	enum err err = OK;

	if (!json_is_array(root))
		return err_say(ERR_FORMAT, note, "%s: expected an array of contacts",
			       path);
	if (count > POLICY_CONTACTS_MAX - there)
		return err_say(ERR_DENIED, note,
			       "%s: %zu contacts; there is room for %zu in a house of "
			       "at most %d; nothing was changed",
			       path, count, POLICY_CONTACTS_MAX - there,
			       POLICY_CONTACTS_MAX);
	for (size_t i = 0; !err && i < count; i++) {
		file->contacts[i] = (struct wire_contact){.voice_allowed = 0};
		(void)str_format(place, sizeof(place), "%s: [%zu].", path, i);
		err = read_contact(json_at(root, i), household, place, &file->contacts[i],
				   note);
	}
	file->count = count;
	return err;
}

enum err contacts_file_read(const char *path, const struct household *household,
			    struct contacts_file *out_file, struct err_note *note)
{
	struct json *json = NULL;
	struct buf bytes;
	enum err err = file_read(path, CONTACTS_FILE_BYTES_MAX, &bytes, note);

	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 CONTACTS_FILE_BYTES_MAX, &json, note);
	if (!err)
		err = read_all(path, json_root(json), household, out_file, note);
	json_destroy(json);
	buf_finish(&bytes);
	return err;
}
