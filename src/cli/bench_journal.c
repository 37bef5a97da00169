/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the journal costs, over the sockets of a real keeper on a real disk: how long one
 * entry takes until it is durable, beside what the disk alone takes for a sync, by turns; and
 * how many entries a second verify walks, where they came in large batches and where each
 * came alone.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_keeper.h"

enum {
	APPENDS = 3000,
	ENTRIES = 300000,
	AT_ONCE = 240, /* two batches: one is written while the next gathers */
	TIMES = 5,
	SYNC_BYTES = 4096,
	ANSWER_MS = 600000,
};

struct work {
	struct bench_run *run;
	struct keeper_alone keeper;
	struct link_client *hub;
	uint64_t token;
	int fd; /* the disk alone */
};

/* As a turn's decision is, with its fields. */
static enum err send_one(struct work *work, struct err_note *note)
{
	struct wire_append said = {.token = ++work->token};

	event_init(&said.event, EVENT_DECIDED, (struct turn_id){work->token},
		   KEEPER_ALONE_FIRST, 1700000000000 + (int64_t)work->token);
	event_add(&said.event, "decision", "act");
	event_add(&said.event, "reason", "NONE");
	event_add(&said.event, "intent", "HassTurnOn");
	return link_client_send_append(work->hub, &said, note);
}

static enum err take_done(struct work *work, uint64_t token, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err;

	do
		err = link_client_wait(work->hub, ANSWER_MS, &message, note);
	while (!err && (message->type != WIRE_done || message->done.token != token));
	if (!err && message->done.err != OK)
		err = err_say((enum err)message->done.err, note,
			      "an entry was not taken: %s",
			      err_words((enum err)message->done.err));
	return err;
}

/* --- one entry -------------------------------------------------------------------------- */

static enum err sync_once(const struct work *work, double *out_ms, struct err_note *note)
{
	static const uint8_t bytes[SYNC_BYTES] = {1};
	const double began = bench_keeper_now();

	if (write(work->fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
	    fsync(work->fd) != 0)
		return err_say(ERR_IO, note, "%s: cannot be written",
			       work->keeper.folder);
	*out_ms = 1000 * (bench_keeper_now() - began);
	return OK;
}

static enum err append_once(struct work *work, double *out_ms, struct err_note *note)
{
	const double began = bench_keeper_now();
	enum err err = send_one(work, note);

	if (!err)
		err = take_done(work, work->token, note);
	*out_ms = 1000 * (bench_keeper_now() - began);
	return err;
}

/* By turns, so that whatever else slows the disk slows both. */
static enum err measure_append(struct work *work, struct err_note *note)
{
	static double syncs[APPENDS];
	static double appends[APPENDS];
	double sync_ms;
	double append_ms;
	enum err err = OK;

	for (size_t i = 0; !err && i < APPENDS; i++) {
		err = sync_once(work, &syncs[i], note);
		if (!err)
			err = append_once(work, &appends[i], note);
	}
	if (err)
		return err;
	bench_add(work->run, "fsync_p50_ms", bench_percentile(syncs, APPENDS, 50), 3,
		  "4 KiB and fsync, the disk alone");
	bench_add(work->run, "append_p50_ms", bench_percentile(appends, APPENDS, 50), 3,
		  "one entry, until it is durable");
	sync_ms = bench_percentile(syncs, APPENDS, 99);
	append_ms = bench_percentile(appends, APPENDS, 99);
	bench_add(work->run, "fsync_p99_ms", sync_ms, 3, "");
	bench_add(work->run, "append_p99_ms", append_ms, 3, "");
	bench_add(work->run, "append_p99_ratio", append_ms / sync_ms, 2,
		  "at most 2 asked for");
	return OK;
}

/* --- verification ----------------------------------------------------------------------- */

static enum err append_many(struct work *work, uint64_t count, struct err_note *note)
{
	const uint64_t end = work->token + count;
	uint64_t answered = work->token;
	enum err err = OK;

	while (!err && answered < end) {
		while (!err && work->token < end && work->token - answered < AT_ONCE)
			err = send_one(work, note);
		answered += AT_ONCE / 2;
		if (answered > work->token)
			answered = work->token;
		if (!err)
			err = take_done(work, answered, note);
	}
	return err;
}

/* What one walk took, on the wall and of the keeper's time. */
struct spent {
	double seconds;
	double cpu_seconds;
};

static enum err verify_once(const struct work *work, uint64_t *out_entries,
			    struct spent *out_spent, struct err_note *note)
{
	static const struct wire_verify_get get;
	const struct wire_message *message = NULL;
	struct link_client *owner = NULL;
	double began;
	enum err err =
		keeper_alone_sign_in(&work->keeper, KEEPER_ALONE_FIRST, &owner, note);

	out_spent->cpu_seconds = -bench_keeper_cpu(&work->keeper);
	began = bench_keeper_now();
	if (!err)
		err = link_client_send_verify_get(owner, &get, note);
	do {
		if (!err)
			err = link_client_wait(owner, ANSWER_MS, &message, note);
	} while (!err && message->type == WIRE_verify_progress);
	out_spent->seconds = bench_keeper_now() - began;
	out_spent->cpu_seconds += bench_keeper_cpu(&work->keeper);
	if (!err && (message->type != WIRE_verified || !message->verified.whole))
		err = err_say(ERR_FORMAT, note, "the journal is not whole: %s",
			      message->type == WIRE_verified ? message->verified.trouble
							     : "no answer");
	if (!err)
		*out_entries = message->verified.entries;
	link_client_close(owner);
	return err;
}

/* By the clock on the wall, and by the keeper's own time on a core: on a machine that does
 * other things meanwhile the two differ. */
static enum err measure_verify(struct work *work, const char *of, const char *words,
			       struct err_note *note)
{
	char name[BENCH_NAME_BYTES];
	double rates[TIMES];
	uint64_t entries = 0;
	double cpu_seconds = 0;
	enum err err = OK;

	for (size_t i = 0; !err && i < TIMES; i++) {
		struct spent spent = {.seconds = 0};

		err = verify_once(work, &entries, &spent, note);
		rates[i] = (double)entries / spent.seconds;
		cpu_seconds += spent.cpu_seconds;
	}
	if (err)
		return err;
	must(str_format(name, sizeof(name), "%s_entries_per_s", of));
	bench_add(work->run, name, bench_percentile(rates, TIMES, 50), 0, words);
	must(str_format(name, sizeof(name), "%s_entries_per_cpu_s", of));
	bench_add(work->run, name, TIMES * (double)entries / cpu_seconds, 0,
		  "of the keeper's own time on one core");
	return OK;
}

/* --- starting --------------------------------------------------------------------------- */

/* It has the newest checkpoint to read, and no more the longer the journal is. */
static enum err measure_start(struct work *work, struct err_note *note)
{
	double ms[TIMES];
	enum err err = OK;

	link_client_close(work->hub);
	work->hub = NULL;
	for (size_t i = 0; !err && i < TIMES; i++) {
		keeper_alone_kill(&work->keeper);
		err = keeper_alone_start(&work->keeper, &ms[i], note);
	}
	if (!err)
		bench_add(work->run, "ready_ms", bench_percentile(ms, TIMES, 50), 1,
			  "after kill -9, with all of that; at most 300 asked for");
	return err;
}

static enum err open_all(struct work *work, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = bench_keeper_open(&work->keeper, note);

	if (!err)
		err = keeper_alone_hub(&work->keeper, &work->hub, note);
	if (err)
		return err;
	must(file_join(path, sizeof(path), work->keeper.folder, "disk"));
	work->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return work->fd >= 0 ? OK : err_say(ERR_IO, note, "%s: cannot be made", path);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work *work = calloc(1, sizeof(*work));
	double began;
	enum err err = work ? OK : ERR_MEMORY;

	if (err)
		return err;
	work->run = run;
	work->fd = -1;
	err = open_all(work, note);
	if (!err)
		err = measure_append(work, note);
	if (!err)
		err = measure_verify(work, "verify_alone",
				     "each entry with a checkpoint of its own", note);
	began = bench_keeper_now();
	if (!err)
		err = append_many(work, ENTRIES, note);
	if (!err)
		bench_add(run, "append_entries_per_s",
			  ENTRIES / (bench_keeper_now() - began), 0,
			  "240 on their way at once");
	if (!err)
		err = measure_verify(work, "verify", "at least 1000000 asked for", note);
	if (!err)
		err = measure_start(work, note);
	if (work->fd >= 0)
		(void)close(work->fd);
	link_client_close(work->hub);
	keeper_alone_close(&work->keeper);
	free(work);
	return err;
}

const struct bench bench_journal = {
	.name = "journal",
	.summary = "time of one journal entry, and entries verified in a second",
	.run = run,
};
