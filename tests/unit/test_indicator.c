/* SPDX-License-Identifier: Apache-2.0 */
/* test_indicator - each light has its word, each change is one line, no light is fine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/indicator_terminal.h"
#include "fake/indicator_fake.h"

enum { TEXT_MAX = 4096 };

static void show_all(struct indicator *indicator)
{
	for (int light = INDICATOR_OFF; light <= INDICATOR_DEAF; light++) {
		indicator_show(indicator, (enum indicator_light)light);
		indicator_show(indicator, (enum indicator_light)light); /* no change */
	}
	indicator_sound(indicator, INDICATOR_TONE_WAKE);
}

static void test_plain_lines_where_there_is_no_terminal(void **state)
{
	struct indicator indicator = {0};
	char text[TEXT_MAX] = {0};
	int ends[2];
	unsigned lines = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(indicator_terminal_create(ends[1], "kitchen", &indicator), OK);
	show_all(&indicator);
	indicator_close(&indicator);
	indicator_close(&indicator); /* again: nothing */
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	close(ends[1]);
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, 13 + 1); /* closing turns it off */
	assert_non_null(
		strstr(text, "kitchen: light=listening (the microphone is leased)\n"));
	assert_null(strchr(text, '\033'));
}

static void test_colour_in_a_terminal(void **state)
{
	struct indicator indicator = {0};
	char text[TEXT_MAX] = {0};
	const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int terminal = -1;

	(void)state;
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		skip(); /* no terminals here */
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(terminal >= 0);
	assert_int_equal(indicator_terminal_create(terminal, "kitchen", &indicator), OK);
	indicator_show(&indicator, INDICATOR_LISTENING);
	assert_true(read(master, text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\033[1;36mlistening\033[0m"));
	indicator_close(&indicator);
	close(terminal);
	close(master);
}

static void test_no_light(void **state)
{
	struct indicator indicator = {0};

	(void)state;
	assert_int_equal(indicator_none_create(&indicator), OK);
	show_all(&indicator);
	indicator_close(&indicator);
}

static void test_the_fake_remembers(void **state)
{
	struct indicator_fake *fake = NULL;
	struct indicator indicator = {0};

	(void)state;
	assert_int_equal(indicator_fake_create(&fake), OK);
	indicator = indicator_fake_port(fake);
	show_all(&indicator);
	assert_int_equal(indicator_fake_light(fake), INDICATOR_DEAF);
	assert_int_equal(indicator_fake_light_count(fake), 13);
	assert_int_equal(indicator_fake_tone_count(fake, INDICATOR_TONE_WAKE), 1);
	indicator_close(&indicator);
	assert_int_equal(indicator_fake_light(fake), INDICATOR_OFF);
	indicator_fake_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_lines_where_there_is_no_terminal),
		cmocka_unit_test(test_colour_in_a_terminal),
		cmocka_unit_test(test_no_light),
		cmocka_unit_test(test_the_fake_remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
