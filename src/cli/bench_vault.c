/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vault costs, over the sockets of a real keeper on a real disk: recordings a second
 * that are durable, as a share of what the disk alone does with the same bytes and as many
 * syncs; the first page of a long history; how soon the keeper is there after kill -9.
 *
 * The disk alone is measured in the same folder, by turns with the keeper: what else the
 * machine does meanwhile slows both.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_keeper.h"
#include "cli/client.h"
#include "cli/history.h"
#include "domain/policy.h"

enum {
	RECORDINGS = 20000,
	SAMPLES = 6144, /* 12 KB */
	RECORDING_BYTES = SAMPLES * 2,
	OF_SHORT_RUN = 2000,
	SHORT_SAMPLES = 160, /* of what only makes a history long */
	HISTORY_ROWS = 20,
	TIMES = 9,
	STARTS = 9,
	ANSWER_MS = 60000,
	SLICES = 10,
};

/* Recordings on their way at once. */
static const unsigned WINDOWS[] = {1, 4, 32};

static const char *const takes[] = {"recordings", NULL};

struct work {
	struct bench_run *run;
	struct keeper_alone keeper;
	uint64_t token;
	size_t samples; /* of each */
	int16_t sound[SAMPLES];
};

/* A figure of so many on their way at once: "ingest_32_per_s". */
static void add(struct work *work, const char *of, unsigned window, const char *what,
		double value, int decimals, const char *words)
{
	char name[BENCH_NAME_BYTES];

	must(str_format(name, sizeof(name), "%s_%u_%s", of, window, what));
	bench_add(work->run, name, value, decimals, words);
}

/* --- the disk alone --------------------------------------------------------------------- */

static enum err write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t part = write(fd, bytes, size);

		if (part <= 0)
			return ERR_IO;
		bytes += part;
		size -= (size_t)part;
	}
	return OK;
}

/* Seconds for so many recordings with so many syncs. */
static enum err time_disk(const struct work *work, uint64_t recordings, uint64_t syncs,
			  double *out_seconds, struct err_note *note)
{
	const uint64_t bytes = recordings * RECORDING_BYTES;
	const size_t part = (size_t)(bytes / syncs);
	uint8_t *random = malloc(part);
	char path[FILE_PATH_BYTES];
	double began;
	enum err err = random ? OK : ERR_MEMORY;
	int fd;

	must(file_join(path, sizeof(path), work->keeper.folder, "disk"));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (size_t i = 0; random && i < part; i++)
		random[i] = (uint8_t)((i * 2654435761u) >> 13);
	began = bench_keeper_now();
	for (uint64_t i = 0; !err && i < syncs; i++) {
		err = fd >= 0 ? write_all(fd, random, part) : ERR_IO;
		if (!err && fdatasync(fd) != 0)
			err = ERR_IO;
	}
	*out_seconds = bench_keeper_now() - began;
	if (fd >= 0)
		(void)close(fd);
	(void)unlink(path);
	free(random);
	return err ? err_say(err, note, "%s: cannot be written", path) : OK;
}

/* --- taking recordings in --------------------------------------------------------------- */

static enum err send_one(struct work *work, struct link_client *client,
			 struct err_note *note)
{
	struct wire_seal_begin begin = {.room = KEEPER_ALONE_FIRST,
					.transcript = "turn on the light in the kitchen",
					.samples = (uint32_t)work->samples};
	const struct wire_seal_sound sound = {.token = ++work->token,
					      .pcm = wire_from_samples((
						      struct audio_span){work->sound,
									 work->samples})};
	const struct wire_seal_end end = {.token = work->token};
	enum err err;

	begin.token = work->token;
	begin.at_ms = (int64_t)1700000000000 + (int64_t)work->token;
	begin.turn = (uint64_t)begin.at_ms << 16;
	err = link_client_send_seal_begin(client, &begin, note);
	if (!err)
		err = link_client_send_seal_sound(client, &sound, note);
	if (!err)
		err = link_client_send_seal_end(client, &end, note);
	return err;
}

static enum err take_one(struct link_client *client, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err;

	do
		err = link_client_wait(client, ANSWER_MS, &message, note);
	while (!err && message->type != WIRE_done);
	if (!err && message->done.err != OK)
		err = err_say((enum err)message->done.err, note,
			      "a recording was not taken: %s",
			      err_words((enum err)message->done.err));
	return err;
}

/* So many, with at most window of them on their way. */
static enum err ingest(struct work *work, struct link_client *client, uint64_t count,
		       unsigned window, struct err_note *note)
{
	uint64_t sent = 0;
	uint64_t taken = 0;
	enum err err = OK;

	while (!err && taken < count) {
		if (sent < count && sent - taken < window) {
			err = send_one(work, client, note);
			sent++;
		} else {
			err = take_one(client, note);
			taken++;
		}
	}
	return err;
}

struct measured {
	uint64_t recordings;
	double seconds;
	double cpu_seconds;
	uint64_t batches;
	double disk_seconds;
};

static enum err time_ingest(struct work *work, unsigned window, struct measured *measured,
			    struct err_note *note)
{
	struct link_client *client = NULL;
	uint64_t before = 0;
	double began;
	double cpu;
	enum err err = keeper_alone_hub(&work->keeper, &client, note);

	if (!err)
		err = bench_keeper_batches(&work->keeper, &before, note);
	cpu = bench_keeper_cpu(&work->keeper);
	began = bench_keeper_now();
	if (!err)
		err = ingest(work, client, measured->recordings, window, note);
	measured->seconds = bench_keeper_now() - began;
	measured->cpu_seconds = bench_keeper_cpu(&work->keeper) - cpu;
	if (!err)
		err = bench_keeper_batches(&work->keeper, &measured->batches, note);
	measured->batches -= before;
	link_client_close(client);
	return err;
}

/* By turns, in slices: what else the machine does meanwhile hits both alike. */
static enum err time_both(struct work *work, unsigned window, uint64_t recordings,
			  struct measured *sum, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < SLICES; i++) {
		struct measured slice = {.recordings = recordings / SLICES};

		err = time_ingest(work, window, &slice, note);
		if (!err)
			err = time_disk(work, slice.recordings, slice.batches,
					&slice.disk_seconds, note);
		sum->recordings += slice.recordings;
		sum->batches += slice.batches;
		sum->seconds += slice.seconds;
		sum->cpu_seconds += slice.cpu_seconds;
		sum->disk_seconds += slice.disk_seconds;
	}
	return err;
}

static enum err measure_window(struct work *work, unsigned window, uint64_t recordings,
			       struct err_note *note)
{
	struct measured sum = {.recordings = 0};
	const enum err err = time_both(work, window, recordings, &sum, note);
	const double count = (double)sum.recordings;

	if (err)
		return err;
	add(work, "ingest", window, "per_s", count / sum.seconds, 0,
	    "recordings of 12 KB, durable");
	add(work, "ingest", window, "per_sync", count / (double)sum.batches, 1,
	    "recordings in one batch, on the average");
	add(work, "disk", window, "per_s", count / sum.disk_seconds, 0,
	    "the same bytes and syncs, and nothing else");
	add(work, "ingest", window, "percent", 100 * sum.disk_seconds / sum.seconds, 1,
	    "at least 70 asked for");
	add(work, "ingest", window, "cpu_us", 1e6 * sum.cpu_seconds / count, 1,
	    "of the keeper, for each");
	return OK;
}

/* --- the first page of the history ------------------------------------------------------ */

/* Up to so many; how long one of them is says nothing about its page. */
static enum err lengthen_history(struct work *work, uint64_t recordings,
				 struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = keeper_alone_hub(&work->keeper, &client, note);

	work->samples = SHORT_SAMPLES;
	if (!err && recordings > work->token)
		err = ingest(work, client, recordings - work->token, 32, note);
	work->samples = SAMPLES;
	link_client_close(client);
	return err;
}

static enum err measure_history(struct work *work, uint64_t recordings,
				struct err_note *note)
{
	const struct wire_history_get get = history_newest(HISTORY_ROWS);
	struct link_client *client = NULL;
	double times[TIMES];
	enum err err =
		keeper_alone_sign_in(&work->keeper, KEEPER_ALONE_FIRST, &client, note);

	for (size_t i = 0; !err && i < TIMES; i++) {
		const double began = bench_keeper_now();
		struct history history;

		err = history_get(client, &get, &history, note);
		times[i] = (bench_keeper_now() - began) * 1e3;
		if (!err)
			history_finish(&history);
	}
	link_client_close(client);
	if (err)
		return err;
	bench_add(work->run, "history_recordings", (double)recordings, 0,
		  "in the vault; 1000000 with --recordings 1000000");
	bench_add(work->run, "history_page_ms", bench_percentile(times, TIMES, 50), 2,
		  "the newest 20 turns with their words; at most 20 asked for");
	return OK;
}

/* --- after kill -9 ---------------------------------------------------------------------- */

static enum err measure_starts(struct work *work, struct err_note *note)
{
	double times[STARTS];
	enum err err = OK;

	for (size_t i = 0; !err && i < STARTS; i++) {
		struct link_client *client = NULL;

		err = keeper_alone_hub(&work->keeper, &client, note);
		/* What it has to find again. */
		if (!err)
			err = ingest(work, client, 100, 32, note);
		link_client_close(client);
		keeper_alone_kill(&work->keeper);
		if (!err)
			err = keeper_alone_start(&work->keeper, &times[i], note);
	}
	if (err)
		return err;
	bench_add(work->run, "ready_ms", bench_percentile(times, STARTS, 50), 1,
		  "after kill -9, until it greets");
	bench_add(work->run, "ready_max_ms", bench_percentile(times, STARTS, 100), 1,
		  "at most 300 asked for");
	return OK;
}

static enum err measure(struct work *work, uint64_t recordings, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(WINDOWS); i++)
		err = measure_window(work, WINDOWS[i],
				     WINDOWS[i] == 1 ? OF_SHORT_RUN : RECORDINGS / 2,
				     note);
	if (!err)
		err = lengthen_history(work, recordings, note);
	if (!err)
		err = measure_history(work, recordings, note);
	if (!err)
		err = measure_starts(work, note);
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	const uint64_t recordings =
		(uint64_t)args_number(run->args, "recordings", RECORDINGS + OF_SHORT_RUN);
	struct work *work = calloc(1, sizeof(*work));
	enum err err = ERR_MEMORY;

	if (!work)
		return err;
	work->run = run;
	work->samples = SAMPLES;
	for (size_t i = 0; i < SAMPLES; i++)
		work->sound[i] = (int16_t)(i * 37);
	err = bench_keeper_open(&work->keeper, note);
	if (!err)
		err = measure(work, recordings, note);
	keeper_alone_close(&work->keeper);
	free(work);
	return err;
}

const struct bench bench_vault = {
	.name = "vault",
	.summary =
		"recordings that are durable, the first page of a history, a new start",
	.takes = takes,
	.run = run,
};
