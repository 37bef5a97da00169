/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - from the bytes of a responses.yaml to a phrasebook. Checks everything that saying
 * something relies on, so that saying it cannot fail. Pure but for memory.
 *
 * Invariant of what it lets through: every text that the house may need is there, shorter
 * than its limit, names only slots of its row, and has no character that voices skip or
 * spell.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "base/yaml.h"
#include "phrase/book.h"

enum { ARENA_BYTES = 256 * 1024, SLOTS_BYTES = 128, FOUND_BYTES = 128 };

/* What a voice would leave out or read by its name. */
static const char UNSPEAKABLE[] = "#$%&()*+/<=>@[\\]^_`|~";

struct loader {
	const char *name;
	struct phrasebook *book;
	struct err_note *note;
};

static enum err complain(const struct loader *loader, const struct yaml_node *node,
			 enum err err, const char *found, const char *expected)
{
	return err_say(err, loader->note, "%s:%u:%u: %s; expected %s", loader->name,
		       node->line, node->column, found, expected);
}

static enum err complain_of(const struct loader *loader, const struct yaml_node *node,
			    const char *what, const char *which, const char *expected)
{
	char found[FOUND_BYTES];

	(void)str_format(found, sizeof(found), "%s '%.60s'", what, which);
	return complain(loader, node, ERR_FORMAT, found, expected);
}

static enum err expect_map(const struct loader *loader, const struct yaml_node *node,
			   const char *expected)
{
	return node->kind == YAML_MAP
		       ? OK
		       : complain(loader, node, ERR_FORMAT, "no map", expected);
}

/* --- one text --- */

/* True when a word is one of a list with spaces between them. */
static bool is_among(const char *list, const char *word, size_t length)
{
	while (*list) {
		size_t size = strcspn(list, " ");

		if (size == length && memcmp(list, word, length) == 0)
			return true;
		list += size;
		list += strspn(list, " ");
	}
	return false;
}

static enum err check_slot(const struct loader *loader, const struct yaml_node *node,
			   const char *slot, size_t length, const char *slots)
{
	char found[FOUND_BYTES];
	char expected[SLOTS_BYTES + 16];

	if (is_among(slots, slot, length))
		return OK;
	(void)str_format(found, sizeof(found), "the unknown slot '{%.*s}'",
			 length < 40 ? (int)length : 40, slot);
	(void)str_format(expected, sizeof(expected), "%s%s",
			 *slots ? "one of: " : "no slot here", slots);
	return complain(loader, node, ERR_FORMAT, found, expected);
}

static enum err check_letter(const struct loader *loader, const struct yaml_node *node,
			     char letter)
{
	const char which[] = {letter, '\0'};

	if ((unsigned char)letter < ' ' || letter == '\177')
		return complain(loader, node, ERR_FORMAT, "a control character",
				"one line of text");
	if (strchr(UNSPEAKABLE, letter))
		return complain_of(loader, node, "the symbol", which,
				   "words that a voice can say");
	return OK;
}

static enum err check_letters(const struct loader *loader, const struct yaml_node *node,
			      const char *slots)
{
	enum err err = OK;
	const char *at = node->text;

	while (*at && !err) {
		size_t length = strcspn(at + 1, "{}");

		if (*at == '}' || (*at == '{' && at[1 + length] != '}')) {
			err = complain(loader, node, ERR_FORMAT,
				       "a brace without its other",
				       "{slot}, each brace closed");
		} else if (*at == '{') {
			err = check_slot(loader, node, at + 1, length, slots);
			at += length + 2;
		} else {
			err = check_letter(loader, node, *at);
			at++;
		}
	}
	return err;
}

static enum err read_text(const struct loader *loader, const struct yaml_node *node,
			  const char *slots, bool may_be_empty, const char **out_text)
{
	char *copy = NULL;
	enum err err = OK;

	if (node->kind != YAML_TEXT)
		err = complain(loader, node, ERR_FORMAT, "no text", "a text");
	else if (!node->text[0] && !may_be_empty)
		err = complain(loader, node, ERR_FORMAT, "an empty text", "words");
	else if (strlen(node->text) >= PHRASEBOOK_TEXT_BYTES)
		err = complain(loader, node, ERR_LIMIT, "a text that is too long",
			       "at most 255 bytes");
	if (!err)
		err = check_letters(loader, node, slots);
	if (!err)
		err = arena_copy_text(loader->book->arena, node->text, &copy);
	if (!err)
		*out_text = copy;
	return err;
}

/* --- sayings --- */

static void list_slots(enum saying_key key, char to[SLOTS_BYTES])
{
	enum saying_slot slot;

	to[0] = '\0';
	for (size_t i = 0; (slot = saying_slot_at(key, i)); i++)
		must(str_append(to, SLOTS_BYTES, "%s%s", i ? " " : "",
				saying_slot_text(slot)));
}

/* The slot whose number chooses between one and many. */
static enum err read_by(const struct loader *loader, const struct yaml_node *map,
			enum saying_key key, enum saying_slot *out_slot)
{
	const struct yaml_node *node = yaml_get(map, "by");
	enum saying_slot slot;

	if (!node)
		return complain(loader, map, ERR_FORMAT, "no key 'by'",
				"the slot that is counted");
	for (size_t i = 0; (slot = saying_slot_at(key, i)); i++) {
		if (!saying_slot_is_number(slot) ||
		    !str_equal(saying_slot_text(slot), yaml_text(node, "")))
			continue;
		*out_slot = slot;
		return OK;
	}
	return complain_of(loader, node, "by", yaml_text(node, ""),
			   "a slot of this key that is a number");
}

static enum err check_form_keys(const struct loader *loader, const struct yaml_node *map)
{
	for (size_t i = 0; i < map->count; i++)
		if (!is_among("by zero one other", map->children[i].key,
			      strlen(map->children[i].key)))
			return complain_of(loader, &map->children[i], "the unknown key",
					   map->children[i].key, "by, zero, one, other");
	return OK;
}

static enum err read_form(const struct loader *loader, const struct yaml_node *node,
			  enum saying_key key)
{
	struct phrase_form *form = &loader->book->sayings[key];
	char slots[SLOTS_BYTES];
	enum err err;

	list_slots(key, slots);
	if (node->kind != YAML_MAP)
		return read_text(loader, node, slots, false, &form->other);
	const struct yaml_node *zero = yaml_get(node, "zero");
	const struct yaml_node *one = yaml_get(node, "one");
	const struct yaml_node *other = yaml_get(node, "other");
	err = check_form_keys(loader, node);
	if (!err)
		err = read_by(loader, node, key, &form->by);
	if (!err && !(one && other))
		err = complain(loader, node, ERR_FORMAT,
			       one ? "no key 'other'" : "no key 'one'",
			       "a text for one, and one for all others");
	if (!err && zero)
		err = read_text(loader, zero, slots, false, &form->zero);
	if (!err)
		err = read_text(loader, one, slots, false, &form->one);
	return err ? err : read_text(loader, other, slots, false, &form->other);
}

static enum err missing(const struct loader *loader, const struct yaml_node *map,
			const char *key)
{
	return complain_of(loader, map, "no key", key, "every key of it");
}

static enum err read_sayings(const struct loader *loader, const struct yaml_node *map)
{
	enum err err = OK;

	for (size_t i = 0; i < map->count && !err; i++) {
		const struct yaml_node *child = &map->children[i];
		enum saying_key key = SAYING_NONE;

		for (size_t k = SAYING_NONE + 1; k < SAYING_COUNT; k++)
			if (str_equal(saying_key_text((enum saying_key)k), child->key))
				key = (enum saying_key)k;
		err = key == SAYING_NONE ? complain_of(loader, child, "the unknown key",
						       child->key, "something to say")
					 : read_form(loader, child, key);
	}
	for (size_t k = SAYING_NONE + 1; k < SAYING_COUNT && !err; k++)
		if (!loader->book->sayings[k].other)
			err = missing(loader, map, saying_key_text((enum saying_key)k));
	return err;
}

/* --- sections and words --- */

static bool is_wanted(const struct section_row *row, size_t index)
{
	return !row->is_wanted || row->is_wanted(index);
}

static enum err read_key(const struct loader *loader, const struct yaml_node *node,
			 enum phrase_section section)
{
	const struct section_row *row = section_row(section);
	bool is_part = section == SECTION_PARTS;

	for (size_t i = 0; i < row->count; i++)
		if (is_wanted(row, i) && str_equal(row->key(i), node->key))
			return read_text(loader, node,
					 is_part ? part_slots((enum phrase_part)i) : "",
					 is_part &&
						 part_may_be_empty((enum phrase_part)i),
					 &loader->book->texts[section][i]);
	return complain_of(loader, node, "the unknown key", node->key,
			   "what the house has words for");
}

static enum err read_section(const struct loader *loader, const struct yaml_node *map,
			     enum phrase_section section)
{
	const struct section_row *row = section_row(section);
	enum err err = OK;

	for (size_t i = 0; i < map->count && !err; i++)
		err = read_key(loader, &map->children[i], section);
	for (size_t i = 0; i < row->count && !err; i++)
		if (is_wanted(row, i) && !loader->book->texts[section][i])
			err = missing(loader, map, row->key(i));
	return err;
}

static enum err read_words(const struct loader *loader, const struct yaml_node *map,
			   struct phrase_words *words)
{
	void *memory = NULL;
	enum err err = OK;

	if (map->count > PHRASEBOOK_WORDS_MAX)
		return complain(loader, map, ERR_LIMIT, "too many words", "at most 256");
	err = arena_take_array(loader->book->arena, map->count, sizeof(*words->words),
			       &memory);
	if (err)
		return err;
	words->words = memory;
	for (size_t i = 0; i < map->count && !err; i++) {
		char *from = NULL;

		err = arena_copy_text(loader->book->arena, map->children[i].key, &from);
		if (!err)
			err = read_text(loader, &map->children[i], "", false,
					&words->words[i].to);
		words->words[i].from = from;
		words->count = i + 1;
	}
	return err;
}

/* --- the file --- */

static enum err read_language(const struct loader *loader, const struct yaml_node *node)
{
	return node->kind == YAML_TEXT && node->text[0]
		       ? OK
		       : complain(loader, node, ERR_FORMAT, "no language",
				  "its code, such as en");
}

static enum err read_child(const struct loader *loader, const struct yaml_node *node)
{
	enum err err;

	if (str_equal(node->key, "language"))
		return read_language(loader, node);
	err = expect_map(loader, node, "a map of texts");
	if (err)
		return err;
	if (str_equal(node->key, "sayings"))
		return read_sayings(loader, node);
	if (str_equal(node->key, "colours"))
		return read_words(loader, node, &loader->book->colours);
	if (str_equal(node->key, "states"))
		return read_words(loader, node, &loader->book->states);
	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (str_equal(section_row((enum phrase_section)i)->name, node->key))
			return read_section(loader, node, (enum phrase_section)i);
	return complain_of(
		loader, node, "the unknown key", node->key,
		"language, sayings, refused, because, asked_to, days, kinds, states, "
		"colours, parts, units, weather, weekdays or months");
}

static enum err read_root(const struct loader *loader, const struct yaml_node *root)
{
	static const char *const KEYS[] = {"language", "sayings", "colours", "states"};
	enum err err = expect_map(loader, root, "language and sayings");

	for (size_t i = 0; !err && i < root->count; i++)
		err = read_child(loader, &root->children[i]);
	for (size_t i = 0; !err && i < STR_COUNT(KEYS); i++)
		if (!yaml_get(root, KEYS[i]))
			err = missing(loader, root, KEYS[i]);
	for (size_t i = 0; !err && i < SECTION_COUNT; i++) {
		const char *key = section_row((enum phrase_section)i)->name;

		if (!yaml_get(root, key))
			err = missing(loader, root, key);
	}
	return err;
}

enum err phrasebook_create(const char *name, const char *bytes, size_t size,
			   struct phrasebook **out_phrasebook, struct err_note *note)
{
	struct yaml *yaml = NULL;
	struct phrasebook *book = NULL;
	enum err err = ERR_MEMORY;

	if (size > PHRASEBOOK_FILE_BYTES_MAX)
		return err_say(ERR_LIMIT, note, "%s:1:1: %zu bytes; expected at most %d",
			       name, size, PHRASEBOOK_FILE_BYTES_MAX);
	book = calloc(1, sizeof(*book));
	if (!book)
		goto out;
	struct loader loader = {.name = name, .book = book, .note = note};
	err = arena_create(ARENA_BYTES, &book->arena);
	if (!err)
		err = yaml_parse(name, bytes, size, &yaml, note);
	if (!err)
		err = read_root(&loader, yaml_root(yaml));
	if (err)
		goto out;
	*out_phrasebook = book;
	book = NULL;
out:
	yaml_destroy(yaml);
	phrasebook_destroy(book);
	return err;
}

void phrasebook_destroy(struct phrasebook *phrasebook)
{
	if (!phrasebook)
		return;
	arena_destroy(phrasebook->arena);
	free(phrasebook);
}
