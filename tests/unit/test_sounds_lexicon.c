/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sounds_lexicon and understand/alike: names that the recogniser cannot tell apart are
 * asked about when they are heard, and are what they are when they are typed.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sounds_lexicon.h"
#include "base/str.h"
#include "own_phrases.h"
#include "understand/understand.h"

static const char SENTENCES[] = "language: en\n"
				"intents:\n"
				"  On:\n"
				"    data:\n"
				"      - sentences: ['turn on [the] {name}']\n"
				"        requires_context: {domain: light}\n"
				"      - sentences: ['lights in [the] {area}']\n"
				"  Call: {data: [{sentences: ['call {contact}']}]}\n"
				"  Where: {data: [{sentences: ['where is {person}']}]}\n";

static void add_light(struct home *home, const char *name, const char *area,
		      const char *alias)
{
	struct entity entity = entity_blank();
	struct entity *added = NULL;

	assert_true(str_format(entity.id, sizeof(entity.id), "%s/%s", area, name));
	assert_true(str_copy(entity.name, sizeof(entity.name), name));
	entity.domain = ENTITY_LIGHT;
	entity.exposed = true;
	entity.area = home_area(home, area);
	if (alias)
		assert_true(str_copy(entity.aliases[entity.alias_count++], NAME_BYTES,
				     alias));
	assert_int_equal(home_add_entity(home, &entity, &added), OK);
}

static struct understand *compile(const char *file, bool with_sounds)
{
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct err_note note = {""};
	struct home home;

	home_init(&home);
	add_light(&home, "Sun Room Light", "Sun Room", NULL);
	add_light(&home, "Son Room Light", "Son Room", NULL);
	add_light(&home, "Sunroom Light", "Hall", "Porch Light");
	add_light(&home, "Hall Light", "Hall", "Hallway Light");
	add_light(&home, "Hull Light", "Kitchen", NULL);
	add_light(&home, "Reed Lamp", "Hall", NULL);
	add_light(&home, "Read Lamp", "Hall", NULL);
	add_light(&home, "Lamp Two", "Hall", "Lamp To");
	add_light(&home, "\xd0\x9b\xd0\xb0\xd0\xbc\xd0\xbf\xd0\xb0", "Hall", NULL);
	assert_int_equal(home_add_person(&home, "Anna", true), OK);
	assert_int_equal(home_add_person(&home, "Ana", true), OK);
	assert_int_equal(home_add_person(&home, "Bob", true), OK);
	assert_int_equal(home_add_person(&home, "Zyqorvax", true), OK);
	assert_int_equal(home_add_person(&home, "Anna", false), OK);
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", file, strlen(file), &note), OK);
	if (with_sounds)
		assert_int_equal(
			sounds_lexicon_use(sentences,
					   recogniser_pocketsphinx_defaults().dictionary,
					   &note),
			OK);
	if (understand_create(sentences, &home, &understand, &note))
		fail_msg("%s", note.text);
	sentences_destroy(sentences);
	home_finish(&home);
	return understand;
}

static const struct {
	const char *text;
	const char *here;
	const char *entity; /* or the contact, or the area; NULL: asks */
	const char *asks;
} HEARD[] = {
	{"turn on the sun room light", "", NULL,
	 "Which Sun Room Light do you mean, the one in the Sun Room, the one in the Son "
	 "Room or the one in the Hall?"},
	/* Where the speaker is decides, as it does for two of one name. */
	{"turn on the sun room light", "Son Room", "Son Room/Son Room Light", NULL},
	{"turn on the son room light", "Sun Room", "Sun Room/Sun Room Light", NULL},
	{"turn on the sunroom light", "Hall", "Hall/Sunroom Light", NULL},
	/* Another name of the same. */
	{"turn on the porch light", "", "Hall/Sunroom Light", NULL},
	/* A letter apart, but not in sound. */
	{"turn on the hall light", "", "Hall/Hall Light", NULL},
	{"turn on the hull light", "", "Kitchen/Hull Light", NULL},
	{"turn on the read lamp", "", NULL, "Which Read Lamp do you mean?"},
	/* One thing under two spellings is one thing. */
	{"turn on the lamp to", "", "Hall/Lamp Two", NULL},
	{"lights in the sun room", "", NULL,
	 "\"Sun Room\" and \"Son Room\" sound the same; which do you mean?"},
	{"lights in the hall", "", "Hall", NULL},
	{"call anna", "", NULL,
	 "\"Anna\" and \"Ana\" sound the same; which do you mean?"},
	{"call ana", "", NULL, "\"Ana\" and \"Anna\" sound the same; which do you mean?"},
	{"call bob", "", "Bob", NULL},
	{"where is anna", "", "Anna", NULL}, /* no Ana lives here */
	/* In no dictionary. */
	{"call zyqorvax", "", "Zyqorvax", NULL},
};

static const char *meant(const struct understanding *understood)
{
	static const char *const SLOTS[] = {"entity", "contact", "area", "person"};

	for (size_t i = 0; i < STR_COUNT(SLOTS); i++) {
		const struct slot *slot = intent_slot(&understood->intent, SLOTS[i]);
		if (slot)
			return slot->value;
	}
	return "";
}

static void test_heard(void **state)
{
	struct understand *understand = compile(SENTENCES, true);
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(HEARD); i++) {
		struct understanding understood;
		const char *entity = HEARD[i].entity ? HEARD[i].entity : "";
		const char *asks = HEARD[i].asks ? HEARD[i].asks : "";

		understand_heard(understand, HEARD[i].text, HEARD[i].here, &understood);
		if (str_equal(meant(&understood), entity) &&
		    str_equal(own_words(&understood.asks), asks) &&
		    understood.reason == (*asks ? REASON_AMBIGUOUS : REASON_NONE))
			continue;
		print_error("%s: '%s' '%s'\n", HEARD[i].text, meant(&understood),
			    own_words(&understood.asks));
		wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(understand_alike(understand), 9);
	understand_destroy(understand);
}

static void check_certain(const struct understand *understand, const char *text,
			  bool heard, const char *expected)
{
	struct understanding understood;

	(heard ? understand_heard : understand_text)(understand, text, "", &understood);
	assert_int_equal(understood.reason, REASON_NONE);
	assert_string_equal(meant(&understood), expected);
}

/* What was typed, and what nobody has a dictionary for, is what is written. */
static void test_spelt(void **state)
{
	static const char *const ROWS[][2] = {
		{"turn on the sun room light", "Sun Room/Sun Room Light"},
		{"turn on the son room light", "Son Room/Son Room Light"},
		{"lights in the son room", "Son Room"},
		{"call ana", "Ana"},
	};
	struct understand *understand = compile(SENTENCES, true);
	struct understand *deaf = compile(SENTENCES, false);

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		check_certain(understand, ROWS[i][0], false, ROWS[i][1]);
		check_certain(deaf, ROWS[i][0], true, ROWS[i][1]);
	}
	/* A name that no English letters say is for typing. */
	check_certain(understand, "turn on \xd0\xbb\xd0\xb0\xd0\xbc\xd0\xbf\xd0\xb0",
		      false, "Hall/\xd0\x9b\xd0\xb0\xd0\xbc\xd0\xbf\xd0\xb0");
	assert_int_equal(understand_alike(deaf), 0);
	understand_destroy(understand);
	understand_destroy(deaf);
}

/* However many sound the same, it costs no more than asking. */
static void test_many_alike(void **state)
{
	static const char *const WORDS[] = {"to", "too", "two"};
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct understanding understood;
	struct err_note note = {""};
	struct home home;

	(void)state;
	home_init(&home);
	for (size_t i = 0; i < 729; i++) {
		char name[NAME_BYTES] = "lamp";
		for (size_t k = 0, rest = i; k < 6; k++, rest /= 3)
			assert_true(
				str_append(name, sizeof(name), " %s", WORDS[rest % 3]));
		add_light(&home, name, "Hall", NULL);
	}
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", SENTENCES, strlen(SENTENCES),
				       &note),
			 OK);
	assert_int_equal(sounds_lexicon_use(sentences,
					    recogniser_pocketsphinx_defaults().dictionary,
					    &note),
			 OK);
	if (understand_create(sentences, &home, &understand, &note))
		fail_msg("%s", note.text);
	assert_int_equal(understand_alike(understand), 729);
	understand_heard(understand, "turn on lamp to too two to too two", "",
			 &understood);
	assert_int_equal(understood.reason, REASON_AMBIGUOUS);
	understand_destroy(understand);
	sentences_destroy(sentences);
	home_finish(&home);
}

static void test_other_languages_have_none(void **state)
{
	struct understand *understand = compile(
		"language: de\nintents: {On: {data: [{sentences: ['an {name}']}]}}\n",
		true);

	(void)state;
	assert_int_equal(understand_alike(understand), 0);
	understand_destroy(understand);
}

static void test_no_dictionary(void **state)
{
	struct sentences *sentences = NULL;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sounds_lexicon_use(sentences, "/nowhere/words", &note), OK);
	sentences_destroy(sentences);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heard),
		cmocka_unit_test(test_spelt),
		cmocka_unit_test(test_many_alike),
		cmocka_unit_test(test_other_languages_have_none),
		cmocka_unit_test(test_no_dictionary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
