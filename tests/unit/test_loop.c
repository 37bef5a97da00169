/* SPDX-License-Identifier: Apache-2.0 */
/* loop: what is removed is never called; timers keep their order; signals stop it. */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/loop.h"

struct seen {
	struct loop *loop;
	char order[64];
	size_t count;
	int fds[4];
	uint64_t id;
};

static void note(struct seen *seen, char what)
{
	assert_true(seen->count < sizeof(seen->order) - 1);
	seen->order[seen->count++] = what;
}

static void timer_a(void *context)
{
	note(context, 'a');
}

static void timer_b(void *context)
{
	note(context, 'b');
}

static void timer_stop(void *context)
{
	struct seen *seen = context;
	note(seen, 's');
	loop_stop(seen->loop);
}

static void timer_again(void *context)
{
	struct seen *seen = context;
	note(seen, '0');
	assert_int_equal(loop_after(seen->loop, 0, timer_a, seen, NULL), OK);
}

static void timer_cancels(void *context)
{
	struct seen *seen = context;
	note(seen, 'c');
	loop_cancel(seen->loop, seen->id);
}

static void timers_keep_their_order(void **state)
{
	(void)state;
	struct seen seen = {0};
	assert_int_equal(loop_create(&seen.loop), OK);
	assert_int_equal(loop_after(seen.loop, 5, timer_stop, &seen, NULL), OK);
	assert_int_equal(loop_after(seen.loop, 0, timer_a, &seen, NULL), OK);
	assert_int_equal(loop_after(seen.loop, 0, timer_b, &seen, &seen.id), OK);
	assert_true(seen.id != 0);
	assert_int_equal(loop_after(seen.loop, -5, timer_a, &seen, NULL), OK);
	assert_int_equal(loop_run(seen.loop), OK);
	assert_string_equal(seen.order, "abas");
	loop_cancel(seen.loop, seen.id); /* over: nothing */
	loop_cancel(seen.loop, 0);
	loop_destroy(seen.loop);
	loop_destroy(NULL);
}

static void timers_cancel_and_wait_a_round(void **state)
{
	(void)state;
	struct seen seen = {0};
	assert_int_equal(loop_create(&seen.loop), OK);
	assert_int_equal(loop_after(seen.loop, 0, timer_cancels, &seen, NULL), OK);
	assert_int_equal(loop_after(seen.loop, 0, timer_b, &seen, &seen.id), OK);
	assert_int_equal(loop_run_once(seen.loop, 0), OK);
	assert_string_equal(seen.order, "c");
	assert_int_equal(loop_after(seen.loop, 0, timer_again, &seen, NULL), OK);
	assert_int_equal(loop_run_once(seen.loop, 0), OK);
	assert_string_equal(seen.order, "c0");
	assert_int_equal(loop_run_once(seen.loop, 0), OK);
	assert_string_equal(seen.order, "c0a");
	assert_int_equal(loop_after(seen.loop, INT64_MAX, timer_a, &seen, NULL), OK);
	assert_int_equal(loop_run_once(seen.loop, 0), OK);
	assert_string_equal(seen.order, "c0a");
	loop_destroy(seen.loop);
}

static void fd_forgets_the_other(void *context, int fd, unsigned ready)
{
	struct seen *seen = context;
	assert_int_equal(ready, LOOP_READ);
	note(seen, fd == seen->fds[0] ? '0' : '2');
	int other = fd == seen->fds[0] ? seen->fds[2] : seen->fds[0];
	loop_forget(seen->loop, other);
	/* A new entry in the freed place must not be called for the old event. */
	assert_int_equal(loop_watch(seen->loop, other, LOOP_READ, fd_forgets_the_other,
				    seen),
			 OK);
	loop_forget(seen->loop, fd);
	loop_stop(seen->loop);
}

static void removed_descriptors_are_not_called(void **state)
{
	(void)state;
	struct seen seen = {0};
	assert_int_equal(loop_create(&seen.loop), OK);
	assert_int_equal(pipe(seen.fds), 0);
	assert_int_equal(pipe(seen.fds + 2), 0);
	assert_int_equal(write(seen.fds[1], "x", 1), 1);
	assert_int_equal(write(seen.fds[3], "x", 1), 1);
	assert_int_equal(loop_watch(seen.loop, seen.fds[0], LOOP_READ,
				    fd_forgets_the_other, &seen),
			 OK);
	assert_int_equal(loop_watch(seen.loop, seen.fds[2], LOOP_READ,
				    fd_forgets_the_other, &seen),
			 OK);
	assert_int_equal(loop_run(seen.loop), OK);
	assert_int_equal(seen.count, 1);
	loop_forget(seen.loop, 999); /* unknown: nothing */
	for (int i = 0; i < 4; i++)
		close(seen.fds[i]);
	loop_destroy(seen.loop);
}

static void on_closed(void *context, int fd, unsigned ready)
{
	struct seen *seen = context;
	assert_int_equal(ready, LOOP_READ);
	note(seen, 'h');
	loop_forget(seen->loop, fd);
}

static void hang_up_is_reported(void **state)
{
	(void)state;
	struct seen seen = {0};
	assert_int_equal(loop_create(&seen.loop), OK);
	assert_int_equal(pipe(seen.fds), 0);
	assert_int_equal(loop_watch(seen.loop, seen.fds[0], 0, on_closed, &seen), OK);
	close(seen.fds[1]);
	assert_int_equal(loop_run_once(seen.loop, 0), OK);
	assert_string_equal(seen.order, ""); /* nothing wanted, nothing told */
	loop_want(seen.loop, seen.fds[0], LOOP_READ);
	assert_int_equal(loop_run_once(seen.loop, 1000), OK);
	assert_string_equal(seen.order, "h");
	close(seen.fds[0]);
	loop_destroy(seen.loop);
}

static void tables_are_bounded(void **state)
{
	(void)state;
	struct seen seen = {0};
	assert_int_equal(loop_create(&seen.loop), OK);
	for (int i = 0; i < LOOP_ENTRIES_MAX; i++)
		assert_int_equal(loop_after(seen.loop, 1000, timer_a, &seen, NULL), OK);
	assert_int_equal(loop_after(seen.loop, 1000, timer_a, &seen, NULL), ERR_LIMIT);
	for (int i = 0; i < LOOP_ENTRIES_MAX; i++)
		assert_int_equal(loop_watch(seen.loop, 1000 + i, LOOP_READ, on_closed,
					    &seen),
				 OK);
	assert_int_equal(loop_watch(seen.loop, 5000, LOOP_READ, on_closed, &seen),
			 ERR_LIMIT);
	loop_forget(seen.loop, 1000);
	assert_int_equal(loop_watch(seen.loop, 5000, LOOP_READ, on_closed, &seen), OK);
	loop_destroy(seen.loop);
}

static void timer_raise(void *context)
{
	note(context, 'r');
	assert_int_equal(raise(SIGTERM), 0);
}

static void signals_stop_it(void **state)
{
	(void)state;
	struct seen seen = {0};
	assert_int_equal(loop_create(&seen.loop), OK);
	assert_int_equal(loop_stop_on_signals(seen.loop), OK);
	assert_int_equal(loop_after(seen.loop, 0, timer_raise, &seen, NULL), OK);
	assert_int_equal(loop_run(seen.loop), OK);
	assert_string_equal(seen.order, "r");
	assert_int_equal(raise(SIGPIPE), 0); /* ignored, or we would not be here */
	loop_destroy(seen.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_keep_their_order),
		cmocka_unit_test(timers_cancel_and_wait_a_round),
		cmocka_unit_test(removed_descriptors_are_not_called),
		cmocka_unit_test(hang_up_is_reported),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test(signals_stop_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
