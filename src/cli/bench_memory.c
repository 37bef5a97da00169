/* SPDX-License-Identifier: Apache-2.0 */
/* Resident memory of hub and keeper, with models loaded and after a request. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_house.h"
#include "cli/client.h"

enum { SETTLE_MS = 4000, KB_PER_MB = 1024, LINE_BYTES = 256 };

static const char KEY[] = "VmRSS:"; /* in kB */

static double resident_mb(pid_t pid)
{
	char path[64];
	char line[LINE_BYTES];
	FILE *file;
	double kb = NAN;

	(void)str_format(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return NAN;
	while (fgets(line, sizeof(line), file)) {
		if (!str_starts(line, KEY))
			continue;
		kb = strtod(line + sizeof(KEY) - 1, NULL);
		break;
	}
	fclose(file);
	return kb / KB_PER_MB;
}

static enum err ask_once(struct bench_house *house, struct err_note *note)
{
	struct wire_text text = {.token = 1, .words = "turn on the kitchen light"};
	const struct wire_message *answer = NULL;
	struct link_client *client = NULL;
	enum err err = client_hub(&house->paths, &client, note);

	if (!err)
		err = link_client_send_text(client, &text, note);
	if (!err)
		err = client_expect(client, WIRE_turn, &answer, note);
	link_client_close(client);
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct bench_house house;
	double hub;
	double keeper;
	enum err err = bench_house_open(&house, note);

	if (!err)
		err = bench_house_wait(&house, SETTLE_MS, NULL, note);
	if (!err)
		err = ask_once(&house, note);
	if (err)
		goto out;
	hub = resident_mb(house_pid(house.house, "hub"));
	keeper = resident_mb(house_pid(house.house, "keeper"));
	bench_add(run, "hub_mb", hub, 1, "resident, models loaded");
	bench_add(run, "keeper_mb", keeper, 1, "resident");
	bench_add(run, "hub_and_keeper_mb", hub + keeper, 1, "at most 150 asked for");
	bench_add(run, "room_mb", resident_mb(house_pid(house.house, "room")), 1,
		  "resident");
out:
	bench_house_close(&house);
	return err;
}

const struct bench bench_memory = {
	.name = "memory",
	.summary = "resident memory of a household at rest",
	.run = run,
};
