/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_alike_names - which names may be taken for another, by their letters and by their
 * sounds.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sounds_lexicon.h"
#include "base/str.h"
#include "cli/alike_names.h"

enum { PAIRS_MAX = 8 };

static struct sounds sounds;

static int open_sounds(void **state)
{
	struct err_note note = {""};

	(void)state;
	assert_int_equal(
		sounds_lexicon_open("en", recogniser_pocketsphinx_defaults().dictionary,
				    &sounds, &note),
		OK);
	assert_non_null(sounds.ops);
	return 0;
}

static int close_sounds(void **state)
{
	(void)state;
	sounds.ops->close(sounds.self);
	return 0;
}

static enum alike_how compare(const char *a, const char *b, struct sounds by)
{
	const struct alike_name names[] = {{.text = a, .is_new = true}, {.text = b}};
	struct alike_pair pair = {.how = ALIKE_NOT};
	size_t count = 0;

	assert_int_equal(alike_names_find(names, 2, by, &pair, 1, &count), OK);
	assert_int_equal(count, pair.how != ALIKE_NOT);
	return pair.how;
}

static void names_and_how_they_are_alike(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		enum alike_how how;
	} rows[] = {
		{"Anna", "Anna", ALIKE_EQUAL},
		{"Anna", "ANNA", ALIKE_EQUAL},
		{"Anna-Lou", "anna lou", ALIKE_EQUAL},
		{"Zoe", "Zo\xc3\xab", ALIKE_LETTER},
		{"Zoe\xcc\x88", "Zo\xc3\xab", ALIKE_EQUAL}, /* in one piece, or in two */
		{"Anna", "Ana", ALIKE_LETTER},
		{"Anna", "Hanna", ALIKE_LETTER},
		{"Brian", "Brain", ALIKE_LETTER}, /* swapped */
		{"Anna Lou", "Annalou", ALIKE_LETTER},
		{"Sean", "Shawn", ALIKE_SOUND},
		{"Uncle Sean", "uncle shaun", ALIKE_SOUND},
		{"Sunroom Lamp", "Son Room Lamp", ALIKE_SOUND},
		/* One word that is said in two ways. */
		{"Uncle Bow", "Uncle Beau", ALIKE_SOUND},
		{"Uncle Bow", "Uncle Bough", ALIKE_SOUND},
		{"Uncle Beau", "Uncle Bough", ALIKE_NOT},
		{"Anna", "Bob", ALIKE_NOT},
		{"Anna", "Anna Lou", ALIKE_NOT},
		{"Sean", "Joan", ALIKE_NOT},
		{"Grandmother", "Grandfather", ALIKE_NOT},
		{"guest 1", "guest 2", ALIKE_NOT},
		{"!", "?", ALIKE_LETTER}, /* no words: as they are written */
		{"\xff\xfe", "Bob", ALIKE_NOT},
		{"", "Bob", ALIKE_NOT},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (compare(rows[i].a, rows[i].b, sounds) != rows[i].how ||
		    compare(rows[i].b, rows[i].a, sounds) != rows[i].how)
			fail_msg("not so: \"%s\" and \"%s\" %s", rows[i].a, rows[i].b,
				 alike_words(rows[i].how));
}

static void without_sounds_letters_are_compared(void **state)
{
	const struct sounds none = {.ops = NULL};

	(void)state;
	assert_int_equal(compare("Sean", "Shawn", none), ALIKE_NOT);
	assert_int_equal(compare("Anna", "Ana", none), ALIKE_LETTER);
}

static void each_pair_once_and_none_of_the_old(void **state)
{
	const struct alike_name names[] = {
		{.text = "Sean", .is_new = true},
		{.text = "Shawn", .is_new = true},
		{.text = "Anna"},
		{.text = "Ana"},
		{.text = "Shaun"},
	};
	struct alike_pair pairs[PAIRS_MAX];
	size_t count = 0;

	(void)state;
	assert_int_equal(alike_names_find(names, STR_COUNT(names), sounds, pairs,
					  PAIRS_MAX, &count),
			 OK);
	assert_int_equal(count, 3);
	assert_int_equal(pairs[0].a, 0);
	assert_int_equal(pairs[0].b, 4);
	assert_int_equal(pairs[1].a, 1);
	assert_int_equal(pairs[1].b, 0);
	assert_int_equal(pairs[2].a, 1);
	assert_int_equal(pairs[2].b, 4);
	/* Where there is room for one, all are counted. */
	assert_int_equal(alike_names_find(names, STR_COUNT(names), sounds, pairs, 1,
					  &count),
			 OK);
	assert_int_equal(count, 3);
}

/* Somebody and their inbox have one name; two people, or two inboxes, do not. */
static void a_person_and_their_inbox_may_be_alike(void **state)
{
	struct alike_name names[] = {
		{.text = "Mia", .who = {{1}}, .is_contact = true, .is_new = true},
		{.text = "Mia", .who = {{1}}},
	};
	struct alike_pair pair;
	size_t count = 9;

	(void)state;
	assert_int_equal(alike_names_find(names, 2, sounds, &pair, 1, &count), OK);
	assert_int_equal(count, 0);
	names[1].is_contact = true;
	assert_int_equal(alike_names_find(names, 2, sounds, &pair, 1, &count), OK);
	assert_int_equal(count, 1);
	names[1].is_contact = false;
	names[1].who.bytes[0] = 2;
	assert_int_equal(alike_names_find(names, 2, sounds, &pair, 1, &count), OK);
	assert_int_equal(count, 1);
	memset(&names[0].who, 0, sizeof(names[0].who)); /* two of nobody's */
	memset(&names[1].who, 0, sizeof(names[1].who));
	assert_int_equal(alike_names_find(names, 2, sounds, &pair, 1, &count), OK);
	assert_int_equal(count, 1);
}

static void names_have_a_limit(void **state)
{
	static struct alike_name names[ALIKE_NAMES_MAX + 1];
	struct alike_pair pair;
	size_t count = 9;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(names); i++)
		names[i].text = "Anna";
	assert_int_equal(alike_names_find(names, ALIKE_NAMES_MAX + 1, sounds, &pair, 1,
					  &count),
			 ERR_LIMIT);
	assert_int_equal(alike_names_find(names, ALIKE_NAMES_MAX, sounds, &pair, 1,
					  &count),
			 OK);
	assert_int_equal(count, 0); /* none is new */
	assert_int_equal(alike_names_find(names, 0, sounds, &pair, 1, &count), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_how_they_are_alike),
		cmocka_unit_test(without_sounds_letters_are_compared),
		cmocka_unit_test(each_pair_once_and_none_of_the_old),
		cmocka_unit_test(a_person_and_their_inbox_may_be_alike),
		cmocka_unit_test(names_have_a_limit),
	};
	return cmocka_run_group_tests_name("alike_names", tests, open_sounds,
					   close_sounds);
}
