/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_qr_print - both forms against golden pictures; a picture says what the code says;
 * and which form suits which terminal.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/qr_print.h"

#define PAPER "\033[30;47m"
#define INK "\033[30;40m"
#define PLAIN "\033[0m"
#define UPPER "\xe2\x96\x80"
#define LOWER "\xe2\x96\x84"
#define BOTH "\xe2\x96\x88"

static const struct qr_print_form BLOCKS = {.blocks = true};
static const struct qr_print_form PAIRS = {.blocks = false};
static const struct qr_print_form BLOCKS_COLOURED = {.blocks = true, .colours = true};
static const struct qr_print_form PAIRS_COLOURED = {.colours = true};

/* Not a code that means something:  #.#  .##  ###  */
static const struct qr_code SMALL = {.side = 3, .bits = {0xaf, 0x80}};

/* The caller frees it. */
static char *print(const struct qr_code *code, struct qr_print_form form)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	assert_int_equal(qr_print(code, form, to), OK);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void check_golden(struct qr_print_form form, const char *golden)
{
	char *text = print(&SMALL, form);

	assert_string_equal(text, golden);
	free(text);
}

static void half_blocks(void **state)
{
	(void)state;
	check_golden(BLOCKS, "           \n"
			     "           \n"
			     "    " UPPER LOWER BOTH "    \n"
			     "    " UPPER UPPER UPPER "    \n"
			     "           \n"
			     "           \n");
}

static void half_blocks_in_colours(void **state)
{
	(void)state;
	check_golden(BLOCKS_COLOURED,
		     PAPER "           " PLAIN "\n" PAPER "           " PLAIN "\n" PAPER
			   "    " UPPER LOWER BOTH "    " PLAIN "\n" PAPER
			   "    " UPPER UPPER UPPER "    " PLAIN "\n" PAPER
			   "           " PLAIN "\n" PAPER "           " PLAIN "\n");
}

#define EMPTY "                      "
#define EMPTY_LINES EMPTY "\n" EMPTY "\n" EMPTY "\n" EMPTY "\n"

static void pairs(void **state)
{
	(void)state;
	check_golden(PAIRS, EMPTY_LINES "        ##  ##        \n"
					"          ####        \n"
					"        ######        \n" EMPTY_LINES);
}

#define WHITE_LINE PAPER EMPTY PLAIN "\n"
#define WHITE_LINES WHITE_LINE WHITE_LINE WHITE_LINE WHITE_LINE

static void pairs_in_colours(void **state)
{
	(void)state;
	check_golden(PAIRS_COLOURED, WHITE_LINES PAPER
		     "        " INK "##" PAPER "  " INK "##" PAPER "        " PLAIN
		     "\n" PAPER "          " INK "####" PAPER "        " PLAIN "\n" PAPER
		     "        " INK "######" PAPER "        " PLAIN "\n" WHITE_LINES);
}

/* ---- turned back into modules ---- */

/* What the next letter (blocks) or pair of letters shows: bit 0 its upper module, bit 1 its
 * lower one. Escape codes say nothing here. */
static unsigned take_letter(const char **at, bool blocks)
{
	static const struct {
		const char *text;
		unsigned shows;
	} BLOCK_LETTERS[] = {{" ", 0}, {UPPER, 1}, {LOWER, 2}, {BOTH, 3}},
	  PAIR_LETTERS[] = {{"  ", 0}, {"##", 1}};
	const size_t count = blocks ? STR_COUNT(BLOCK_LETTERS) : STR_COUNT(PAIR_LETTERS);

	while (**at == '\033')
		*at += strcspn(*at, "m") + 1;
	for (size_t i = 0; i < count; i++) {
		const char *text = blocks ? BLOCK_LETTERS[i].text : PAIR_LETTERS[i].text;

		if (!str_starts(*at, text))
			continue;
		*at += strlen(text);
		return blocks ? BLOCK_LETTERS[i].shows : PAIR_LETTERS[i].shows;
	}
	fail_msg("not a letter of the picture: %.8s", *at);
	return 0;
}

static bool expected(const struct qr_code *code, size_t column, size_t row)
{
	const size_t quiet = QR_PRINT_QUIET;

	return column >= quiet && row >= quiet && column < quiet + code->side &&
	       row < quiet + code->side &&
	       qr_code_is_dark(code, column - quiet, row - quiet);
}

static void check_picture(const struct qr_code *code, struct qr_print_form form)
{
	const size_t side = code->side + (size_t)(2 * QR_PRINT_QUIET);
	char *text = print(code, form);
	const char *at = text;

	for (size_t row = 0; row < side; row += form.blocks ? 2 : 1) {
		for (size_t column = 0; column < side; column++) {
			const unsigned shows = take_letter(&at, form.blocks);

			assert_int_equal(shows & 1, expected(code, column, row));
			if (form.blocks)
				assert_int_equal(shows >> 1,
						 expected(code, column, row + 1));
		}
		if (form.colours)
			assert_true(str_starts(at, PLAIN));
		at += form.colours ? strlen(PLAIN) : 0;
		assert_int_equal(*at++, '\n');
	}
	assert_int_equal(*at, '\0');
	free(text);
}

static void a_picture_is_the_code(void **state)
{
	static const char *const texts[] = {"a", "behest-pair:1?hub=unix"};
	char longest[QR_CODE_TEXT_MAX + 1];
	struct qr_code code;

	(void)state;
	memset(longest, 'x', QR_CODE_TEXT_MAX);
	longest[QR_CODE_TEXT_MAX] = '\0';
	for (size_t i = 0; i <= STR_COUNT(texts); i++) {
		const char *text = i < STR_COUNT(texts) ? texts[i] : longest;

		assert_int_equal(qr_code_make(text, &code), OK);
		check_picture(&code, BLOCKS);
		check_picture(&code, PAIRS);
		check_picture(&code, BLOCKS_COLOURED);
		check_picture(&code, PAIRS_COLOURED);
	}
}

static void columns_are_counted(void **state)
{
	(void)state;
	assert_int_equal(qr_print_columns(&SMALL, BLOCKS), 11);
	assert_int_equal(qr_print_columns(&SMALL, PAIRS), strlen(EMPTY));
}

/* ---- which form ---- */

static void set(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void the_environment_says_utf8(void **state)
{
	static const struct {
		const char *all;
		const char *kind;
		const char *language;
		bool utf8;
	} rows[] = {
		{NULL, NULL, NULL, false},
		{NULL, NULL, "C", false},
		{NULL, NULL, "C.UTF-8", true},
		{NULL, NULL, "de_DE.utf8", true},
		{NULL, NULL, "de_DE.ISO-8859-1", false},
		{NULL, "C.UTF-8", "C", true},
		{"", "", "en_GB.UTF-8", true},
		{"C", "C.UTF-8", "C.UTF-8", false},
		{NULL, "POSIX", "C.UTF-8", false},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		set("LC_ALL", rows[i].all);
		set("LC_CTYPE", rows[i].kind);
		set("LANG", rows[i].language);
		assert_int_equal(qr_print_form(stdout).blocks, rows[i].utf8);
	}
}

static FILE *open_terminal(int *out_master)
{
	*out_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*out_master >= 0);
	assert_int_equal(grantpt(*out_master), 0);
	assert_int_equal(unlockpt(*out_master), 0);
	int fd = open(ptsname(*out_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	FILE *terminal = fdopen(fd, "w");
	assert_non_null(terminal);
	return terminal;
}

static void colours_are_for_terminals(void **state)
{
	int master = -1;
	FILE *terminal = open_terminal(&master);
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	set("TERM", "xterm");
	set("NO_COLOR", NULL);
	assert_true(qr_print_form(terminal).colours);
	assert_false(qr_print_form(file).colours);
	set("NO_COLOR", "1");
	assert_false(qr_print_form(terminal).colours);
	set("NO_COLOR", NULL);
	set("TERM", "dumb");
	assert_false(qr_print_form(terminal).colours);
	fclose(file);
	fclose(terminal);
	close(master);
}

static void a_full_disk_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(qr_print(&SMALL, PAIRS, full), ERR_IO);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_blocks),
		cmocka_unit_test(half_blocks_in_colours),
		cmocka_unit_test(pairs),
		cmocka_unit_test(pairs_in_colours),
		cmocka_unit_test(a_picture_is_the_code),
		cmocka_unit_test(columns_are_counted),
		cmocka_unit_test(the_environment_says_utf8),
		cmocka_unit_test(colours_are_for_terminals),
		cmocka_unit_test(a_full_disk_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
