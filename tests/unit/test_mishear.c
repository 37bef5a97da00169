/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mishear - talk becomes the word and the sentence that sound nearest, by phones where
 * they are known and by letters where not, and always a sentence of the grammar.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/mishear.h"

/* "send it to anna keller", "no", "do not send it" */
static char *words[] = {"anna", "do", "it", "keller", "no", "not", "send", "to"};
static struct grammar_arc arcs[] = {{0, 7, 1}, {0, 6, 4}, {0, 1, 6}, {1, 2, 2},
				    {2, 3, 7}, {3, 4, 0}, {4, 6, 3}, {5, 6, 2},
				    {7, 8, 5}, {8, 5, 6}};
static bool finals[] = {false, false, false, false, false, false, true, false, false};
static const struct grammar GRAMMAR = {.state_count = 9,
				       .finals = finals,
				       .arc_count = STR_COUNT(arcs),
				       .arcs = arcs,
				       .word_count = STR_COUNT(words),
				       .words = words};

static enum err say(void *self, const char *const *texts, size_t count,
		    enum err (*take)(void *context, size_t word, const char *phones),
		    void *context)
{
	static const struct {
		const char *text;
		const char *phones;
	} KNOWN[] = {{"know", "N OW"},
		     {"no", "N OW"},
		     {"no", "N AO"},
		     {"knot", "N AA T"},
		     {"not", "N AA T"}};

	(void)self;
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || strcmp(texts[i - 1], texts[i]) < 0);
		for (size_t k = 0; k < STR_COUNT(KNOWN); k++)
			if (str_equal(texts[i], KNOWN[k].text))
				assert_int_equal(take(context, i, KNOWN[k].phones), OK);
	}
	return OK;
}

static const struct sounds_ops SAY = {say, NULL};

struct ear {
	struct chatter *chatter;
	struct mishear *mishear;
	struct chatter_said said;
};

/* Hears these words of talk, which it did not know before. */
static struct ear open_ear(const char *talk, bool with_sounds)
{
	const struct grammar *grammars[] = {&GRAMMAR};
	struct ear ear = {.chatter = NULL};
	char text[TEXT_BYTES];
	char *rest = text;

	assert_true(str_copy(text, sizeof(text), talk));
	assert_int_equal(chatter_create(&ear.chatter), OK);
	while (rest)
		assert_int_equal(chatter_word(ear.chatter, strsep(&rest, " "),
					      &ear.said.words[ear.said.count++]),
				 OK);
	assert_int_equal(mishear_create(ear.chatter, grammars, 1,
					(struct sounds){with_sounds ? &SAY : NULL, NULL},
					&ear.mishear),
			 OK);
	return ear;
}

static void close_ear(struct ear *ear)
{
	mishear_destroy(ear->mishear);
	chatter_destroy(ear->chatter);
}

static void a_word_is_the_nearest(void **state)
{
	static const struct {
		const char *talk;
		bool with_sounds;
		const char *heard;
	} ROWS[] = {{"know", true, "no"},     {"knot", true, "not"},
		    {"hannah", true, "anna"}, {"killer", true, "keller"},
		    {"sent", false, "send"},  {"now", false, "no"},
		    {"anna", true, "anna"}};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct ear ear = open_ear(ROWS[i].talk, ROWS[i].with_sounds);
		uint32_t word = 0;

		assert_int_equal(mishear_word(ear.mishear, 0, ear.said.words[0], &word),
				 OK);
		assert_string_equal(chatter_text_of(ear.chatter, word), ROWS[i].heard);
		close_ear(&ear);
	}
}

static void talk_is_the_nearest_sentence(void **state)
{
	static const struct {
		const char *talk;
		const char *heard;
		size_t count;
	} ROWS[] = {
		{"send it to anna keller", "send it to anna keller", 5},
		{"sent it too hannah kelly", "send it to anna keller", 5},
		{"know", "no", 1},
		{"not sand it", "do not send it", 4},
		{"i do not sent it", "do not send it", 4},
		{"it went to the manna cellar", "send it to anna keller", 5},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct ear ear = open_ear(ROWS[i].talk, true);
		char text[TEXT_BYTES];
		size_t count = 0;

		assert_int_equal(mishear_sentence(ear.mishear, 0, &ear.said, text,
						  &count),
				 OK);
		assert_string_equal(text, ROWS[i].heard);
		assert_int_equal(count, ROWS[i].count);
		assert_true(grammar_accepts(&GRAMMAR, text));
		close_ear(&ear);
	}
}

static void a_grammar_in_circles_is_refused(void **state)
{
	static struct grammar_arc circle[] = {{0, 1, 0}, {1, 0, 0}};
	static bool ends[] = {false, true};
	static const struct grammar ROUND = {.state_count = 2,
					     .finals = ends,
					     .arc_count = 2,
					     .arcs = circle,
					     .word_count = 1,
					     .words = words};
	const struct grammar *grammars[] = {&ROUND};
	struct chatter *chatter = NULL;
	struct mishear *mishear = NULL;

	(void)state;
	assert_int_equal(chatter_create(&chatter), OK);
	assert_int_equal(mishear_create(chatter, grammars, 1, (struct sounds){NULL, NULL},
					&mishear),
			 ERR_FORMAT);
	assert_null(mishear);
	chatter_destroy(chatter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_the_nearest),
		cmocka_unit_test(talk_is_the_nearest_sentence),
		cmocka_unit_test(a_grammar_in_circles_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
