/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book_when - see the header.
 *
 * Invariant: an entry that was set is due behind the moment at which it was.
 */
#include "domain/book_when.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	HOUR_S = 3600,
	MINUTE_S = 60,
	MS = 1000,
	HALF = BOOK_MINUTES_OF_DAY / 2,
	WORDS_MAX = 8,
	WORD_BYTES = 32,
	DIGITS_MAX = 12,
	SPAN_COUNT_MAX = 1000000,
	EVENING_FROM =
		5 * 60, /* "tonight at four" is in the night, at five in the evening */
	NOON_FOR = 60,
	MORNING_FROM = 7 * 60, /* reminders: "tomorrow at three" is in the afternoon */
};

static const char *const DAYS[BOOK_DAY_COUNT] = {
	[BOOK_DAY_SUNDAY] = "sunday",     [BOOK_DAY_MONDAY] = "monday",
	[BOOK_DAY_TUESDAY] = "tuesday",   [BOOK_DAY_WEDNESDAY] = "wednesday",
	[BOOK_DAY_THURSDAY] = "thursday", [BOOK_DAY_FRIDAY] = "friday",
	[BOOK_DAY_SATURDAY] = "saturday", [BOOK_DAY_NONE] = "",
	[BOOK_DAY_TODAY] = "today",       [BOOK_DAY_TONIGHT] = "tonight",
	[BOOK_DAY_TOMORROW] = "tomorrow", [BOOK_DAY_EVERY] = "every day",
	[BOOK_DAY_WEEKDAYS] = "weekdays", [BOOK_DAY_WEEKENDS] = "weekends",
};

struct book_when book_when_none(void)
{
	return (struct book_when){.minute = -1, .day = BOOK_DAY_NONE};
}

bool book_day_from_text(const char *text, enum book_day *out_day)
{
	for (unsigned day = 0; day < BOOK_DAY_COUNT; day++) {
		if (day == BOOK_DAY_NONE || !str_equal_folded(DAYS[day], text))
			continue;
		*out_day = (enum book_day)day;
		return true;
	}
	return false;
}

const char *book_day_text(enum book_day day)
{
	must(day < BOOK_DAY_COUNT);
	return DAYS[day];
}

/* --- as it is typed --------------------------------------------------------------------- */

/* Digits; false where there are none or too many of them. */
static bool read_number(const char **at, int64_t *out_number)
{
	int64_t number = 0;
	int digits = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++, digits++) {
		if (digits == DIGITS_MAX)
			return false;
		number = number * 10 + (**at - '0');
	}
	*out_number = number;
	return digits > 0;
}

static int64_t unit_s(const char **at)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} UNITS[] = {
		{"min", MINUTE_S},
		{"sec", 1},
		{"h", HOUR_S},
		{"m", MINUTE_S},
		{"s", 1},
		{"d", 24 * HOUR_S},
		{"w", 7 * 24 * HOUR_S},
		{"y", 365 * 24 * HOUR_S},
	};

	for (size_t i = 0; i < STR_COUNT(UNITS); i++) {
		if (!str_starts(*at, UNITS[i].text))
			continue;
		*at += strlen(UNITS[i].text);
		return UNITS[i].seconds;
	}
	return 0;
}

/* "1h30m". OK also for what is too long: then it is as much as there can be. */
static bool read_span(const char *text, int64_t *out_s)
{
	const int64_t largest = INT64_C(1000000000000);
	int64_t sum = 0;

	while (*text) {
		int64_t number = 0;

		if (!read_number(&text, &number))
			return false;
		const int64_t unit = unit_s(&text);
		if (unit == 0)
			return false;
		sum = number > largest / unit ? largest : sum + number * unit;
		if (sum > largest)
			sum = largest;
	}
	*out_s = sum;
	return true;
}

/* "7", "7:30", "7:30pm", "19:30". */
static bool read_clock(const char *text, struct book_when *when)
{
	int64_t hour = 0;
	int64_t minute = 0;
	int half = -1;

	if (!read_number(&text, &hour))
		return false;
	const bool has_minutes = *text == ':';
	if (has_minutes && (text++, !read_number(&text, &minute)))
		return false;
	if (str_equal_folded(text, "am") || str_equal_folded(text, "pm"))
		half = text[0] == 'p' || text[0] == 'P';
	else if (*text != '\0' || !has_minutes)
		return false;
	if (minute > 59 || hour > 23 || (half >= 0 && (hour < 1 || hour > 12)))
		return false;
	when->has_half = true;
	when->minute = (int)(half >= 0 ? hour % 12 * 60 + minute + half * HALF
				       : hour * 60 + minute);
	return true;
}

static size_t split(const char *text, char words[WORDS_MAX][WORD_BYTES])
{
	size_t count = 0;

	while (*text) {
		const size_t length = strcspn(text, " ");

		if (length > 0 &&
		    (count == WORDS_MAX ||
		     !str_copy_bytes(words[count], WORD_BYTES, text, length)))
			return 0;
		count += length > 0;
		text += length + (text[length] == ' ');
	}
	return count;
}

/* "5" behind "at": nobody said which half of the day. */
static bool read_hour(const char *word, struct book_when *when)
{
	int64_t hour = 0;

	if (!read_number(&word, &hour) || *word != '\0' || hour < 1 || hour > 12)
		return false;
	when->minute = (int)hour * 60;
	when->has_half = false;
	return true;
}

/* "10 minutes", in two words. */
static bool read_spoken_span(const char *number, const char *unit, struct book_when *when)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} UNITS[] = {
		{"second", 1},
		{"minute", MINUTE_S},
		{"hour", HOUR_S},
		{"day", 24 * HOUR_S},
		{"week", 7 * 24 * HOUR_S},
		{"year", 365 * 24 * HOUR_S},
	};
	int64_t count = 0;

	if (!read_number(&number, &count) || *number != '\0' || count > SPAN_COUNT_MAX)
		return false;
	for (size_t i = 0; i < STR_COUNT(UNITS); i++) {
		const size_t length = strlen(UNITS[i].text);

		if (!str_starts(unit, UNITS[i].text) ||
		    !(unit[length] == '\0' || str_equal(unit + length, "s")))
			continue;
		when->span_s += count * UNITS[i].seconds;
		return true;
	}
	return false;
}

static bool read_word(const char *word, struct book_when *when)
{
	enum book_day day;

	if (str_equal_folded(word, "every"))
		when->is_again = true;
	else if (str_equal_folded(word, "daily") ||
		 (when->is_again && str_equal_folded(word, "day")))
		when->day = BOOK_DAY_EVERY;
	else if (when->day == BOOK_DAY_NONE && book_day_from_text(word, &day))
		when->day = day;
	else if (when->minute < 0 && when->span_s == 0)
		return read_clock(word, when) || read_span(word, &when->span_s);
	else
		return false;
	return true;
}

static bool is_filler(const char *word)
{
	return str_equal_folded(word, "at") || str_equal_folded(word, "in") ||
	       str_equal_folded(word, "on") || str_equal_folded(word, "and");
}

enum err book_when_read(const char *text, struct book_when *out_when)
{
	char words[WORDS_MAX][WORD_BYTES];
	const size_t count = split(text, words);
	struct book_when when = book_when_none();

	for (size_t i = 0; i < count; i++) {
		const bool has_next = i + 1 < count;

		if (str_equal_folded(words[i], "at") && has_next && when.minute < 0 &&
		    read_hour(words[i + 1], &when))
			i++;
		else if (has_next && when.minute < 0 &&
			 read_spoken_span(words[i], words[i + 1], &when))
			i++;
		else if (!is_filler(words[i]) && !read_word(words[i], &when))
			return ERR_FORMAT;
	}
	if (count == 0 ||
	    (when.minute < 0 && (when.span_s == 0 || when.day != BOOK_DAY_NONE)))
		return count > 0 && when.day == BOOK_DAY_NONE && !when.is_again
			       ? ERR_RANGE
			       : ERR_FORMAT;
	if (when.is_again && when.day == BOOK_DAY_NONE)
		return ERR_FORMAT;
	if (when.span_s > BOOK_SPAN_MAX_S)
		return ERR_RANGE;
	*out_when = when;
	return OK;
}

/* --- what it comes to ------------------------------------------------------------------- */

static unsigned days_of(const struct book_when *when)
{
	switch (when->day) {
	case BOOK_DAY_EVERY:
		return BOOK_EVERY_DAY;
	case BOOK_DAY_WEEKDAYS:
		return BOOK_WEEKDAYS;
	case BOOK_DAY_WEEKENDS:
		return BOOK_WEEKENDS;
	case BOOK_DAY_SUNDAY:
	case BOOK_DAY_MONDAY:
	case BOOK_DAY_TUESDAY:
	case BOOK_DAY_WEDNESDAY:
	case BOOK_DAY_THURSDAY:
	case BOOK_DAY_FRIDAY:
	case BOOK_DAY_SATURDAY:
		return when->is_again ? 1U << when->day : 0;
	case BOOK_DAY_NONE:
	case BOOK_DAY_TODAY:
	case BOOK_DAY_TONIGHT:
	case BOOK_DAY_TOMORROW:
	case BOOK_DAY_COUNT:
		break;
	}
	return 0;
}

/* Which half of the day is meant where nobody said it and it is not the next of the two. */
static int usual_minute(const struct book_when *when, enum book_kind kind)
{
	const int minute = when->minute % HALF;

	if (when->has_half)
		return when->minute;
	if (when->day == BOOK_DAY_TONIGHT)
		return minute >= EVENING_FROM ? minute + HALF : minute;
	if (minute < NOON_FOR || (kind == BOOK_REMINDER && minute < MORNING_FROM))
		return minute + HALF; /* twelve is noon */
	return minute;
}

/* The night is the one that is, where it is not over. */
static int64_t nights_ahead(const struct book_when *when, const struct book_local *now)
{
	const int minute = usual_minute(when, BOOK_ALARM);

	return minute >= EVENING_FROM || now->minute < minute ? 0 : 1;
}

/* So many days from today. */
static int64_t days_ahead(const struct book_when *when, const struct book_local *now)
{
	if (when->day == BOOK_DAY_TOMORROW)
		return 1;
	if (when->day == BOOK_DAY_TONIGHT)
		return nights_ahead(when, now);
	if (when->day <= BOOK_DAY_SATURDAY)
		return ((int)when->day - now->weekday + 7) % 7;
	return 0;
}

static void set_day(struct book_entry *entry, int64_t day, int minute)
{
	entry->date = book_date_of_day(day);
	entry->minute = minute;
}

static bool is_ahead(const struct book_entry *entry, const struct book_zone *zone,
		     int64_t now_ms)
{
	return book_due_ms(entry, zone, now_ms) != INT64_MAX;
}

/* Today or tomorrow, whichever half of the day comes first. */
static enum err set_next(const struct book_when *when, const struct book_zone *zone,
			 int64_t today, int64_t now_ms, struct book_entry *entry)
{
	const int step = when->has_half ? BOOK_MINUTES_OF_DAY : HALF;
	const int first = when->has_half ? when->minute : when->minute % HALF;
	const int64_t last = when->day == BOOK_DAY_TODAY ? today : today + 1;

	for (int64_t day = today; day <= last; day++) {
		for (int minute = first; minute < BOOK_MINUTES_OF_DAY; minute += step) {
			set_day(entry, day, minute);
			if (is_ahead(entry, zone, now_ms))
				return OK;
		}
	}
	return ERR_MISSING;
}

static enum err set_clock(const struct book_when *when, const struct book_zone *zone,
			  int64_t now_ms, struct book_entry *entry)
{
	const struct book_local now = book_local_of(zone, now_ms / MS);
	const int64_t today = book_day_number(now.date);

	entry->days = days_of(when);
	if (entry->days == 0 &&
	    (when->day == BOOK_DAY_NONE || when->day == BOOK_DAY_TODAY))
		return set_next(when, zone, today, now_ms, entry);
	set_day(entry, today + days_ahead(when, &now), usual_minute(when, entry->kind));
	if (is_ahead(entry, zone, now_ms))
		return OK;
	if (when->day > BOOK_DAY_SATURDAY)
		return ERR_MISSING;
	set_day(entry, today + 7, entry->minute);
	return OK;
}

enum err book_when_set(const struct book_when *when, const struct book_zone *zone,
		       int64_t now_ms, struct book_entry *entry)
{
	struct book_entry set = *entry;
	enum err err = OK;

	if (when->minute >= 0) {
		err = set_clock(when, zone, now_ms, &set);
	} else if (when->span_s == 0) {
		err = ERR_MISSING;
	} else if (when->span_s < 0 || when->span_s > BOOK_SPAN_MAX_S) {
		err = ERR_RANGE;
	} else {
		set.is_span = true;
		set.span_ms = when->span_s * MS;
		set.due_ms = now_ms + set.span_ms;
	}
	if (!err)
		*entry = set;
	return err;
}
