/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop - descriptors and timers over poll(2).
 *
 * Two fixed tables; entries removed inside a callback are marked free at once and never
 * called again, even when poll had already reported them: each entry carries a
 * generation, and what is called must still have the one that was polled. Signals are
 * turned into a readable descriptor. One thread.
 */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"

struct watch {
	loop_fd_fn *fn; /* NULL: free */
	void *context;
	uint64_t generation;
	int fd;
	unsigned wanted;
};

struct timer {
	loop_timer_fn *fn; /* NULL: free */
	void *context;
	uint64_t id;
	int64_t at_ms;
};

struct loop {
	struct watch watches[LOOP_ENTRIES_MAX];
	struct timer timers[LOOP_ENTRIES_MAX];
	size_t watch_count; /* one behind the last used */
	uint64_t next_id;
	bool stopped;
	bool has_signals;
};

/* The writing and reading end for signals; handlers know no context. */
static int signal_pipe[2] = {-1, -1};

static int64_t (*given_clock)(void);

void loop_use_clock(int64_t (*now_ms)(void))
{
	given_clock = now_ms;
}

int64_t loop_now_ms(void)
{
	struct timespec now;
	if (given_clock)
		return given_clock();
	must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum err loop_create(struct loop **out_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return ERR_MEMORY;
	loop->next_id = 1;
	*out_loop = loop;
	return OK;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->has_signals) {
		must(signal(SIGTERM, SIG_DFL) != SIG_ERR);
		must(signal(SIGINT, SIG_DFL) != SIG_ERR);
		close(signal_pipe[0]);
		close(signal_pipe[1]);
		signal_pipe[0] = signal_pipe[1] = -1;
	}
	free(loop);
}

static struct watch *find_watch(struct loop *loop, int fd)
{
	for (size_t i = 0; i < loop->watch_count; i++) {
		if (loop->watches[i].fn && loop->watches[i].fd == fd)
			return &loop->watches[i];
	}
	return NULL;
}

enum err loop_watch(struct loop *loop, int fd, unsigned wanted, loop_fd_fn *fn,
		    void *context)
{
	must(fd >= 0 && fn);
	must(!find_watch(loop, fd));
	size_t place = 0;
	while (place < loop->watch_count && loop->watches[place].fn)
		place++;
	if (place == LOOP_ENTRIES_MAX)
		return ERR_LIMIT;
	loop->watches[place] = (struct watch){
		.fn = fn,
		.context = context,
		.generation = loop->next_id++,
		.fd = fd,
		.wanted = wanted,
	};
	if (place == loop->watch_count)
		loop->watch_count++;
	return OK;
}

void loop_want(struct loop *loop, int fd, unsigned wanted)
{
	struct watch *watch = find_watch(loop, fd);
	must(watch);
	watch->wanted = wanted;
}

void loop_forget(struct loop *loop, int fd)
{
	struct watch *watch = find_watch(loop, fd);
	if (watch)
		*watch = (struct watch){.fd = -1};
	while (loop->watch_count > 0 && !loop->watches[loop->watch_count - 1].fn)
		loop->watch_count--;
}

enum err loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *context,
		    uint64_t *out_id)
{
	must(fn);
	size_t place = 0;
	while (place < LOOP_ENTRIES_MAX && loop->timers[place].fn)
		place++;
	if (place == LOOP_ENTRIES_MAX)
		return ERR_LIMIT;
	int64_t at_ms = 0;
	if (__builtin_add_overflow(loop_now_ms(), delay_ms > 0 ? delay_ms : 0, &at_ms))
		at_ms = INT64_MAX;
	loop->timers[place] = (struct timer){
		.fn = fn,
		.context = context,
		.id = loop->next_id++,
		.at_ms = at_ms,
	};
	if (out_id)
		*out_id = loop->timers[place].id;
	return OK;
}

void loop_cancel(struct loop *loop, uint64_t id)
{
	if (id == 0)
		return;
	for (size_t i = 0; i < LOOP_ENTRIES_MAX; i++) {
		if (loop->timers[i].fn && loop->timers[i].id == id)
			loop->timers[i] = (struct timer){0};
	}
}

/* The timer that is due first; equal times go by age. NULL without any. */
static struct timer *first_timer(struct loop *loop)
{
	struct timer *first = NULL;
	for (size_t i = 0; i < LOOP_ENTRIES_MAX; i++) {
		struct timer *timer = &loop->timers[i];
		if (!timer->fn)
			continue;
		if (!first || timer->at_ms < first->at_ms ||
		    (timer->at_ms == first->at_ms && timer->id < first->id))
			first = timer;
	}
	return first;
}

static int wait_for(struct loop *loop, int64_t timeout_ms)
{
	const struct timer *first = first_timer(loop);
	int64_t wait_ms = timeout_ms;
	if (first) {
		int64_t until_ms = first->at_ms - loop_now_ms();
		until_ms = until_ms > 0 ? until_ms : 0;
		if (wait_ms < 0 || until_ms < wait_ms)
			wait_ms = until_ms;
	}
	if (wait_ms < 0)
		return -1;
	return wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

/* Calls what is due now. Timers made by these callbacks wait for the next round. */
static void call_timers(struct loop *loop)
{
	int64_t now_ms = loop_now_ms();
	uint64_t newest_id = loop->next_id;
	while (true) {
		struct timer *timer = first_timer(loop);
		if (!timer || timer->at_ms > now_ms || timer->id >= newest_id)
			return;
		struct timer due = *timer;
		*timer = (struct timer){0};
		due.fn(due.context);
	}
}

struct polled {
	struct pollfd fds[LOOP_ENTRIES_MAX];
	uint64_t generations[LOOP_ENTRIES_MAX];
	size_t places[LOOP_ENTRIES_MAX];
	size_t count;
};

static void collect(const struct loop *loop, struct polled *polled)
{
	polled->count = 0;
	for (size_t i = 0; i < loop->watch_count; i++) {
		const struct watch *watch = &loop->watches[i];
		if (!watch->fn || watch->wanted == 0)
			continue;
		unsigned events = (watch->wanted & LOOP_READ ? POLLIN : 0U) |
				  (watch->wanted & LOOP_WRITE ? POLLOUT : 0U);
		polled->fds[polled->count] = (struct pollfd){watch->fd, (short)events, 0};
		polled->generations[polled->count] = watch->generation;
		polled->places[polled->count] = i;
		polled->count++;
	}
}

static unsigned ready_bits(short events, unsigned wanted)
{
	unsigned happened = (unsigned)events;
	if (happened & (POLLERR | POLLHUP | POLLNVAL))
		return wanted;
	unsigned ready = (happened & POLLIN ? (unsigned)LOOP_READ : 0U) |
			 (happened & POLLOUT ? (unsigned)LOOP_WRITE : 0U);
	return ready & wanted;
}

static void call_watches(struct loop *loop, const struct polled *polled)
{
	for (size_t i = 0; i < polled->count; i++) {
		const struct watch *watch = &loop->watches[polled->places[i]];
		if (!watch->fn || watch->generation != polled->generations[i])
			continue;
		unsigned ready = ready_bits(polled->fds[i].revents, watch->wanted);
		if (ready != 0)
			watch->fn(watch->context, watch->fd, ready);
	}
}

enum err loop_run_once(struct loop *loop, int64_t timeout_ms)
{
	struct polled polled;
	collect(loop, &polled);
	int ready = poll(polled.fds, polled.count, wait_for(loop, timeout_ms));
	if (ready < 0 && errno != EINTR)
		return ERR_IO;
	if (ready > 0)
		call_watches(loop, &polled);
	call_timers(loop);
	return OK;
}

enum err loop_run(struct loop *loop)
{
	enum err err = OK;
	while (!loop->stopped && err == OK)
		err = loop_run_once(loop, -1);
	loop->stopped = false;
	return err;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

static void on_signal(int number)
{
	int saved = errno;
	char byte = (char)number;
	ssize_t written = write(signal_pipe[1], &byte, 1);
	(void)written; /* full: a stop is already on its way */
	errno = saved;
}

static void on_signal_byte(void *context, int fd, unsigned ready)
{
	char byte = 0;
	must(ready != 0);
	if (read(fd, &byte, 1) == 1)
		loop_stop(context);
}

enum err loop_stop_on_signals(struct loop *loop)
{
	must(signal_pipe[0] < 0);
	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return ERR_IO;
	loop->has_signals = true;
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	must(sigemptyset(&action.sa_mask) == 0);
	must(sigemptyset(&ignore.sa_mask) == 0);
	must(sigaction(SIGTERM, &action, NULL) == 0);
	must(sigaction(SIGINT, &action, NULL) == 0);
	must(sigaction(SIGPIPE, &ignore, NULL) == 0);
	return loop_watch(loop, signal_pipe[0], LOOP_READ, on_signal_byte, loop);
}
