/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naive - see the header.
 */
#include "cli/naive.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

/* The length of the word that begins there. */
static size_t word_size(const char *at)
{
	return strcspn(at, " ");
}

static const char *next_word(const char *at)
{
	at += word_size(at);
	return at + strspn(at, " ");
}

static bool is_same(const char *a, size_t a_size, const char *b, size_t b_size)
{
	return a_size == b_size && strncasecmp(a, b, a_size) == 0;
}

static bool has_piece(const char *text, const char *word, size_t size)
{
	for (const char *at = text; *at; at = next_word(at))
		if (is_same(at, word_size(at), word, size))
			return true;
	return false;
}

bool naive_has_word(const char *text, const char *word)
{
	return has_piece(text, word, strlen(word));
}

static bool has_any(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (naive_has_word(text, words[i]))
			return true;
	return false;
}

bool naive_is_order(const char *text)
{
	static const char *const WORDS[] = {"send", "message"};

	return has_any(text, WORDS, STR_COUNT(WORDS));
}

bool naive_is_yes(const char *text)
{
	static const char *const WORDS[] = {"right", "yes", "yeah", "ok", "okay", "sure"};

	return has_any(text, WORDS, STR_COUNT(WORDS));
}

bool naive_is_purchase(const char *text)
{
	static const char *const WORDS[] = {"order", "buy", "get"};

	return has_any(text, WORDS, STR_COUNT(WORDS));
}

bool naive_is_opening(const char *text)
{
	static const char *const WORDS[] = {"unlock", "open", "disarm"};

	return has_any(text, WORDS, STR_COUNT(WORDS));
}

bool naive_is_laugh(const char *text)
{
	static const char *const WORDS[] = {"laugh", "half", "enough"};

	return has_any(text, WORDS, STR_COUNT(WORDS));
}

bool naive_has_code(const char *text, const char *code)
{
	return strstr(text, code) != NULL;
}

static bool names(const char *name, const char *text, bool first_only)
{
	for (const char *at = name; *at; at = next_word(at)) {
		if (has_piece(text, at, word_size(at)))
			return true;
		if (first_only)
			break;
	}
	return false;
}

const struct contact *naive_contact(const struct policy *policy, const char *text,
				    bool first_only)
{
	for (size_t i = 0; i < policy->contact_count; i++)
		if (names(policy->contacts[i].name, text, first_only))
			return &policy->contacts[i];
	return NULL;
}
