/* SPDX-License-Identifier: Apache-2.0 */
/* test_programs - a process counts only while it is the supervisor's child. */
#include "cmocka_all.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/programs.h"

static struct paths paths;
static char path[FILE_PATH_BYTES];

static int set_up(void **state)
{
	(void)state;
	strcpy(paths.run, "/tmp/behest-programs-XXXXXX");
	assert_non_null(mkdtemp(paths.run));
	assert_true(file_join(path, sizeof(path), paths.run, "programs.json"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(paths.run);
}

static void write_text(const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void nobody_supervises(void **state)
{
	struct programs programs = {.count = 7};

	(void)state;
	assert_int_equal(programs_read(&paths, &programs, NULL), OK);
	assert_int_equal(programs.count, 0);
}

static void only_children_of_the_supervisor_run(void **state)
{
	const pid_t child = fork();
	struct programs programs;
	char text[512];

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	assert_true(str_format(text, sizeof(text),
			       "{\"supervisor\":%d,\"programs\":["
			       "{\"program\":\"broker\",\"pid\":%d,\"starts\":2},"
			       "{\"program\":\"toy-home\",\"pid\":%d,\"starts\":1},"
			       "{\"program\":\"room\",\"pid\":0,\"starts\":1}]}",
			       (int)getpid(), (int)child, (int)getpid()));
	write_text(text);
	assert_int_equal(programs_read(&paths, &programs, NULL), OK);
	assert_int_equal(programs.count, 3);
	assert_string_equal(programs.items[0].name, "broker");
	assert_int_equal(programs.items[0].pid, child);
	assert_int_equal(programs.items[0].starts, 2);
	assert_int_equal(programs.items[1].pid, 0); /* a process, but no child of its */
	assert_int_equal(programs.items[2].pid, 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(programs_read(&paths, &programs, NULL), OK);
	assert_int_equal(programs.items[0].pid, 0);
}

static void strange_files_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{\"supervisor\":1}",
		"{\"programs\":[1]}",
		"{\"programs\":[{\"program\":\"a name that is much too long\"}]}",
		"{\"programs\":[{},{},{},{},{},{},{},{},{}]}",
	};
	struct programs programs = {.count = 7};
	struct err_note note;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		write_text(texts[i]);
		note.text[0] = '\0';
		assert_int_equal(programs_read(&paths, &programs, &note), ERR_FORMAT);
		assert_non_null(strstr(note.text, "programs.json"));
		assert_int_equal(programs.count, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_supervises, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_children_of_the_supervisor_run,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(strange_files_are_refused, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
