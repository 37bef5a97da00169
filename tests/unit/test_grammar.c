/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests domain/grammar: which texts an automaton made by hand accepts.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "domain/grammar.h"

/* "on", "on please", "off" */
static struct grammar *make(void)
{
	static const struct grammar_arc ARCS[] = {{0, 2, 0}, {0, 1, 1}, {1, 2, 2}};
	static const char *const WORDS[] = {"off", "on", "please"};
	struct grammar *grammar = calloc(1, sizeof(*grammar));
	assert_non_null(grammar);
	grammar->state_count = 3;
	grammar->finals = calloc(3, sizeof(bool));
	grammar->arc_count = 3;
	grammar->arcs = calloc(3, sizeof(struct grammar_arc));
	grammar->word_count = 3;
	grammar->words = calloc(3, sizeof(char *));
	assert_true(grammar->finals && grammar->arcs && grammar->words);
	grammar->finals[1] = true;
	grammar->finals[2] = true;
	memcpy(grammar->arcs, ARCS, sizeof(ARCS));
	for (size_t i = 0; i < 3; i++) {
		grammar->words[i] = strdup(WORDS[i]);
		assert_non_null(grammar->words[i]);
	}
	return grammar;
}

static void test_accepts(void **state)
{
	(void)state;
	struct grammar *grammar = make();
	assert_true(grammar_accepts(grammar, "on"));
	assert_true(grammar_accepts(grammar, "on please"));
	assert_true(grammar_accepts(grammar, "off"));
	assert_false(grammar_accepts(grammar, ""));
	assert_false(grammar_accepts(grammar, "o"));
	assert_false(grammar_accepts(grammar, "onn"));
	assert_false(grammar_accepts(grammar, "please"));
	assert_false(grammar_accepts(grammar, "off please"));
	assert_false(grammar_accepts(grammar, "on please please"));
	assert_false(grammar_accepts(grammar, " on"));
	assert_false(grammar_accepts(grammar, "on "));
	assert_false(grammar_accepts(grammar, "on  please"));
	grammar_destroy(grammar);
	grammar_destroy(NULL);
}

static void test_nothing_accepts_nothing(void **state)
{
	struct grammar empty = {0};
	(void)state;
	assert_false(grammar_accepts(&empty, ""));
	assert_false(grammar_accepts(&empty, "on"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_nothing_accepts_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
