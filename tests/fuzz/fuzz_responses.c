/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_responses - what a language says, from outside.
 *
 * An input is a responses.yaml. One that begins with "T" is one text: the second byte
 * chooses whose, in a file that is whole but for it; the text is also every value that is
 * said. Beyond not crashing: what is refused is refused with its place, and what is said is
 * well-formed and within its limit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/forecast.h"
#include "domain/units.h"
#include "phrase/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { FILE_BYTES = 65536 };

/* A file in the making; key counts the texts, and one of them is the input's. */
struct file {
	char text[FILE_BYTES];
	size_t key;
	size_t chosen;
	const char *input;
};

static void set_value(struct saying *saying, enum saying_slot slot, const char *text)
{
	const struct saying_date date = {.year = 2026, .month = 2, .day = 1};

	switch (saying_slot_kind(slot)) {
	case SAYING_KIND_ACTION:
	case SAYING_KIND_AGO:
	case SAYING_KIND_DURATION:
	case SAYING_KIND_WHEN:
	case SAYING_KIND_BECAUSE:
	case SAYING_KIND_CLOCK:
	case SAYING_KIND_COUNT:
	case SAYING_KIND_DECIMAL:
	case SAYING_KIND_REFUSAL:
		saying_set_number(saying, slot,
				  text[0] ? (unsigned char)text[0] % 20 : 0);
		break;
	case SAYING_KIND_DAY:
		saying_set_number(saying, slot, (unsigned char)text[0] % SPAN_COUNT);
		break;
	case SAYING_KIND_SKY:
		saying_set_number(saying, slot, (unsigned char)text[0] % SKY_COUNT);
		break;
	case SAYING_KIND_UNIT:
		saying_set_number(saying, slot, (unsigned char)text[0] % UNIT_FORMS);
		break;
	case SAYING_KIND_COLOUR:
	case SAYING_KIND_DEVICE:
	case SAYING_KIND_STATE:
	case SAYING_KIND_WORDS:
		saying_set_text(saying, slot, text);
		break;
	case SAYING_KIND_DATE:
		saying_set_date(saying, slot, &date);
		break;
	case SAYING_KIND_ENTRIES:
	case SAYING_KIND_EXAMPLES:
	case SAYING_KIND_KINDS:
	case SAYING_KIND_LINES:
	case SAYING_KIND_NAMES:
	case SAYING_KIND_PLACES:
		for (size_t i = 0; i < SAYING_NAMES_MAX; i++)
			saying_add_name(saying, slot, text);
		break;
	}
}

static void check_sayings(const struct phrasebook *book, const char *text)
{
	for (size_t key = SAYING_NONE; key < SAYING_COUNT; key++) {
		struct saying saying = saying_make((enum saying_key)key);
		char said[SAYING_SPOKEN_BYTES];
		enum saying_slot slot;

		for (size_t i = 0; (slot = saying_slot_at(saying.key, i)); i++)
			set_value(&saying, slot, text);
		phrasebook_say(book, &saying, said);
		size_t length = strnlen(said, sizeof(said));
		must(length < sizeof(said) && str_is_utf8(said, length));
	}
}

static void check_file(const char *file, size_t size, const char *text)
{
	struct phrasebook *book = NULL;
	struct err_note note = {""};
	enum err err = phrasebook_create("fuzz", file, size, &book, &note);

	must(err == OK || (!book && str_starts(note.text, "fuzz:")));
	if (!err)
		check_sayings(book, text);
	phrasebook_destroy(book);
}

static void add_raw(struct file *file, const char *text)
{
	must(str_append(file->text, FILE_BYTES, "%s", text));
}

/* One "key": "text", escaped as JSON wants it. */
static void add_key(struct file *file, const char *key)
{
	bool is_chosen = file->key++ == file->chosen;
	const char *from = is_chosen ? file->input : "a";

	must(str_append(file->text, FILE_BYTES, "\"%s\":\"", key));
	size_t at = strlen(file->text);
	for (; *from && at < FILE_BYTES / 2; from++) {
		if (*from == '"' || *from == '\\')
			file->text[at++] = '\\';
		file->text[at++] = (unsigned char)*from < ' ' ? ' ' : *from;
	}
	file->text[at] = '\0';
	add_raw(file, "\",");
}

static void add_section(struct file *file, enum phrase_section section)
{
	const struct section_row *row = section_row(section);

	must(str_append(file->text, FILE_BYTES, "\"%s\":{", row->name));
	for (size_t i = 0; i < row->count; i++)
		if (!row->is_wanted || row->is_wanted(i))
			add_key(file, row->key(i));
	add_raw(file, "},");
}

static void check_text(const char *text, size_t chosen, struct file *file)
{
	file->text[0] = '\0';
	file->key = 0;
	file->chosen = chosen;
	file->input = text;
	add_raw(file, "{\"language\":\"x\",\"states\":{},\"colours\":{},");
	for (size_t i = 0; i < SECTION_COUNT; i++)
		add_section(file, (enum phrase_section)i);
	add_raw(file, "\"sayings\":{");
	for (size_t key = SAYING_NONE + 1; key < SAYING_COUNT; key++)
		add_key(file, saying_key_text((enum saying_key)key));
	add_raw(file, "}}");
	check_file(file->text, strlen(file->text), text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct file *file = malloc(sizeof(*file));
	char *copy = malloc(size + 1);

	must(file && copy);
	if (size > 0)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	if (size > 1 && copy[0] == 'T')
		check_text(copy + 2, bytes[1], file);
	else
		check_file(copy, size, copy);
	free(copy);
	free(file);
	return 0;
}
