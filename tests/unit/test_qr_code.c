/* SPDX-License-Identifier: Apache-2.0 */
/* test_qr_code - what we draw is read by somebody else's reader (zbarimg). */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/qr_code.h"
#include "base/file.h"
#include "base/str.h"
#include "e2e/process.h"

enum {
	PIXELS = 8, /* a module is as wide and as high */
	QUIET = 4,
	BLACK = 0,
	WHITE = 255,
	LOWEST_SIDE = 21,
	READER_WAIT_MS = 30000,
	MIXTURES = 300,
	RUN_LONGEST = 12,
};

static char folder[] = "/tmp/behest-qr-XXXXXX";
static char path[FILE_PATH_BYTES];

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(path, sizeof(path), folder, "code.pgm"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static bool is_dark(const struct qr_code *code, size_t column, size_t row)
{
	return column >= QUIET && row >= QUIET && column < QUIET + code->side &&
	       row < QUIET + code->side &&
	       qr_code_is_dark(code, column - QUIET, row - QUIET);
}

static void write_picture(const struct qr_code *code)
{
	const size_t side = (code->side + (size_t)(2 * QUIET)) * PIXELS;
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fprintf(file, "P5\n%zu %zu\n%d\n", side, side, WHITE);
	for (size_t y = 0; y < side; y++) {
		for (size_t x = 0; x < side; x++)
			fputc(is_dark(code, x / PIXELS, y / PIXELS) ? BLACK : WHITE,
			      file);
	}
	assert_int_equal(fclose(file), 0);
}

/* binary: the reader gives the bytes as they are, else it adds a newline. */
static void check_read(const char *text)
{
	const char *const words[] = {
		"/usr/bin/env",    "zbarimg",   "--nodbus",  "--quiet",
		"--raw",           "--oneshot", "-Sdisable", "-Sqrcode.enable",
		"-Sqrcode.binary", path,        NULL};
	struct process_ran ran;
	struct qr_code code;

	assert_int_equal(qr_code_make(text, &code), OK);
	assert_in_range(code.side, LOWEST_SIDE, QR_CODE_SIDE_MAX);
	write_picture(&code);
	process_run(words, READER_WAIT_MS, &ran);
	assert_false(ran.hung);
	assert_int_equal(ran.status, 0);
	assert_int_equal(ran.out.size, strlen(text));
	assert_memory_equal(ran.out.bytes, text, ran.out.size);
	process_ran_finish(&ran);
}

/* A text of that many bytes in which every place differs from its neighbours. */
static void fill(char to[QR_CODE_TEXT_MAX + 2], size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789:/?&=-%";

	for (size_t i = 0; i < size; i++)
		to[i] = letters[(i * 7 + i / 41) % (sizeof(letters) - 1)];
	to[size] = '\0';
}

static void every_length_is_read(void **state)
{
	static const size_t sizes[] = {1,   2,   14,  15,  62,  180,
				       213, 331, 415, 450, 511, QR_CODE_TEXT_MAX};
	char text[QR_CODE_TEXT_MAX + 2];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(sizes); i++) {
		fill(text, sizes[i]);
		check_read(text);
	}
}

static void the_limit_is_a_limit(void **state)
{
	struct qr_code code = {.side = 7};
	char text[QR_CODE_TEXT_MAX + 2];

	(void)state;
	fill(text, QR_CODE_TEXT_MAX + 1);
	assert_int_equal(qr_code_make(text, &code), ERR_LIMIT);
	assert_int_equal(qr_code_make("", &code), ERR_RANGE);
	assert_int_equal(code.side, 7);
	memset(text, 'x', QR_CODE_TEXT_MAX);
	text[QR_CODE_TEXT_MAX] = '\0';
	assert_int_equal(qr_code_make(text, &code), OK);
	assert_int_equal(code.side, QR_CODE_SIDE_MAX);
}

static void bytes_beyond_ascii_are_read(void **state)
{
	char all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all) - 1; i++)
		all[i] = (char)(unsigned char)(i + 1);
	all[sizeof(all) - 1] = '\0';
	check_read("K\xc3\xbc"
		   "che, \xe5\x8f\xb0\xe6\x89\x80, \xe2\x98\x95");
	check_read(all);
}

/* The library guesses where to change between its ways of packing letters; a text of the
 * longest allowed length fits whatever it guesses. */
static void every_mixture_fits(void **state)
{
	static const char *const kinds[] = {"0123456789", "ABCDEFGH-:", "abcdefgh_~",
					    "\xc3\xa4\xe9\x80"};
	uint32_t luck = 1;
	struct qr_code code;

	(void)state;
	for (size_t round = 0; round < MIXTURES; round++) {
		char text[QR_CODE_TEXT_MAX + 1];
		const char *kind = kinds[0];
		size_t left = 0;

		for (size_t i = 0; i < QR_CODE_TEXT_MAX; i++) {
			luck = luck * 1664525 + 1013904223;
			if (left == 0) {
				kind = kinds[(luck >> 24) % STR_COUNT(kinds)];
				left = 1 + (luck >> 16) % RUN_LONGEST;
			}
			text[i] = kind[(luck >> 20) % strlen(kind)];
			left--;
		}
		text[QR_CODE_TEXT_MAX] = '\0';
		assert_int_equal(qr_code_make(text, &code), OK);
	}
}

/* The first two bits of the format, 00 for level M, are masked with 10; they stand at the
 * left end of row 8. Level L would be 11, Q 01, H 00. */
static void the_level_is_m(void **state)
{
	struct qr_code code;

	(void)state;
	assert_int_equal(qr_code_make("behest", &code), OK);
	assert_int_equal(code.side, LOWEST_SIDE);
	assert_true(qr_code_is_dark(&code, 0, 8));
	assert_false(qr_code_is_dark(&code, 1, 8));
	/* the one module that is dark in every code */
	assert_true(qr_code_is_dark(&code, 8, code.side - 8));
}

static void wiped_it_says_nothing(void **state)
{
	static const struct qr_code nothing;
	struct qr_code code;

	(void)state;
	assert_int_equal(qr_code_make("behest", &code), OK);
	qr_code_wipe(&code);
	assert_memory_equal(&code, &nothing, sizeof(code));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_read),
		cmocka_unit_test(the_limit_is_a_limit),
		cmocka_unit_test(bytes_beyond_ascii_are_read),
		cmocka_unit_test(every_mixture_fits),
		cmocka_unit_test(the_level_is_m),
		cmocka_unit_test(wiped_it_says_nothing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
