/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_alone - see the header. */
#include "cli/keeper_alone.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/new_owner.h"
#include "domain/capability.h"

enum {
	START_MS = 60000,
	STEP_MS = 1,
	ANSWER_MS = 30000,
	TOGETHER = 3, /* recordings on their way at a time */
	CODE_BYTES_MAX = 64,
	OPEN_FILES = 16,
	NOT_THERE = 127, /* as a shell says it */
};

static const char PASSPHRASE[] = KEEPER_ALONE_PASSPHRASE;
static const char MEMORY[] = "/dev/shm";
static const char FIRST[] = KEEPER_ALONE_FIRST;

enum err keeper_alone_hub(const struct keeper_alone *keeper,
			  struct link_client **out_client, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	must(file_join(path, sizeof(path), keeper->paths.run, "keeper/hub.sock"));
	return link_client_open(path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, "hub",
				ANSWER_MS, out_client, note);
}

/* Whatever becomes of this program, the child goes with it. */
static void become(const struct keeper_alone *keeper, const char *log)
{
	const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd >= 0)
		(void)dup2(fd, STDERR_FILENO);
	(void)execl(keeper->program, keeper->program, "--data", keeper->folder,
		    (char *)NULL);
	_exit(NOT_THERE);
}

static enum err spawn(struct keeper_alone *keeper, struct err_note *note)
{
	char log[FILE_PATH_BYTES];

	must(file_join(log, sizeof(log), keeper->folder, "keeper.log"));
	keeper->pid = fork();
	if (keeper->pid == 0)
		become(keeper, log);
	if (keeper->pid > 0)
		return OK;
	keeper->pid = 0;
	return err_say(ERR_IO, note, "%s: %s", keeper->program, strerror(errno));
}

static double now_ms(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

enum err keeper_alone_start(struct keeper_alone *keeper, double *out_ms,
			    struct err_note *note)
{
	const double began_ms = now_ms();
	struct link_client *client = NULL;
	enum err err = spawn(keeper, note);
	double ms = 0;

	while (!err && keeper_alone_hub(keeper, &client, NULL) != OK) {
		if (waitpid(keeper->pid, NULL, WNOHANG) != 0) {
			keeper->pid = 0;
			err = err_say(ERR_IO, note,
				      "the keeper ended at its start; see %s/keeper.log",
				      keeper->folder);
		} else if (now_ms() - began_ms > START_MS) {
			err = err_say(ERR_TIMEOUT, note, "the keeper does not start");
		} else {
			(void)poll(NULL, 0, STEP_MS);
		}
	}
	ms = now_ms() - began_ms;
	link_client_close(client);
	if (!err && out_ms)
		*out_ms = ms;
	return err;
}

static void close_hub(struct keeper_alone *keeper)
{
	link_client_close(keeper->hub);
	keeper->hub = NULL;
}

void keeper_alone_kill(struct keeper_alone *keeper)
{
	close_hub(keeper);
	if (keeper->pid == 0)
		return;
	(void)kill(keeper->pid, SIGKILL);
	(void)waitpid(keeper->pid, NULL, 0);
	keeper->pid = 0;
}

enum err keeper_alone_stop(struct keeper_alone *keeper, struct err_note *note)
{
	int status = 0;
	pid_t pid = keeper->pid;

	close_hub(keeper);
	keeper->pid = 0;
	if (pid == 0)
		return OK;
	(void)kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0
		       ? OK
		       : err_say(ERR_IO, note, "the keeper did not end well");
}

enum err keeper_alone_open(struct keeper_alone *keeper, const char *program,
			   bool is_on_disk, struct err_note *note)
{
	const bool has_memory = access(MEMORY, W_OK | X_OK) == 0;
	enum err err = OK;

	*keeper = (struct keeper_alone){.pid = 0};
	if (program)
		must(str_copy(keeper->program, sizeof(keeper->program), program));
	else
		err = paths_program("behest-keeper", keeper->program,
				    sizeof(keeper->program), note);
	if (err)
		return err;
	must(str_format(keeper->folder, sizeof(keeper->folder), "%s/behest-alone-XXXXXX",
			has_memory && !is_on_disk ? MEMORY : "/var/tmp"));
	if (!mkdtemp(keeper->folder)) {
		keeper->folder[0] = '\0';
		return err_say(ERR_IO, note, "no folder can be made for a keeper");
	}
	err = paths_find(keeper->folder, &keeper->paths, note);
	return err ? err : keeper_alone_start(keeper, NULL, note);
}

static int remove_one(const char *path, const struct stat *about, int kind,
		      struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

void keeper_alone_close(struct keeper_alone *keeper)
{
	(void)!keeper_alone_stop(keeper, NULL);
	if (keeper->folder[0])
		nftw(keeper->folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	*keeper = (struct keeper_alone){.pid = 0};
}

/* --- owners ----------------------------------------------------------------------------- */

enum err keeper_alone_sign_in(const struct keeper_alone *keeper, const char *name,
			      struct link_client **out_client, struct err_note *note)
{
	struct link_client *client = NULL;
	struct secret *passphrase = NULL;
	enum err err = secret_copy(PASSPHRASE, sizeof(PASSPHRASE), &passphrase);

	if (!err)
		err = client_keeper(&keeper->paths, &client, note);
	if (!err)
		err = client_unlock(client, name, passphrase, note);
	secret_destroy(passphrase);
	if (!err)
		*out_client = client;
	else
		link_client_close(client);
	return err;
}

static enum err read_code(const struct keeper_alone *keeper, char code[CODE_BYTES_MAX],
			  struct err_note *note)
{
	struct buf file;
	enum err err = file_read(keeper->paths.code, CODE_BYTES_MAX - 1, &file, note);

	if (!err)
		must(str_copy_bytes(code, CODE_BYTES_MAX, (const char *)file.bytes,
				    file.size));
	buf_finish(&file);
	str_trim(code);
	return err;
}

static enum err add_room(struct keeper_alone *keeper, const char *name,
			 struct err_note *note)
{
	struct wire_room_set room = {.capabilities = MAY_ALL, .is_private = 1};
	struct link_client *client = NULL;
	enum err err = keeper_alone_sign_in(keeper, name, &client, note);

	must(str_copy(room.room, sizeof(room.room), name));
	if (!err)
		err = link_client_send_room_set(client, &room, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

enum err keeper_alone_add_owner(struct keeper_alone *keeper, const char *name,
				struct err_note *note)
{
	const bool is_first = keeper->owners == 0;
	char recovery[NEW_OWNER_RECOVERY_BYTES];
	char code[CODE_BYTES_MAX] = "";
	struct secret *passphrase = NULL;
	struct link_client *client = NULL;
	enum err err = secret_copy(PASSPHRASE, sizeof(PASSPHRASE), &passphrase);

	must(!is_first || str_equal(name, FIRST));
	if (!err && is_first)
		err = read_code(keeper, code, note);
	if (!err)
		err = is_first ? client_keeper(&keeper->paths, &client, note)
			       : keeper_alone_sign_in(keeper, FIRST, &client, note);
	if (!err)
		err = new_owner_create(client, code, name, passphrase, recovery, note);
	explicit_bzero(recovery, sizeof(recovery));
	link_client_close(client);
	secret_destroy(passphrase);
	keeper->owners += !err;
	return err ? err : add_room(keeper, name, note);
}

/* --- recordings ------------------------------------------------------------------------- */

static uint64_t new_turn(struct keeper_alone *keeper)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	keeper->turns++;
	return ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) << 16 |
	       (keeper->turns & 0xffff);
}

static enum err say_one(struct keeper_alone *keeper,
			const struct keeper_alone_recording *recording,
			struct err_note *note)
{
	const uint64_t turn = new_turn(keeper);
	struct wire_seal_begin begin = {.token = turn,
					.turn = turn,
					.at_ms = (int64_t)(turn >> 16),
					.samples = (uint32_t)recording->sound.count};
	const struct wire_seal_end end = {.token = turn};
	size_t at = 0;
	enum err err;

	must(str_copy(begin.room, sizeof(begin.room), recording->room));
	must(str_copy(begin.transcript, sizeof(begin.transcript), recording->words));
	err = link_client_send_seal_begin(keeper->hub, &begin, note);
	while (!err && at < recording->sound.count) {
		const size_t most = WIRE_PCM_BYTES / sizeof(int16_t);
		const size_t left = recording->sound.count - at;
		const struct audio_span part = {recording->sound.samples + at,
						left < most ? left : most};
		const struct wire_seal_sound sound = {.token = turn,
						      .pcm = wire_from_samples(part)};

		err = link_client_send_seal_sound(keeper->hub, &sound, note);
		at += part.count;
	}
	return err ? err : link_client_send_seal_end(keeper->hub, &end, note);
}

/* What hubs are told unasked is passed over. */
static enum err wait_done(struct keeper_alone *keeper, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err;

	do
		err = link_client_wait(keeper->hub, ANSWER_MS, &message, note);
	while (!err && message->type != WIRE_done && message->type != WIRE_refused);
	if (!err && message->type == WIRE_refused)
		err = client_other(message, note);
	else if (!err && message->done.err)
		err = err_say((enum err)message->done.err, note, "not recorded: %s",
			      err_words((enum err)message->done.err));
	return err;
}

enum err keeper_alone_record(struct keeper_alone *keeper,
			     const struct keeper_alone_recording *recording, size_t count,
			     struct err_note *note)
{
	size_t said = 0;
	enum err err = keeper->hub ? OK : keeper_alone_hub(keeper, &keeper->hub, note);

	for (size_t done = 0; !err && done < count; done++) {
		while (!err && said < count && said - done < TOGETHER) {
			err = say_one(keeper, recording, note);
			said++;
		}
		if (!err)
			err = wait_done(keeper, note);
	}
	return err;
}
