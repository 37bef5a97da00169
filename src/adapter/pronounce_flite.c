/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pronounce_flite - see the header. A word is first made plain (a-z, digits, ' and -),
 * cut into pieces, and each piece is looked up or spelled.
 *
 * Does not know which phones a recogniser has beyond the 39 of the CMU set; AX becomes
 * AH. Invariant: no piece reaches flite with anything but a-z in it.
 */
#include "adapter/pronounce_flite.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <flite/flite.h>

#include "base/must.h"
#include "base/str.h"

/* flite's headers do not declare it. */
cst_lexicon *cmu_lex_init(void);

enum { PLAIN_BYTES = 2 * PRONOUNCE_WORD_MAX + 1, PHONE_BYTES = 8 };

struct pronounce {
	cst_lexicon *lexicon; /* flite's own, never freed by it */
};

/* U+00C0 and on, one entry per code point; "" is not a letter. */
static const char *const LATIN[] = {
	/* C0 */ "a",
	"a",
	"a",
	"a",
	"a",
	"a",
	"a",
	"c",
	"e",
	"e",
	"e",
	"e",
	"i",
	"i",
	"i",
	"i",
	/* D0 */ "d",
	"n",
	"o",
	"o",
	"o",
	"o",
	"o",
	"",
	"o",
	"u",
	"u",
	"u",
	"u",
	"y",
	"th",
	"ss",
	/* E0 */ "a",
	"a",
	"a",
	"a",
	"a",
	"a",
	"a",
	"c",
	"e",
	"e",
	"e",
	"e",
	"i",
	"i",
	"i",
	"i",
	/* F0 */ "d",
	"n",
	"o",
	"o",
	"o",
	"o",
	"o",
	"",
	"o",
	"u",
	"u",
	"u",
	"u",
	"y",
	"th",
	"y",
	/* 100 */ "a",
	"a",
	"a",
	"a",
	"a",
	"a",
	"ch",
	"ch",
	"c",
	"c",
	"c",
	"c",
	"ch",
	"ch",
	"d",
	"d",
	/* 110 */ "d",
	"d",
	"e",
	"e",
	"e",
	"e",
	"e",
	"e",
	"e",
	"e",
	"e",
	"e",
	"g",
	"g",
	"g",
	"g",
	/* 120 */ "g",
	"g",
	"g",
	"g",
	"h",
	"h",
	"h",
	"h",
	"i",
	"i",
	"i",
	"i",
	"i",
	"i",
	"i",
	"i",
	/* 130 */ "i",
	"i",
	"i",
	"i",
	"j",
	"j",
	"k",
	"k",
	"k",
	"l",
	"l",
	"l",
	"l",
	"l",
	"l",
	"l",
	/* 140 */ "l",
	"w",
	"w",
	"n",
	"n",
	"n",
	"n",
	"n",
	"n",
	"n",
	"n",
	"n",
	"o",
	"o",
	"o",
	"o",
	/* 150 */ "o",
	"o",
	"o",
	"o",
	"r",
	"r",
	"r",
	"r",
	"r",
	"r",
	"s",
	"s",
	"s",
	"s",
	"s",
	"s",
	/* 160 */ "sh",
	"sh",
	"t",
	"t",
	"t",
	"t",
	"t",
	"t",
	"u",
	"u",
	"u",
	"u",
	"u",
	"u",
	"u",
	"u",
	/* 170 */ "u",
	"u",
	"u",
	"u",
	"w",
	"w",
	"y",
	"y",
	"y",
	"z",
	"z",
	"z",
	"z",
	"zh",
	"zh",
	"s",
};

static const char *const DIGITS[] = {"zero", "one", "two",   "three", "four",
				     "five", "six", "seven", "eight", "nine"};

static const char *const LETTERS[] = {
	"EY",
	"B IY",
	"S IY",
	"D IY",
	"IY",
	"EH F",
	"JH IY",
	"EY CH",
	"AY",
	"JH EY",
	"K EY",
	"EH L",
	"EH M",
	"EH N",
	"OW",
	"P IY",
	"K Y UW",
	"AA R",
	"EH S",
	"T IY",
	"Y UW",
	"V IY",
	"D AH B AH L Y UW",
	"EH K S",
	"W AY",
	"Z IY",
};

enum err pronounce_create(struct pronounce **out_pronounce)
{
	struct pronounce *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->lexicon = cmu_lex_init();
	if (!made->lexicon) {
		free(made);
		return ERR_MEMORY;
	}
	*out_pronounce = made;
	return OK;
}

void pronounce_destroy(struct pronounce *pronounce)
{
	free(pronounce);
}

/* The code point at *at, which moves behind it; 0 for what is not well formed. */
static uint32_t next_point(const char **at)
{
	const unsigned char *byte = (const unsigned char *)*at;

	if (byte[0] < 0x80) {
		*at += 1;
		return byte[0];
	}
	if ((byte[0] & 0xe0) == 0xc0 && (byte[1] & 0xc0) == 0x80) {
		*at += 2;
		return (uint32_t)(byte[0] & 0x1f) << 6 | (byte[1] & 0x3f);
	}
	do /* longer ones are no Latin letters we know, but for one kind of apostrophe */
		*at += 1;
	while (((unsigned char)**at & 0xc0) == 0x80);
	return byte[0] == 0xe2 && byte[1] == 0x80 && byte[2] == 0x99 ? '\'' : 0;
}

/* False when it holds a letter that has no reading. */
static bool make_plain(const char *word, char *to, size_t size)
{
	to[0] = '\0';
	while (*word) {
		uint32_t point = next_point(&word);
		char ascii[2] = {(char)tolower((int)(point & 0x7f)), '\0'};
		const char *piece = "-";

		if (point >= 0xc0 && point < 0xc0 + STR_COUNT(LATIN))
			piece = LATIN[point - 0xc0];
		else if (point >= 0x80 || point == 0)
			return false;
		else if (isalnum((int)point) || point == '\'')
			piece = ascii;
		if (!str_append(to, size, "%s", piece))
			return false;
	}
	return true;
}

static enum err add_phones(char *to, size_t size, const char *phones)
{
	return str_append(to, size, "%s%s", to[0] ? " " : "", phones) ? OK : ERR_LIMIT;
}

static enum err add_looked_up(const struct pronounce *pronounce, const char *letters,
			      char *to, size_t size)
{
	enum err err = OK;
	cst_val *found = lex_lookup(pronounce->lexicon, letters, NULL, NULL);

	for (const cst_val *at = found; at && !err; at = val_cdr(at)) {
		char phone[PHONE_BYTES];
		size_t end = 0;
		if (!str_copy(phone, sizeof(phone), val_string(val_car(at))))
			continue;
		while (isalpha((unsigned char)phone[end])) {
			phone[end] = (char)toupper((unsigned char)phone[end]);
			end++;
		}
		phone[end] = '\0'; /* without the stress digit */
		if (str_equal(phone, "PAU") || end == 0)
			continue;
		err = add_phones(to, size, str_equal(phone, "AX") ? "AH" : phone);
	}
	delete_val(found);
	return err;
}

static enum err add_spelled(const char *letters, char *to, size_t size)
{
	enum err err = OK;

	for (; *letters && !err; letters++)
		err = add_phones(to, size, LETTERS[*letters - 'a']);
	return err;
}

/* One run of letters. */
static enum err add_letters(const struct pronounce *pronounce, const char *letters,
			    char *to, size_t size)
{
	if (!strpbrk(letters, "aeiouy"))
		return add_spelled(letters, to, size);
	size_t before = strlen(to);
	enum err err = add_looked_up(pronounce, letters, to, size);
	if (!err && strlen(to) == before)
		err = add_spelled(letters, to, size);
	return err;
}

/* 's as it is said after the sound before it. */
static enum err add_possessive(char *to, size_t size)
{
	static const char *const HISSING[] = {"S", "Z", "SH", "ZH", "CH", "JH"};
	static const char *const VOICELESS[] = {"P", "T", "K", "F", "TH"};
	const char *space = strrchr(to, ' ');
	const char *last = space ? space + 1 : to;

	for (size_t i = 0; i < STR_COUNT(HISSING); i++) {
		if (str_equal(last, HISSING[i]))
			return add_phones(to, size, "IH Z");
	}
	for (size_t i = 0; i < STR_COUNT(VOICELESS); i++) {
		if (str_equal(last, VOICELESS[i]))
			return add_phones(to, size, "S");
	}
	return add_phones(to, size, "Z");
}

enum err pronounce_word(const struct pronounce *pronounce, const char *word, char *to,
			size_t size)
{
	enum err err = OK;
	char plain[PLAIN_BYTES];
	char made[PRONOUNCE_PHONES_BYTES] = "";

	if (strlen(word) > PRONOUNCE_WORD_MAX)
		return ERR_LIMIT;
	if (!make_plain(word, plain, sizeof(plain)))
		return ERR_FORMAT;
	for (const char *at = plain; *at && !err;) {
		char run[PLAIN_BYTES];
		size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz");

		if (length > 0) {
			must(str_copy_bytes(run, sizeof(run), at, length));
			err = add_letters(pronounce, run, made, sizeof(made));
			at += length;
		} else if (isdigit((unsigned char)*at)) {
			err = add_letters(pronounce, DIGITS[*at - '0'], made,
					  sizeof(made));
			at++;
		} else if (str_starts(at, "'s") && !isalpha((unsigned char)at[2]) &&
			   made[0]) {
			err = add_possessive(made, sizeof(made));
			at += 2;
		} else {
			at++; /* - and other apostrophes */
		}
	}
	if (!err && !made[0])
		err = ERR_FORMAT;
	if (!err && !str_copy(to, size, made))
		err = ERR_LIMIT;
	return err;
}
