/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings - technical values from one file of [section] and key = value.
 *
 * Everything is made from domain/settings.def. Unknown keys, values outside their range
 * and repeated keys are refused with file and line. Pure: takes bytes, not paths.
 */
#ifndef DOMAIN_SETTINGS_H
#define DOMAIN_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	SETTINGS_TEXT_BYTES = 256,
	SETTINGS_FILE_BYTES = 64 * 1024, /* the largest file that is read */
	SETTINGS_LINE_BYTES = 512,
};

/* A member per row: settings.room_volume_percent. Choices are texts. */
struct settings {
#define NUMBER(section, key, smallest, largest, standard, words) int64_t section##_##key;
#define TEXT(section, key, standard, words) char section##_##key[SETTINGS_TEXT_BYTES];
#define CHOICE(section, key, choices, standard, words) \
	char section##_##key[SETTINGS_TEXT_BYTES];
#include "domain/settings.def"
#undef NUMBER
#undef TEXT
#undef CHOICE
};

enum settings_kind { SETTINGS_NUMBER, SETTINGS_TEXT, SETTINGS_CHOICE };

/* One row of the table, for the manual, the wizard and tests. */
struct settings_row {
	enum settings_kind kind;
	const char *section;
	const char *key;
	const char *choices;  /* "a|b"; "" unless a choice */
	const char *standard; /* the default as text */
	const char *words;
	int64_t smallest;
	int64_t largest;
	size_t offset; /* of the member */
};

size_t settings_row_count(void);
const struct settings_row *settings_row(size_t index);

/* Every setting at its default. */
void settings_init(struct settings *settings);

/* Reads a file's bytes over what is there. The note: "name:line: what; what was
 * expected". On failure *settings is unchanged. */
MUST_CHECK enum err settings_parse(struct settings *settings, const char *name,
				   const char *bytes, size_t size, struct err_note *note);

/* Sets one value by its section and key, checked like a line of the file. */
MUST_CHECK enum err settings_set(struct settings *settings, const char *section,
				 const char *key, const char *value,
				 struct err_note *note);

/* Writes a file that settings_parse reads back to the same values, with each row's
 * description and range as comments. */
MUST_CHECK enum err settings_print(const struct settings *settings, struct buf *to);

#endif
