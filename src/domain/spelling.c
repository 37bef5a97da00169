/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spelling - one letter after another, each with its own pause.
 *
 * Letters beyond A to Z are handed on as they are: a voice says those that it knows.
 */
#include "domain/spelling.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

static size_t letter_size(const char *at)
{
	const uint8_t c = (uint8_t)*at;

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static bool is_letter(const char *at)
{
	return (uint8_t)*at >= 0x80 || (*at >= 'a' && *at <= 'z') ||
	       (*at >= 'A' && *at <= 'Z');
}

static bool is_inside(const char *word, const char *at)
{
	return (*at == '-' || *at == '\'') && at > word && at[1];
}

static bool add_letter(const char *at, char *to, size_t size)
{
	char letter[8];

	if (!str_copy_bytes(letter, sizeof(letter), at, letter_size(at)))
		return false;
	if (letter[0] >= 'a' && letter[0] <= 'z')
		letter[0] = (char)(letter[0] - 'a' + 'A');
	return str_append(to, size, "%s%s", to[0] ? ", " : "", letter);
}

bool spelling_make(const char *word, char *to, size_t size)
{
	size_t count = 0;

	to[0] = '\0';
	if (!str_is_utf8(word, strlen(word)))
		return false;
	for (const char *at = word; *at; at += letter_size(at)) {
		if (is_inside(word, at))
			continue;
		if (!is_letter(at) || ++count > SPELLING_LETTERS_MAX ||
		    !add_letter(at, to, size))
			return false;
	}
	return count > 0;
}
