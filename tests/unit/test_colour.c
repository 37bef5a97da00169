/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/colour against values from the definitions of HSV and CIE 1931.
 */
#include "cmocka_all.h"

#include <math.h>

#include "adapter/colour.h"
#include "base/str.h"

static bool is_near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		struct colour colour;
	} rows[] = {
		{"red", {255, 0, 0}},
		{"Dark Red", {139, 0, 0}},
		{"yellowgreen", {154, 205, 50}},
		{"alice-blue", {240, 248, 255}},
		{"rebecca purple", {102, 51, 153}},
	};
	struct colour colour = {1, 2, 3};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		assert_true(colour_from_name(rows[i].name, &colour));
		assert_memory_equal(&colour, &rows[i].colour, sizeof(colour));
	}
	assert_false(colour_from_name("reddish", &colour));
	assert_false(colour_from_name("re", &colour));
	assert_false(colour_from_name("", &colour));
}

static void test_hue_and_saturation(void **state)
{
	static const struct {
		struct colour colour;
		double hue;
		double saturation;
	} rows[] = {
		{{255, 0, 0}, 0, 100},      {{0, 255, 0}, 120, 100},
		{{0, 0, 255}, 240, 100},    {{255, 0, 255}, 300, 100},
		{{128, 128, 128}, 0, 0},    {{0, 0, 0}, 0, 0},
		{{255, 127, 127}, 0, 50.2},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		double hue = -1;
		double saturation = -1;

		colour_to_hs(rows[i].colour, &hue, &saturation);
		assert_true(is_near(hue, rows[i].hue, 0.05));
		assert_true(is_near(saturation, rows[i].saturation, 0.05));
	}
}

/* The corners of sRGB (IEC 61966-2-1) and its white point. */
static void test_xy(void **state)
{
	static const struct {
		struct colour colour;
		double x;
		double y;
	} rows[] = {
		{{255, 0, 0}, 0.64, 0.33},   {{0, 255, 0}, 0.30, 0.60},
		{{0, 0, 255}, 0.15, 0.06},   {{255, 255, 255}, 0.3127, 0.3290},
		{{0, 0, 0}, 0.3127, 0.3290},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		double x = -1;
		double y = -1;

		colour_to_xy(rows[i].colour, &x, &y);
		assert_true(is_near(x, rows[i].x, 0.0005));
		assert_true(is_near(y, rows[i].y, 0.0005));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hue_and_saturation),
		cmocka_unit_test(test_xy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
