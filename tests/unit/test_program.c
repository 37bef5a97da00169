/* SPDX-License-Identifier: Apache-2.0 */
/* test_program - what our programs make of their words. */
#include "cmocka_all.h"

#include <getopt.h>
#include <string.h>

#include "base/program.h"
#include "base/str.h"

enum { WORDS_MAX = 8, RUNS_ON = -1 };

static struct program_option options[] = {{.name = "name"}, {.name = "volume"}};
static struct program program;

/* The status with which it ends, or RUNS_ON. */
static int read_words(const char *const *given)
{
	static char texts[WORDS_MAX][2 * FILE_PATH_BYTES];
	char *words[WORDS_MAX + 1] = {texts[0]};
	int count = 1;
	int status = RUNS_ON;

	program = (struct program){.name = "behest-test",
				   .usage = "usage: so\n",
				   .options = options,
				   .option_count = STR_COUNT(options)};
	options[0].value = options[1].value = NULL;
	optind = 0; /* getopt begins anew */
	assert_true(str_copy(texts[0], sizeof(texts[0]), "behest-test"));
	for (; given[count - 1]; count++) {
		assert_true(str_copy(texts[count], sizeof(texts[0]), given[count - 1]));
		words[count] = texts[count];
	}
	return program_read(&program, count, words, &status) ? RUNS_ON : status;
}

#define READ(...) read_words((const char *const[]){__VA_ARGS__, NULL})

static void right_words(void **state)
{
	(void)state;
	assert_int_equal(READ("--data", "/d"), RUNS_ON);
	assert_string_equal(program.data, "/d");
	assert_string_equal(program.run, "/d/run");
	assert_null(options[0].value);
	assert_int_equal(READ("--run=/r", "--volume", "3", "--data", "/d"), RUNS_ON);
	assert_string_equal(program.run, "/r");
	assert_string_equal(options[1].value, "3");
	assert_int_equal(READ("--help"), PROGRAM_DONE);
	assert_int_equal(READ("--version"), PROGRAM_DONE);
}

static void wrong_words(void **state)
{
	char path[FILE_PATH_BYTES + 1];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[FILE_PATH_BYTES] = '\0';
	assert_int_equal(READ("--run", "/r"), PROGRAM_USAGE);
	assert_int_equal(READ("--data"), PROGRAM_USAGE);
	assert_int_equal(READ("--data", ""), PROGRAM_USAGE);
	assert_int_equal(READ("--data", "/d", "more"), PROGRAM_USAGE);
	assert_int_equal(READ("--data", "/d", "--wrong", "1"), PROGRAM_USAGE);
	assert_int_equal(READ("--data", path), PROGRAM_USAGE);
	path[FILE_PATH_BYTES - 1] = '\0'; /* fits, but not with run behind it */
	assert_int_equal(READ("--data", path), PROGRAM_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_words),
		cmocka_unit_test(wrong_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
