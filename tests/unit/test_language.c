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

static struct language_place judge(const char *text)
{
	struct sphinx_word heard[8];
	size_t count = 0;
	char copy[128];
	char *rest = copy;

	assert_true(str_copy(copy, sizeof(copy), text));
	for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL; count++) {
		assert_true(count < STR_COUNT(heard));
		memset(&heard[count], 0, sizeof(heard[count]));
		assert_true(str_copy(heard[count].text, sizeof(heard[count].text), word));
	}
	return language_judge(language, heard, count);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, open_language, close_language);
}
