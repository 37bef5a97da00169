/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_alone - see the header. */
#include "cli/keeper_alone.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/new_owner.h"
#include "domain/capability.h"

extern char **environ;

enum {
	START_MS = 30000,
	STEP_MS = 5,
	ANSWER_MS = 30000,
	TOGETHER = 3, /* recordings on their way at a time */
	CODE_BYTES_MAX = 64,
	OPEN_FILES = 16,
};

static const char PASSPHRASE[] = KEEPER_ALONE_PASSPHRASE;
static const char MEMORY[] = "/dev/shm";
static const char FIRST[] = KEEPER_ALONE_FIRST;

static enum err open_hub(struct keeper_alone *keeper, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	must(file_join(path, sizeof(path), keeper->paths.run, "keeper/hub.sock"));
	return link_client_open(path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, "hub",
				ANSWER_MS, &keeper->hub, note);
}

static enum err spawn(struct keeper_alone *keeper, struct err_note *note)
{
	posix_spawn_file_actions_t files;
	char data[] = "--data";
	char *words[] = {keeper->program, data, keeper->folder, NULL};
	int result;

	if (posix_spawn_file_actions_init(&files) != 0)
		return ERR_MEMORY;
	result = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null",
						  O_WRONLY, 0);
	if (result == 0)
		result = posix_spawn(&keeper->pid, keeper->program, &files, NULL, words,
				     environ);
	(void)posix_spawn_file_actions_destroy(&files);
	return result == 0 ? OK
			   : err_say(ERR_IO, note, "%s: %s", keeper->program,
				     strerror(result));
}

enum err keeper_alone_start(struct keeper_alone *keeper, struct err_note *note)
{
	const int64_t until_ms = loop_now_ms() + START_MS;
	enum err err = spawn(keeper, note);

	while (!err && open_hub(keeper, NULL) != OK) {
		if (waitpid(keeper->pid, NULL, WNOHANG) != 0) {
			keeper->pid = 0;
			return err_say(ERR_IO, note, "the keeper ended at its start");
		}
		if (loop_now_ms() > until_ms)
			return err_say(ERR_TIMEOUT, note, "the keeper does not start");
		(void)poll(NULL, 0, STEP_MS);
	}
	return err;
}

enum err keeper_alone_stop(struct keeper_alone *keeper, struct err_note *note)
{
	int status = 0;
	pid_t pid = keeper->pid;

	link_client_close(keeper->hub);
	keeper->hub = NULL;
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
			has_memory && !is_on_disk ? MEMORY : "/tmp"));
	if (!mkdtemp(keeper->folder)) {
		keeper->folder[0] = '\0';
		return err_say(ERR_IO, note, "/tmp: no folder can be made there");
	}
	err = paths_find(keeper->folder, &keeper->paths, note);
	return err ? err : keeper_alone_start(keeper, note);
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

enum err keeper_alone_sign_in(struct keeper_alone *keeper, const char *name,
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
	enum err err = OK;

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
