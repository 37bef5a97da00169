/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest up: the first run's wizard, then a supervised household until it is told to
 * stop, with or without a tour.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapter/settings_file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/house.h"
#include "cli/house_end.h"
#include "cli/paths.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/tour.h"
#include "cli/wizard.h"

enum { PROGRESS_EVERY = 100 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	{.name = "owner",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "the first owner of a new house (default: owner)"},
	COMMAND_OPTION_PASSPHRASE,
	{.name = "room",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "what a new house calls this room (default: living room)"},
	{.name = "tour",
	 .kind = OPTION_FLAG,
	 .words = "speak several requests to the toy home and show what comes of them"},
	{.name = "toy-home",
	 .kind = OPTION_FLAG,
	 .words = "add a home of pretended devices"},
	{.name = "yes", .kind = OPTION_FLAG, .words = "ask nothing; take the defaults"},
};

struct up {
	const struct args *args;
	struct paths paths;
	struct settings settings;
	bool is_new;
	bool needs_owner;
	struct wizard wizard;
	struct loop *loop;
	struct house *house;
	bool is_up;
	char pipe[FILE_PATH_BYTES];
	struct tour *tour; /* NULL without one */
	bool tour_over;
	enum cli_exit status;
	struct progress progress;
	uint64_t drawing;
};

static void on_line(void *context, const char *program, bool out, const char *line)
{
	struct up *up = context;
	bool colours = terminal_colours(stderr);
	const char *name = str_starts(line, "behest-") ? strstr(line, ": ") : NULL;

	if (name) /* it stands in front already */
		line = name + 2;
	if (out && str_equal(program, "toy-home")) {
		if (up->tour)
			tour_home_line(up->tour, line);
		if (up->tour && !up->tour_over)
			return; /* the tour says what it saw */
		if (strstr(line, "\"event\":\"start\""))
			return; /* what it was before anybody asked */
	}
	if (strstr(line, "code for the first owner"))
		return; /* for those who start the keeper by hand; we read the file */
	terminal_clear_line();
	fprintf(stderr, "%s%-8s | %s%s\n", terminal_style(colours, STYLE_DIM), program,
		line, terminal_style(colours, STYLE_PLAIN));
}

static enum err on_settle(void *context, struct err_note *note)
{
	struct up *up = context;
	enum err err;

	if (!up->needs_owner)
		return OK;
	terminal_clear_line();
	err = wizard_settle(&up->wizard, &up->paths, note);
	if (!err)
		up->needs_owner = false;
	return err ? err_say(err, note, "the first owner could not be made: %s",
			     err_words(err))
		   : OK;
}

static void on_died(void *context, const char *program, const char *how, int pause_ms)
{
	must(context);
	terminal_clear_line();
	fprintf(stderr, "%-8s | %s; starting it again in %d ms\n", program, how,
		pause_ms);
}

static void on_gave_up(void *context, const char *why)
{
	struct up *up = context;

	up->status = command_fail(CLI_FAILED, "%s", why);
	loop_stop(up->loop);
}

static void say_how_to_talk(const struct up *up)
{
	char with[FILE_PATH_BYTES + 16] = "";

	if (args_text(up->args, "data", NULL))
		(void)str_format(with, sizeof(with), " --data %s", up->paths.data);
	puts("The house is up. Talk to it:");
	if (!str_equal(up->settings.room_microphone, "none") && !up->pipe[0])
		printf("  say \"%s\" and then, for instance, \"turn on the kitchen light\"\n",
		       up->settings.wake_word);
	printf("  behest say%s \"turn on the kitchen light\"\n", with);
	printf("  behest why%s       behest history%s       behest status%s\n", with,
	       with, with);
	puts("Ctrl-C stops it.");
	fflush(stdout);
}

static void on_up(void *context)
{
	struct up *up = context;

	up->is_up = true;
	loop_cancel(up->loop, up->drawing);
	progress_end(&up->progress);
	if (up->tour && !up->tour_over)
		tour_begin(up->tour);
	else
		say_how_to_talk(up);
}

static void on_tour_over(void *context, bool good)
{
	struct up *up = context;

	up->tour_over = true;
	up->status = good ? CLI_DONE : CLI_FAILED;
	loop_stop(up->loop);
}

static void draw(void *context)
{
	struct up *up = context;

	progress_step(&up->progress, 0);
	must(loop_after(up->loop, PROGRESS_EVERY, draw, up, &up->drawing) == OK);
}

/* From the first program to a stop. */
static enum err stand(struct up *up, struct err_note *note)
{
	struct house_plan plan = {
		.paths = &up->paths,
		.settings = &up->settings,
		.toy_home = args_flag(up->args, "toy-home"),
		.pipe = up->pipe[0] ? up->pipe : NULL,
	};
	struct house_listener listener = {
		.context = up,
		.line = on_line,
		.settle = on_settle,
		.died = on_died,
		.up = on_up,
		.gave_up = on_gave_up,
	};
	enum err err;

	progress_begin(&up->progress, "starting", 0);
	draw(up);
	err = house_create(up->loop, &plan, &listener, &up->house, note);
	if (!err)
		err = loop_run(up->loop);
	loop_cancel(up->loop, up->drawing);
	terminal_clear_line();
	return err;
}

static void stop(struct up *up)
{
	if (up->house)
		fputs("behest up: stopping\n", stderr);
	house_destroy(up->house);
	up->house = NULL;
}

static enum err prepare_tour(struct up *up, struct err_note *note)
{
	struct tour_listener listener = {.context = up, .over = on_tour_over};
	char folder[FILE_PATH_BYTES];
	enum err err;

	if (!args_flag(up->args, "tour"))
		return OK;
	/* A folder of its own: the room may write where its pipe is. */
	if (!file_join(folder, sizeof(folder), up->paths.run, "room") ||
	    !file_join(up->pipe, sizeof(up->pipe), folder, "microphone.pipe"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long",
			       up->paths.run);
	err = file_make_folder(folder, note);
	if (err)
		return err;
	up->status = CLI_FAILED; /* until the tour was good */
	return tour_create(up->loop, &up->paths, up->pipe, up->settings.wake_word,
			   &listener, &up->tour, note);
}

/* With the tour behind us and a person at the terminal: the real microphone. */
static enum err stay(struct up *up, struct err_note *note)
{
	enum cli_exit toured = up->status;
	enum err err = OK;

	if (str_equal(up->settings.room_microphone, "none")) {
		say_how_to_talk(up);
		err = loop_run(up->loop);
	} else {
		stop(up);
		up->pipe[0] = '\0';
		err = stand(up, note);
	}
	up->status = up->status ? up->status : toured;
	return err;
}

static enum err run_house(struct up *up, struct err_note *note)
{
	enum err err = loop_create(&up->loop);

	if (!err)
		err = loop_stop_on_signals(up->loop);
	if (!err)
		err = prepare_tour(up, note);
	if (!err)
		err = stand(up, note);
	if (!err && up->tour_over && isatty(STDIN_FILENO) == 1)
		err = stay(up, note);
	return err;
}

/* What this house is, or makes it. */
static enum err prepare(struct up *up, struct err_note *note)
{
	enum err err = paths_find(args_text(up->args, "data", NULL), &up->paths, note);

	if (err)
		return err;
	if (house_end_is_there(&up->paths)) {
		err = house_end_finish(&up->paths, note);
		return err ? err
			   : err_say(ERR_CLOSED, note,
				     "this household has ended; behest wipe removes what is "
				     "left of it in %s",
				     up->paths.data);
	}
	up->is_new = !file_exists(up->paths.config);
	up->needs_owner = up->is_new || file_exists(up->paths.code);
	if (!up->is_new)
		err = settings_file_read(up->paths.config, true, &up->settings, note);
	if (!err)
		err = file_make_folder(up->paths.run, note);
	if (!err && up->needs_owner)
		err = wizard_run(up->args, &up->wizard, note);
	if (!err && up->is_new)
		err = wizard_write(&up->wizard, &up->paths, note);
	if (!err && up->is_new)
		err = settings_file_read(up->paths.config, true, &up->settings, note);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	static struct up up; /* large, and one */
	struct err_note note = {""};
	enum err err;

	memset(&up, 0, sizeof(up));
	up.args = args;
	if (args_flag(args, "tour") && !args_flag(args, "toy-home"))
		return command_fail(CLI_USAGE, "--tour needs --toy-home");
	err = prepare(&up, &note);
	if (!err)
		err = run_house(&up, &note);
	tour_destroy(up.tour);
	up.tour = NULL;
	stop(&up);
	loop_destroy(up.loop);
	wizard_finish(&up.wizard);
	if (err)
		return command_fail_err(err, &note, "the house");
	return up.status;
}

const struct command command_up = {
	.name = "up",
	.summary = "start the house and keep it running",
	.operands = "",
	.words =
		"Starts keeper, hub and room, and a private broker where none is configured; "
		"restarts what dies; stops all on Ctrl-C. In a new data folder a short wizard "
		"makes the first owner; without a terminal or with --yes it asks nothing. With "
		"--tour and no terminal the exit status says whether every request did what "
		"it said.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
