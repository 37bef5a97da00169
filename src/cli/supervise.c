/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps our programs running. Knows nothing of what they do; what their lines mean is
 * the listener's.
 *
 * Invariants: a child has a pid exactly while it has a pidfd; nothing is signalled but
 * through a pid that we have not yet waited for, so it cannot have become another
 * process; children stop in the reverse order of their start.
 */
#include "cli/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum { READY_EVERY_MS = 25, HOW_BYTES = 64, EXIT_NO_PROGRAM = 127 };

enum child_state { CHILD_DOWN, CHILD_STARTING, CHILD_READY };

struct pipe_end {
	int fd; /* -1 closed */
	bool out;
	size_t used;
	char line[SUPERVISE_LINE_BYTES];
	struct child *child;
};

struct child {
	struct supervisor *supervisor;
	char name[SUPERVISE_NAME_BYTES];
	char *words[SUPERVISE_WORDS_MAX + 2]; /* owned; the program first */
	char socket[FILE_PATH_BYTES];
	int port;
	enum child_state state;
	bool was_ready;
	pid_t pid;
	int pidfd;
	struct pipe_end out;
	struct pipe_end err;
	int64_t started_ms;
	unsigned quick_deaths;
	unsigned starts;
	uint64_t timer;
};

struct supervisor {
	struct loop *loop;
	struct supervise_listener listener;
	size_t count;
	struct child children[SUPERVISE_CHILDREN_MAX];
	bool is_up;
	bool over; /* gave up or stopping: start nothing more */
};

static void start_again(void *context);

enum err supervisor_create(struct loop *loop, const struct supervise_listener *listener,
			   struct supervisor **out_supervisor)
{
	struct supervisor *supervisor = calloc(1, sizeof(*supervisor));

	must(listener->line && listener->ready && listener->died && listener->up &&
	     listener->gave_up);
	if (!supervisor)
		return ERR_MEMORY;
	supervisor->loop = loop;
	supervisor->listener = *listener;
	*out_supervisor = supervisor;
	return OK;
}

static enum err copy_words(struct child *child, const struct supervise_plan *plan)
{
	size_t count = 0;

	child->words[0] = strdup(plan->program);
	if (!child->words[0])
		return ERR_MEMORY;
	for (; count < SUPERVISE_WORDS_MAX && plan->words[count]; count++) {
		child->words[count + 1] = strdup(plan->words[count]);
		if (!child->words[count + 1])
			return ERR_MEMORY;
	}
	return OK;
}

enum err supervisor_add(struct supervisor *supervisor, const struct supervise_plan *plan)
{
	struct child *child;

	must(supervisor->count < SUPERVISE_CHILDREN_MAX);
	child = &supervisor->children[supervisor->count++];
	child->supervisor = supervisor;
	child->port = plan->port;
	child->pidfd = -1;
	child->out = (struct pipe_end){.fd = -1, .out = true, .child = child};
	child->err = (struct pipe_end){.fd = -1, .child = child};
	if (!str_copy(child->name, sizeof(child->name), plan->name) ||
	    !str_copy(child->socket, sizeof(child->socket),
		      plan->socket ? plan->socket : ""))
		return ERR_LIMIT;
	return copy_words(child, plan);
}

static void tell_line(struct pipe_end *end)
{
	struct supervisor *supervisor = end->child->supervisor;

	end->line[end->used] = '\0';
	end->used = 0;
	supervisor->listener.line(supervisor->listener.context, end->child->name,
				  end->out, end->line);
}

static void take_bytes(struct pipe_end *end, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n') {
			tell_line(end);
			continue;
		}
		if (end->used + 1 == sizeof(end->line))
			tell_line(end);
		end->line[end->used++] = bytes[i];
	}
}

/* Reads what is there. False once the pipe is over. */
static bool drain(struct pipe_end *end)
{
	char bytes[SUPERVISE_LINE_BYTES];

	while (end->fd >= 0) {
		ssize_t got = read(end->fd, bytes, sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return true;
		if (got <= 0)
			return false;
		take_bytes(end, bytes, (size_t)got);
	}
	return false;
}

static void shut_pipe(struct pipe_end *end)
{
	if (end->fd < 0)
		return;
	loop_forget(end->child->supervisor->loop, end->fd);
	close(end->fd);
	end->fd = -1;
	if (end->used)
		tell_line(end);
}

static void pipe_ready(void *context, int fd, unsigned ready)
{
	struct pipe_end *end = context;

	must(fd == end->fd && ready);
	if (!drain(end))
		shut_pipe(end);
}

static void give_up(struct supervisor *supervisor, const char *why)
{
	if (supervisor->over)
		return;
	supervisor->over = true;
	supervisor->listener.gave_up(supervisor->listener.context, why);
}

static void describe_end(int status, char how[HOW_BYTES])
{
	if (WIFSIGNALED(status))
		str_format(how, HOW_BYTES, "ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == EXIT_NO_PROGRAM)
		str_format(how, HOW_BYTES, "could not be started");
	else
		str_format(how, HOW_BYTES, "ended with status %d", WEXITSTATUS(status));
}

/* Forgets the process after it has been waited for. */
static void forget(struct child *child)
{
	struct loop *loop = child->supervisor->loop;

	/* What it wrote last is told; a grandchild that holds the pipes is not waited for. */
	drain(&child->out);
	drain(&child->err);
	shut_pipe(&child->out);
	shut_pipe(&child->err);
	loop_forget(loop, child->pidfd);
	close(child->pidfd);
	if (child->timer)
		loop_cancel(loop, child->timer);
	child->timer = 0;
	child->pidfd = -1;
	child->pid = 0;
	child->state = CHILD_DOWN;
}

static int pause_for(const struct child *child)
{
	int pause_ms = SUPERVISE_PAUSE_MS;

	for (unsigned i = 1; i < child->quick_deaths && pause_ms < SUPERVISE_PAUSE_MAX_MS;
	     i++)
		pause_ms *= 2;
	return pause_ms < SUPERVISE_PAUSE_MAX_MS ? pause_ms : SUPERVISE_PAUSE_MAX_MS;
}

static void plan_restart(struct child *child, const char *how)
{
	struct supervisor *supervisor = child->supervisor;
	int64_t lived_ms = loop_now_ms() - child->started_ms;
	char why[HOW_BYTES + SUPERVISE_NAME_BYTES + 64];
	int pause_ms;

	child->quick_deaths = lived_ms < SUPERVISE_QUICK_MS ? child->quick_deaths + 1 : 1;
	if (child->quick_deaths >= SUPERVISE_QUICK_MAX) {
		str_format(why, sizeof(why), "%s died %u times in a row: %s", child->name,
			   child->quick_deaths, how);
		give_up(supervisor, why);
		return;
	}
	pause_ms = pause_for(child);
	supervisor->listener.died(supervisor->listener.context, child->name, how,
				  pause_ms);
	if (loop_after(supervisor->loop, pause_ms, start_again, child, &child->timer))
		give_up(supervisor, "no timer is left to restart a program");
}

static void child_ended(void *context, int fd, unsigned ready)
{
	struct child *child = context;
	char how[HOW_BYTES];
	int status = 0;

	must(fd == child->pidfd && ready);
	if (waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	describe_end(status, how);
	forget(child);
	if (!child->supervisor->over)
		plan_restart(child, how);
}

/* Readiness. */

static bool connects(int family, const struct sockaddr *address, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd waiting = {.fd = fd, .events = POLLOUT};
	int failed = 0;
	socklen_t failed_size = sizeof(failed);
	bool yes = false;

	if (fd < 0)
		return false;
	if (connect(fd, address, size) == 0)
		yes = true;
	else if (errno == EINPROGRESS && poll(&waiting, 1, READY_EVERY_MS) == 1)
		yes = getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &failed_size) == 0 &&
		      failed == 0;
	close(fd);
	return yes;
}

static bool is_ready(const struct child *child)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in loopback = {.sin_family = AF_INET};

	if (*child->socket) {
		if (!str_copy(local.sun_path, sizeof(local.sun_path), child->socket))
			return false;
		return connects(AF_UNIX, (const struct sockaddr *)&local, sizeof(local));
	}
	if (child->port) {
		loopback.sin_port = htons((uint16_t)child->port);
		loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return connects(AF_INET, (const struct sockaddr *)&loopback,
				sizeof(loopback));
	}
	return true;
}

static enum err start(struct child *child, struct err_note *note);

static void start_next(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;
	size_t next = (size_t)(child - supervisor->children) + 1;
	struct err_note note = {""};

	if (supervisor->is_up || supervisor->over)
		return;
	if (next == supervisor->count) {
		supervisor->is_up = true;
		supervisor->listener.up(supervisor->listener.context);
	} else if (start(&supervisor->children[next], &note)) {
		give_up(supervisor, note.text);
	}
}

static void became_ready(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;
	bool again = child->was_ready;
	struct err_note note = {""};
	enum err err;

	child->state = CHILD_READY;
	child->was_ready = true;
	err = supervisor->listener.ready(supervisor->listener.context, child->name, again,
					 &note);
	if (err)
		give_up(supervisor, note.text[0] ? note.text : err_words(err));
	else if (!again)
		start_next(child);
}

static void look_whether_ready(void *context)
{
	struct child *child = context;
	struct supervisor *supervisor = child->supervisor;
	char why[SUPERVISE_NAME_BYTES + 64];

	child->timer = 0;
	if (child->state != CHILD_STARTING || supervisor->over)
		return;
	if (is_ready(child)) {
		became_ready(child);
		return;
	}
	str_format(why, sizeof(why), "%s was not ready within %d s", child->name,
		   SUPERVISE_READY_MS / 1000);
	if (loop_now_ms() - child->started_ms > SUPERVISE_READY_MS)
		give_up(supervisor, why);
	else if (loop_after(supervisor->loop, READY_EVERY_MS, look_whether_ready, child,
			    &child->timer))
		give_up(supervisor, "no timer is left to wait for a program");
}

/* Starting. */

_Noreturn static void become(struct child *child, int out, int err, pid_t parent)
{
	sigset_t none;
	int in = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	/* A group of its own: Ctrl-C reaches only us, and we stop it in order. */
	if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
	    getppid() != parent)
		_exit(EXIT_NO_PROGRAM);
	if (in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		_exit(EXIT_NO_PROGRAM);
	closefrom(STDERR_FILENO + 1);
	execv(child->words[0], child->words);
	_exit(EXIT_NO_PROGRAM);
}

static enum err watch_child(struct child *child)
{
	struct loop *loop = child->supervisor->loop;
	enum err err = loop_watch(loop, child->pidfd, LOOP_READ, child_ended, child);

	if (!err)
		err = loop_watch(loop, child->out.fd, LOOP_READ, pipe_ready, &child->out);
	if (!err)
		err = loop_watch(loop, child->err.fd, LOOP_READ, pipe_ready, &child->err);
	if (!err)
		err = loop_after(loop, 0, look_whether_ready, child, &child->timer);
	return err;
}

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] >= 0)
			close(pair[i]);
	}
}

/* A pipe whose reading end does not block; the writing end is an ordinary one. */
static bool open_pipe(int pair[2])
{
	return pipe2(pair, O_CLOEXEC) == 0 && fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0;
}

static enum err start(struct child *child, struct err_note *note)
{
	int out[2] = {-1, -1};
	int err_pipe[2] = {-1, -1};
	pid_t parent = getpid();
	pid_t pid;

	must(child->pid == 0);
	if (!open_pipe(out) || !open_pipe(err_pipe))
		goto failed;
	pid = fork();
	if (pid < 0)
		goto failed;
	if (pid == 0)
		become(child, out[1], err_pipe[1], parent);
	child->pid = pid;
	child->pidfd = pidfd_open(pid, 0);
	must(child->pidfd >= 0);
	close(out[1]);
	close(err_pipe[1]);
	child->out.fd = out[0];
	child->err.fd = err_pipe[0];
	child->started_ms = loop_now_ms();
	child->starts++;
	child->state = CHILD_STARTING;
	if (watch_child(child))
		return err_say(ERR_LIMIT, note, "%s: too many things to watch",
			       child->name);
	return OK;
failed:
	close_pair(out);
	close_pair(err_pipe);
	return err_say(ERR_IO, note, "%s: no process could be made: %s", child->name,
		       strerror(errno));
}

static void start_again(void *context)
{
	struct child *child = context;
	struct err_note note = {""};

	child->timer = 0;
	if (!child->supervisor->over && start(child, &note))
		give_up(child->supervisor, note.text);
}

enum err supervisor_start(struct supervisor *supervisor, struct err_note *note)
{
	must(supervisor->count > 0 && !supervisor->over);
	return start(&supervisor->children[0], note);
}

/* Stopping. */

/* True when it ended within the time; its pipes are emptied meanwhile. */
static bool wait_for(struct child *child, int limit_ms)
{
	int64_t until_ms = loop_now_ms() + limit_ms;
	int64_t left_ms = limit_ms;

	while (left_ms > 0) {
		struct pollfd ends[] = {
			{.fd = child->pidfd, .events = POLLIN},
			{.fd = child->out.fd, .events = POLLIN},
			{.fd = child->err.fd, .events = POLLIN},
		};

		if (poll(ends, STR_COUNT(ends), (int)left_ms) > 0) {
			if (ends[0].revents)
				return true;
			if (ends[1].revents && !drain(&child->out))
				shut_pipe(&child->out);
			if (ends[2].revents && !drain(&child->err))
				shut_pipe(&child->err);
		}
		left_ms = until_ms - loop_now_ms();
	}
	return false;
}

static void stop_child(struct child *child)
{
	if (child->timer)
		loop_cancel(child->supervisor->loop, child->timer);
	child->timer = 0;
	if (!child->pid)
		return;
	kill(child->pid, SIGTERM);
	if (!wait_for(child, SUPERVISE_STOP_MS)) {
		child->supervisor->listener.line(child->supervisor->listener.context,
						 child->name, false,
						 "did not stop in time; killed");
		kill(child->pid, SIGKILL);
	}
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(child);
}

void supervisor_stop(struct supervisor *supervisor)
{
	supervisor->over = true;
	for (size_t i = supervisor->count; i > 0; i--)
		stop_child(&supervisor->children[i - 1]);
}

void supervisor_destroy(struct supervisor *supervisor)
{
	if (!supervisor)
		return;
	supervisor_stop(supervisor);
	for (size_t i = 0; i < supervisor->count; i++) {
		for (size_t j = 0; j < STR_COUNT(supervisor->children[i].words); j++)
			free(supervisor->children[i].words[j]);
	}
	free(supervisor);
}

pid_t supervisor_pid(const struct supervisor *supervisor, const char *name)
{
	for (size_t i = 0; i < supervisor->count; i++) {
		if (str_equal(supervisor->children[i].name, name))
			return supervisor->children[i].pid;
	}
	return 0;
}

size_t supervisor_count(const struct supervisor *supervisor)
{
	return supervisor->count;
}

struct supervise_child supervisor_child(const struct supervisor *supervisor, size_t index)
{
	const struct child *child = &supervisor->children[index];

	must(index < supervisor->count);
	return (struct supervise_child){
		.name = child->name,
		.pid = child->pid,
		.starts = child->starts,
	};
}
