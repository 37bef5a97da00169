/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill - names of skills and of what they are asked, and what a skill may say aloud.
 *
 * A skill is a program of somebody else. It is handed the slots of its own sentences and
 * answers with words, which are judged here, by whoever runs it and again by the hub. Pure.
 */
#ifndef DOMAIN_SKILL_H
#define DOMAIN_SKILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/intent.h"

enum {
	SKILL_ID_BYTES = 24,     /* "bins": a skill's name, an intent's, a slot's */
	SKILL_SAID_BYTES = 301,  /* of an answer, with its end */
	SKILL_PAUSE_MAX = 8,     /* letters' places without a letter or a digit in them */
	SKILL_EFFECT_WORDS = 3,  /* a request for a sound has at least so many */
	SKILL_REASON_BYTES = 32, /* of an offence's name, or a reason's */
};

enum skill_offence {
	SKILL_FINE,
#define OFFENCE(name, words) SKILL_##name,
#include "domain/skill.def"
#undef OFFENCE
	SKILL_OFFENCE_COUNT
};

const char *skill_offence_name(enum skill_offence offence);  /* "LATE"; "" for none */
const char *skill_offence_words(enum skill_offence offence); /* ""; else from skill.def */
bool skill_offence_from_name(const char *name, enum skill_offence *out_offence);

/* How often a skill did lately what it may not. */
enum {
	SKILL_OFFENCES_MAX = 3, /* within SKILL_OFFENCES_MS, and it is suspended */
	SKILL_OFFENCES_MS = 3600 * 1000,
};
struct skill_record {
	size_t count;
	int64_t at_ms[SKILL_OFFENCES_MAX];
};
/* One more; true: it is one too many, and the record begins anew. */
bool skill_record_add(struct skill_record *record, int64_t now_ms);

/* A sound of ours behind the words: SKILL_EFFECT(NAME, "name"). */
#define SKILL_EFFECTS(SKILL_EFFECT)  \
	SKILL_EFFECT(CHEER, "cheer") \
	SKILL_EFFECT(DRUM, "drum")   \
	SKILL_EFFECT(LAUGH, "laugh")

enum skill_effect {
	SKILL_EFFECT_NONE,
#define SKILL_EFFECT(name, text) SKILL_EFFECT_##name,
	SKILL_EFFECTS(SKILL_EFFECT)
#undef SKILL_EFFECT
		SKILL_EFFECT_COUNT
};

const char *skill_effect_text(enum skill_effect effect); /* "" for none */
bool skill_effect_from_text(const char *text, enum skill_effect *out_effect);

/* Lower-case letters, digits and hyphens, a letter first; of an intent letters alone. */
bool skill_is_name(const char *text);
bool skill_is_intent(const char *text);

/* How the household's understanding calls what a skill is asked: skill/NAME/INTENT, and
 * effect/NAME/INTENT where the answer may have a sound. */
struct skill_ask {
	char skill[SKILL_ID_BYTES];
	char intent[SKILL_ID_BYTES];
	bool has_effect;
};
void skill_ask_name(const struct skill_ask *ask, char to[INTENT_NAME_BYTES]);
/* False: the intent is the household's own. */
bool skill_ask_read(const char *intent, struct skill_ask *out_ask);
bool skill_ask_is(const char *intent);

/* The slots of what it is asked, as a JSON object: all that a skill learns of what was said.
 * False: it does not fit, or a value is none that a manifest can list. */
bool skill_slots(const struct intent *intent, char *to, size_t size);

/* Well-formed, and beyond ASCII letters that a Latin alphabet writes words with: none that
 * is not seen, and none that looks like another. */
bool skill_has_sayable_letters(const char *text);

/* May it be said? Letters that an English voice can say, no markup, no silence, not the
 * name of the house, by which another room could be woken, however it is written, and not
 * that of another assistant. */
enum skill_offence skill_judge_words(const char *text, const char *wake_word);

/* Words between white space. */
size_t skill_count_words(const char *text);

#endif
