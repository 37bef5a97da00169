/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normal - text as it would be spoken.
 *
 * Does not know which words mean anything. Invariants: words hold no space and are not
 * empty; splitting an already normal text gives the same words.
 */
#include "understand/normal.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/letters.h"
#include "understand/numbers.h"

enum { NUMBER_BYTES = 32, THOUSANDS_DIGITS = 3, SHARP_S = 0xdf, LARGE_SHARP_S = 0x1e9e };

struct splitter {
	const unsigned char *text;
	size_t size;
	size_t at;
	enum normal_mode mode;
	struct normal *out;
	size_t word_at;   /* where the open word begins in out->bytes */
	size_t word_from; /* where its source begins */
	bool open;
	bool fits;
};

/* What a character does. */
enum character { LETTER, SPACE, NOTHING, APOSTROPHE, ALONE };

struct range_row {
	uint32_t from;
	uint32_t to;
	enum character is;
};

/* Characters beyond ASCII that are no letters, and those of scripts that are written
 * without spaces, each of which is a word of its own; sorted. */
static const struct range_row BEYOND[] = {
	{0x80, 0xa9, SPACE},         {0xab, 0xac, SPACE},
	{0xad, 0xad, NOTHING},       {0xae, 0xb1, SPACE},
	{0xb4, 0xb4, APOSTROPHE},    {0xb6, 0xb8, SPACE},
	{0xbb, 0xbb, SPACE},         {0xbf, 0xbf, SPACE},
	{0xd7, 0xd7, SPACE},         {0xf7, 0xf7, SPACE},
	{0x2bc, 0x2bc, APOSTROPHE},  {0x34f, 0x34f, NOTHING},
	{0x37e, 0x37e, SPACE},       {0x387, 0x387, SPACE},
	{0x5be, 0x5be, SPACE},       {0x60c, 0x60c, SPACE},
	{0x61b, 0x61b, SPACE},       {0x61c, 0x61c, NOTHING},
	{0x61f, 0x61f, SPACE},       {0x640, 0x640, NOTHING},
	{0x6d4, 0x6d4, SPACE},       {0x964, 0x965, SPACE},
	{0xe01, 0xeff, ALONE},       {0x1000, 0x109f, ALONE},
	{0x1780, 0x17ff, ALONE},     {0x180b, 0x180e, NOTHING},
	{0x2000, 0x200a, SPACE},     {0x200b, 0x200f, NOTHING},
	{0x2010, 0x2017, SPACE},     {0x2018, 0x2019, APOSTROPHE},
	{0x201a, 0x2029, SPACE},     {0x202a, 0x202e, NOTHING},
	{0x202f, 0x205f, SPACE},     {0x2060, 0x206f, NOTHING},
	{0x20a0, 0x20cf, SPACE},     {0x20d0, 0x20ff, NOTHING},
	{0x2190, 0x2bff, SPACE},     {0x3000, 0x3003, SPACE},
	{0x3008, 0x3011, SPACE},     {0x3041, 0x30ff, ALONE},
	{0x3400, 0x4dbf, ALONE},     {0x4e00, 0x9fff, ALONE},
	{0xe000, 0xf8ff, SPACE},     {0xf900, 0xfaff, ALONE},
	{0xfe00, 0xfe0f, NOTHING},   {0xfeff, 0xfeff, NOTHING},
	{0xff01, 0xff01, SPACE},     {0xff07, 0xff07, APOSTROPHE},
	{0xff0c, 0xff0e, SPACE},     {0xff1a, 0xff1b, SPACE},
	{0xff1f, 0xff1f, SPACE},     {0xfff9, 0xffff, SPACE},
	{0x1f000, 0x1faff, SPACE},   {0x20000, 0x323af, ALONE},
	{0xe0000, 0xe0fff, NOTHING}, {0xf0000, 0x10ffff, SPACE},
};

/* Single characters that are spoken as a word. */
static const struct {
	uint32_t character;
	const char *word;
} SPOKEN[] = {
	{'%', "percent"}, {'&', "and"}, {'+', "plus"}, {'@', "at"}, {0xb0, "degrees"},
};

static enum character classify(uint32_t character)
{
	if (character < 0x80) {
		if ((character >= 'a' && character <= 'z') ||
		    (character >= 'A' && character <= 'Z') ||
		    (character >= '0' && character <= '9'))
			return LETTER;
		return character == '\'' || character == '`' ? APOSTROPHE : SPACE;
	}
	for (size_t i = 0; i < STR_COUNT(BEYOND); i++) {
		if (character >= BEYOND[i].from && character <= BEYOND[i].to)
			return BEYOND[i].is;
	}
	return LETTER;
}

static const char *spoken_word(uint32_t character)
{
	for (size_t i = 0; i < STR_COUNT(SPOKEN); i++) {
		if (SPOKEN[i].character == character)
			return SPOKEN[i].word;
	}
	return NULL;
}

/* Decodes one character of well-formed UTF-8. */
static uint32_t decode(const unsigned char *text, size_t *out_length)
{
	if (text[0] < 0x80) {
		*out_length = 1;
		return text[0];
	}
	size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	uint32_t character = text[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++)
		character = character << 6 | (text[i] & 0x3fu);
	*out_length = length;
	return character;
}

static size_t encode(uint32_t character, char to[4])
{
	if (character < 0x80) {
		to[0] = (char)character;
		return 1;
	}
	size_t length = character >= 0x10000 ? 4 : character >= 0x800 ? 3 : 2;
	for (size_t i = length - 1; i > 0; i--) {
		to[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	static const unsigned char FIRST[5] = {0, 0, 0xc0, 0xe0, 0xf0};
	to[0] = (char)(FIRST[length] | character);
	return length;
}

static void add_bytes(struct splitter *splitter, const char *bytes, size_t count)
{
	struct normal *out = splitter->out;
	if (out->used + count + 1 > NORMAL_BYTES || out->count >= NORMAL_WORDS_MAX) {
		splitter->fits = false;
		return;
	}
	if (!splitter->open) {
		splitter->open = true;
		splitter->word_at = out->used;
		splitter->word_from = splitter->at;
	}
	memcpy(out->bytes + out->used, bytes, count);
	out->used += count;
}

/* Ends the open word; `to` is where its source ends. */
static void end_word(struct splitter *splitter, size_t to)
{
	struct normal *out = splitter->out;
	if (!splitter->open || !splitter->fits)
		return;
	splitter->open = false;
	size_t from = splitter->word_at;
	if (splitter->mode == NORMAL_TEXT) {
		while (from < out->used && out->bytes[from] == '\'')
			from++;
		while (from < out->used && out->bytes[out->used - 1] == '\'')
			out->used--;
	}
	if (from == out->used) {
		out->used = splitter->word_at;
		return;
	}
	out->bytes[out->used++] = '\0';
	out->words[out->count++] =
		(struct normal_word){.at = (uint32_t)from,
				     .from = (uint32_t)splitter->word_from,
				     .to = (uint32_t)to};
	out->space_after = false;
}

static void separate(struct splitter *splitter)
{
	end_word(splitter, splitter->at);
	if (splitter->out->count == 0)
		splitter->out->space_before = true;
	splitter->out->space_after = true;
}

/* Adds words with single spaces between, all of the source from..to. */
static void add_words(struct splitter *splitter, const char *words, size_t to)
{
	separate(splitter);
	while (*words && splitter->fits) {
		size_t length = strcspn(words, " ");
		add_bytes(splitter, words, length);
		end_word(splitter, to);
		words += length + (words[length] == ' ');
	}
	splitter->out->space_after = true;
}

static bool is_digit_at(const struct splitter *splitter, size_t at)
{
	return at < splitter->size && splitter->text[at] >= '0' &&
	       splitter->text[at] <= '9';
}

static bool is_letter_at(const struct splitter *splitter, size_t at)
{
	if (at >= splitter->size)
		return false;
	unsigned char byte = splitter->text[at];
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       byte >= 0x80;
}

static size_t digits_from(const struct splitter *splitter, size_t at)
{
	size_t count = 0;
	while (is_digit_at(splitter, at + count))
		count++;
	return count;
}

/* True for "st", "nd", "rd", "th" with no letter behind. */
static bool rank_ending_at(const struct splitter *splitter, size_t at)
{
	static const char *const ENDINGS[] = {"st", "nd", "rd", "th"};
	if (at + 2 > splitter->size || is_letter_at(splitter, at + 2))
		return false;
	char ending[3] = {(char)(splitter->text[at] | 0x20),
			  (char)(splitter->text[at + 1] | 0x20), '\0'};
	for (size_t i = 0; i < STR_COUNT(ENDINGS); i++) {
		if (str_equal(ending, ENDINGS[i]))
			return true;
	}
	return false;
}

/* Reads the digits at splitter->at and all that belongs to them. */
static void take_number(struct splitter *splitter)
{
	char number[NUMBER_BYTES] = "";
	char said[NUMBERS_SAID_BYTES];
	size_t at = splitter->at;
	size_t whole = digits_from(splitter, at);
	size_t used = whole < NUMBER_BYTES / 2 ? whole : NUMBER_BYTES / 2;
	bool minus = at > 0 && splitter->text[at - 1] == '-' &&
		     (at == 1 || splitter->text[at - 2] == ' ') &&
		     splitter->mode == NORMAL_TEXT;
	(void)str_format(number, sizeof(number), "%s%.*s", minus ? "-" : "", (int)used,
			 (const char *)splitter->text + at);
	at += used;
	char mark = at < splitter->size ? (char)splitter->text[at] : '\0';
	size_t behind = digits_from(splitter, at + 1);
	if (used == whole && mark == ',' && behind == THOUSANDS_DIGITS &&
	    whole <= THOUSANDS_DIGITS) {
		(void)str_append(number, sizeof(number), "%.3s",
				 (const char *)splitter->text + at + 1);
		at += 1 + THOUSANDS_DIGITS;
	} else if (used == whole && (mark == '.' || mark == ',') && behind &&
		   behind <= NUMBERS_DECIMALS_MAX) {
		(void)str_append(number, sizeof(number), ".%.*s", (int)behind,
				 (const char *)splitter->text + at + 1);
		at += 1 + behind;
	} else if (rank_ending_at(splitter, at) &&
		   numbers_say_rank(number, said, sizeof(said))) {
		add_words(splitter, said, at + 2);
		splitter->at = at + 2;
		return;
	}
	if (numbers_say(number, NUMBERS_PLAIN, said, sizeof(said)))
		add_words(splitter, said, at);
	else
		splitter->fits = false;
	splitter->at = at;
}

/* A full stop inside a word ("a.m.") goes without leaving a gap. */
static bool is_inner_stop(const struct splitter *splitter)
{
	size_t at = splitter->at;
	return splitter->text[at] == '.' && at > 0 && is_letter_at(splitter, at - 1) &&
	       is_letter_at(splitter, at + 1);
}

/* The character at the cursor in its small form, together with the marks behind it. */
static uint32_t whole_character(const struct splitter *splitter, size_t *out_length)
{
	size_t length = 0;
	uint32_t character = decode(splitter->text + splitter->at, &length);
	uint32_t whole = letters_fold(character);
	*out_length = 0;
	while (whole) {
		character = whole;
		*out_length += length;
		if (splitter->at + *out_length >= splitter->size)
			break;
		whole = letters_compose(character, decode(splitter->text + splitter->at +
								  *out_length,
							  &length));
	}
	return character;
}

static void add_letter(struct splitter *splitter, uint32_t letter)
{
	char bytes[4];
	/* Whoever cannot type a sharp s writes two. */
	if (letter == SHARP_S || letter == LARGE_SHARP_S)
		add_bytes(splitter, "ss", 2);
	else
		add_bytes(splitter, bytes, encode(letter, bytes));
}

static void take_character(struct splitter *splitter)
{
	size_t length = 0;
	uint32_t character = whole_character(splitter, &length);
	const char *word = spoken_word(character);
	char bytes[5] = "";
	if (word) {
		add_words(splitter, word, splitter->at + length);
	} else if (!is_inner_stop(splitter)) {
		switch (classify(character)) {
		case LETTER:
			add_letter(splitter, character);
			break;
		case APOSTROPHE:
			add_bytes(splitter, "'", 1);
			break;
		case SPACE:
			separate(splitter);
			break;
		case ALONE:
			(void)encode(character, bytes);
			add_words(splitter, bytes, splitter->at + length);
			break;
		case NOTHING:
			break;
		}
	}
	splitter->at += length;
}

/* Small letters of ASCII need no looking up, and nearly all text is made of them. The
 * last one before other scripts is left: a mark may follow that changes it. */
static size_t plain_letters_at(const struct splitter *splitter)
{
	size_t at = splitter->at;
	while (at < splitter->size && splitter->text[at] >= 'a' &&
	       splitter->text[at] <= 'z')
		at++;
	size_t count = at - splitter->at;
	bool mark_may_follow = at < splitter->size && splitter->text[at] >= 0x80;
	return count && mark_may_follow ? count - 1 : count;
}

/* Takes what is next of the text. */
static void take_next(struct splitter *splitter)
{
	size_t plain = plain_letters_at(splitter);
	if (plain) {
		add_bytes(splitter, (const char *)splitter->text + splitter->at, plain);
		splitter->at += plain;
	} else if (is_digit_at(splitter, splitter->at)) {
		take_number(splitter);
	} else {
		take_character(splitter);
	}
}

bool normal_split(const char *text, size_t size, enum normal_mode mode,
		  struct normal *out_normal)
{
	struct splitter splitter = {.text = (const unsigned char *)text,
				    .size = size,
				    .mode = mode,
				    .out = out_normal,
				    .fits = true};
	out_normal->count = 0;
	out_normal->used = 0;
	out_normal->space_before = false;
	out_normal->space_after = false;
	if (!str_is_utf8(text, size))
		return false;
	while (splitter.at < size && splitter.fits)
		take_next(&splitter);
	end_word(&splitter, size);
	return splitter.fits;
}

bool normal_equal(const char *a, const char *b)
{
	struct normal left;
	struct normal right;
	if (!normal_split(a, strlen(a), NORMAL_TEXT, &left) ||
	    !normal_split(b, strlen(b), NORMAL_TEXT, &right) || left.count != right.count)
		return false;
	for (size_t i = 0; i < left.count; i++) {
		if (!str_equal(normal_word(&left, i), normal_word(&right, i)))
			return false;
	}
	return true;
}
