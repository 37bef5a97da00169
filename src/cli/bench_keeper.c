/* SPDX-License-Identifier: Apache-2.0 */
/* bench_keeper - see the header. */
#include "cli/bench_keeper.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"

enum {
	STAT_BYTES = 1024,
	FIELDS_BEFORE_TIMES = 12,
	DECIMAL = 10,
	STATUS_BYTES = 65536,
};

double bench_keeper_now(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum err bench_keeper_open(struct keeper_alone *keeper, struct err_note *note)
{
	enum err err = keeper_alone_open(keeper, NULL, true, note);

	return err ? err : keeper_alone_add_owner(keeper, KEEPER_ALONE_FIRST, note);
}

double bench_keeper_cpu(const struct keeper_alone *keeper)
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

enum err bench_keeper_batches(const struct keeper_alone *keeper, uint64_t *out_batches,
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
