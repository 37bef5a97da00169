/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box - see the header. Knows no questions and no answers, only lines and their limits.
 *
 * Invariants: the child has a pid exactly while it has a pidfd and was not waited for; the
 * child has three descriptors, all of them pipes of this box; what it writes beyond a limit
 * is told once and not read on.
 */
#include "skills/box.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/skill_line.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "skills/box_limits.h"

enum { READ_BYTES = 4096, EXIT_NO_PROGRAM = 127, MEMORY_BYTES = 16, TRY_BYTES = 256 };

struct box {
	struct loop *loop;
	struct box_listener listener;
	pid_t pid;
	int pidfd;
	int in; /* -1 closed, as the following */
	int out;
	int errors;
	size_t out_count; /* bytes since the last question */
	size_t error_count;
	size_t line_size;
	bool is_over; /* nothing is called any more */
	bool is_telling;
	bool is_stopped; /* while it was telling: it is freed after that */
	struct buf queue;
	char line[SKILL_LINE_BYTES_MAX];
};

static const char *const BWRAP[] = {"/usr/bin/bwrap", "/usr/local/bin/bwrap",
				    "/bin/bwrap"};

static const char *find_bwrap(void)
{
	for (size_t i = 0; i < STR_COUNT(BWRAP); i++)
		if (access(BWRAP[i], X_OK) == 0)
			return BWRAP[i];
	return NULL;
}

/* Beside this program, wherever that is. */
static bool find_inner(char to[FILE_PATH_BYTES])
{
	char self[FILE_PATH_BYTES];
	const ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (size <= 0)
		return false;
	self[size] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return file_join(to, FILE_PATH_BYTES, self, "behest-skill-box") &&
	       access(to, X_OK) == 0;
}

/* --- starting --------------------------------------------------------------------------- */

/* What the world in there consists of; the rest is added behind. */
static const char *const WORLD[] = {
	"--unshare-all",
	"--unshare-user",
	"--disable-userns",
	"--die-with-parent",
	"--new-session",
	"--clearenv",
	"--hostname",
	"skill",
	"--cap-drop",
	"ALL",
	"--uid",
	"65534",
	"--gid",
	"65534",
	"--ro-bind",
	"/usr",
	"/usr",
	"--symlink",
	"usr/bin",
	"/bin",
	"--symlink",
	"usr/lib",
	"/lib",
	"--symlink",
	"usr/lib64",
	"/lib64",
};

enum { WORDS_MAX = STR_COUNT(WORLD) + 24 };

struct words {
	size_t count;
	const char *all[WORDS_MAX];
};

static void add(struct words *words, const char *word)
{
	must(words->count + 1 < WORDS_MAX);
	words->all[words->count++] = word;
}

static void add_all(struct words *words, const char *const *more)
{
	for (; *more; more++)
		add(words, *more);
}

static void add_world(struct words *words, const char *inner)
{
	const char *const box[] = {"--ro-bind", inner, "/box", NULL};

	for (size_t i = 0; i < STR_COUNT(WORLD); i++)
		add(words, WORLD[i]);
	add_all(words, box);
}

/* Where memory is short the kernel ends a skill before anything of the house. Where it
 * cannot be asked to, the limits hold all the same. */
static void offer_to_the_kernel(void)
{
	static const char MOST[] = "1000";
	const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, MOST, strlen(MOST));
	close(fd);
}

/* In the child; returns only when it could not become the program. */
static void become(const struct words *words, const int ends[3], pid_t parent)
{
	sigset_t none;
	char *copies[WORDS_MAX] = {NULL};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || sigemptyset(&none) != 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		return;
	offer_to_the_kernel();
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) != i)
			return;
	if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
		return;
	for (size_t i = 0; i < words->count; i++) {
		copies[i] = strdup(words->all[i]);
		if (!copies[i])
			return;
	}
	(void)signal(SIGPIPE, SIG_DFL);
	if (copies[0])
		(void)execv(copies[0], copies);
}

static void shut_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Pipes: [0] is to be read, [1] to be written. Above the three that a child has, so that
 * none is lost while they are put in place. */
static bool open_pipes(int pipes[3][2])
{
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) != 0)
			return false;
		pipes[i][0] = fcntl(ends[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		pipes[i][1] = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(ends[0]);
		close(ends[1]);
		if (pipes[i][0] < 0 || pipes[i][1] < 0)
			return false;
	}
	return true;
}

static void shut_pipes(int pipes[3][2])
{
	for (int i = 0; i < 3; i++) {
		shut_fd(&pipes[i][0]);
		shut_fd(&pipes[i][1]);
	}
}

static pid_t start_child(const struct words *words, int pipes[3][2])
{
	const int ends[] = {pipes[0][0], pipes[1][1], pipes[2][1]};
	const pid_t self = getpid();
	const pid_t pid = fork();

	if (pid == 0) {
		become(words, ends, self);
		_exit(EXIT_NO_PROGRAM);
	}
	return pid;
}

static bool set_quick(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

static void forget(struct loop *loop, int *fd)
{
	if (*fd >= 0)
		loop_forget(loop, *fd);
	shut_fd(fd);
}

static void destroy(struct box *box)
{
	forget(box->loop, &box->pidfd);
	forget(box->loop, &box->in);
	forget(box->loop, &box->out);
	forget(box->loop, &box->errors);
	buf_finish(&box->queue);
	free(box);
}

/* --- what it writes --------------------------------------------------------------------- */

static void offend(struct box *box, enum skill_offence offence)
{
	if (box->is_over)
		return;
	box->is_over = true;
	box->listener.offended(box->listener.context, offence);
}

/* True at the end of a line. */
static bool take_letter(struct box *box, char letter)
{
	if (letter == '\n')
		return true;
	if (box->line_size + 1 >= sizeof(box->line))
		offend(box, SKILL_LONG_LINE);
	else
		box->line[box->line_size++] = letter;
	return false;
}

/* Whoever is told of a line may stop the box. */
static void take_bytes(struct box *box, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size && !box->is_over; i++) {
		if (!take_letter(box, bytes[i]))
			continue;
		const size_t length = box->line_size;

		box->line_size = 0;
		box->listener.line(box->listener.context, box->line, length);
	}
}

static void begin_telling(struct box *box)
{
	must(!box->is_telling);
	box->is_telling = true;
}

static void end_telling(struct box *box)
{
	box->is_telling = false;
	if (box->is_stopped)
		destroy(box);
}

static void on_out(void *context, int fd, unsigned ready)
{
	struct box *box = context;
	char bytes[READ_BYTES];
	const ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)ready;
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) { /* the end is told by the process itself */
		loop_forget(box->loop, fd);
		return;
	}
	begin_telling(box);
	box->out_count += (size_t)got;
	if (box->out_count > BOX_OUTPUT_MAX)
		offend(box, SKILL_FLOOD);
	else
		take_bytes(box, bytes, (size_t)got);
	end_telling(box);
}

static void on_errors(void *context, int fd, unsigned ready)
{
	struct box *box = context;
	char bytes[READ_BYTES];
	const ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)ready;
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		loop_forget(box->loop, fd);
		return;
	}
	begin_telling(box);
	box->error_count += (size_t)got;
	if (box->error_count > BOX_ERRORS_MAX)
		offend(box, SKILL_FLOOD);
	end_telling(box);
}

static void on_in(void *context, int fd, unsigned ready)
{
	struct box *box = context;
	const ssize_t put = write(fd, box->queue.bytes, box->queue.size);

	(void)ready;
	if (put > 0)
		buf_drop(&box->queue, (size_t)put);
	else if (put < 0 && errno != EINTR && errno != EAGAIN)
		buf_clear(&box->queue); /* it is ending, and that is told */
	if (box->queue.size == 0)
		loop_want(box->loop, fd, 0);
}

static void on_end(void *context, int fd, unsigned ready)
{
	struct box *box = context;
	siginfo_t info = {.si_status = 0};

	(void)ready;
	if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
		return;
	loop_forget(box->loop, fd);
	box->pid = 0;
	if (box->is_over)
		return;
	box->is_over = true;
	begin_telling(box);
	box->listener.ended(box->listener.context, info.si_status);
	end_telling(box);
}

/* --- a box's life ----------------------------------------------------------------------- */

static enum err watch(struct box *box)
{
	enum err err = loop_watch(box->loop, box->pidfd, LOOP_READ, on_end, box);

	if (!err)
		err = loop_watch(box->loop, box->in, 0, on_in, box);
	if (!err)
		err = loop_watch(box->loop, box->out, LOOP_READ, on_out, box);
	return err ? err : loop_watch(box->loop, box->errors, LOOP_READ, on_errors, box);
}

static enum err launch(struct box *box, const struct words *words, struct err_note *note)
{
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	enum err err = OK;

	if (!open_pipes(pipes))
		err = ERR_IO;
	if (!err)
		box->pid = start_child(words, pipes);
	if (!err && box->pid < 0) {
		box->pid = 0;
		err = ERR_IO;
	}
	if (!err) {
		box->pidfd = pidfd_open(box->pid, 0);
		box->in = pipes[0][1];
		box->out = pipes[1][0];
		box->errors = pipes[2][0];
		pipes[0][1] = pipes[1][0] = pipes[2][0] = -1;
		if (box->pidfd < 0 || !set_quick(box->in) || !set_quick(box->out) ||
		    !set_quick(box->errors))
			err = ERR_IO;
	}
	shut_pipes(pipes);
	if (!err)
		err = watch(box);
	return err ? err_say(err, note, "a skill's process cannot be started: %s",
			     strerror(errno))
		   : OK;
}

enum err box_start(struct loop *loop, const struct box_plan *plan,
		   const struct box_listener *listener, struct box **out_box,
		   struct err_note *note)
{
	char inner[FILE_PATH_BYTES];
	char program[FILE_PATH_BYTES];
	char memory[MEMORY_BYTES];
	struct words words = {.count = 0};
	struct box *box = NULL;
	const char *bwrap = find_bwrap();
	enum err err;

	if (!bwrap || !find_inner(inner) ||
	    !file_join(program, sizeof(program), "/skill", plan->program))
		return err_say(ERR_MISSING, note,
			       "bubblewrap (bwrap) or behest-skill-box is not there");
	must(str_format(memory, sizeof(memory), "%u", plan->memory_mb));
	const char *const rest[] = {"--ro-bind", plan->folder,   "/skill", "--chdir",
				    "/skill",    "--remount-ro", "/",      "--",
				    "/box",      memory,         program,  NULL};
	add(&words, bwrap);
	add_world(&words, inner);
	add_all(&words, rest);
	box = calloc(1, sizeof(*box));
	if (!box)
		return ERR_MEMORY;
	*box = (struct box){.loop = loop,
			    .listener = *listener,
			    .pidfd = -1,
			    .in = -1,
			    .out = -1,
			    .errors = -1};
	buf_init(&box->queue, BOX_QUEUE_BYTES);
	err = launch(box, &words, note);
	if (err)
		box_stop(box);
	else
		*out_box = box;
	return err;
}

enum err box_write(struct box *box, const void *bytes, size_t size)
{
	const enum err err = buf_add(&box->queue, bytes, size);

	if (!err)
		loop_want(box->loop, box->in, LOOP_WRITE);
	return err;
}

void box_asked(struct box *box)
{
	box->out_count = 0;
}

void box_stop(struct box *box)
{
	if (!box)
		return;
	box->is_over = true;
	if (box->pid > 0) {
		(void)kill(box->pid, SIGKILL);
		while (waitpid(box->pid, NULL, 0) < 0 && errno == EINTR)
			;
		box->pid = 0;
	}
	if (box->is_telling)
		box->is_stopped = true;
	else
		destroy(box);
}

/* --- whether it can be shut -------------------------------------------------------------- */

static size_t read_errors(int fd, char to[TRY_BYTES])
{
	size_t size = 0;
	ssize_t got;

	while (size + 1 < TRY_BYTES &&
	       (got = read(fd, to + size, TRY_BYTES - 1 - size)) > 0)
		size += (size_t)got;
	to[size] = '\0';
	to[strcspn(to, "\n")] = '\0';
	str_clean(to);
	return size;
}

enum err box_try(struct err_note *note)
{
	const char *const rest[] = {"--remount-ro", "/", "--", "/box", BOX_TRY, NULL};
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	char inner[FILE_PATH_BYTES];
	char said[TRY_BYTES] = "";
	struct words words = {.count = 0};
	const char *bwrap = find_bwrap();
	int status = -1;
	pid_t pid;

	if (!bwrap || !find_inner(inner))
		return err_say(ERR_MISSING, note,
			       "bubblewrap (bwrap) or behest-skill-box is not there");
	add(&words, bwrap);
	add_world(&words, inner);
	add_all(&words, rest);
	pid = open_pipes(pipes) ? start_child(&words, pipes) : -1;
	shut_fd(&pipes[2][1]);
	if (pid > 0) {
		(void)read_errors(pipes[2][0], said);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	shut_pipes(pipes);
	if (status == 0)
		return OK;
	return err_say(ERR_UNSUPPORTED, note, "%s",
		       said[0] ? said : "bubblewrap cannot be started");
}
