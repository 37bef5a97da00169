/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop - the one place where a program waits: descriptors and timers over poll(2).
 *
 * Calls back on the thread that runs it; owns no descriptor. Entries may be added
 * and removed inside callbacks. Times are the monotonic clock in milliseconds.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
enum { LOOP_ENTRIES_MAX = 256 };

struct loop;
typedef void loop_fd_fn(void *context, int fd,
			unsigned ready); /* LOOP_READ | LOOP_WRITE */
typedef void loop_timer_fn(void *context);

MUST_CHECK enum err loop_create(struct loop **out_loop);
void loop_destroy(struct loop *loop); /* NULL is fine */

/* Watches fd. An error or hang-up is reported as every wanted bit. ERR_LIMIT. */
MUST_CHECK enum err loop_watch(struct loop *loop, int fd, unsigned wanted, loop_fd_fn *fn,
			       void *context);
void loop_want(struct loop *loop, int fd, unsigned wanted); /* changes a watched fd */
void loop_forget(struct loop *loop, int fd);                /* unknown fd: nothing */

/* Calls fn once, delay_ms from now. *out_id (may be NULL) is never 0. ERR_LIMIT. */
MUST_CHECK enum err loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn,
			       void *context, uint64_t *out_id);
void loop_cancel(struct loop *loop, uint64_t id); /* over or unknown: nothing */

/* Runs until loop_stop, which lets the round it is called in (or before) end.
 * loop_run_once waits at most timeout_ms (-1: no limit). */
MUST_CHECK enum err loop_run(struct loop *loop);
MUST_CHECK enum err loop_run_once(struct loop *loop, int64_t timeout_ms);
void loop_stop(struct loop *loop);

/* Stops the loop on SIGTERM and SIGINT, and ignores SIGPIPE. Once per program. */
MUST_CHECK enum err loop_stop_on_signals(struct loop *loop);

int64_t loop_now_ms(void); /* monotonic */

/* For tests: all loops of the process go by now_ms from here on; NULL: the system's. */
void loop_use_clock(int64_t (*now_ms)(void));

#endif
