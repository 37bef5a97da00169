/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language: where words lead in a small grammar. What may follow decides how long a
 * silence after them lasts.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "adapter/language.h"
#include "adapter/share.h"
#include "base/file.h"
#include "base/str.h"

enum { FOR, IN, IT, KITCHEN, LATTE, LIGHTS, ME, MILK, ON, PLEASE, STOP, WITH, WORDS };

static char *words[WORDS] = {"for", "in",   "it", "kitchen", "latte", "lights",
			     "me",  "milk", "on", "please",  "stop",  "with"};

/* "stop [it]", "lights on [in kitchen]", "latte [with milk]", each with "please" or "for
 * me" but the first. */
static struct grammar_arc arcs[] = {
	{0, 9, LATTE},  {0, 3, LIGHTS}, {0, 1, STOP},   {1, 2, IT},      {3, 4, ON},
	{4, 8, FOR},    {4, 5, IN},     {4, 7, PLEASE}, {5, 6, KITCHEN}, {6, 8, FOR},
	{6, 7, PLEASE}, {8, 7, ME},     {9, 10, WITH},  {10, 6, MILK},
};
static bool finals[11] = {
	[1] = true, [2] = true, [4] = true, [6] = true, [7] = true, [9] = true};

static struct language *language;

static int open_language(void **state)
{
	struct grammar grammar = {
		.state_count = STR_COUNT(finals),
		.finals = finals,
		.arc_count = STR_COUNT(arcs),
		.arcs = arcs,
		.word_count = WORDS,
		.words = words,
	};
	char path[FILE_PATH_BYTES];
	struct lexicon *lexicon = NULL;
	enum err err = share_find("lang", "en/words.dict", path, sizeof(path), NULL);
	const char *paths[LEXICON_FILES] = {path, path};

	(void)state;
	if (!err)
		err = lexicon_open(paths, &lexicon, NULL);
	if (!err)
		err = language_create(&grammar, "", lexicon, &language, NULL);
	lexicon_close(lexicon);
	return err != OK;
}

static int close_language(void **state)
{
	(void)state;
	language_destroy(language);
	return 0;
}

enum { HEARD_MAX = 8 };

static size_t split(const char *text, struct sphinx_word *heard)
{
	size_t count = 0;
	char copy[128];
	char *rest = copy;

	assert_true(str_copy(copy, sizeof(copy), text));
	for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL; count++) {
		assert_true(count < HEARD_MAX);
		memset(&heard[count], 0, sizeof(heard[count]));
		assert_true(str_copy(heard[count].text, sizeof(heard[count].text), word));
	}
	return count;
}

static struct language_place judge(const char *text)
{
	struct sphinx_word heard[HEARD_MAX];
	const size_t count = split(text, heard);

	return language_judge(language, heard, count);
}

/* Half a politeness would be a word that means something else. */
static void test_courtesies_are_whole(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} CASES[] = {
		{"", 0},
		{"please", 1},
		{"lights on please", 1},
		{"lights on thanks", 1},
		{"lights on would you", 2},
		{"lights on for me", 2},
		{"lights on please thank you", 2},
		{"would you", 2},
		{"lights on", 0},
		{"tell me", 0},
		{"please lights", 0},
	};
	struct sphinx_word heard[HEARD_MAX];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(CASES); i++)
		assert_int_equal(language_courtesy_at_end(heard,
							  split(CASES[i].text, heard)),
				 CASES[i].count);
}

static void test_pointing(void **state)
{
	struct sphinx_word heard[HEARD_MAX];

	(void)state;
	assert_true(language_points_at_end(heard, split("cancel that", heard)));
	assert_true(language_points_at_end(heard, split("stop it", heard)));
	assert_false(language_points_at_end(heard, split("that lights", heard)));
	assert_false(language_points_at_end(heard, 0));
}

static void test_places(void **state)
{
	static const struct {
		const char *text;
		struct language_place place;
	} CASES[] = {
		{"", {false, false, RECOGNISER_FOLLOW_MORE}},
		{"lights", {false, false, RECOGNISER_FOLLOW_MORE}},
		{"lights on", {true, false, RECOGNISER_FOLLOW_SELDOM}},
		{"lights on in kitchen", {true, false, RECOGNISER_FOLLOW_NOTHING}},
		{"lights on in kitchen please", {true, false, RECOGNISER_FOLLOW_NOTHING}},
		{"latte", {true, false, RECOGNISER_FOLLOW_MORE}},
		{"latte with", {false, false, RECOGNISER_FOLLOW_MORE}},
		{"stop", {true, true, RECOGNISER_FOLLOW_MORE}},
		{"stop it", {true, false, RECOGNISER_FOLLOW_NOTHING}},
		{"lights stop", {false, false, RECOGNISER_FOLLOW_MORE}},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(CASES); i++) {
		struct language_place place = judge(CASES[i].text);
		if (place.complete != CASES[i].place.complete ||
		    place.answer != CASES[i].place.answer ||
		    place.follow != CASES[i].place.follow)
			fail_msg("\"%s\": complete %d answer %d follow %d", CASES[i].text,
				 place.complete, place.answer, (int)place.follow);
	}
}

/* Names that nobody can say are left out, not the grammar they stand in. */
static void test_words_that_cannot_be_said(void **state)
{
	static const struct {
		const char *word;
		bool sayable;
	} ROWS[] = {
		{"zyqorvax", true}, /* in no dictionary, but of letters */
		{"\xd0\xbb\xd0\xb0\xd0\xbc\xd0\xbf\xd0\xb0", false},
		{"\xe7\x81\xaf", false},
		{"donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
		 false},
	};
	char path[FILE_PATH_BYTES];
	struct lexicon *lexicon = NULL;

	(void)state;
	assert_int_equal(share_find("lang", "en/words.dict", path, sizeof(path), NULL),
			 OK);
	const char *paths[LEXICON_FILES] = {path, path};
	assert_int_equal(lexicon_open(paths, &lexicon, NULL), OK);
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		char word[128];
		char *texts[] = {word, words[STOP]};
		struct grammar_arc two[] = {{0, 1, 0}, {0, 1, 1}};
		bool ends[] = {false, true};
		struct grammar grammar = {.state_count = 2,
					  .finals = ends,
					  .arc_count = 2,
					  .arcs = two,
					  .word_count = 2,
					  .words = texts};
		struct language *made = NULL;
		struct err_note note = {""};

		assert_true(str_copy(word, sizeof(word), ROWS[i].word));
		if (strcmp(texts[0], texts[1]) > 0) { /* sorted */
			texts[0] = words[STOP];
			texts[1] = word;
		}
		assert_int_equal(language_create(&grammar, "", lexicon, &made, &note),
				 OK);
		assert_int_equal(note.text[0] == '\0', ROWS[i].sayable);
		assert_true(ROWS[i].sayable || strstr(note.text, ROWS[i].word));
		language_destroy(made);
	}
	lexicon_close(lexicon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pointing),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_courtesies_are_whole),
		cmocka_unit_test(test_words_that_cannot_be_said),
	};

	return cmocka_run_group_tests(tests, open_language, close_language);
}
