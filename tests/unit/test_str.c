/* SPDX-License-Identifier: Apache-2.0 */
/* str: limits, numbers without locale, UTF-8 at its edges. */
#include "unit/cmocka_all.h"

#include <locale.h>
#include <string.h>

#include "base/str.h"

static void copies_fit_or_fail(void **state)
{
	(void)state;
	char to[4] = "zzz";
	assert_true(str_copy(to, sizeof(to), "abc"));
	assert_string_equal(to, "abc");
	assert_false(str_copy(to, sizeof(to), "abcd"));
	assert_string_equal(to, "");
	assert_true(str_copy_bytes(to, sizeof(to), "xyz!", 2));
	assert_string_equal(to, "xy");
	assert_false(str_format(to, sizeof(to), "%d", 12345));
	assert_string_equal(to, "123");
	assert_true(str_format(to, sizeof(to), "%s", ""));
	assert_true(str_append(to, sizeof(to), "a%s", "b"));
	assert_false(str_append(to, sizeof(to), "cd"));
	assert_string_equal(to, "abc");
}

static void comparing(void **state)
{
	(void)state;
	assert_true(str_equal("a", "a"));
	assert_false(str_equal("a", "A"));
	assert_true(str_equal_folded("Kitchen", "kiTCHEN"));
	assert_false(str_equal_folded("kitchen", "kitchens"));
	assert_false(str_equal_folded("kitchens", "kitchen"));
	assert_false(str_equal_folded("[", "{")); /* 32 apart, but no letters */
	assert_true(str_starts("behest", "be"));
	assert_false(str_starts("b", "be"));
	assert_true(str_ends("a.wav", ".wav"));
	assert_false(str_ends("wav", ".wav"));
	assert_true(str_ends("wav", ""));
}

static void folding_and_trimming(void **state)
{
	(void)state;
	char text[] = "  \tTurn ON \xc3\x84 \r\n";
	str_trim(text);
	assert_string_equal(text, "Turn ON \xc3\x84");
	str_fold(text);
	assert_string_equal(text, "turn on \xc3\x84");
	char blank[] = " \n ";
	str_trim(blank);
	assert_string_equal(blank, "");
}

static void whole_numbers(void **state)
{
	(void)state;
	int64_t value = 7;
	assert_true(str_to_int("0", 0, 0, &value));
	assert_int_equal(value, 0);
	assert_true(str_to_int("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
	assert_true(value == INT64_MIN);
	assert_true(str_to_int("9223372036854775807", INT64_MIN, INT64_MAX, &value));
	assert_true(value == INT64_MAX);
	static const char *const bad[] = {"",
					  "-",
					  "+1",
					  " 1",
					  "1 ",
					  "1x",
					  "0x1",
					  "1.0",
					  "--1",
					  "9223372036854775808",
					  "-9223372036854775809",
					  "99999999999999999999999"};
	value = 7;
	for (size_t i = 0; i < STR_COUNT(bad); i++)
		assert_false(str_to_int(bad[i], INT64_MIN, INT64_MAX, &value));
	assert_false(str_to_int("11", 0, 10, &value));
	assert_false(str_to_int("-1", 0, 10, &value));
	assert_int_equal(value, 7);
}

static void decimal_numbers(void **state)
{
	(void)state;
	double value = 7;
	(void)setlocale(LC_ALL,
			"de_DE.UTF-8"); /* where there is one, it must not matter */
	assert_true(str_to_double("21.5", 5, 30, &value));
	assert_true(value == 21.5);
	assert_true(str_to_double("-0.25", -1, 1, &value));
	assert_true(value == -0.25);
	assert_true(str_to_double("3.14159265358979323846", 0, 10, &value));
	assert_true(value > 3.14159265358979 && value < 3.14159265358980);
	static const char *const bad[] = {"",    ".",   "1.",    ".5",   "1e3", "nan",
					  "inf", "1,5", "0x1p3", "1.5 ", "-",   "1.2.3"};
	value = 7;
	for (size_t i = 0; i < STR_COUNT(bad); i++)
		assert_false(str_to_double(bad[i], -1e9, 1e9, &value));
	char long_number[400];
	memset(long_number, '9', sizeof(long_number));
	long_number[sizeof(long_number) - 1] = '\0';
	assert_false(str_to_double(long_number, -1e308, 1e308, &value));
	assert_true(value == 7);
	(void)setlocale(LC_ALL, "C");
}

struct utf8_case {
	const char *bytes;
	bool good;
};

static void utf8_edges(void **state)
{
	(void)state;
	static const struct utf8_case cases[] = {
		{"", true},
		{"a", true},
		{"\xc2\x80", true},          /* U+0080 */
		{"\xdf\xbf", true},          /* U+07FF */
		{"\xe0\xa0\x80", true},      /* U+0800 */
		{"\xed\x9f\xbf", true},      /* U+D7FF */
		{"\xee\x80\x80", true},      /* U+E000 */
		{"\xef\xbf\xbf", true},      /* U+FFFF */
		{"\xf0\x90\x80\x80", true},  /* U+10000 */
		{"\xf4\x8f\xbf\xbf", true},  /* U+10FFFF */
		{"\x80", false},             /* a lone continuation */
		{"\xc0\x80", false},         /* overlong NUL */
		{"\xc1\xbf", false},         /* overlong */
		{"\xe0\x9f\xbf", false},     /* overlong */
		{"\xf0\x8f\xbf\xbf", false}, /* overlong */
		{"\xed\xa0\x80", false},     /* surrogate */
		{"\xed\xbf\xbf", false},     /* surrogate */
		{"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", false},
		{"\xff", false},
		{"\xc3", false},         /* cut */
		{"\xe2\x82", false},     /* cut */
		{"\xf0\x9f\x98", false}, /* cut */
		{"\xc3\x28", false},     /* no continuation */
		{"\xe2\x28\xa1", false},
		{"\xe2\x82\x28", false},
		{"ab\xf0\x9f\x98\x80z", true},
	};
	for (size_t i = 0; i < STR_COUNT(cases); i++) {
		bool good = str_is_utf8(cases[i].bytes, strlen(cases[i].bytes));
		if (good != cases[i].good)
			print_error("case %zu\n", i);
		assert_int_equal(good, cases[i].good);
	}
	assert_false(str_is_utf8("a\0b", 3));
}

static void cleaning(void **state)
{
	(void)state;
	char text[] = "a\nb\x7f\xc2\x85"
		      "c\xff\xed\xa0\x80\xc3\xa4\xe2\x82";
	str_clean(text);
	assert_string_equal(text, "a?b???c????\xc3\xa4");
	assert_true(str_is_utf8(text, strlen(text)));
	for (int first = 1; first < 256; first++) {
		for (int second = 0; second < 256; second++) {
			char pair[] = {(char)first, (char)second, 'x', '\0'};
			str_clean(pair);
			assert_true(str_is_utf8(pair, strlen(pair)));
		}
	}
}

static void hexadecimal(void **state)
{
	(void)state;
	const uint8_t bytes[] = {0x00, 0x7f, 0xff, 0xa5};
	char text[9];
	uint8_t back[4] = {0};
	str_to_hex(text, bytes, sizeof(bytes));
	assert_string_equal(text, "007fffa5");
	assert_true(str_from_hex(back, sizeof(back), "007FffA5"));
	assert_memory_equal(back, bytes, sizeof(bytes));
	memset(back, 1, sizeof(back));
	assert_false(str_from_hex(back, sizeof(back), "007fffa"));
	assert_false(str_from_hex(back, sizeof(back), "007fffag"));
	assert_false(str_from_hex(back, sizeof(back), "007fffa500"));
	assert_int_equal(back[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_fit_or_fail),
		cmocka_unit_test(comparing),
		cmocka_unit_test(folding_and_trimming),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(decimal_numbers),
		cmocka_unit_test(utf8_edges),
		cmocka_unit_test(cleaning),
		cmocka_unit_test(hexadecimal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
