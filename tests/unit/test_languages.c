/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences of other languages: their numbers, scripts without spaces, names that have
 * several forms, and wildcards beside phrases to skip.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "adapter/speller_icu.h"
#include "base/str.h"
#include "understand/understand.h"

enum { WORDS_BYTES = 512 };

static void add_light(struct home *home, const char *name)
{
	struct entity entity = entity_blank();
	struct entity *added = NULL;

	assert_true(str_copy(entity.id, sizeof(entity.id), name));
	assert_true(str_copy(entity.name, sizeof(entity.name), name));
	entity.domain = ENTITY_LIGHT;
	entity.exposed = true;
	assert_int_equal(home_add_entity(home, &entity, &added), OK);
}

/* language NULL: no speller. */
static struct understand *compile(const char *file, const char *language,
				  const char *name, bool has_templates)
{
	struct err_note note = {""};
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct speller speller;
	struct home home;

	home_init(&home);
	home.has_templates = has_templates;
	add_light(&home, name);
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a.yaml", file, strlen(file), &note),
			 OK);
	if (language) {
		assert_string_equal(sentences_language(sentences), language);
		assert_int_equal(speller_icu_create(language, &speller), OK);
		sentences_use_speller(sentences, speller);
		assert_true(sentences_has_speller(sentences));
	}
	if (understand_create(sentences, &home, &understand, &note))
		fail_msg("%s", note.text);
	sentences_destroy(sentences);
	home_finish(&home);
	return understand;
}

static void check(const struct understand *understand, const char *text,
		  const char *expected)
{
	struct understanding understood;
	char words[WORDS_BYTES];

	understand_text(understand, text, "", &understood);
	assert_true(str_format(words, sizeof(words), "%s",
			       understood.reason ? reason_code(understood.reason)
						 : understood.intent.name));
	for (size_t i = 0; i < understood.intent.slot_count; i++) {
		const struct slot *slot = &understood.intent.slots[i];

		if (!str_equal(slot->name, "entity"))
			assert_true(str_append(words, sizeof(words), " %s=%s", slot->name,
					       slot->value));
	}
	if (!str_equal(words, expected))
		print_error("'%s'\n", text);
	assert_string_equal(words, expected);
}

#define DIM(language, words)       \
	"language: " language "\n" \
	"intents:\n"               \
	"  Dim:\n"                 \
	"    data:\n"              \
	"      - sentences: ['" words "']\n"

static void test_german_numbers(void **state)
{
	struct understand *understand =
		compile(DIM("de", "licht auf {0..100:level} (%|prozent)"), "de", "Lampe",
			false);

	(void)state;
	check(understand, "Licht auf einundzwanzig Prozent", "Dim level=21");
	check(understand, "Licht auf eins Prozent", "Dim level=1");
	check(understand, "Licht auf ein Prozent", "Dim level=1");
	check(understand, "Licht auf 21 %", "Dim level=21");
	check(understand, "Licht auf hundert eins Prozent", "NO_MATCH");
	understand_destroy(understand);
}

static void test_french_numbers(void **state)
{
	struct understand *understand =
		compile(DIM("fr", "lumière à {0..100:level}"), "fr", "Lampe", false);

	(void)state;
	check(understand, "lumière à quatre-vingt-dix-neuf", "Dim level=99");
	check(understand, "lumière à vingt et une", "Dim level=21");
	check(understand, "lumière à vingt et un", "Dim level=21");
	understand_destroy(understand);
}

static void test_what_icu_does_not_know(void **state)
{
	struct speller speller;

	(void)state;
	assert_int_equal(speller_icu_create("xx", &speller), ERR_UNSUPPORTED);
	assert_int_equal(speller_icu_create("", &speller), ERR_UNSUPPORTED);
	assert_int_equal(speller_icu_create("../../etc/passwd", &speller),
			 ERR_UNSUPPORTED);
}

static void test_scripts_without_spaces(void **state)
{
	struct understand *understand =
		compile(DIM("zh", "把{name}调到[百分之]{0..100:level}[%]"), "zh", "吊灯",
			false);

	(void)state;
	check(understand, "把吊灯调到百分之四十", "Dim name=吊灯 level=40");
	check(understand, "把 吊灯 调到40%", "Dim name=吊灯 level=40");
	check(understand, "把灯调到百分之四十", "NO_MATCH");
	understand_destroy(understand);
	understand = compile(DIM("th", "เปิด{name}"), NULL, "ไฟห้องครัว", false);
	check(understand, "เปิดไฟห้องครัว", "Dim name=ไฟห้องครัว");
	check(understand, "เปิดไฟห้อง", "NO_MATCH");
	understand_destroy(understand);
}

static void test_names_with_forms(void **state)
{
	static const char file[] = DIM("cs", "zapni {name}");
	static const char name[] = "Sekačk(a|u) [v zahradě]";
	struct understand *understand = compile(file, NULL, name, true);

	(void)state;
	check(understand, "zapni sekačku", "Dim name=Sekačk(a|u) [v zahradě]");
	check(understand, "Zapni Sekačka v zahradě", "Dim name=Sekačk(a|u) [v zahradě]");
	check(understand, "zapni sekačk",
	      "UNEXPLAINED_WORDS name=Sekačk(a|u) [v zahradě]");
	understand_destroy(understand);
	/* Names that devices announce are what they are. */
	understand = compile(file, NULL, name, false);
	check(understand, "zapni sekačku", "NO_MATCH");
	understand_destroy(understand);
	understand = compile(file, NULL, "TV (old", true);
	check(understand, "zapni tv old", "Dim name=TV (old");
	understand_destroy(understand);
}

static void test_wildcards_take_no_phrases_to_skip(void **state)
{
	struct understand *understand =
		compile("language: de\n"
			"skip_words: [ich möchte]\n"
			"lists: {query: {wildcard: true}}\n"
			"intents:\n"
			"  Search: {data: [{sentences: ['ich möchte {query} hören']}]}\n"
			"  Resume: {data: [{sentences: ['weiter hören']}]}\n",
			NULL, "Lampe", false);

	(void)state;
	check(understand, "Ich möchte weiter hören", "Resume");
	check(understand, "Ich möchte Jazz hören", "Search query=Jazz");
	understand_destroy(understand);
}

static void test_typed_files_are_no_part_of_the_grammar(void **state)
{
	struct understand *understand =
		compile("language: en\n"
			"typed: true\n"
			"intents:\n"
			"  A: {data: [{sentences: ['play {name}']}]}\n",
			NULL, "Jazz", false);
	struct grammar *grammar = NULL;

	(void)state;
	check(understand, "play jazz", "A name=Jazz");
	assert_int_equal(understand_grammar(understand, &grammar), OK);
	assert_false(grammar_accepts(grammar, "play jazz"));
	assert_int_equal(grammar->arc_count, 0);
	grammar_destroy(grammar);
	understand_destroy(understand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_german_numbers),
		cmocka_unit_test(test_french_numbers),
		cmocka_unit_test(test_what_icu_does_not_know),
		cmocka_unit_test(test_scripts_without_spaces),
		cmocka_unit_test(test_names_with_forms),
		cmocka_unit_test(test_wildcards_take_no_phrases_to_skip),
		cmocka_unit_test(test_typed_files_are_no_part_of_the_grammar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
