/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_manifest - reads manifest.json strictly: no field that is not known, none that is
 * missing, nothing beyond its limit. Says nothing about whether it may be run.
 *
 * Invariants: of a manifest that was read every sentence is in the form of
 * adapter/skill_sentence.h, and every host is a name that is looked up, not an address.
 */
#include "adapter/skill_manifest.h"

#include <string.h>

#include "adapter/skill_sentence.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"

/* What is being read, and what it is called. */
struct reading {
	const char *name;
	struct skill_manifest *manifest;
	struct err_note *note;
};

static enum err wrong(const struct reading *reading, const char *place, const char *found)
{
	return err_say(ERR_FORMAT, reading->note, "%s: %s: %s", reading->name, place,
		       found);
}

/* --- fields ----------------------------------------------------------------------------- */

/* Every key is one of known, which a NULL ends. */
static enum err check_keys(const struct reading *reading, const struct json_value *object,
			   const char *place, const char *const *known)
{
	const struct json_value *value = NULL;
	const char *key;

	if (!json_is_object(object))
		return wrong(reading, place, "expected an object");
	for (size_t i = 0; (key = json_key_at(object, i, &value)) != NULL; i++) {
		bool found = false;

		for (size_t k = 0; known[k] && !found; k++)
			found = str_equal(known[k], key);
		if (!found)
			return wrong(reading, place, "a field that is not known");
	}
	return OK;
}

static bool is_plain(const char *text, const char *more)
{
	for (; *text; text++) {
		const char c = *text;
		const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				     (c >= '0' && c <= '9');

		if (!is_word && !strchr(more, c))
			return false;
	}
	return true;
}

/* A text that is not empty, of letters, digits and those of more. */
static enum err take_text(const struct reading *reading, const struct json_value *value,
			  const char *place, const char *more, char *to, size_t size)
{
	const char *text = json_text(value, "");

	if (!json_is_text(value) || text[0] == '\0')
		return wrong(reading, place, "expected a text");
	if (!is_plain(text, more))
		return wrong(reading, place, "holds letters that may not stand there");
	return str_copy(to, size, text) ? OK : wrong(reading, place, "is too long");
}

/* A whole number; fallback where there is none. */
static enum err take_number(const struct reading *reading, const struct json_value *value,
			    const char *place, int smallest, int largest, int *out_number)
{
	const double number = json_number(value, smallest - 1.0);

	if (!json_is_number(value) || !(number >= smallest && number <= largest) ||
	    number != (double)(int)number)
		return wrong(reading, place, "expected a whole number within its limits");
	*out_number = (int)number;
	return OK;
}

/* --- slots ------------------------------------------------------------------------------ */

static const struct skill_slot *find_slot(const struct skill_manifest *manifest,
					  const char *name)
{
	for (size_t i = 0; i < manifest->slot_count; i++)
		if (str_equal(manifest->slots[i].name, name))
			return &manifest->slots[i];
	return NULL;
}

/* Lists of the household's own, and what its understanding reads from slots. */
static bool is_taken(const char *name)
{
	static const char *const TAKEN[] = {"area",    "brightness", "color",
					    "contact", "domain",     "entity",
					    "floor",   "name",       "person",
					    "room",    "temperature"};

	for (size_t i = 0; i < STR_COUNT(TAKEN); i++)
		if (str_equal(TAKEN[i], name))
			return true;
	return false;
}

static enum err take_values(const struct reading *reading,
			    const struct json_value *values, struct skill_slot *slot)
{
	enum err err = OK;

	if (!json_is_array(values) || json_count(values) == 0 ||
	    json_count(values) > SKILL_VALUES_MAX)
		return wrong(reading, "slots", "expected a list of values, not too long");
	for (size_t i = 0; !err && i < json_count(values); i++) {
		char *value = slot->values[slot->value_count++];

		err = take_text(reading, json_at(values, i), "slots", " '-", value,
				SKILL_VALUE_BYTES);
		if (!err && strchr(" '-", value[0])) /* it would be said by nothing */
			err = wrong(reading, "slots",
				    "expected values that begin with a letter or digit");
	}
	return err;
}

static enum err take_range(const struct reading *reading, const struct json_value *object,
			   struct skill_slot *slot)
{
	enum err err;

	slot->is_range = true;
	err = take_number(reading, json_get(object, "from"), "slots: from", 0,
			  SKILL_RANGE_MAX, &slot->from);
	return err ? err
		   : take_number(reading, json_get(object, "to"), "slots: to", slot->from,
				 SKILL_RANGE_MAX, &slot->to);
}

static enum err take_slot(const struct reading *reading, const char *name,
			  const struct json_value *object)
{
	static const char *const OF_VALUES[] = {"values", NULL};
	static const char *const OF_RANGE[] = {"from", "to", NULL};
	struct skill_manifest *manifest = reading->manifest;
	struct skill_slot *slot = &manifest->slots[manifest->slot_count++];
	const bool has_values = json_get(object, "values") != NULL;
	enum err err =
		check_keys(reading, object, "slots", has_values ? OF_VALUES : OF_RANGE);

	if (err)
		return err;
	if (!skill_is_intent(name) || is_taken(name) ||
	    !str_copy(slot->name, sizeof(slot->name), name))
		return wrong(reading, "slots", "a name that no slot may have");
	return has_values ? take_values(reading, json_get(object, "values"), slot)
			  : take_range(reading, object, slot);
}

static enum err take_slots(const struct reading *reading, const struct json_value *slots)
{
	const struct json_value *value = NULL;
	const char *name;
	enum err err = OK;

	if (!slots)
		return OK;
	if (!json_is_object(slots) || json_count(slots) > SKILL_SLOTS_MAX)
		return wrong(reading, "slots", "expected an object, not too large");
	for (size_t i = 0; !err && (name = json_key_at(slots, i, &value)) != NULL; i++)
		err = take_slot(reading, name, value);
	return err;
}

/* --- intents ---------------------------------------------------------------------------- */

static bool knows_slot(void *context, const char *name)
{
	return find_slot(context, name) != NULL;
}

static enum err take_sentence(const struct reading *reading, const char *text,
			      struct skill_intent *intent)
{
	const struct skill_sentence_slots slots = {reading->manifest, knows_slot};
	const size_t least =
		intent->has_effect ? SKILL_EFFECT_WORDS : SKILL_SENTENCE_WORDS;
	size_t words = 0;
	const char *found;

	if (!str_copy(intent->sentences[intent->sentence_count], SKILL_SENTENCE_BYTES,
		      text))
		return wrong(reading, "sentences", "one is too long");
	found = skill_sentence_judge(text, &slots, &words);
	if (found)
		return err_say(ERR_FORMAT, reading->note,
			       "%s: sentences: \"%s\" holds %s", reading->name, text,
			       found);
	if (words < least)
		return err_say(
			ERR_FORMAT, reading->note,
			"%s: sentences: \"%s\" can be said with %zu words; expected %zu "
			"at least",
			reading->name, text, words, least);
	intent->sentence_count++;
	return OK;
}

static enum err take_sentences(const struct reading *reading,
			       const struct json_value *sentences,
			       struct skill_intent *intent)
{
	enum err err = OK;

	if (!json_is_array(sentences) || json_count(sentences) == 0 ||
	    json_count(sentences) > SKILL_SENTENCES_MAX)
		return wrong(reading, "sentences", "expected a list, not too long");
	for (size_t i = 0; !err && i < json_count(sentences); i++)
		err = take_sentence(reading, json_text(json_at(sentences, i), ""),
				    intent);
	return err;
}

static enum err take_intent(const struct reading *reading, const char *name,
			    const struct json_value *object)
{
	static const char *const KNOWN[] = {"effect", "sentences", NULL};
	struct skill_manifest *manifest = reading->manifest;
	struct skill_intent *intent = &manifest->intents[manifest->intent_count++];
	const struct json_value *effect = json_get(object, "effect");
	enum err err = check_keys(reading, object, "intents", KNOWN);

	if (err)
		return err;
	if (!skill_is_intent(name) || !str_copy(intent->name, sizeof(intent->name), name))
		return wrong(reading, "intents",
			     "a name of other than letters, or too long");
	if (effect && !json_is_bool(effect))
		return wrong(reading, "effect", "expected true or false");
	intent->has_effect = json_bool(effect, false);
	return take_sentences(reading, json_get(object, "sentences"), intent);
}

static enum err take_intents(const struct reading *reading,
			     const struct json_value *intents)
{
	const struct json_value *value = NULL;
	const char *name;
	enum err err = OK;

	if (!json_is_object(intents) || json_count(intents) == 0 ||
	    json_count(intents) > SKILL_INTENTS_MAX)
		return wrong(reading, "intents", "expected an object, not too large");
	for (size_t i = 0; !err && (name = json_key_at(intents, i, &value)) != NULL; i++)
		err = take_intent(reading, name, value);
	return err;
}

/* --- the rest --------------------------------------------------------------------------- */

/* A name of two parts at least whose last begins with a letter: no address is. */
static bool is_host(const char *host)
{
	const char *dot = strrchr(host, '.');
	bool was_edge = true;

	if (!dot || !(dot[1] >= 'a' && dot[1] <= 'z'))
		return false;
	for (const char *at = host; *at; at++) {
		const bool is_edge = *at == '.';

		if (!is_plain((char[]){*at, '\0'}, ".-") || (*at >= 'A' && *at <= 'Z') ||
		    ((is_edge || *at == '-') && was_edge))
			return false;
		was_edge = is_edge;
	}
	return true;
}

static enum err take_hosts(const struct reading *reading, const struct json_value *hosts)
{
	struct skill_manifest *manifest = reading->manifest;
	enum err err = OK;

	if (!hosts)
		return OK;
	if (!json_is_array(hosts) || json_count(hosts) > SKILL_HOSTS_MAX)
		return wrong(reading, "hosts", "expected a list, not too long");
	for (size_t i = 0; !err && i < json_count(hosts); i++) {
		char *host = manifest->hosts[manifest->host_count];

		err = take_text(reading, json_at(hosts, i), "hosts", ".-", host,
				SKILL_HOST_BYTES);
		if (!err && (!is_host(host) || skill_manifest_has_host(manifest, host)))
			err = wrong(reading, "hosts",
				    "expected a host's full name in lower case, once");
		manifest->host_count++;
	}
	return err;
}

static enum err take_limits(const struct reading *reading,
			    const struct json_value *limits)
{
	static const char *const KNOWN[] = {"memory_mb", NULL};
	int memory_mb = SKILL_MEMORY_MB;
	enum err err = limits ? check_keys(reading, limits, "limits", KNOWN) : OK;

	if (!err && json_get(limits, "memory_mb"))
		err = take_number(reading, json_get(limits, "memory_mb"), "memory_mb",
				  SKILL_MEMORY_MIN_MB, SKILL_MEMORY_MAX_MB, &memory_mb);
	reading->manifest->memory_mb = (unsigned)memory_mb;
	return err;
}

static enum err take_names(const struct reading *reading, const struct json_value *root)
{
	struct skill_manifest *manifest = reading->manifest;
	enum err err = take_text(reading, json_get(root, "name"), "name", "-",
				 manifest->name, sizeof(manifest->name));

	if (!err && !skill_is_name(manifest->name))
		err = wrong(reading, "name",
			    "expected lower-case letters, digits and hyphens");
	if (!err)
		err = take_text(reading, json_get(root, "version"), "version", ".-+_",
				manifest->version, sizeof(manifest->version));
	if (!err)
		err = take_text(reading, json_get(root, "language"), "language", "-",
				manifest->language, sizeof(manifest->language));
	if (!err)
		err = take_text(reading, json_get(root, "program"), "program", ".-_",
				manifest->program, sizeof(manifest->program));
	if (!err && manifest->program[0] == '.')
		err = wrong(reading, "program", "expected the name of a file beside it");
	return err;
}

static enum err take_all(const struct reading *reading, const struct json_value *root)
{
	static const char *const KNOWN[] = {"hosts",  "intents", "language",
					    "limits", "name",    "program",
					    "slots",  "version", NULL};
	enum err err = check_keys(reading, root, "manifest", KNOWN);

	if (!err)
		err = take_names(reading, root);
	if (!err)
		err = take_slots(reading, json_get(root, "slots"));
	if (!err)
		err = take_intents(reading, json_get(root, "intents"));
	if (!err)
		err = take_hosts(reading, json_get(root, "hosts"));
	return err ? err : take_limits(reading, json_get(root, "limits"));
}

enum err skill_manifest_read(const char *name, const char *bytes, size_t size,
			     struct skill_manifest *out_manifest, struct err_note *note)
{
	static struct skill_manifest manifest; /* large, and one thread */
	const struct reading reading = {name, &manifest, note};
	struct json *json = NULL;
	enum err err =
		json_parse(name, bytes, size, SKILL_MANIFEST_BYTES_MAX, &json, note);

	memset(&manifest, 0, sizeof(manifest));
	if (!err)
		err = take_all(&reading, json_root(json));
	if (!err)
		*out_manifest = manifest;
	json_destroy(json);
	return err;
}

/* --- asked of it ------------------------------------------------------------------------ */

static void write_slot(struct json_write *write, const struct skill_slot *slot)
{
	json_open_object(write, slot->name);
	if (slot->is_range) {
		json_open_object(write, "range");
		json_add_int(write, "from", slot->from);
		json_add_int(write, "to", slot->to);
		json_close(write, '}');
	} else {
		json_open_array(write, "values");
		for (size_t i = 0; i < slot->value_count; i++)
			json_add_text(write, NULL, slot->values[i]);
		json_close(write, ']');
	}
	json_close(write, '}');
}

/* The slots stand inside of each intent: beside them they would be lists of the whole
 * house, and be taken for its own by sentences that are not the skill's. */
static void write_intent(struct json_write *write, const struct skill_manifest *manifest,
			 const struct skill_intent *intent)
{
	struct skill_ask ask = {.has_effect = intent->has_effect};
	char name[INTENT_NAME_BYTES];

	must(str_copy(ask.skill, sizeof(ask.skill), manifest->name) &&
	     str_copy(ask.intent, sizeof(ask.intent), intent->name));
	skill_ask_name(&ask, name);
	json_open_object(write, name);
	json_open_array(write, "data");
	json_open_object(write, NULL);
	json_open_array(write, "sentences");
	for (size_t i = 0; i < intent->sentence_count; i++)
		json_add_text(write, NULL, intent->sentences[i]);
	json_close(write, ']');
	json_open_object(write, "lists");
	for (size_t i = 0; i < manifest->slot_count; i++)
		write_slot(write, &manifest->slots[i]);
	json_close(write, '}');
	json_close(write, '}');
	json_close(write, ']');
	json_close(write, '}');
}

enum err skill_manifest_sentences(const struct skill_manifest *manifest, struct buf *to)
{
	struct json_write write;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_text(&write, "language", manifest->language);
	json_open_object(&write, "intents");
	for (size_t i = 0; i < manifest->intent_count; i++)
		write_intent(&write, manifest, &manifest->intents[i]);
	json_close(&write, '}');
	json_close(&write, '}');
	return json_write_finish(&write);
}

const struct skill_intent *skill_manifest_intent(const struct skill_manifest *manifest,
						 const char *name)
{
	for (size_t i = 0; i < manifest->intent_count; i++)
		if (str_equal(manifest->intents[i].name, name))
			return &manifest->intents[i];
	return NULL;
}

bool skill_manifest_has_host(const struct skill_manifest *manifest, const char *host)
{
	for (size_t i = 0; i < manifest->host_count; i++)
		if (str_equal(manifest->hosts[i], host))
			return true;
	return false;
}

bool skill_manifest_has_hosts(const struct skill_manifest *manifest,
			      const struct skill_policy *policy)
{
	bool same = manifest->host_count == policy->host_count;

	for (size_t i = 0; same && i < policy->host_count; i++)
		same = skill_manifest_has_host(manifest, policy->hosts[i]);
	return same;
}
