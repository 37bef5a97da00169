/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process - posix_spawn and waitpid, with the mistakes taken out once.
 *
 * Does not know what the programs are. Invariant: a signal goes only to a child that was
 * started here and was not yet waited for.
 */
#include "process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"

extern char **environ;

const char *process_program(const char *name)
{
	static char path[FILE_PATH_BYTES];
	const char *build = getenv("BEHEST_BUILD");

	assert_non_null(build);
	assert_true(file_join(path, sizeof(path), build, name));
	return path;
}

/* A program that gave up its rights cannot be searched for leaks from inside; and what it
 * uses is measured, so that not much of what it freed may be kept back. */
static const char sanitizer[] = "detect_leaks=0:quarantine_size_mb=16";

/* posix_spawn wants changeable texts, and changes none. */
static pid_t spawn(const char *const *words, posix_spawn_file_actions_t *actions)
{
	union {
		const char *const *given;
		char *const *wanted;
	} argv = {.given = words};
	pid_t pid = 0;

	assert_int_equal(setenv("ASAN_OPTIONS", sanitizer, 1), 0);
	assert_int_equal(posix_spawn(&pid, words[0], actions, NULL, argv.wanted, environ),
			 0);
	return pid;
}

pid_t process_start(const char *const *words, const char *log)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
							  "/dev/null", O_RDONLY, 0),
			 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log,
							  O_WRONLY | O_CREAT | O_APPEND,
							  0600),
			 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO,
							  STDERR_FILENO),
			 0);
	pid = spawn(words, &actions);
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

int process_end(pid_t *pid, int number)
{
	int status = 0;

	if (*pid <= 0)
		return 0;
	(void)kill(*pid, number);
	while (waitpid(*pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	*pid = 0;
	return status;
}

bool process_is_over(pid_t *pid, int *out_status)
{
	if (*pid <= 0 || waitpid(*pid, out_status, WNOHANG) != *pid)
		return false;
	*pid = 0;
	return true;
}

static const char *text_of(const struct buf *buf)
{
	return buf->bytes ? (const char *)buf->bytes : "";
}

/* --- to the end ------------------------------------------------------------------------- */

/* Takes what is there; false once the other end is shut. */
static bool drain(int fd, struct buf *to)
{
	char bytes[16384];
	ssize_t size = read(fd, bytes, sizeof(bytes));

	if (size > 0)
		assert_int_equal(buf_add(to, bytes, (size_t)size), OK);
	return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

static void listen_to(int fds[2], int64_t until_ms, pid_t pid, struct process_ran *ran)
{
	bool open[2] = {true, true};

	while (open[0] || open[1]) {
		struct pollfd ready[2] = {{.fd = open[0] ? fds[0] : -1, .events = POLLIN},
					  {.fd = open[1] ? fds[1] : -1,
					   .events = POLLIN}};
		const int64_t left_ms = until_ms - loop_now_ms();

		if (left_ms <= 0 && !ran->hung) {
			ran->hung = true;
			(void)kill(pid, SIGKILL);
		}
		if (poll(ready, 2, left_ms > 0 ? (int)left_ms : 100) < 0)
			assert_int_equal(errno, EINTR);
		if (ready[0].revents)
			open[0] = drain(fds[0], &ran->out);
		if (ready[1].revents)
			open[1] = drain(fds[1], &ran->err);
	}
}

static void wait_for(pid_t pid, struct process_ran *ran)
{
	struct rusage used;
	int status = 0;

	while (wait4(pid, &status, 0, &used) < 0)
		assert_int_equal(errno, EINTR);
	ran->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	ran->peak_kib = used.ru_maxrss;
}

void process_run(const char *const *words, int wait_ms, struct process_ran *out_ran)
{
	posix_spawn_file_actions_t actions;
	int out[2];
	int err[2];
	pid_t pid;

	memset(out_ran, 0, sizeof(*out_ran));
	buf_init(&out_ran->out, PROCESS_OUTPUT_MAX);
	buf_init(&out_ran->err, PROCESS_OUTPUT_MAX);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
							  "/dev/null", O_RDONLY, 0),
			 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out[1],
							  STDOUT_FILENO),
			 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, err[1],
							  STDERR_FILENO),
			 0);
	pid = spawn(words, &actions);
	(void)posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	close(err[1]);
	listen_to((int[2]){out[0], err[0]}, loop_now_ms() + wait_ms, pid, out_ran);
	close(out[0]);
	close(err[0]);
	wait_for(pid, out_ran);
}

/* --- at a terminal ---------------------------------------------------------------------- */

static int open_terminal(void)
{
	const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
	return fd;
}

static pid_t spawn_at(const char *const *words, const char *terminal)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		assert_int_equal(posix_spawn_file_actions_addopen(&actions, fd, terminal,
								  O_RDWR | O_NOCTTY, 0),
				 0);
	pid = spawn(words, &actions);
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Types the answer when its prompt stands behind what was looked at already. */
static bool answer(int fd, const struct process_typed *typed, const struct buf *shown,
		   size_t *looked)
{
	const char *at = strstr(text_of(shown) + *looked, typed->prompt);

	if (!at)
		return false;
	*looked = (size_t)(at - text_of(shown)) + strlen(typed->prompt);
	assert_int_equal(write(fd, typed->answer, strlen(typed->answer)),
			 (ssize_t)strlen(typed->answer));
	return true;
}

void process_run_typed(const char *const *words, const struct process_typed *typed,
		       size_t count, int wait_ms, struct process_ran *out_ran)
{
	const int64_t until_ms = loop_now_ms() + wait_ms;
	const int fd = open_terminal();
	const pid_t pid = spawn_at(words, ptsname(fd));
	size_t answered = 0;
	size_t looked = 0;
	bool open = true;

	memset(out_ran, 0, sizeof(*out_ran));
	buf_init(&out_ran->out, PROCESS_OUTPUT_MAX);
	buf_init(&out_ran->err, PROCESS_OUTPUT_MAX);
	while (open) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		const int64_t left_ms = until_ms - loop_now_ms();

		if (left_ms <= 0 && !out_ran->hung) {
			out_ran->hung = true;
			(void)kill(pid, SIGKILL);
		}
		if (poll(&ready, 1, left_ms > 0 ? (int)left_ms : 100) < 0)
			assert_int_equal(errno, EINTR);
		if (ready.revents)
			open = drain(fd, &out_ran->out);
		if (answered < count &&
		    answer(fd, &typed[answered], &out_ran->out, &looked))
			answered++;
	}
	close(fd);
	wait_for(pid, out_ran);
}

void process_ran_finish(struct process_ran *ran)
{
	buf_finish(&ran->out);
	buf_finish(&ran->err);
}

const char *process_out(const struct process_ran *ran)
{
	return text_of(&ran->out);
}

const char *process_err(const struct process_ran *ran)
{
	return text_of(&ran->err);
}

/* Built for coverage, a program in a sandbox cannot write what it reached, and its runtime says
 * so; those lines are not the program's. */
static bool is_of_gcov(const char *line)
{
	return str_starts(line, "profiling:") || str_starts(line, "libgcov");
}

size_t process_lines(const char *text)
{
	size_t count = 0;

	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		count += !is_of_gcov(text);
	return count;
}
