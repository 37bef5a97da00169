/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor with real children (shells that live and die as told): order, lines,
 * restarts, giving up, and that nothing is left behind.
 */
#include "cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"
#include "cli/supervise.h"

enum { WAIT_MS = 30000, TOLD_BYTES = 4096 };

struct watching {
	char told[TOLD_BYTES]; /* everything that was reported, in order */
	bool up;
	bool gave_up;
	unsigned deaths;
	struct supervisor *supervisor;
};

static void on_line(void *context, const char *name, bool out, const char *line)
{
	struct watching *watching = context;

	(void)str_append(watching->told, TOLD_BYTES, "%s%c%s;", name, out ? '>' : '!',
			 line);
}

static enum err on_ready(void *context, const char *name, bool again,
			 struct err_note *note)
{
	struct watching *watching = context;

	(void)note;
	(void)str_append(watching->told, TOLD_BYTES, "%s ready%s;", name,
			 again ? " again" : "");
	return OK;
}

static enum err refuse_ready(void *context, const char *name, bool again,
			     struct err_note *note)
{
	(void)context;
	(void)again;
	return err_say(ERR_DENIED, note, "%s is not wanted", name);
}

static void on_died(void *context, const char *name, const char *how, int pause_ms)
{
	struct watching *watching = context;

	assert_true(pause_ms > 0);
	watching->deaths++;
	(void)str_append(watching->told, TOLD_BYTES, "%s %s;", name, how);
}

static void on_up(void *context)
{
	struct watching *watching = context;

	watching->up = true;
}

static void on_gave_up(void *context, const char *why)
{
	struct watching *watching = context;

	watching->gave_up = true;
	(void)str_append(watching->told, TOLD_BYTES, "gave up: %s;", why);
}

static struct supervise_listener listener_of(struct watching *watching)
{
	return (struct supervise_listener){watching, on_line, on_ready,
					   on_died,  on_up,   on_gave_up};
}

static void add_shell(struct supervisor *supervisor, const char *name, const char *script)
{
	struct supervise_plan plan = {.name = name,
				      .program = "/bin/sh",
				      .words = {"-c", script}};

	assert_int_equal(supervisor_add(supervisor, &plan), OK);
}

static void run_until(struct loop *loop, const bool *flag)
{
	int64_t end_ms = loop_now_ms() + WAIT_MS;

	while (!*flag && loop_now_ms() < end_ms)
		assert_int_equal(loop_run_once(loop, 100), OK);
	assert_true(*flag);
}

/* Until `told` holds the words. */
static void run_until_told(struct loop *loop, const struct watching *watching,
			   const char *words)
{
	int64_t end_ms = loop_now_ms() + WAIT_MS;

	while (!strstr(watching->told, words) && loop_now_ms() < end_ms)
		assert_int_equal(loop_run_once(loop, 100), OK);
	assert_non_null(strstr(watching->told, words));
}

static void begin(struct watching *watching, struct loop **loop)
{
	struct supervise_listener listener = listener_of(watching);

	memset(watching, 0, sizeof(*watching));
	assert_int_equal(loop_create(loop), OK);
	assert_int_equal(supervisor_create(*loop, &listener, &watching->supervisor), OK);
}

static void end(struct watching *watching, struct loop *loop)
{
	supervisor_destroy(watching->supervisor);
	loop_destroy(loop);
}

static void starts_in_order_and_stops_in_reverse(void **state)
{
	static const char script[] = "trap 'echo bye; exit 0' TERM; echo hello; "
				     "while :; do sleep 0.05; done";
	struct watching watching;
	struct loop *loop;
	pid_t one;
	const char *first;
	const char *second;

	(void)state;
	begin(&watching, &loop);
	add_shell(watching.supervisor, "one", script);
	add_shell(watching.supervisor, "two", script);
	assert_int_equal(supervisor_pid(watching.supervisor, "one"), 0);
	assert_int_equal(supervisor_start(watching.supervisor, NULL), OK);
	run_until(loop, &watching.up);
	run_until_told(loop, &watching, "one>hello");
	run_until_told(loop, &watching, "two>hello");
	assert_true(strstr(watching.told, "one ready") <
		    strstr(watching.told, "two ready"));
	one = supervisor_pid(watching.supervisor, "one");
	assert_true(one > 0);
	supervisor_stop(watching.supervisor);
	first = strstr(watching.told, "one>bye");
	second = strstr(watching.told, "two>bye");
	assert_non_null(first);
	assert_non_null(second);
	assert_true(second < first);
	assert_int_equal(kill(one, 0), -1);
	end(&watching, loop);
}

static void starts_again_what_was_killed(void **state)
{
	struct watching watching;
	struct loop *loop;
	pid_t before;

	(void)state;
	begin(&watching, &loop);
	add_shell(watching.supervisor, "one", "exec sleep 1000");
	assert_int_equal(supervisor_start(watching.supervisor, NULL), OK);
	run_until(loop, &watching.up);
	before = supervisor_pid(watching.supervisor, "one");
	assert_int_equal(kill(before, SIGKILL), 0);
	run_until_told(loop, &watching, "one ended by signal 9;");
	run_until_told(loop, &watching, "one ready again;");
	assert_int_not_equal(supervisor_pid(watching.supervisor, "one"), before);
	assert_int_equal(watching.deaths, 1);
	assert_false(watching.gave_up);
	end(&watching, loop);
}

static void gives_up_what_cannot_live(void **state)
{
	struct watching watching;
	struct loop *loop;

	(void)state;
	begin(&watching, &loop);
	add_shell(watching.supervisor, "one", "echo no >&2; exit 3");
	assert_int_equal(supervisor_start(watching.supervisor, NULL), OK);
	run_until(loop, &watching.gave_up);
	assert_int_equal(watching.deaths, SUPERVISE_QUICK_MAX - 1);
	assert_non_null(
		strstr(watching.told,
		       "gave up: one died 5 times in a row: ended with status 3"));
	assert_non_null(strstr(watching.told, "one!no;"));
	end(&watching, loop);
}

static void says_when_a_program_is_not_there(void **state)
{
	struct supervise_plan plan = {.name = "one", .program = "/nowhere/program"};
	struct watching watching;
	struct loop *loop;

	(void)state;
	begin(&watching, &loop);
	assert_int_equal(supervisor_add(watching.supervisor, &plan), OK);
	assert_int_equal(supervisor_start(watching.supervisor, NULL), OK);
	run_until_told(loop, &watching, "one could not be started;");
	end(&watching, loop);
}

static void stops_when_readiness_is_refused(void **state)
{
	struct watching watching;
	struct supervise_listener listener = listener_of(&watching);
	struct loop *loop;

	(void)state;
	memset(&watching, 0, sizeof(watching));
	listener.ready = refuse_ready;
	assert_int_equal(loop_create(&loop), OK);
	assert_int_equal(supervisor_create(loop, &listener, &watching.supervisor), OK);
	add_shell(watching.supervisor, "one", "exec sleep 1000");
	add_shell(watching.supervisor, "two", "exec sleep 1000");
	assert_int_equal(supervisor_start(watching.supervisor, NULL), OK);
	run_until(loop, &watching.gave_up);
	assert_string_equal(watching.told, "gave up: one is not wanted;");
	assert_int_equal(supervisor_pid(watching.supervisor, "two"), 0);
	end(&watching, loop);
}

static void kills_what_will_not_stop(void **state)
{
	struct watching watching;
	struct loop *loop;
	pid_t one;

	(void)state;
	begin(&watching, &loop);
	add_shell(watching.supervisor, "one",
		  "trap '' TERM; echo deaf; while :; do sleep 0.05; done");
	assert_int_equal(supervisor_start(watching.supervisor, NULL), OK);
	run_until_told(loop, &watching, "one>deaf;");
	one = supervisor_pid(watching.supervisor, "one");
	supervisor_stop(watching.supervisor);
	assert_non_null(strstr(watching.told, "did not stop in time; killed"));
	assert_int_equal(kill(one, 0), -1);
	end(&watching, loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_in_order_and_stops_in_reverse),
		cmocka_unit_test(starts_again_what_was_killed),
		cmocka_unit_test(gives_up_what_cannot_live),
		cmocka_unit_test(says_when_a_program_is_not_there),
		cmocka_unit_test(stops_when_readiness_is_refused),
		cmocka_unit_test(kills_what_will_not_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
