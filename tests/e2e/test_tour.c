/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tour - the main job as `make run` shows it: a new house, requests spoken into the
 * microphone's path in real time, and exit status 0 because each did what it said.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "e2e/process.h"
#include "folder.h"

enum { TOUR_WAIT_MS = 480000 };

static void every_request_does_what_it_says(void **state)
{
	char folder[] = "/tmp/behest-tour-XXXXXX";
	struct process_ran ran;

	(void)state;
	assert_non_null(mkdtemp(folder));
	const char *words[] = {process_program("behest"),
			       "up",
			       "--toy-home",
			       "--tour",
			       "--data",
			       folder,
			       NULL};
	process_run(words, TOUR_WAIT_MS, &ran);
	assert_int_equal(folder_remove(folder), 0);
	assert_false(ran.hung);
	if (ran.status != 0)
		fail_msg("status %d\n%s\n%s", ran.status, process_out(&ran),
			 process_err(&ran));
	assert_non_null(strstr(process_out(&ran), "9 of 9 steps did what they said"));
	assert_non_null(strstr(process_out(&ran), "hold (class C) NEEDS_TAP"));
	assert_non_null(
		strstr(process_out(&ran), "the front door itself says state = LOCKED"));
	assert_non_null(
		strstr(process_out(&ran), "the front door itself says state = UNLOCKED"));
	process_ran_finish(&ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_does_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
