/* SPDX-License-Identifier: Apache-2.0 */
/* log: one line, one write, nothing forged. */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* What log_line writes, caught from stderr. */
static void catch_line(char *to, size_t size, const char *text)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	int saved = dup(STDERR_FILENO);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_line("%s", text);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	close(ends[1]);
	ssize_t got = read(ends[0], to, size - 1);
	assert_true(got > 0);
	to[got] = '\0';
	close(ends[0]);
}

static void a_line_is_a_line(void **state)
{
	(void)state;
	char line[4096];
	log_name("hub");
	catch_line(line, sizeof(line), "bus: up devices=3");
	assert_string_equal(line, "hub: bus: up devices=3\n");
}

static void nothing_is_forged(void **state)
{
	(void)state;
	char line[4096];
	catch_line(line, sizeof(line), "name\nhub: all is well\x1b[0m");
	assert_string_equal(line, "hub: name?hub: all is well?[0m\n");
}

static void long_lines_are_cut(void **state)
{
	(void)state;
	char line[4096];
	char text[3000];
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	catch_line(line, sizeof(line), text);
	assert_int_equal(strlen(line), 1024);
	assert_int_equal(line[1023], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_line),
		cmocka_unit_test(nothing_is_forged),
		cmocka_unit_test(long_lines_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
