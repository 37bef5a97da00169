/* SPDX-License-Identifier: Apache-2.0 */
/* must: stays on, says where, and stops the program. */
#include "unit/cmocka_all.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"

static void broken_rule_stops(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit none = {0, 0};
		(void)setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		(void)dup2(ends[1], STDERR_FILENO);
		must(1 + 1 == 3);
		_exit(0);
	}
	close(ends[1]);
	char text[512] = "";
	ssize_t got = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_true(got > 0);
	assert_non_null(strstr(text, "test_must.c:"));
	assert_non_null(strstr(text, "1 + 1 == 3"));
}

static void kept_rule_does_nothing(void **state)
{
	(void)state;
	int calls = 0;
	must(++calls == 1);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_rule_stops),
		cmocka_unit_test(kept_rule_does_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
