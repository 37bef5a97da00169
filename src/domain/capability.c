/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capability - sets of capabilities as text and back. Pure.
 */
#include "domain/capability.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const char NOTHING[] = "nothing";

static const struct {
	const char *name;
	enum capability bit;
	const char *words;
} CAPABILITIES[] = {
#define CAPABILITY(name, bit, text, words) {text, MAY_##name, words},
#include "domain/capabilities.def"
#undef CAPABILITY
};

const char *capability_words(enum capability capability)
{
	size_t at = 0;

	while (at < STR_COUNT(CAPABILITIES) && CAPABILITIES[at].bit != capability)
		at++;
	must(at < STR_COUNT(CAPABILITIES));
	return CAPABILITIES[at].words;
}

void capabilities_to_text(unsigned set, char to[CAPABILITIES_TEXT_BYTES])
{
	to[0] = '\0';
	for (size_t i = 0; i < STR_COUNT(CAPABILITIES); i++)
		if (set & CAPABILITIES[i].bit)
			must(str_append(to, CAPABILITIES_TEXT_BYTES, "%s%s",
					*to ? "," : "", CAPABILITIES[i].name));
	if (!*to)
		must(str_copy(to, CAPABILITIES_TEXT_BYTES, NOTHING));
}

/* 0: no such word. */
static unsigned bit_of(const char *word)
{
	for (size_t i = 0; i < STR_COUNT(CAPABILITIES); i++)
		if (str_equal(CAPABILITIES[i].name, word))
			return CAPABILITIES[i].bit;
	return 0;
}

bool capabilities_from_text(const char *text, unsigned *out_set)
{
	char words[CAPABILITIES_TEXT_BYTES];
	char *rest = words;
	unsigned set = 0;

	if (!str_copy(words, sizeof(words), text))
		return false;
	if (str_equal(words, NOTHING))
		rest = NULL;
	while (rest) {
		const unsigned bit = bit_of(strsep(&rest, ","));

		if (bit == 0)
			return false;
		set |= bit;
	}
	*out_set = set;
	return true;
}
