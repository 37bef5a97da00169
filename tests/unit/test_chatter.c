/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_chatter - words are drawn as often as the list says, sentences every second time, the
 * same seed says the same, and a list or line in another form is refused with its place.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/chatter.h"
#include "folder.h"

enum { DRAWS = 20000 };

static char folder[] = "/tmp/behest-chatter-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static const char *put(const char *name, const char *bytes)
{
	static char path[FILE_PATH_BYTES];
	struct err_note note = {""};

	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_write(path, bytes, strlen(bytes), 0600, &note), OK);
	return path;
}

static struct chatter *with_words(void)
{
	struct chatter *chatter = NULL;
	struct err_note note = {""};

	assert_int_equal(chatter_create(&chatter), OK);
	assert_int_equal(chatter_add_words(chatter,
					   put("words.json",
					       "[{\"word\": \"The\", \"count\": 90},"
					       " {\"word\": \"right\", \"count\": 9},"
					       " {\"word\": \"the\", \"count\": 50},"
					       " {\"word\": \"send\", \"count\": 1}]"),
					   &note),
			 OK);
	return chatter;
}

static void words_are_drawn_as_often_as_they_are_said(void **state)
{
	struct chatter *chatter = with_words();
	struct random random = random_stream(1, 0, 0);
	size_t seen[3] = {0};
	size_t lengths = 0;
	size_t words = 0;

	(void)state;
	assert_int_equal(chatter_word_count(chatter), 3); /* "The" and "the" are one */
	for (size_t i = 0; i < DRAWS; i++) {
		struct chatter_said said;

		chatter_draw(chatter, &random, &said);
		assert_true(said.count >= 1 && said.count <= CHATTER_WORDS_MAX);
		lengths |= 1U << said.count;
		for (size_t w = 0; w < said.count; w++)
			seen[said.words[w]]++;
		words += said.count;
	}
	assert_int_equal(lengths, (2U << CHATTER_WORDS_MAX) - 2);
	assert_true(fabs((double)seen[0] / (double)words - 0.90) < 0.01);
	assert_true(fabs((double)seen[1] / (double)words - 0.09) < 0.01);
	assert_true(fabs((double)seen[2] / (double)words - 0.01) < 0.003);
	chatter_destroy(chatter);
}

static void sentences_are_every_second_thing(void **state)
{
	struct chatter *chatter = with_words();
	struct random random = random_stream(1, 0, 0);
	struct random again = random_stream(1, 0, 0);
	struct err_note note = {""};
	size_t real = 0;

	(void)state;
	(void)put("more.jsonl", "{\"text\": \"Who's there?\", \"scenario\": \"qa\"}\n\n");
	(void)put("notes.txt", "no sentence");
	assert_int_equal(chatter_add_sentences(chatter, folder, &note), OK);
	assert_int_equal(chatter_sentence_count(chatter), 1);
	for (size_t i = 0; i < DRAWS; i++) {
		struct chatter_said said;
		struct chatter_said same;
		char text[TEXT_BYTES];

		chatter_draw(chatter, &random, &said);
		chatter_draw(chatter, &again, &same);
		assert_memory_equal(&said.words, &same.words,
				    said.count * sizeof(said.words[0]));
		chatter_to_text(chatter, &said, text);
		real += str_equal(text, "who's there");
	}
	assert_true(fabs((double)real / DRAWS - 0.5) < 0.02);
	chatter_destroy(chatter);
}

static void what_is_in_another_form_is_refused(void **state)
{
	static const char *const LISTS[] = {"{}", "[]", "[{\"word\": \"a\"}]",
					    "[{\"word\": 1, \"count\": 1}]",
					    "[{\"word\": \"a\", \"count\": 0}]"};
	struct chatter *chatter = NULL;
	struct err_note note = {""};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(LISTS); i++) {
		assert_int_equal(chatter_create(&chatter), OK);
		assert_int_equal(chatter_add_words(chatter, put("bad.json", LISTS[i]),
						   &note),
				 ERR_FORMAT);
		assert_non_null(strstr(note.text, "bad.json: "));
		chatter_destroy(chatter);
	}
	note.text[0] = '\0';
	assert_int_equal(chatter_create(&chatter), OK);
	assert_int_equal(chatter_add_sentences(chatter,
					       put("bad.jsonl",
						   "{\"text\": \"a\"}\n{\"words\": 1}\n"),
					       &note),
			 ERR_FORMAT);
	assert_non_null(strstr(note.text, "bad.jsonl:2: expected"));
	chatter_destroy(chatter);
	assert_int_equal(chatter_create(&chatter), OK);
	assert_int_equal(chatter_add_words(chatter, "/nowhere/words.json", &note),
			 ERR_MISSING);
	chatter_destroy(chatter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_drawn_as_often_as_they_are_said),
		cmocka_unit_test(sentences_are_every_second_thing),
		cmocka_unit_test(what_is_in_another_form_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
