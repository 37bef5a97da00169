/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings - one file of technical values, from the table in settings.def.
 *
 * Reads lines, opens nothing. Invariant: a struct settings always holds values within
 * their rows' ranges; a file is taken whole or not at all.
 */
#include "domain/settings.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/quiet.h"

enum { NAME_MAX_BYTES = 64, EDITS_MAX = 64 };

static const struct settings_row rows[] = {
#define NUMBER(section_, key_, smallest_, largest_, standard_, words_) \
	{.kind = SETTINGS_NUMBER,                                      \
	 .section = #section_,                                         \
	 .key = #key_,                                                 \
	 .choices = "",                                                \
	 .standard = #standard_,                                       \
	 .words = (words_),                                            \
	 .smallest = (smallest_),                                      \
	 .largest = (largest_),                                        \
	 .offset = offsetof(struct settings, section_##_##key_)},
#define TEXT(section_, key_, standard_, words_) \
	{.kind = SETTINGS_TEXT,                 \
	 .section = #section_,                  \
	 .key = #key_,                          \
	 .choices = "",                         \
	 .standard = (standard_),               \
	 .words = (words_),                     \
	 .offset = offsetof(struct settings, section_##_##key_)},
#define CHOICE(section_, key_, choices_, standard_, words_) \
	{.kind = SETTINGS_CHOICE,                           \
	 .section = #section_,                              \
	 .key = #key_,                                      \
	 .choices = (choices_),                             \
	 .standard = (standard_),                           \
	 .words = (words_),                                 \
	 .offset = offsetof(struct settings, section_##_##key_)},
#include "domain/settings.def"
#undef NUMBER
#undef TEXT
#undef CHOICE
};

size_t settings_row_count(void)
{
	return STR_COUNT(rows);
}

const struct settings_row *settings_row(size_t index)
{
	must(index < STR_COUNT(rows));
	return &rows[index];
}

/* --- the nearest known name, for complaints --- */

/* Levenshtein's distance with two rows of the table (Wagner and Fischer, 1974). */
static size_t distance(const char *a, const char *b)
{
	size_t above[EDITS_MAX + 1];
	size_t row[EDITS_MAX + 1];
	size_t a_size = strnlen(a, EDITS_MAX);
	size_t b_size = strnlen(b, EDITS_MAX);
	for (size_t j = 0; j <= b_size; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
			size_t remove = above[j] + 1;
			size_t insert = row[j - 1] + 1;
			size_t best = change < remove ? change : remove;
			row[j] = best < insert ? best : insert;
		}
		memcpy(above, row, sizeof(row));
	}
	return above[b_size];
}

/* The row of this section (any when NULL) whose key is nearest. */
static const struct settings_row *nearest_key(const char *section, const char *key)
{
	const struct settings_row *nearest = NULL;
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		if (section && !str_equal(rows[i].section, section))
			continue;
		size_t now = distance(rows[i].key, key);
		if (now < best) {
			best = now;
			nearest = &rows[i];
		}
	}
	return nearest;
}

static const char *nearest_section(const char *section)
{
	const char *nearest = rows[0].section;
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		size_t now = distance(rows[i].section, section);
		if (now < best) {
			best = now;
			nearest = rows[i].section;
		}
	}
	return nearest;
}

static bool section_exists(const char *section)
{
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		if (str_equal(rows[i].section, section))
			return true;
	}
	return false;
}

static const struct settings_row *find_row(const char *section, const char *key)
{
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		if (str_equal(rows[i].section, section) && str_equal(rows[i].key, key))
			return &rows[i];
	}
	return NULL;
}

/* The unknown key's complaint: the same key elsewhere is nearer than any other here. */
static enum err say_unknown_key(const char *section, const char *key,
				struct err_note *note)
{
	const struct settings_row *elsewhere = nearest_key(NULL, key);
	const struct settings_row *here = nearest_key(section, key);
	if (str_equal(elsewhere->key, key))
		return err_say(ERR_MISSING, note,
			       "[%s] has no key '%s'; it belongs to [%s]", section, key,
			       elsewhere->section);
	return err_say(ERR_MISSING, note, "[%s] has no key '%s'; the nearest is '%s'",
		       section, key, here->key);
}

/* --- values --- */

/* True when value is one of "a|b|c". */
static bool is_choice(const char *choices, const char *value)
{
	size_t size = strlen(value);
	const char *at = choices;
	while (size > 0) {
		size_t step = strcspn(at, "|");
		if (step == size && memcmp(at, value, size) == 0)
			return true;
		if (at[step] == '\0')
			return false;
		at += step + 1;
	}
	return false;
}

/* Text that may stand in a file of lines and comes back the same. */
static bool is_plain(const char *value)
{
	char clean[SETTINGS_TEXT_BYTES];
	if (!str_copy(clean, sizeof(clean), value))
		return false;
	str_clean(clean);
	str_trim(clean);
	return str_equal(clean, value);
}

static enum err set_number(const struct settings_row *row, int64_t *to, const char *value,
			   struct err_note *note)
{
	int64_t number = 0;
	if (!str_to_int(value, row->smallest, row->largest, &number))
		return err_say(ERR_RANGE, note,
			       "%s is '%s'; expected a whole number from %" PRId64
			       " to %" PRId64,
			       row->key, value, row->smallest, row->largest);
	*to = number;
	return OK;
}

/* Texts that mean something: whoever sets one hears at once what is wrong with it, in the
 * words of whoever reads it. */
static enum err check_quiet(const char *value, struct err_note *note)
{
	return quiet_read(value, &(struct quiet){.is_set = false}, note);
}

static const struct {
	const char *section;
	const char *key;
	enum err (*check)(const char *value, struct err_note *note);
} checks[] = {
	{"house", "quiet", check_quiet},
};

static enum err check_meaning(const struct settings_row *row, const char *value,
			      struct err_note *note)
{
	for (size_t i = 0; i < STR_COUNT(checks); i++)
		if (str_equal(checks[i].section, row->section) &&
		    str_equal(checks[i].key, row->key))
			return checks[i].check(value, note);
	return OK;
}

static enum err set_text(const struct settings_row *row, char *to, const char *value,
			 struct err_note *note)
{
	if (row->kind == SETTINGS_CHOICE && !is_choice(row->choices, value))
		return err_say(ERR_RANGE, note, "%s is '%s'; expected one of %s",
			       row->key, value, row->choices);
	if (!is_plain(value))
		return err_say(ERR_RANGE, note,
			       "%s is no plain text; expected UTF-8 of at most %d bytes "
			       "without control characters",
			       row->key, SETTINGS_TEXT_BYTES - 1);
	enum err err = check_meaning(row, value, note);

	if (!err)
		must(str_copy(to, SETTINGS_TEXT_BYTES, value));
	return err;
}

static enum err set_row(struct settings *settings, const struct settings_row *row,
			const char *value, struct err_note *note)
{
	void *to = (char *)settings + row->offset;
	switch (row->kind) {
	case SETTINGS_NUMBER:
		return set_number(row, to, value, note);
	case SETTINGS_TEXT:
	case SETTINGS_CHOICE:
		return set_text(row, to, value, note);
	}
	must(false); /* a row has a kind */
	return ERR_RANGE;
}

enum err settings_set(struct settings *settings, const char *section, const char *key,
		      const char *value, struct err_note *note)
{
	const struct settings_row *row = find_row(section, key);
	if (!section_exists(section))
		return err_say(ERR_MISSING, note,
			       "there is no section [%s]; the nearest is [%s]", section,
			       nearest_section(section));
	if (!row)
		return say_unknown_key(section, key, note);
	return set_row(settings, row, value, note);
}

void settings_init(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		enum err err = set_row(settings, &rows[i], rows[i].standard, NULL);
		must(err == OK); /* a default outside its own range */
	}
}

/* --- the file --- */

struct parser {
	struct settings settings;
	char section[NAME_MAX_BYTES];
	bool seen[STR_COUNT(rows)];
};

static enum err parse_section(struct parser *parser, char *line, struct err_note *note)
{
	size_t size = strlen(line);
	if (line[size - 1] != ']')
		return err_say(ERR_FORMAT, note, "'%s' lacks its ']'; expected [section]",
			       line);
	line[size - 1] = '\0';
	str_trim(line + 1);
	if (!section_exists(line + 1))
		return err_say(ERR_MISSING, note,
			       "there is no section [%s]; the nearest is [%s]", line + 1,
			       nearest_section(line + 1));
	must(str_copy(parser->section, sizeof(parser->section), line + 1));
	return OK;
}

static enum err parse_value(struct parser *parser, char *line, struct err_note *note)
{
	char *equals = strchr(line, '=');
	if (!equals)
		return err_say(ERR_FORMAT, note, "'%s' has no '='; expected key = value",
			       line);
	*equals = '\0';
	str_trim(line);
	str_trim(equals + 1);
	if (line[0] == '\0')
		return err_say(ERR_FORMAT, note,
			       "no key before '='; expected key = value");
	if (parser->section[0] == '\0')
		return err_say(ERR_FORMAT, note, "'%s' stands before any [section]",
			       line);
	const struct settings_row *row = find_row(parser->section, line);
	if (!row)
		return say_unknown_key(parser->section, line, note);
	bool *seen = &parser->seen[row - rows];
	if (*seen)
		return err_say(ERR_EXISTS, note, "[%s] %s is set a second time",
			       row->section, row->key);
	*seen = true;
	return set_row(&parser->settings, row, equals + 1, note);
}

/* One line without its newline. # begins a comment where a line begins. */
static enum err parse_line(struct parser *parser, const char *bytes, size_t size,
			   struct err_note *note)
{
	char line[SETTINGS_LINE_BYTES];
	if (!str_is_utf8(bytes, size))
		return err_say(ERR_FORMAT, note, "the line is not UTF-8 text");
	if (!str_copy_bytes(line, sizeof(line), bytes, size))
		return err_say(ERR_LIMIT, note, "the line is longer than %d bytes",
			       SETTINGS_LINE_BYTES - 1);
	str_trim(line);
	if (line[0] == '\0' || line[0] == '#')
		return OK;
	if (line[0] == '[')
		return parse_section(parser, line, note);
	return parse_value(parser, line, note);
}

enum err settings_parse(struct settings *settings, const char *name, const char *bytes,
			size_t size, struct err_note *note)
{
	struct parser parser = {.settings = *settings};
	size_t at = 0;
	if (size > SETTINGS_FILE_BYTES)
		return err_say(ERR_LIMIT, note, "%s: is larger than %d bytes", name,
			       SETTINGS_FILE_BYTES);
	for (unsigned line = 1; at < size; line++) {
		const char *end = memchr(bytes + at, '\n', size - at);
		size_t length = end ? (size_t)(end - (bytes + at)) : size - at;
		struct err_note what = {0};
		enum err err = parse_line(&parser, bytes + at, length, &what);
		if (err != OK)
			return err_say(err, note, "%s:%u: %s", name, line, what.text);
		at += length + 1;
	}
	*settings = parser.settings;
	return OK;
}

/* --- printing --- */

static enum err print_row(const struct settings *settings, const struct settings_row *row,
			  struct buf *to)
{
	const void *from = (const char *)settings + row->offset;
	enum err err = OK;
	int64_t number = 0;
	switch (row->kind) {
	case SETTINGS_NUMBER:
		memcpy(&number, from, sizeof(number));
		err = buf_add_format(to,
				     "# %s (%" PRId64 "..%" PRId64 ")\n%s = %" PRId64
				     "\n",
				     row->words, row->smallest, row->largest, row->key,
				     number);
		break;
	case SETTINGS_TEXT:
		err = buf_add_format(to, "# %s\n%s = %s\n", row->words, row->key,
				     (const char *)from);
		break;
	case SETTINGS_CHOICE:
		err = buf_add_format(to, "# %s (%s)\n%s = %s\n", row->words, row->choices,
				     row->key, (const char *)from);
		break;
	}
	return err;
}

enum err settings_print(const struct settings *settings, struct buf *to)
{
	const char *section = "";
	enum err err = OK;
	for (size_t i = 0; i < STR_COUNT(rows) && err == OK; i++) {
		if (!str_equal(section, rows[i].section)) {
			err = buf_add_format(to, "%s[%s]\n", i > 0 ? "\n" : "",
					     rows[i].section);
			section = rows[i].section;
		}
		if (err == OK)
			err = print_row(settings, &rows[i], to);
	}
	return err;
}
