/* SPDX-License-Identifier: Apache-2.0 */
/* Puts up a household for a measurement and takes it down again. */
#include "cli/bench_house.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

enum { UP_WAIT_MS = 60000, OPEN_FILES = 16 };

static const char PASSPHRASE[] = "benchmark passphrase";

static void on_line(void *context, const char *program, bool out, const char *line)
{
	(void)context;
	(void)program;
	(void)out;
	(void)line;
}

static enum err on_settle(void *context, struct err_note *note)
{
	struct bench_house *house = context;

	return wizard_settle(&house->wizard, &house->paths, note);
}

static void on_died(void *context, const char *program, const char *how, int pause_ms)
{
	struct bench_house *house = context;

	must(pause_ms > 0);
	(void)str_format(house->why, sizeof(house->why), "%s %s", program, how);
	house->gave_up = true; /* a benchmark of a house in which programs die is none */
}

static void on_up(void *context)
{
	struct bench_house *house = context;

	house->is_up = true;
}

static void on_gave_up(void *context, const char *why)
{
	struct bench_house *house = context;

	(void)str_copy(house->why, sizeof(house->why), why);
	house->gave_up = true;
}

/* The folder, and what the wizard would have been told. */
static enum err prepare(struct bench_house *house, struct err_note *note)
{
	struct wizard *wizard = &house->wizard;
	enum err err;

	must(str_copy(house->folder, sizeof(house->folder), "/tmp/behest-bench-XXXXXX"));
	if (!mkdtemp(house->folder)) {
		house->folder[0] = '\0';
		return err_say(ERR_IO, note, "/tmp: no folder can be made there");
	}
	err = paths_find(house->folder, &house->paths, note);
	must(err || file_join(house->pipe, sizeof(house->pipe), house->paths.run,
			      "microphone.pipe"));
	must(str_copy(wizard->owner, sizeof(wizard->owner), "owner"));
	must(str_copy(wizard->room, sizeof(wizard->room), "living room"));
	wizard->is_private = true;
	wizard->quiet = true;
	if (!err)
		err = secret_copy(PASSPHRASE, sizeof(PASSPHRASE), &wizard->passphrase);
	settings_init(&house->settings);
	if (!err)
		err = wizard_settings(wizard, &house->settings, note);
	if (!err)
		err = wizard_write(wizard, &house->paths, note);
	return err;
}

enum err bench_house_open(struct bench_house *house, struct err_note *note)
{
	struct house_plan plan = {.paths = &house->paths,
				  .settings = &house->settings,
				  .toy_home = true,
				  .pipe = house->pipe};
	struct house_listener listener = {
		.context = house,
		.line = on_line,
		.settle = on_settle,
		.died = on_died,
		.up = on_up,
		.gave_up = on_gave_up,
	};
	enum err err;

	memset(house, 0, sizeof(*house));
	err = prepare(house, note);
	if (!err)
		err = loop_create(&house->loop);
	if (!err)
		err = house_create(house->loop, &plan, &listener, &house->house, note);
	if (!err)
		err = bench_house_wait(house, UP_WAIT_MS, &house->is_up, note);
	if (!err && !house->is_up)
		err = err_say(ERR_TIMEOUT, note, "the house was not up within %d s",
			      UP_WAIT_MS / 1000);
	return err;
}

enum err bench_house_wait(struct bench_house *house, int64_t ms, const bool *until,
			  struct err_note *note)
{
	int64_t end_ms = loop_now_ms() + ms;
	enum err err = OK;

	while (!err && !house->gave_up && loop_now_ms() < end_ms && !(until && *until))
		err = loop_run_once(house->loop, end_ms - loop_now_ms());
	if (house->gave_up)
		return err_say(ERR_IO, note, "the house fell: %s", house->why);
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

void bench_house_close(struct bench_house *house)
{
	house_destroy(house->house);
	loop_destroy(house->loop);
	wizard_finish(&house->wizard);
	if (house->folder[0])
		nftw(house->folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	memset(house, 0, sizeof(*house));
}
