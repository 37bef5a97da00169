/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that music can be asked for by its names: what each kind becomes, and that a
 * library as large as may be still compiles, for the matcher and for the recogniser.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "domain/music.h"
#include "own_sentences.h"

enum { WORDS_OF_A_NAME = 3 };

static void make_home(struct home *home, const struct music_library *library)
{
	home_init(home);
	assert_true(home_area(home, "Kitchen") >= 0);
	assert_true(home_area(home, "Bedroom") >= 0);
	assert_int_equal(home_add_music(home, library), OK);
}

static void expect(const struct understand *understand, const char *text,
		   const char *slot, const char *value)
{
	struct understanding understood;

	understand_heard(understand, text, "Kitchen", &understood);
	if (understood.reason != REASON_NONE ||
	    !str_equal(understood.intent.name, "BehestPlayMusic") ||
	    !str_equal(intent_value(&understood.intent, slot, ""), value))
		fail_msg("'%s': %s %s, %s is '%s'", text, reason_code(understood.reason),
			 understood.intent.name, slot,
			 intent_value(&understood.intent, slot, ""));
}

static void test_every_kind(void **state)
{
	static struct music_library library;
	struct understand *understand = NULL;
	struct home home;

	(void)state;
	music_library_add(&library, MUSIC_ARTIST, "Ada & The Linds");
	music_library_add(&library, MUSIC_ALBUM, "Rain (Live)");
	music_library_add(&library, MUSIC_PLAYLIST, "good_morning");
	music_library_add(&library, MUSIC_GENRE, "Trip-Hop");
	music_library_add(&library, MUSIC_STATION, "Radio Eins");
	music_library_add(&library, MUSIC_ALBUM, "!!!"); /* nobody can say it */
	make_home(&home, &library);
	understand = own_understand(&home);
	expect(understand, "play something by ada and the linds", "artist",
	       "Ada & The Linds");
	expect(understand, "play the album rain live", "album", "Rain (Live)");
	expect(understand, "play my playlist good morning", "playlist", "good_morning");
	expect(understand, "put on some trip hop", "genre", "Trip-Hop");
	expect(understand, "tune in to radio eins", "station", "Radio Eins");
	expect(understand, "play radio eins in the bedroom", "area", "Bedroom");
	understand_destroy(understand);
	home_finish(&home);
}

/* Names of words that are drawn from a few hundred, as titles are. */
static void draw_name(uint64_t *dice, char *to, size_t size)
{
	static const char *const begins[] = {"bl", "st", "r", "m", "k", "gr", "l", "tr"};
	static const char *const middles[] = {"a", "e", "i", "o", "u", "ou", "ee", "ai"};
	static const char *const ends[] = {"n", "st", "ck", "m", "r", "ld", "ss", "nd"};

	to[0] = '\0';
	for (unsigned i = 0; i < WORDS_OF_A_NAME; i++) {
		*dice = *dice * 6364136223846793005U + 1442695040888963407U;
		assert_true(str_append(to, size, "%s%s%s%s", i ? " " : "",
				       begins[*dice >> 40 & 7], middles[*dice >> 48 & 7],
				       ends[*dice >> 56 & 7]));
	}
}

static void test_the_largest_library(void **state)
{
	static struct music_library library;
	struct understand *understand = NULL;
	struct grammar *grammar = NULL;
	struct home home;
	char name[MUSIC_NAME_BYTES];
	uint64_t dice = 1;

	(void)state;
	for (unsigned kind = 0; kind < MUSIC_KIND_COUNT; kind++) {
		for (unsigned i = 0; i < MUSIC_SPOKEN_MAX; i++) {
			draw_name(&dice, name, sizeof(name));
			music_library_add(&library, (enum music_kind)kind, name);
		}
	}
	assert_true(library.count > MUSIC_NAMES_MAX * 9 / 10);
	make_home(&home, &library);
	understand = own_understand(&home);
	assert_int_equal(understand_grammar(understand, &grammar), OK);
	print_message("%zu names: %zu states, %zu arcs\n", library.count,
		      (size_t)grammar->state_count, (size_t)grammar->arc_count);
	grammar_destroy(grammar);
	understand_destroy(understand);
	home_finish(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_the_largest_library),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
