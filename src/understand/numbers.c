/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers - how English speaks a number.
 *
 * Does not read words back: lists of numbers are spoken once and compared. Invariant:
 * every form of one number differs from every form of another.
 */
#include "understand/numbers.h"

#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	TEENS = 20,
	HUNDRED = 100,
	THOUSAND = 1000,
	HUNDREDS_FROM = 1100,
	HUNDREDS_TO = 9999
};

static const char *const SMALL[TEENS] = {
	"zero",     "one",     "two",     "three",     "four",     "five",     "six",
	"seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
	"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
};
static const char *const TENS[10] = {
	"",      "",      "twenty",  "thirty", "forty",
	"fifty", "sixty", "seventy", "eighty", "ninety",
};
/* Ranks that are not the number and "th". */
static const struct {
	const char *number;
	const char *rank;
} RANKS[] = {
	{"one", "first"},    {"two", "second"}, {"three", "third"},    {"five", "fifth"},
	{"eight", "eighth"}, {"nine", "ninth"}, {"twelve", "twelfth"},
};

/* Words added one by one; fits turns false once they no longer do. */
struct said {
	char *to;
	size_t size;
	size_t used;
	bool fits;
};

/* Copies by hand: a house's lists hold tens of thousands of spoken numbers. */
static void say(struct said *said, const char *word)
{
	size_t length = strlen(word);
	size_t gap = said->used > 0;
	if (said->used + gap + length >= said->size) {
		said->fits = false;
		return;
	}
	if (gap)
		said->to[said->used++] = ' ';
	memcpy(said->to + said->used, word, length + 1);
	said->used += length;
}

static void say_below_hundred(struct said *said, int64_t value)
{
	must(value > 0 && value < HUNDRED);
	if (value < TEENS) {
		say(said, SMALL[value]);
		return;
	}
	say(said, TENS[value / 10]);
	if (value % 10)
		say(said, SMALL[value % 10]);
}

static void say_below_thousand(struct said *said, int64_t value, unsigned form)
{
	must(value > 0 && value < THOUSAND);
	if (value >= HUNDRED) {
		bool with_a = (form & NUMBERS_A) && value / HUNDRED == 1;
		say(said, with_a ? "a" : SMALL[value / HUNDRED]);
		say(said, "hundred");
		value %= HUNDRED;
		if (value && (form & NUMBERS_AND))
			say(said, "and");
	}
	if (value)
		say_below_hundred(said, value);
}

static void say_as_hundreds(struct said *said, int64_t value, unsigned form)
{
	say_below_hundred(said, value / HUNDRED);
	say(said, "hundred");
	value %= HUNDRED;
	if (value && (form & NUMBERS_AND))
		say(said, "and");
	if (value)
		say_below_hundred(said, value);
}

static void say_whole(struct said *said, int64_t value, unsigned form)
{
	if (value == 0) {
		say(said, SMALL[0]);
		return;
	}
	if ((form & NUMBERS_HUNDREDS) && value >= HUNDREDS_FROM && value <= HUNDREDS_TO &&
	    value % THOUSAND >= HUNDRED) {
		say_as_hundreds(said, value, form);
		return;
	}
	if (value >= THOUSAND) {
		if ((form & NUMBERS_A) && value / THOUSAND == 1)
			say(said, "a");
		else
			say_below_thousand(said, value / THOUSAND, form & NUMBERS_AND);
		say(said, "thousand");
		value %= THOUSAND;
		if (value && value < HUNDRED && (form & NUMBERS_AND))
			say(said, "and");
		form &= ~(unsigned)NUMBERS_A;
	}
	if (value)
		say_below_thousand(said, value, form);
}

static void say_digits(struct said *said, const char *digits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		say(said, SMALL[digits[i] - '0']);
}

static size_t digit_count(const char *text)
{
	return strspn(text, "0123456789");
}

static int64_t whole_value(const char *digits, size_t count)
{
	int64_t value = 0;
	for (size_t i = 0; i < count; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

bool numbers_say(const char *number, unsigned form, char *to, size_t size)
{
	struct said said = {.to = to, .size = size, .fits = true};
	must(size > 0);
	to[0] = '\0';
	if (*number == '-') {
		say(&said, form & NUMBERS_NEGATIVE ? "negative" : "minus");
		number++;
	}
	size_t count = digit_count(number);
	const char *decimals = number[count] == '.' ? number + count + 1 : "";
	size_t decimal_count = digit_count(decimals);
	const char *end = *decimals ? decimals + decimal_count : number + count;
	if (!count || *end || (number[count] && !decimal_count))
		return false;
	bool half = (form & NUMBERS_HALF) && decimal_count == 1 && decimals[0] == '5';
	bool plain_digits = count > NUMBERS_DIGITS_MAX || (number[0] == '0' && count > 1);
	if (half && count == 1 && number[0] == '0') {
		say(&said, "half");
		return said.fits;
	}
	if (plain_digits)
		say_digits(&said, number, count);
	else
		say_whole(&said, whole_value(number, count), form);
	if (half) {
		say(&said, "and a half");
	} else if (decimal_count) {
		say(&said, "point");
		say_digits(&said, decimals, decimal_count);
	}
	return said.fits;
}

bool numbers_say_rank(const char *digits, char *to, size_t size)
{
	size_t count = digit_count(digits);
	if (!count || count > NUMBERS_DIGITS_MAX || digits[count] ||
	    !numbers_say(digits, NUMBERS_PLAIN, to, size))
		return false;
	char *last = strrchr(to, ' ');
	last = last ? last + 1 : to;
	size_t room = size - (size_t)(last - to);
	for (size_t i = 0; i < STR_COUNT(RANKS); i++) {
		if (str_equal(last, RANKS[i].number))
			return str_copy(last, room, RANKS[i].rank);
	}
	if (str_ends(last, "y")) {
		last[strlen(last) - 1] = '\0';
		return str_append(to, size, "ieth");
	}
	return str_append(to, size, "th");
}
