/* SPDX-License-Identifier: Apache-2.0 */
/* Puts up a keeper for a measurement and takes it down again. */
#include "cli/bench_keeper.h"

#include <fcntl.h>
#include <ftw.h>
#include <math.h>
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
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/new_owner.h"

enum {
	START_MS = 60000,
	STEP_MS = 1,
	OPEN_FILES = 16,
	CODE_BYTES = 64,
	STAT_BYTES = 1024,
	FIELDS_BEFORE_TIMES = 12,
	DECIMAL = 10,
	STATUS_BYTES = 65536,
};

static const char PASSPHRASE[] = "benchmark passphrase";

double bench_keeper_now(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the program ------------------------------------------------------------------------ */

static enum err spawn(struct bench_keeper *keeper, struct err_note *note)
{
	char program[FILE_PATH_BYTES];
	char log[FILE_PATH_BYTES];
	enum err err = paths_program("behest-keeper", program, sizeof(program), note);

	if (err)
		return err;
	must(file_join(log, sizeof(log), keeper->folder, "keeper.log"));
	keeper->pid = fork();
	if (keeper->pid < 0) {
		keeper->pid = 0;
		return err_say(ERR_IO, note, "%s cannot be started", program);
	}
	if (keeper->pid == 0) {
		const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fd >= 0)
			(void)dup2(fd, STDERR_FILENO);
		(void)execl(program, program, "--data", keeper->paths.data, (char *)NULL);
		_exit(127);
	}
	return OK;
}

void bench_keeper_kill(struct bench_keeper *keeper)
{
	if (keeper->pid == 0)
		return;
	(void)kill(keeper->pid, SIGKILL);
	(void)waitpid(keeper->pid, NULL, 0);
	keeper->pid = 0;
}

enum err bench_keeper_hub(const struct bench_keeper *keeper,
			  struct link_client **out_client, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	must(file_join(path, sizeof(path), keeper->paths.run, "keeper/hub.sock"));
	return link_client_open(path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, "bench",
				CLIENT_GREET_MS, out_client, note);
}

enum err bench_keeper_start(struct bench_keeper *keeper, double *out_ms,
			    struct err_note *note)
{
	const double began = bench_keeper_now();
	struct link_client *client = NULL;
	enum err err = spawn(keeper, note);
	double ms = 0;

	while (!err && bench_keeper_hub(keeper, &client, NULL) != OK) {
		if (waitpid(keeper->pid, NULL, WNOHANG) == keeper->pid) {
			keeper->pid = 0;
			err = err_say(ERR_IO, note, "the keeper ended; see %s/keeper.log",
				      keeper->folder);
		} else if ((bench_keeper_now() - began) * 1e3 > START_MS) {
			err = err_say(ERR_TIMEOUT, note, "the keeper does not greet");
		} else {
			(void)poll(NULL, 0, STEP_MS);
		}
	}
	ms = (bench_keeper_now() - began) * 1e3;
	link_client_close(client);
	if (!err && out_ms)
		*out_ms = ms;
	return err;
}

/* --- the house -------------------------------------------------------------------------- */

enum err bench_keeper_owner(const struct bench_keeper *keeper,
			    struct link_client **out_client, struct err_note *note)
{
	enum err err = client_keeper(&keeper->paths, out_client, note);

	if (!err)
		err = client_unlock(*out_client, BENCH_KEEPER_OWNER, keeper->passphrase,
				    note);
	return err;
}

static enum err make_owner(const struct bench_keeper *keeper, struct err_note *note)
{
	char recovery[NEW_OWNER_RECOVERY_BYTES];
	struct link_client *client = NULL;
	struct buf code;
	enum err err = file_read(keeper->paths.code, CODE_BYTES, &code, note);

	if (err)
		return err;
	str_trim((char *)code.bytes);
	err = client_keeper(&keeper->paths, &client, note);
	if (!err)
		err = new_owner_create(client, (const char *)code.bytes,
				       BENCH_KEEPER_OWNER, keeper->passphrase, recovery,
				       note);
	link_client_close(client);
	buf_finish(&code);
	return err;
}

static enum err make_room(const struct bench_keeper *keeper, struct err_note *note)
{
	const struct wire_room_set room = {.room = BENCH_KEEPER_ROOM,
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	struct link_client *client = NULL;
	enum err err = bench_keeper_owner(keeper, &client, note);

	if (!err)
		err = link_client_send_room_set(client, &room, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

enum err bench_keeper_open(struct bench_keeper *keeper, struct err_note *note)
{
	enum err err;

	memset(keeper, 0, sizeof(*keeper));
	must(str_copy(keeper->folder, sizeof(keeper->folder),
		      "/var/tmp/behest-bench-XXXXXX"));
	if (!mkdtemp(keeper->folder)) {
		keeper->folder[0] = '\0';
		return err_say(ERR_IO, note, "/var/tmp: no folder can be made there");
	}
	err = paths_find(keeper->folder, &keeper->paths, note);
	if (!err)
		err = secret_copy(PASSPHRASE, sizeof(PASSPHRASE), &keeper->passphrase);
	if (!err)
		err = bench_keeper_start(keeper, NULL, note);
	if (!err)
		err = make_owner(keeper, note);
	if (!err)
		err = make_room(keeper, note);
	return err;
}

static int remove_one(const char *path, const struct stat *about, int kind,
		      struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

void bench_keeper_close(struct bench_keeper *keeper)
{
	bench_keeper_kill(keeper);
	secret_destroy(keeper->passphrase);
	if (keeper->folder[0])
		(void)nftw(keeper->folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	memset(keeper, 0, sizeof(*keeper));
}

/* --- what it used ----------------------------------------------------------------------- */

double bench_keeper_cpu(const struct bench_keeper *keeper)
{
	char path[64];
	char text[STAT_BYTES] = "";
	unsigned long ticks;
	const char *at;
	char *rest;
	FILE *file;

	must(str_format(path, sizeof(path), "/proc/%d/stat", (int)keeper->pid));
	file = fopen(path, "re");
	if (!file)
		return NAN;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	at = strrchr(text, ')'); /* the name may hold anything */
	for (int i = 0; at && i < FIELDS_BEFORE_TIMES; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return NAN;
	ticks = strtoul(at, &rest, DECIMAL);    /* user */
	ticks += strtoul(rest, &rest, DECIMAL); /* system */
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

enum err bench_keeper_batches(const struct bench_keeper *keeper, uint64_t *out_batches,
			      struct err_note *note)
{
	const struct wire_status_get get = {.unused = 0};
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	struct json *json = NULL;
	enum err err = client_keeper(&keeper->paths, &client, note);

	if (!err)
		err = link_client_send_status_get(client, &get, note);
	if (!err)
		err = client_expect(client, WIRE_status, &message, note);
	if (!err)
		err = json_parse("the keeper's status", message->status.json,
				 strlen(message->status.json), STATUS_BYTES, &json, note);
	if (!err)
		*out_batches =
			(uint64_t)json_number(json_get(json_root(json), "batches"), 0);
	json_destroy(json);
	link_client_close(client);
	return err;
}
