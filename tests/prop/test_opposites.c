/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames never turn a request around, never ask so, and never come near what binds.
 *
 * Words that command, undo and deny are thrown together at random, with names and words
 * that say nothing between them, and given to the household's own sentences. Whatever is
 * understood that is no sentence (its confidence is below one) must not have the
 * opposite of its meaning among the words. BEHEST_SEED repeats a run.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
#include "own_phrases.h"
#include "own_sentences.h"

enum { TEXTS = 30000, WORDS_MIN = 2, WORDS_MAX = 8 };

static uint64_t seed;

/* splitmix64 */
static uint32_t below(uint32_t limit)
{
	seed += 0x9e3779b97f4a7c15u;
	uint64_t z = seed;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % limit);
}

static const char *const WORDS[] = {
	"turn",        "switch",       "put",
	"set",         "make",         "on",
	"off",         "up",           "down",
	"out",         "start",        "stop",
	"enable",      "disable",      "dim",
	"brighten",    "brighter",     "darker",
	"raise",       "lower",        "increase",
	"decrease",    "louder",       "quieter",
	"lock",        "unlock",       "open",
	"close",       "arm",          "disarm",
	"not",         "don't",        "never",
	"without",     "except",       "apart from",
	"everywhere",  "everything",   "is",
	"are",         "light",        "lights",
	"lamp",        "volume",       "brightness",
	"alarm",       "kitchen",      "bedroom",
	"ceiling",     "desk lamp",    "front door",
	"house alarm", "blind",        "movie night",
	"the",         "please",       "could you",
	"a little",    "red",          "blue",
	"now",         "green big",    "in the kitchen",
	"all",         "send message", "delete",
	"add",         "list",         "reminder",
	"meeting",     "what",         "next",
	"cancel",      "song",         "play",
	"pause",
};

/* What an intent means, with a slot of that sign (0: any), and the words that say the
 * opposite. */
static const struct {
	const char *intent;
	const char *slot;
	int sign;
	const char *against[12];
} MEANINGS[] = {
	{"HassTurnOn", NULL, 0, {"off", "out", "stop", "disable", "dim", "lock"}},
	{"HassTurnOff", NULL, 0, {"on", "start", "enable", "brighten", "unlock"}},
	{"HassLightSet",
	 "brightness_step",
	 1,
	 {"dim", "darker", "lower", "decrease", "off"}},
	{"HassLightSet",
	 "brightness_step",
	 -1,
	 {"brighten", "brighter", "raise", "increase", "on", "off"}},
	{"HassSetVolumeRelative",
	 "volume_step",
	 1,
	 {"down", "lower", "decrease", "quieter"}},
	{"HassSetVolumeRelative",
	 "volume_step",
	 -1,
	 {"up", "raise", "increase", "louder"}},
	{"HassMediaPause", NULL, 0, {"play", "start", "next"}},
	{"HassMediaSearchAndPlay", NULL, 0, {"stop", "pause", "off"}},
	{"HassShoppingListAddItem", NULL, 0, {"delete"}},
	{"BehestClearShoppingList", NULL, 0, {"add"}},
	{"BehestSetReminder", NULL, 0, {"delete", "cancel"}},
	{"BehestCancelReminder", NULL, 0, {"add"}},
};

static const char *const DENIALS[] = {"not",     "don't",  "never",
				      "without", "except", "apart"};

/* Nothing of these is understood but by the household's own sentences. */
static const char *const BINDING[] = {"BehestUnlock",      "BehestDisarm",
				      "BehestOpen",        "BehestPress",
				      "BehestSendMessage", "BehestDeleteRecordings"};

static bool has_word(const char *text, const char *word)
{
	char padded[TEXT_BYTES];
	char wanted[64];
	assert_true(str_format(padded, sizeof(padded), " %s ", text));
	assert_true(str_format(wanted, sizeof(wanted), " %s ", word));
	return strstr(padded, wanted) != NULL;
}

static const char *has_any(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count && words[i]; i++) {
		if (has_word(text, words[i]))
			return words[i];
	}
	return NULL;
}

static bool has_sign(const struct intent *intent, const char *slot, int sign)
{
	const struct slot *found = slot ? intent_slot(intent, slot) : NULL;
	return !slot || (found && (found->number > 0) == (sign > 0));
}

/* The free words of a slot are nobody's business: "remind me not to forget". */
static bool is_free(const struct intent *intent, const char *word)
{
	for (size_t i = 0; i < intent->slot_count; i++) {
		if (has_word(intent->slots[i].value, word))
			return true;
	}
	return false;
}

static void check(const char *text, const struct understanding *understanding)
{
	const struct intent *intent = &understanding->intent;
	const char *denial = has_any(text, DENIALS, STR_COUNT(DENIALS));
	if (denial && !is_free(intent, denial))
		fail_msg("'%s' is %s (%s)", text, intent->name,
			 own_words(&understanding->asks));
	for (size_t i = 0; i < STR_COUNT(BINDING); i++) {
		if (str_equal(intent->name, BINDING[i]))
			fail_msg("'%s' is %s (%s)", text, intent->name,
				 own_words(&understanding->asks));
	}
	for (size_t i = 0; i < STR_COUNT(MEANINGS); i++) {
		if (!str_equal(intent->name, MEANINGS[i].intent) ||
		    !has_sign(intent, MEANINGS[i].slot, MEANINGS[i].sign))
			continue;
		const char *against = has_any(text, MEANINGS[i].against,
					      STR_COUNT(MEANINGS[i].against));
		if (against && !is_free(intent, against))
			fail_msg("'%s' is %s (%s)", text, intent->name,
				 own_words(&understanding->asks));
	}
}

static void draw(char text[TEXT_BYTES])
{
	const uint32_t count = WORDS_MIN + below(WORDS_MAX - WORDS_MIN + 1);
	text[0] = '\0';
	for (uint32_t i = 0; i < count; i++)
		assert_true(str_append(text, TEXT_BYTES, "%s%s", i ? " " : "",
				       WORDS[below(STR_COUNT(WORDS))]));
}

/* --- the household's own --- */

static void fill_home(struct home *home)
{
	static const struct {
		const char *name;
		enum entity_domain domain;
		const char *area;
	} DEVICES[] = {
		{"desk lamp", ENTITY_LIGHT, "bedroom"},
		{"ceiling", ENTITY_LIGHT, "kitchen"},
		{"front door", ENTITY_LOCK, "hall"},
		{"blind", ENTITY_COVER, "bedroom"},
		{"house alarm", ENTITY_ALARM, "hall"},
		{"movie night", ENTITY_SCENE, "hall"},
		{"fan", ENTITY_FAN, "bedroom"},
	};
	home_init(home);
	for (size_t i = 0; i < STR_COUNT(DEVICES); i++) {
		struct entity entity = entity_blank();
		struct entity *added = NULL;
		assert_true(str_copy(entity.name, sizeof(entity.name), DEVICES[i].name));
		assert_true(str_copy(entity.id, sizeof(entity.id), DEVICES[i].name));
		entity.domain = DEVICES[i].domain;
		entity.exposed = true;
		entity.area = home_area(home, DEVICES[i].area);
		assert_int_equal(home_add_entity(home, &entity, &added), OK);
	}
	assert_int_equal(home_add_person(home, "Anna Keller", true), OK);
}

static struct understand *compile(void)
{
	struct home *home = calloc(1, sizeof(*home));
	assert_non_null(home);
	fill_home(home);
	struct understand *understand = own_understand(home);
	home_finish(home);
	free(home);
	return understand;
}

static void test_opposites(void **state)
{
	struct understand *understand = compile();
	size_t frames = 0;
	size_t questions = 0;
	(void)state;
	for (size_t i = 0; i < TEXTS; i++) {
		char text[TEXT_BYTES];
		struct understanding understanding;
		draw(text);
		understand_text(understand, text, "kitchen", &understanding);
		if (understanding.confidence >= 1 || !understanding.intent.name[0])
			continue;
		check(text, &understanding);
		frames += understanding.reason == REASON_NONE;
		questions += understanding.asks.key != SAYING_NONE;
	}
	print_message("%zu frames, %zu questions\n", frames, questions);
	assert_true(frames > TEXTS / 500);
	assert_true(questions > TEXTS / 500);
	understand_destroy(understand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_opposites)};
	const char *given = getenv("BEHEST_SEED");
	seed = given ? strtoull(given, NULL, 0) : 20260101;
	print_message("seed %llu (BEHEST_SEED repeats it)\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
