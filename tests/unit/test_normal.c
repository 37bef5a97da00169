/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests understand/normal and understand/numbers: text as it would be spoken.
 */
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
#include "understand/normal.h"
#include "understand/numbers.h"

static void join(const struct normal *normal, char *to, size_t size)
{
	to[0] = '\0';
	for (size_t i = 0; i < normal->count; i++)
		assert_true(str_append(to, size, "%s%s", i ? " " : "",
				       normal_word(normal, i)));
}

static void check(const char *text, const char *expected)
{
	struct normal normal;
	char words[NORMAL_BYTES];
	assert_true(normal_split(text, strlen(text), NORMAL_TEXT, &normal));
	join(&normal, words, sizeof(words));
	assert_string_equal(words, expected);
	/* What is normal stays as it is. */
	assert_true(normal_split(expected, strlen(expected), NORMAL_TEXT, &normal));
	join(&normal, words, sizeof(words));
	assert_string_equal(words, expected);
}

static void test_words(void **state)
{
	(void)state;
	check("Turn ON, the   Lights!", "turn on the lights");
	check("what's up?", "what's up");
	check("what\xe2\x80\x99s 'quoted' it''s", "what's quoted it''s");
	check("living-room_lamp", "living room lamp");
	check("5 a.m. tv. now", "five am tv now");
	check("50%", "fifty percent");
	check("21.5°", "twenty one point five degrees");
	check("Ärger ÉTÉ ŽLUŤ ДОМ ΦΩΣ", "ärger été žluť дом φωσ");
	check("lamp😀on", "lamp on");
	check("a\xe2\x80\x8b\x62", "ab");
	check("", "");
	check(" ?! ", "");
	check("salt & pepper + more", "salt and pepper plus more");
}

/* Each is the same word in two spellings. */
static void test_spellings_of_one_letter(void **state)
{
	static const char *const SAME[][2] = {
		/* composed and decomposed */
		{"Küche", "Ku\u0308che"},
		{"Ångström", "A\u030angstro\u0308m"},
		{"\u212bngström", "ångström"},
		{"Việt Nam", "Vie\u0323\u0302t Nam"},
		{"ĐƯỜNG", "đu\u031bo\u031b\u0300ng"},
		{"Ёлка", "е\u0308лка"},
		{"Ήλιος", "η\u0301λιος"},
		{"がぎぐ", "か\u3099き\u3099く\u3099"},
		{"조명 한글", "\u110c\u1169\u1106\u1167\u11bc \u1112\u1161\u11ab"
			      "\u1100\u1173\u11af"},
		{"\u0958लम", "\u0915\u093cलम"},
		/* large and small */
		{"ИЙ Ў Ѓ", "ий ў ѓ"},
		{"ΆΈΉΊΌΎΏ ΪΫ", "άέήίόύώ ϊϋ"},
		{"ΟΔΟΣ ΦΩΣ", "οδος φως"},
		{"ΔΡΌΜΟΣ", "δρόμος"},
		{"STRASSE", "Straße"},
		{"GRO\u1e9eE", "große"},
		{"IŞIK", "ışık"},
		{"İZMİR", "izmir"},
		{"I\u0307ZMI\u0307R", "izmir"},
		{"ŸŽ ƏLİ ƠƯ", "ÿž əli ơư"},
		/* what is not seen */
		{"la\u200dmp", "lamp"},
		{"la\u00admp", "lamp"},
		{"\ufefflamp", "lamp"},
		{"\u202elamp\u202c", "lamp"},
		{"كـــتاب", "كتاب"},
		{"नम\u200dस्ते", "नमस्ते"},
	};
	struct normal one;
	struct normal other;
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < STR_COUNT(SAME); i++) {
		char words[2][NORMAL_BYTES];
		assert_true(
			normal_split(SAME[i][0], strlen(SAME[i][0]), NORMAL_TEXT, &one));
		assert_true(normal_split(SAME[i][1], strlen(SAME[i][1]), NORMAL_TEXT,
					 &other));
		join(&one, words[0], sizeof(words[0]));
		join(&other, words[1], sizeof(words[1]));
		if (!words[0][0] || !str_equal(words[0], words[1])) {
			print_error("%s: '%s', '%s'\n", SAME[i][0], words[0], words[1]);
			wrong++;
		}
		check(words[0], words[0]);
	}
	assert_int_equal(wrong, 0);
}

/* What is no letter divides words and is never one. */
static void test_no_letters(void **state)
{
	(void)state;
	check("💡", "");
	check("👨\u200d👩\u200d👧 👍🏽 🇸🇪 1\ufe0f\u20e3", "one");
	check("❤\ufe0flamp☀", "lamp");
	check("lamp → on €", "lamp on");
	check("\ue000lamp\U000f0000on", "lamp on");
	check("a\tb\nc\x1b[0m\x7f", "a b c zero m");
	check("turn\u2028on\u00a0it", "turn on it");
	/* A mark without a letter is no crash and no letter's neighbour. */
	check("\u0301", "\u0301");
	check("x\u0301y", "x\u0301y");
}

static void test_numbers_in_text(void **state)
{
	(void)state;
	check("lamp 2", "lamp two");
	check("led1 h2o", "led one h two o");
	check("1,000 or 1,5", "one thousand or one point five");
	check("2nd 21st 30th 12th", "second twenty first thirtieth twelfth");
	check("-3 degrees", "minus three degrees");
	check("room-3", "room three");
	check("007", "zero zero seven");
	check("1234567", "one two three four five six seven");
	check("7:30", "seven thirty");
	check("3.", "three");
}

static void test_places_of_the_source(void **state)
{
	static const char TEXT[] = "Play 'Hey Jude' 21 times";
	struct normal normal;
	(void)state;
	assert_true(normal_split(TEXT, strlen(TEXT), NORMAL_TEXT, &normal));
	assert_int_equal(normal.count, 6);
	assert_int_equal(normal.words[0].from, 0);
	assert_int_equal(normal.words[0].to, 4);
	assert_int_equal(normal.words[3].from, 16);
	assert_int_equal(normal.words[3].to, 18);
	assert_int_equal(normal.words[4].from, 16);
	assert_int_equal(normal.words[4].to, 18);
}

static void test_pieces_keep_their_edges(void **state)
{
	struct normal normal;
	(void)state;
	assert_true(normal_split("'s ", 3, NORMAL_PIECE, &normal));
	assert_int_equal(normal.count, 1);
	assert_string_equal(normal_word(&normal, 0), "'s");
	assert_false(normal.space_before);
	assert_true(normal.space_after);
	assert_true(normal_split(" - ", 3, NORMAL_PIECE, &normal));
	assert_int_equal(normal.count, 0);
	assert_true(normal.space_before);
}

static void test_refuses(void **state)
{
	char many[2 * NORMAL_WORDS_MAX + 3];
	struct normal normal;
	(void)state;
	assert_false(normal_split("a\xff", 2, NORMAL_TEXT, &normal));
	assert_false(normal_split("a\0b", 3, NORMAL_TEXT, &normal));
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = i % 2 ? ' ' : 'a';
	assert_true(normal_split(many, 2 * NORMAL_WORDS_MAX, NORMAL_TEXT, &normal));
	assert_false(normal_split(many, 2 * NORMAL_WORDS_MAX + 1, NORMAL_TEXT, &normal));
	char hundreds[NORMAL_BYTES];
	memset(hundreds, '8', sizeof(hundreds));
	assert_false(normal_split(hundreds, sizeof(hundreds), NORMAL_TEXT, &normal));
}

static void check_said(const char *number, unsigned form, const char *expected)
{
	char said[NUMBERS_SAID_BYTES];
	assert_true(numbers_say(number, form, said, sizeof(said)));
	assert_string_equal(said, expected);
}

static void test_numbers(void **state)
{
	char said[NUMBERS_SAID_BYTES];
	(void)state;
	check_said("0", NUMBERS_PLAIN, "zero");
	check_said("13", NUMBERS_PLAIN, "thirteen");
	check_said("40", NUMBERS_PLAIN, "forty");
	check_said("99", NUMBERS_PLAIN, "ninety nine");
	check_said("100", NUMBERS_PLAIN, "one hundred");
	check_said("100", NUMBERS_A, "a hundred");
	check_said("105", NUMBERS_AND, "one hundred and five");
	check_said("105", NUMBERS_AND | NUMBERS_A, "a hundred and five");
	check_said("2700", NUMBERS_PLAIN, "two thousand seven hundred");
	check_said("2700", NUMBERS_HUNDREDS, "twenty seven hundred");
	check_said("1001", NUMBERS_AND, "one thousand and one");
	check_said("999999", NUMBERS_PLAIN,
		   "nine hundred ninety nine thousand nine hundred ninety nine");
	check_said("21.5", NUMBERS_HALF, "twenty one and a half");
	check_said("0.5", NUMBERS_HALF, "half");
	check_said("0.25", NUMBERS_PLAIN, "zero point two five");
	check_said("-2", NUMBERS_NEGATIVE, "negative two");
	assert_false(numbers_say("", NUMBERS_PLAIN, said, sizeof(said)));
	assert_false(numbers_say("1.", NUMBERS_PLAIN, said, sizeof(said)));
	assert_false(numbers_say("1x", NUMBERS_PLAIN, said, sizeof(said)));
	assert_false(numbers_say("77", NUMBERS_PLAIN, said, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_spellings_of_one_letter),
		cmocka_unit_test(test_no_letters),
		cmocka_unit_test(test_numbers_in_text),
		cmocka_unit_test(test_places_of_the_source),
		cmocka_unit_test(test_pieces_keep_their_edges),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
