/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill - see the header. What may be said is a list of what may: a letter that is not on
 * it is refused, so that nothing is found out about what a voice makes of the others.
 *
 * Pure. Invariant: text that passes is well-formed UTF-8 of less than SKILL_SAID_BYTES,
 * with a letter in it, and never SKILL_PAUSE_MAX + 1 places without one.
 */
#include "domain/skill.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const char SKILL_PREFIX[] = "skill/";
static const char EFFECT_PREFIX[] = "effect/";

static const struct {
	const char *name;
	const char *words;
} OFFENCES[SKILL_OFFENCE_COUNT] = {
	[SKILL_FINE] = {"", ""},
#define OFFENCE(name, text) [SKILL_##name] = {#name, text},
#include "domain/skill.def"
#undef OFFENCE
};

const char *skill_offence_name(enum skill_offence offence)
{
	must(offence < SKILL_OFFENCE_COUNT);
	return OFFENCES[offence].name;
}

const char *skill_offence_words(enum skill_offence offence)
{
	must(offence < SKILL_OFFENCE_COUNT);
	return OFFENCES[offence].words;
}

bool skill_offence_from_name(const char *name, enum skill_offence *out_offence)
{
	for (size_t i = 1; i < SKILL_OFFENCE_COUNT; i++) {
		if (!str_equal(OFFENCES[i].name, name))
			continue;
		*out_offence = (enum skill_offence)i;
		return true;
	}
	return false;
}

bool skill_record_add(struct skill_record *record, int64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < record->count; i++)
		if (now_ms - record->at_ms[i] < SKILL_OFFENCES_MS)
			record->at_ms[kept++] = record->at_ms[i];
	record->at_ms[kept++] = now_ms;
	record->count = kept == SKILL_OFFENCES_MAX ? 0 : kept;
	return kept == SKILL_OFFENCES_MAX;
}

static const char *const EFFECTS[SKILL_EFFECT_COUNT] = {[SKILL_EFFECT_NONE] = "",
#define SKILL_EFFECT(name, text) [SKILL_EFFECT_##name] = (text),
							SKILL_EFFECTS(SKILL_EFFECT)
#undef SKILL_EFFECT
};

const char *skill_effect_text(enum skill_effect effect)
{
	must(effect < SKILL_EFFECT_COUNT);
	return EFFECTS[effect];
}

bool skill_effect_from_text(const char *text, enum skill_effect *out_effect)
{
	for (size_t i = 0; i < SKILL_EFFECT_COUNT; i++) {
		if (!str_equal(EFFECTS[i], text))
			continue;
		*out_effect = (enum skill_effect)i;
		return true;
	}
	return false;
}

/* --- names ------------------------------------------------------------------------------ */

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool skill_is_name(const char *text)
{
	const size_t size = strlen(text);

	if (size == 0 || size >= SKILL_ID_BYTES || !is_lower(text[0]))
		return false;
	for (size_t i = 0; i < size; i++)
		if (!is_lower(text[i]) && !is_digit(text[i]) && text[i] != '-')
			return false;
	return true;
}

bool skill_is_intent(const char *text)
{
	const size_t size = strlen(text);

	if (size == 0 || size >= SKILL_ID_BYTES)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!is_letter(text[i]))
			return false;
	return true;
}

void skill_ask_name(const struct skill_ask *ask, char to[INTENT_NAME_BYTES])
{
	must(skill_is_name(ask->skill) && skill_is_intent(ask->intent));
	must(str_format(to, INTENT_NAME_BYTES, "%s%s/%s",
			ask->has_effect ? EFFECT_PREFIX : SKILL_PREFIX, ask->skill,
			ask->intent));
}

bool skill_ask_is(const char *intent)
{
	return str_starts(intent, SKILL_PREFIX) || str_starts(intent, EFFECT_PREFIX);
}

bool skill_ask_read(const char *intent, struct skill_ask *out_ask)
{
	struct skill_ask ask = {.has_effect = str_starts(intent, EFFECT_PREFIX)};
	const char *name = strchr(intent, '/');
	const char *slash = name ? strchr(name + 1, '/') : NULL;

	if (!skill_ask_is(intent) || !slash ||
	    !str_copy_bytes(ask.skill, sizeof(ask.skill), name + 1,
			    (size_t)(slash - name - 1)) ||
	    !str_copy(ask.intent, sizeof(ask.intent), slash + 1) ||
	    !skill_is_name(ask.skill) || !skill_is_intent(ask.intent))
		return false;
	*out_ask = ask;
	return true;
}

/* What a manifest may list needs no escape. */
static bool is_listable(const char *value)
{
	for (; *value; value++)
		if (!is_letter(*value) && !is_digit(*value) && !strchr(" '-_.", *value))
			return false;
	return true;
}

bool skill_slots(const struct intent *intent, char *to, size_t size)
{
	bool fits = str_copy(to, size, "{");

	for (size_t i = 0; fits && i < intent->slot_count; i++) {
		const struct slot *slot = &intent->slots[i];
		const char *quote = slot->is_number ? "" : "\"";

		fits = is_listable(slot->name) && is_listable(slot->value) &&
		       str_append(to, size, "%s\"%s\": %s%s%s", i ? ", " : "", slot->name,
				  quote, slot->value, quote);
	}
	return fits && str_append(to, size, "}");
}

size_t skill_count_words(const char *text)
{
	size_t count = 0;
	bool inside = false;

	for (; *text; text++) {
		const bool is_space = *text == ' ' || *text == '\t';

		count += !inside && !is_space;
		inside = !is_space;
	}
	return count;
}

/* --- words ------------------------------------------------------------------------------ */

/* The character at *at, which then stands behind it; the text is well-formed. */
static uint32_t next_character(const char **at)
{
	const uint8_t *bytes = (const uint8_t *)*at;
	const size_t more = bytes[0] < 0x80   ? 0
			    : bytes[0] < 0xe0 ? 1
			    : bytes[0] < 0xf0 ? 2
					      : 3;
	uint32_t value = bytes[0];

	if (more > 0)
		value &= 0x3fU >> more;
	for (size_t i = 1; i <= more; i++)
		value = value << 6 | (bytes[i] & 0x3fU);
	*at += more + 1;
	return value;
}

/* Those that a Latin alphabet writes words with; multiplication and division are none. */
static bool is_sayable_letter(uint32_t c)
{
	if (c < 0x80)
		return is_letter((char)c) || is_digit((char)c);
	return c >= 0xc0 && c <= 0x17f && c != 0xd7 && c != 0xf7;
}

bool skill_has_sayable_letters(const char *text)
{
	if (!str_is_utf8(text, strlen(text)))
		return false;
	while (*text) {
		const uint32_t c = next_character(&text);

		if (c >= 0x80 && !is_sayable_letter(c))
			return false;
	}
	return true;
}

static bool is_mark(uint32_t c)
{
	/* degree, pound, dashes, quotes, dots, euro */
	static const uint32_t MARKS[] = {0xb0,   0xa3,   0x2013, 0x2014, 0x2018,
					 0x2019, 0x201c, 0x201d, 0x2026, 0x20ac};

	if (c < 0x80)
		return c != 0 && strchr(" .,;:!?'\"-", (int)c) != NULL;
	for (size_t i = 0; i < STR_COUNT(MARKS); i++)
		if (MARKS[i] == c)
			return true;
	return false;
}

static bool is_markup(uint32_t c)
{
	return c != 0 && c < 0x80 && strchr("<>&{}[]\\`", (int)c) != NULL;
}

static enum skill_offence judge_letters(const char *text)
{
	size_t letters = 0;
	size_t all = 0;
	size_t run = 0;

	for (const char *at = text; *at;) {
		const uint32_t c = next_character(&at);

		if (is_markup(c))
			return SKILL_MARKUP;
		if (!is_sayable_letter(c) && !is_mark(c))
			return SKILL_UNPRONOUNCEABLE;
		all++;
		letters += is_sayable_letter(c);
		run = is_sayable_letter(c) ? 0 : run + 1;
		if (run > SKILL_PAUSE_MAX)
			return SKILL_PAUSE;
	}
	if (letters == 0)
		return SKILL_EMPTY;
	return 2 * letters < all ? SKILL_PAUSE : SKILL_FINE;
}

/* The letter that a sayable letter is without its mark, small: U+00C0 to U+017F. */
static char base_letter(uint32_t c)
{
	static const char BASES[] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
				    "aaaaaaaceeeeiiiidnooooo ouuuuyty"
				    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiii"
				    "jjkkkllllllllllnnnnnnnnnoooooooorrrrrrsssssssstttttt"
				    "uuuuuuuuuuuuwwyyyzzzzzzs";

	static_assert(sizeof(BASES) == 0x180 - 0xc0 + 1, "one for each");
	if (c >= 0xc0)
		return BASES[c - 0xc0];
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Small letters without marks, one space between words and one at each end: so that what
 * sounds alike is alike. */
static void to_plain(const char *text, char to[SKILL_SAID_BYTES + 2])
{
	size_t size = 1;

	to[0] = ' ';
	while (*text && size < SKILL_SAID_BYTES) {
		const uint32_t c = next_character(&text);

		if (is_sayable_letter(c))
			to[size++] = base_letter(c);
		else if (to[size - 1] != ' ')
			to[size++] = ' ';
	}
	if (to[size - 1] != ' ')
		to[size++] = ' ';
	to[size] = '\0';
}

/* Is it the name from here on, wherever either has spaces, and one or more of it? */
static bool begins_with_name(const char *plain, const char *name)
{
	for (; *name; name++) {
		if (*name == ' ')
			continue;
		while (*plain == ' ')
			plain++;
		if (*plain++ != *name)
			return false;
	}
	return *plain == ' ' || (plain[0] == 's' && plain[1] == ' ');
}

/* "Jarvis", "Jàrvis", "jar vis" and "two Jarviss" sound the same. */
static bool calls_house(const char *plain, const char *wake_word)
{
	char name[SKILL_SAID_BYTES + 2];

	to_plain(wake_word, name);
	if (name[1] == '\0')
		return false;
	for (const char *at = plain; *at; at++)
		if (at[0] == ' ' && at[1] != '\0' && begins_with_name(at, name))
			return true;
	return false;
}

/* Names that wake the machines of others, which stand in the same rooms; those that are
 * words of every day are left out. */
static bool calls_assistant(const char *plain)
{
	static const char *const NAMES[] = {" alexa ",     " bixby ",
					    " cortana ",   " hey google ",
					    " ok google ", " okay google ",
					    " siri "};

	for (size_t i = 0; i < STR_COUNT(NAMES); i++)
		if (strstr(plain, NAMES[i]))
			return true;
	return false;
}

static enum skill_offence judge_names(const char *text, const char *wake_word)
{
	char plain[SKILL_SAID_BYTES + 2];

	to_plain(text, plain);
	if (calls_house(plain, wake_word))
		return SKILL_WAKE_WORD;
	return calls_assistant(plain) ? SKILL_ASSISTANT : SKILL_FINE;
}

enum skill_offence skill_judge_words(const char *text, const char *wake_word)
{
	const size_t size = strlen(text);
	enum skill_offence offence;

	if (size == 0)
		return SKILL_EMPTY;
	if (size >= SKILL_SAID_BYTES)
		return SKILL_TOO_LONG;
	if (!str_is_utf8(text, size))
		return SKILL_UNPRONOUNCEABLE;
	offence = judge_letters(text);
	return offence == SKILL_FINE ? judge_names(text, wake_word) : offence;
}
