/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrasebook - puts a saying into words: first each of its values, then the sentence.
 *
 * Knows no language: every letter that it adds by itself is a digit. Text is only ever
 * filled into text once, so what a slot holds is never read as a template.
 */
#include "phrase/phrasebook.h"

#include <math.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "phrase/book.h"

enum {
	NUMBER_BYTES = 32,
	MINUTES_OF_HOUR = 60,
	MINUTES_OF_DAY = 24 * MINUTES_OF_HOUR,
	ENTRY_TIME_BYTES = 5
};

/* Nobody answers a question with more to choose from. */
enum { LIST_ASKED_MAX = 4 };

/* What stands for {name} in a text. */
struct filling {
	const char *name;
	const char *text;
};

/* A text that grows until it is full. */
struct writer {
	char *to;
	size_t size;
	size_t used;
};

static struct writer writer_of(char *to, size_t size)
{
	to[0] = '\0';
	return (struct writer){to, size, 0};
}

/* Adds what fits. What is cut fills it, so that nothing follows a cut. */
static void put(struct writer *writer, const char *text, size_t length)
{
	size_t room = writer->size - 1 - writer->used;
	size_t taken = length < room ? length : room;

	memcpy(writer->to + writer->used, text, taken);
	writer->used += taken;
	writer->to[writer->used] = '\0';
}

static const char *find_filling(const struct filling *fillings, size_t count,
				const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(fillings[i].name) == length &&
		    memcmp(fillings[i].name, name, length) == 0)
			return fillings[i].text;
	return "";
}

/* Writes a template with its slots filled; loading has balanced the braces. */
static void fill(struct writer *writer, const char *template,
		 const struct filling *fillings, size_t count)
{
	const char *at = template;

	while (*at) {
		size_t plain = strcspn(at, "{");

		put(writer, at, plain);
		at += plain;
		if (!*at)
			break;
		size_t length = strcspn(at + 1, "}");
		const char *text = find_filling(fillings, count, at + 1, length);
		put(writer, text, strlen(text));
		at += length + 2;
	}
}

/* --- values --- */

static const char *text_of(const struct phrasebook *book, enum phrase_section section,
			   size_t index)
{
	must(index < section_row(section)->count);
	return book->texts[section][index] ? book->texts[section][index] : "";
}

static const char *part_of(const struct phrasebook *book, enum phrase_part part)
{
	return text_of(book, SECTION_PARTS, part);
}

static double bounded(double number)
{
	if (isnan(number))
		return 0;
	return fmin(fmax(number, -SAYING_NUMBER_LARGEST), SAYING_NUMBER_LARGEST);
}

/* At most two decimals, and none that are zeros. */
static void put_number(const struct phrasebook *book, double number,
		       struct writer *writer)
{
	char digits[NUMBER_BYTES];

	must(str_format(digits, sizeof(digits), "%.2f", fabs(bounded(number))));
	size_t whole = strcspn(digits, ".");
	size_t end = strlen(digits);
	while (end > whole + 1 && digits[end - 1] == '0')
		end--;
	digits[end] = '\0';
	const char *point = part_of(book, PART_NUMBER_POINT);
	const char *minus = part_of(book, PART_NUMBER_MINUS);
	bool is_zero = digits[0] == '0' && end == whole + 1;
	if (number < 0 && !is_zero)
		put(writer, minus, strlen(minus));
	put(writer, digits, whole);
	if (end == whole + 1)
		return;
	put(writer, point, strlen(point));
	put(writer, digits + whole + 1, end - whole - 1);
}

static void put_count(const struct phrasebook *book, double number, struct writer *writer)
{
	put_number(book, round(bounded(number)), writer);
}

static void whole_text(int number, char to[NUMBER_BYTES])
{
	must(str_format(to, NUMBER_BYTES, "%d", number));
}

static void put_clock(const struct phrasebook *book, double number, struct writer *writer)
{
	int at = (int)bounded(number) % MINUTES_OF_DAY;
	int minute = (at + MINUTES_OF_DAY) % MINUTES_OF_DAY;
	int hour = minute / MINUTES_OF_HOUR;
	char hours[NUMBER_BYTES];
	char twelfths[NUMBER_BYTES];
	char minutes[NUMBER_BYTES];
	enum phrase_part part = PART_CLOCK_LATER;

	minute %= MINUTES_OF_HOUR;
	whole_text(hour, hours);
	whole_text(hour % 12 == 0 ? 12 : hour % 12, twelfths);
	whole_text(minute, minutes);
	if (minute < 10)
		part = minute == 0 ? PART_CLOCK_SHARP : PART_CLOCK_EARLY;
	const struct filling fillings[] = {
		{"hour", hours},
		{"hour12", twelfths},
		{"minute", minutes},
		{"half",
		 part_of(book, hour < 12 ? PART_CLOCK_MORNING : PART_CLOCK_AFTERNOON)},
	};
	fill(writer, part_of(book, part), fillings, STR_COUNT(fillings));
}

/* Its largest unit and the one below: nobody wants to hear the seconds of hours. */
static void put_duration(const struct phrasebook *book, double number,
			 struct writer *writer)
{
	static const struct {
		double seconds;
		enum phrase_part one;
		enum phrase_part several;
	} UNITS[] = {
		{86400, PART_DURATION_DAY, PART_DURATION_DAYS},
		{3600, PART_DURATION_HOUR, PART_DURATION_HOURS},
		{60, PART_DURATION_MINUTE, PART_DURATION_MINUTES},
		{1, PART_DURATION_SECOND, PART_DURATION_SECONDS},
	};
	const char *between = part_of(book, PART_DURATION_BETWEEN);
	double left = fmax(round(bounded(number)), 0);
	size_t end = STR_COUNT(UNITS);
	bool said = false;

	for (size_t i = 0; i < end; i++) {
		const double count = floor(left / UNITS[i].seconds);
		char digits[NUMBER_BYTES];
		const struct filling filling = {"count", digits};

		left -= count * UNITS[i].seconds;
		if (count < 1 && (said || i + 1 < STR_COUNT(UNITS)))
			continue;
		if (said)
			put(writer, between, strlen(between));
		else if (i + 2 < end)
			end = i + 2;
		said = true;
		must(str_format(digits, sizeof(digits), "%.0f", count));
		fill(writer, part_of(book, count == 1 ? UNITS[i].one : UNITS[i].several),
		     &filling, 1);
	}
}

static void put_when(const struct phrasebook *book, double number, struct writer *writer)
{
	static const enum phrase_part PARTS[SAYING_DAY_EACH] = {
		PART_DAY_ON,       PART_DAY_ON,    PART_DAY_ON,       PART_DAY_ON,
		PART_DAY_ON,       PART_DAY_ON,    PART_DAY_ON,       PART_DAY_TODAY,
		PART_DAY_TOMORROW, PART_DAY_EVERY, PART_DAY_WEEKDAYS, PART_DAY_WEEKENDS,
	};
	size_t day = (size_t)fmax(round(bounded(number)), 0);
	enum phrase_part part = PART_DAY_EACH;

	if (day >= SAYING_DAY_COUNT)
		day = SAYING_DAY_TODAY;
	if (day >= SAYING_DAY_EACH)
		day -= SAYING_DAY_EACH;
	else
		part = PARTS[day];
	const struct filling filling = {"weekday",
					day < 7 ? text_of(book, SECTION_WEEKDAYS, day)
						: ""};
	fill(writer, part_of(book, part), &filling, 1);
}

static void put_date(const struct phrasebook *book, const struct saying_date *date,
		     struct writer *writer)
{
	char day[NUMBER_BYTES];
	char year[NUMBER_BYTES];

	whole_text(date->day, day);
	whole_text(date->year, year);
	const struct filling fillings[] = {
		{"weekday", text_of(book, SECTION_WEEKDAYS, (size_t)date->weekday)},
		{"month", text_of(book, SECTION_MONTHS, (size_t)date->month)},
		{"day", day},
		{"year", year},
	};
	fill(writer, part_of(book, PART_DATE), fillings, STR_COUNT(fillings));
}

/* "the lamp"; a name that has an article keeps its own. */
static void put_device(const struct phrasebook *book, const char *name,
		       struct writer *writer)
{
	const struct filling filling = {"name", name};
	const char *article = part_of(book, PART_DEVICE_ARTICLE);
	size_t length = strlen(article);
	char first[PHRASEBOOK_TEXT_BYTES];

	if (length > 0 && strlen(name) > length && name[length] == ' ' &&
	    str_copy_bytes(first, sizeof(first), name, length) &&
	    str_equal_folded(first, article))
		put(writer, name, strlen(name));
	else
		fill(writer, part_of(book, PART_DEVICE), &filling, 1);
}

/* What has no word of its own is said as it is written, but for its underscores. */
static void put_word(const struct phrase_words *words, const char *name,
		     struct writer *writer)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!str_equal(words->words[i].from, name))
			continue;
		put(writer, words->words[i].to, strlen(words->words[i].to));
		return;
	}
	for (const char *letter = name; *letter; letter++)
		put(writer, *letter == '_' ? " " : letter, 1);
}

/* One name of a list, by what the list is of. */
static void put_item(const struct phrasebook *book, enum saying_kind kind,
		     const char *name, struct writer *writer)
{
	struct filling filling = {"name", name};
	enum phrase_part part = PART_LIST_PLACE;

	if (kind == SAYING_KIND_NAMES) {
		put_device(book, name, writer);
		return;
	}
	if (kind == SAYING_KIND_LINES) {
		part = PART_LIST_LINE;
	} else if (kind == SAYING_KIND_KINDS) {
		part = PART_LIST_KIND;
		filling =
			(struct filling){"kind", text_of(book, SECTION_KINDS,
							 entity_domain_from_text(name))};
	}
	fill(writer, part_of(book, part), &filling, 1);
}

static void put_more(const struct phrasebook *book, size_t count, struct writer *writer)
{
	char digits[NUMBER_BYTES];
	const struct filling filling = {"count", digits};

	whole_text((int)count, digits);
	fill(writer, part_of(book, PART_LIST_MORE), &filling, 1);
}

/* What is told is joined by "and", what is asked about by "or". */
static void put_list(const struct phrasebook *book, const struct saying_value *value,
		     enum saying_kind kind, struct writer *writer)
{
	const bool tells = kind == SAYING_KIND_NAMES || kind == SAYING_KIND_LINES;
	const char *between = part_of(book, PART_LIST_BETWEEN);
	const char *last = part_of(book, tells ? PART_LIST_AND : PART_LIST_LAST);
	const size_t most = tells ? SAYING_NAMES_MAX : LIST_ASKED_MAX;
	const size_t named = value->name_count < most ? value->name_count : most;
	const size_t more = tells ? value->name_count - named : 0;

	for (size_t i = 0; i < named; i++) {
		const char *before = i + 1 == named && more == 0 ? last : between;

		if (i > 0)
			put(writer, before, strlen(before));
		put_item(book, kind, value->names[i], writer);
	}
	if (more == 0)
		return;
	put(writer, last, strlen(last));
	put_more(book, more, writer);
}

/* "0930 dentist": hour, minute, and what it is; "---- holiday": no time of day. */
static void put_entry(const struct phrasebook *book, const char *name,
		      struct writer *writer)
{
	char time[PHRASEBOOK_TEXT_BYTES];
	struct writer clock = writer_of(time, sizeof(time));
	const bool has_time =
		name[0] >= '0' && name[0] <= '9' && strlen(name) > ENTRY_TIME_BYTES;
	const char *text = strlen(name) > ENTRY_TIME_BYTES ? name + ENTRY_TIME_BYTES : "";
	const struct filling fillings[] = {{"time", time}, {"name", text}};

	if (has_time)
		put_clock(book,
			  ((name[0] - '0') * 10 + name[1] - '0') * MINUTES_OF_HOUR +
				  (name[2] - '0') * 10 + name[3] - '0',
			  &clock);
	fill(writer, part_of(book, has_time ? PART_ENTRY_TIME : PART_ENTRY_DAY), fillings,
	     STR_COUNT(fillings));
}

static void put_entries(const struct phrasebook *book, const struct saying_value *value,
			struct writer *writer)
{
	const char *between = part_of(book, PART_LIST_BETWEEN);

	for (size_t i = 0; i < value->name_count; i++) {
		if (i > 0)
			put(writer, between, strlen(between));
		put_entry(book, value->names[i], writer);
	}
}

static enum phrase_part example_part(enum entity_domain domain)
{
	switch ((unsigned)domain) {
	case ENTITY_CLIMATE:
		return PART_EXAMPLE_CLIMATE;
	case ENTITY_COVER:
		return PART_EXAMPLE_COVER;
	case ENTITY_LIGHT:
		return PART_EXAMPLE_LIGHT;
	}
	return PART_EXAMPLE_PLAIN;
}

/* Each name has its kind in front, which says what is said with it. */
static void put_examples(const struct phrasebook *book, const struct saying_value *value,
			 struct writer *writer)
{
	const char *between = part_of(book, PART_LIST_BETWEEN);
	const char *last = part_of(book, PART_LIST_LAST);

	for (size_t i = 0; i < value->name_count; i++) {
		const char *name = value->names[i];
		const size_t length = strcspn(name, " ");
		const char *before = i + 1 == value->name_count ? last : between;
		const struct filling filling = {"name",
						name + length + (name[length] ? 1 : 0)};
		char kind[PHRASEBOOK_TEXT_BYTES];

		must(str_copy_bytes(kind, sizeof(kind), name, length));
		if (i > 0)
			put(writer, before, strlen(before));
		fill(writer, part_of(book, example_part(entity_domain_from_text(kind))),
		     &filling, 1);
	}
}

static void put_code(const struct phrasebook *book, enum phrase_section section,
		     double number, struct writer *writer)
{
	must(number >= 0);
	const char *text = text_of(book, section, (size_t)number);
	put(writer, text, strlen(text));
}

/* Long ago is said; what is hardly old is not. */
static void put_ago(const struct phrasebook *book, double hours, struct writer *writer)
{
	char text[NUMBER_BYTES];
	const struct filling filling = {"hours", text};

	if (!(hours >= 2))
		return;
	whole_text((int)fmin(bounded(hours), INT32_MAX), text);
	fill(writer, part_of(book, PART_AGO), &filling, 1);
	put(writer, " ", 1);
}

static void put_value(const struct phrasebook *book, enum saying_kind kind,
		      const struct saying_value *value, struct writer *writer)
{
	switch (kind) {
	case SAYING_KIND_ACTION:
		put_code(book, SECTION_ASKED_TO, value->number, writer);
		break;
	case SAYING_KIND_AGO:
		put_ago(book, value->number, writer);
		break;
	case SAYING_KIND_BECAUSE:
		put_code(book, SECTION_BECAUSE, value->number, writer);
		break;
	case SAYING_KIND_CLOCK:
		put_clock(book, value->number, writer);
		break;
	case SAYING_KIND_COLOUR:
		put_word(&book->colours, value->text, writer);
		break;
	case SAYING_KIND_COUNT:
		put_count(book, value->number, writer);
		break;
	case SAYING_KIND_DATE:
		put_date(book, &value->date, writer);
		break;
	case SAYING_KIND_DAY:
		put_code(book, SECTION_DAYS, value->number, writer);
		break;
	case SAYING_KIND_DURATION:
		put_duration(book, value->number, writer);
		break;
	case SAYING_KIND_WHEN:
		put_when(book, value->number, writer);
		break;
	case SAYING_KIND_DECIMAL:
		put_number(book, value->number, writer);
		break;
	case SAYING_KIND_DEVICE:
		put_device(book, value->text, writer);
		break;
	case SAYING_KIND_ENTRIES:
		put_entries(book, value, writer);
		break;
	case SAYING_KIND_EXAMPLES:
		put_examples(book, value, writer);
		break;
	case SAYING_KIND_KINDS:
	case SAYING_KIND_LINES:
	case SAYING_KIND_NAMES:
	case SAYING_KIND_PLACES:
		put_list(book, value, kind, writer);
		break;
	case SAYING_KIND_REFUSAL:
		put_code(book, SECTION_REFUSED, value->number, writer);
		break;
	case SAYING_KIND_SKY:
		put_code(book, SECTION_WEATHER, value->number, writer);
		break;
	case SAYING_KIND_STATE:
		put_word(&book->states, value->text, writer);
		break;
	case SAYING_KIND_UNIT:
		put_code(book, SECTION_UNITS, value->number, writer);
		break;
	case SAYING_KIND_WORDS:
		put(writer, value->text, strlen(value->text));
		break;
	}
}

/* --- the sentence --- */

/* The text for this many; what is said as "1" is one. */
static const char *form_text(const struct phrase_form *form, const struct saying *saying)
{
	double number = 0;

	if (form->by == SLOT_NONE)
		return form->other;
	for (size_t i = 0; i < SAYING_SLOTS_MAX; i++)
		if (saying_slot_at(saying->key, i) == form->by)
			number = round(bounded(saying->values[i].number) * 100) / 100;
	if (form->zero && number == 0)
		return form->zero;
	return number == 1 ? form->one : form->other;
}

/* One saying, without the capital that begins a sentence. */
static void put_saying(const struct phrasebook *phrasebook, const struct saying *saying,
		       struct writer *writer)
{
	char texts[SAYING_SLOTS_MAX][SAYING_SPOKEN_BYTES];
	struct filling fillings[SAYING_SLOTS_MAX];
	enum saying_slot slot;
	size_t count = 0;

	if (saying->key == SAYING_NONE)
		return;
	for (; (slot = saying_slot_at(saying->key, count)); count++) {
		struct writer value = writer_of(texts[count], sizeof(texts[count]));

		put_value(phrasebook, saying_slot_kind(slot), &saying->values[count],
			  &value);
		fillings[count] = (struct filling){saying_slot_text(slot), texts[count]};
	}
	fill(writer, form_text(&phrasebook->sayings[saying->key], saying), fillings,
	     count);
}

static void begin_sentence(char to[SAYING_SPOKEN_BYTES])
{
	str_clean(to);
	str_trim(to);
	if (to[0] >= 'a' && to[0] <= 'z')
		to[0] = (char)(to[0] - 'a' + 'A');
}

void phrasebook_say(const struct phrasebook *phrasebook, const struct saying *saying,
		    char to[SAYING_SPOKEN_BYTES])
{
	struct writer writer = writer_of(to, SAYING_SPOKEN_BYTES);

	put_saying(phrasebook, saying, &writer);
	begin_sentence(to);
}

void phrasebook_join(const struct phrasebook *phrasebook, const struct saying *clauses,
		     size_t count, char to[SAYING_SPOKEN_BYTES])
{
	struct writer writer = writer_of(to, SAYING_SPOKEN_BYTES);
	const char *between = part_of(phrasebook, PART_LIST_CLAUSE);
	const char *end = part_of(phrasebook, PART_SENTENCE_END);

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			put(&writer, between, strlen(between));
		put_saying(phrasebook, &clauses[i], &writer);
	}
	put(&writer, end, strlen(end));
	begin_sentence(to);
}
