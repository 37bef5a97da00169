/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time of a household to which nobody speaks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_house.h"

enum {
	SETTLE_MS = 5000,
	MEASURE_MS = 20000,
	STAT_BYTES = 1024,
	FIELDS_BEFORE_TIMES = 11,
	DECIMAL = 10
};

static const char *const PROGRAMS[] = {"hub", "keeper", "broker"};

/* Seconds of user and system time so far. */
static double cpu_seconds(pid_t pid)
{
	char path[64];
	char text[STAT_BYTES] = "";
	unsigned long ticks;
	const char *at;
	char *rest;
	FILE *file;

	(void)str_format(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return NAN;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	at = strrchr(text, ')'); /* the name may hold anything */
	for (int i = 0; at && i < FIELDS_BEFORE_TIMES + 1; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return NAN;
	ticks = strtoul(at, &rest, DECIMAL);    /* user */
	ticks += strtoul(rest, &rest, DECIMAL); /* system */
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	double before[STR_COUNT(PROGRAMS)];
	double ours = 0;
	struct bench_house house;
	enum err err = bench_house_open(&house, note);

	if (!err)
		err = bench_house_wait(&house, SETTLE_MS, NULL, note);
	for (size_t i = 0; !err && i < STR_COUNT(PROGRAMS); i++)
		before[i] = cpu_seconds(house_pid(house.house, PROGRAMS[i]));
	if (!err)
		err = bench_house_wait(&house, MEASURE_MS, NULL, note);
	for (size_t i = 0; !err && i < STR_COUNT(PROGRAMS); i++) {
		double spent =
			cpu_seconds(house_pid(house.house, PROGRAMS[i])) - before[i];
		double percent = 100 * spent / (MEASURE_MS / 1000.0);
		char name[BENCH_NAME_BYTES];

		(void)str_format(name, sizeof(name), "%s_cpu_percent", PROGRAMS[i]);
		bench_add(run, name, percent, 3, "of one core, over 20 s");
		if (i < 2)
			ours += percent;
	}
	if (!err)
		bench_add(run, "hub_and_keeper_cpu_percent", ours, 3,
			  "at most 0.2 asked for");
	bench_house_close(&house);
	return err;
}

const struct bench bench_idle = {
	.name = "idle",
	.summary = "CPU of a household to which nobody speaks",
	.run = run,
};
