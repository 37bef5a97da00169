/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speller_icu - see the header. The only user of ICU.
 *
 * Ranks, years and rules for other rules ("%%...") are left out. Soft hyphens that ICU puts
 * in go when the words are made normal.
 */
#include "adapter/speller_icu.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

enum {
	RULES_UNITS_MAX = 2048,
	RULES_MAX = 24,
	RULE_UNITS_MAX = 96,
	SAID_UNITS_MAX = 256,
	LANGUAGE_LETTERS = 2,
};

struct speller_icu {
	UNumberFormat *format;
	size_t rule_count;
	UChar rules[RULES_MAX][RULE_UNITS_MAX]; /* names, ended */
};

static bool begins(const UChar *text, const char *with)
{
	UChar wide[RULE_UNITS_MAX];

	u_uastrcpy(wide, with);
	return u_strncmp(text, wide, u_strlen(wide)) == 0;
}

/* "%a;%b;...": keeps those that count things. */
static void keep_rules(struct speller_icu *icu, UChar *names)
{
	static const UChar END[] = {';', 0};
	UChar *rest = NULL;

	for (const UChar *name = u_strtok_r(names, END, &rest); name;
	     name = u_strtok_r(NULL, END, &rest)) {
		if (!begins(name, "%spellout-cardinal") &&
		    !begins(name, "%spellout-numbering"))
			continue;
		if (begins(name, "%spellout-numbering-year") ||
		    u_strlen(name) >= RULE_UNITS_MAX || icu->rule_count == RULES_MAX)
			continue;
		u_strcpy(icu->rules[icu->rule_count++], name);
	}
}

static bool icu_spell(void *self, double number, unsigned way, char *to, size_t size)
{
	struct speller_icu *icu = self;
	UErrorCode code = U_ZERO_ERROR;
	UChar said[SAID_UNITS_MAX];
	int32_t length = 0;

	if (way >= icu->rule_count)
		return false;
	to[0] = '\0';
	unum_setTextAttribute(icu->format, UNUM_DEFAULT_RULESET, icu->rules[way], -1,
			      &code);
	length =
		unum_formatDouble(icu->format, number, said, SAID_UNITS_MAX, NULL, &code);
	if (U_SUCCESS(code) && length < SAID_UNITS_MAX)
		u_strToUTF8(to, (int32_t)size, NULL, said, length, &code);
	if (U_FAILURE(code) || code == U_STRING_NOT_TERMINATED_WARNING)
		to[0] = '\0';
	return true;
}

static void icu_close(void *self)
{
	struct speller_icu *icu = self;

	unum_close(icu->format);
	free(icu);
}

/* ICU speaks English where it knows nothing better. */
static bool is_of(const UNumberFormat *format, const char *language)
{
	UErrorCode code = U_ZERO_ERROR;
	const char *found = unum_getLocaleByType(format, ULOC_ACTUAL_LOCALE, &code);

	return U_SUCCESS(code) && strncmp(found, language, LANGUAGE_LETTERS) == 0;
}

static const struct speller_ops OPS = {icu_spell, icu_close};

enum err speller_icu_create(const char *language, struct speller *out_speller)
{
	struct speller_icu *icu = calloc(1, sizeof(*icu));
	UErrorCode code = U_ZERO_ERROR;
	UChar names[RULES_UNITS_MAX];
	int32_t length = 0;

	if (!icu)
		return ERR_MEMORY;
	icu->format = unum_open(UNUM_SPELLOUT, NULL, 0, language, NULL, &code);
	if (U_SUCCESS(code) && is_of(icu->format, language))
		length = unum_getTextAttribute(icu->format, UNUM_PUBLIC_RULESETS, names,
					       RULES_UNITS_MAX, &code);
	if (U_FAILURE(code) || length == 0 || length >= RULES_UNITS_MAX) {
		if (icu->format)
			unum_close(icu->format);
		free(icu);
		return ERR_UNSUPPORTED;
	}
	keep_rules(icu, names);
	*out_speller = (struct speller){&OPS, icu};
	return OK;
}
