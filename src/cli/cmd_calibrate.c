/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest calibrate: at which ratio words should be believed. Hears labelled commands and
 * other sound, or reads what was heard before, and draws commands lost against other
 * sound let pass. Changes no floor: those are numbers in decide/floor.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/share.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/calibration_file.h"
#include "cli/calibration_hear.h"
#include "cli/calibration_print.h"
#include "cli/command.h"
#include "cli/home_file.h"
#include "cli/line.h"
#include "cli/terminal.h"
#include "domain/settings.h"

enum { NOISE_PLACE = 1 /* of the second half, as bench noise */, DB_MAX = 60 };

static const double FALSE_PERCENT = 1;

static const struct option options[] = {
	{.name = "commands",
	 .kind = OPTION_FILE,
	 .repeats = true,
	 .argument = "DIR|LIST",
	 .words = "sounds that hold a command each: a folder with labels.json, or a list "
		  "of FILE, tab, words; LABEL=DIR names them"},
	{.name = "false",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "PERCENT",
	 .words = "how many of the other sounds may pass (default: 1); LABEL=PERCENT for "
		  "one kind of sound or one condition (db_12)"},
	{.name = "from",
	 .kind = OPTION_FILE,
	 .repeats = true,
	 .argument = "FILE",
	 .words = "rows that --rows wrote, instead of hearing them again or with others"},
	LINE_OPTION_HOME,
	COMMAND_OPTION_JSON,
	{.name = "noise",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "hear everything in this noise too"},
	{.name = "others",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR",
	 .words = "sound that holds no command: DIR, LABEL=DIR, or @FILE with a path on "
		  "each line"},
	{.name = "picture",
	 .kind = OPTION_FILE,
	 .argument = "FILE.svg",
	 .words = "draw it"},
	{.name = "rows",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "keep what was heard, one JSON object a line"},
	LINE_OPTION_SENTENCES,
	{.name = "snr",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DB",
	 .words = "the sounds over the noise (default: 12)"},
	{.name = "strangers",
	 .kind = OPTION_FILE,
	 .repeats = true,
	 .argument = "FILE|DIR",
	 .words =
		 "sentences to which the commands mean nothing: commands and other sound "
		 "are heard against them too, and nothing of it should pass"},
};

struct work {
	const struct args *args;
	bool has_home;
	struct home home;
	char standard[FILE_PATH_BYTES]; /* the household's own sentences */
	struct calibration_sounds sounds;
	int16_t *noise; /* owned */
	struct study_limits limits;
	struct calibration calibration;
	size_t unread;
};

/* ---- words of the options ---- */

/* "LABEL=REST"; else the label is the last part of the path, without its ending. */
static const char *split_label(const char *text, char label[CALIBRATION_NAME_BYTES])
{
	const char *equals = strchr(text, '=');
	const char *slash;
	const char *rest = text;
	const char *name;

	if (equals && memchr(text, '/', (size_t)(equals - text)) == NULL) {
		rest = equals + 1;
		if (equals > text && str_copy_bytes(label, CALIBRATION_NAME_BYTES, text,
						    (size_t)(equals - text)))
			return rest;
	}
	slash = strrchr(rest, '/');
	name = slash && slash[1] ? slash + 1 : rest;
	if (!str_copy_bytes(label, CALIBRATION_NAME_BYTES, name, strcspn(name, "./")) ||
	    !label[0])
		(void)str_copy(label, CALIBRATION_NAME_BYTES, "commands");
	return rest;
}

static enum err read_limit(struct study_limits *limits, const char *text,
			   struct err_note *note)
{
	const char *equals = strrchr(text, '=');
	struct study_limit *limit = &limits->by_label[limits->count];
	double percent;

	if (!str_to_double(equals ? equals + 1 : text, 0, 100, &percent))
		return err_say(ERR_RANGE, note,
			       "--false %s: expected a share from 0 to 100 percent",
			       text);
	if (!equals) {
		limits->percent = percent;
		return OK;
	}
	if (limits->count == STUDY_LIMITS_MAX ||
	    !str_copy_bytes(limit->label, sizeof(limit->label), text,
			    (size_t)(equals - text)))
		return err_say(ERR_LIMIT, note, "--false %s: too many, or too long",
			       text);
	limit->percent = percent;
	limits->count++;
	return OK;
}

static enum err read_limits(struct work *work, struct err_note *note)
{
	const size_t count = args_count(work->args, "false");
	enum err err = OK;

	work->limits.percent = FALSE_PERCENT;
	for (size_t i = 0; i < count && !err; i++)
		err = read_limit(&work->limits, args_text_at(work->args, "false", i),
				 note);
	return err;
}

static enum err add_level(struct calibration_sounds *sounds, const char *text,
			  struct err_note *note)
{
	struct clips_noise *made = &sounds->conditions[sounds->condition_count];
	double db;

	if (!str_to_double(text, -DB_MAX, DB_MAX, &db))
		return err_say(ERR_RANGE, note, "--snr %s: expected from %d to %d dB",
			       text, -DB_MAX, DB_MAX);
	if (sounds->condition_count == CALIBRATION_CONDITIONS_MAX)
		return err_say(ERR_LIMIT, note, "more than %d levels of noise",
			       CALIBRATION_CONDITIONS_MAX - 1);
	*made = (struct clips_noise){CLIPS_BY_LOUDEST, db, NOISE_PLACE};
	sounds->condition_count++;
	return OK;
}

static enum err read_levels(struct work *work, struct err_note *note)
{
	struct calibration_sounds *sounds = &work->sounds;
	const size_t levels = args_count(work->args, "snr");
	enum err err = OK;

	sounds->conditions[0] = (struct clips_noise){CLIPS_CLEAN, 0, 0};
	sounds->condition_count = 1;
	if (args_count(work->args, "noise") > 0 && levels == 0)
		err = add_level(sounds, "12", note);
	for (size_t i = 0; i < levels && !err; i++)
		err = add_level(sounds, args_text_at(work->args, "snr", i), note);
	return err;
}

/* ---- sounds ---- */

static enum err open_noise(struct work *work, struct err_note *note)
{
	const size_t room = (size_t)CLIPS_NOISE_SECONDS_MAX * AUDIO_HZ;
	const char *path = args_text(work->args, "noise", NULL);
	struct calibration_sounds *sounds = &work->sounds;
	enum err err;

	if (!path)
		return OK;
	work->noise = calloc(room, sizeof(*work->noise));
	if (!work->noise)
		return ERR_MEMORY;
	sounds->noise.samples = work->noise;
	err = clips_read(path, work->noise, room, &sounds->noise.count, note);
	if (!err && sounds->noise.count < (size_t)2 * AUDIO_HZ)
		err = err_say(ERR_FORMAT, note, "%s: expected two seconds of noise",
			      path);
	return err;
}

static enum err open_commands(struct work *work, struct err_note *note)
{
	struct calibration_sounds *sounds = &work->sounds;
	const size_t count = args_count(work->args, "commands");
	enum err err = OK;

	if (count > CALIBRATION_COMMANDS_MAX)
		return err_say(ERR_LIMIT, note, "--commands more than %d times",
			       CALIBRATION_COMMANDS_MAX);
	for (size_t i = 0; i < count && !err; i++) {
		struct calibration_commands *commands = &sounds->commands[i];
		const char *place = split_label(args_text_at(work->args, "commands", i),
						commands->source);

		err = labelled_open(place, &commands->labelled, note);
		if (!err)
			sounds->command_count++;
	}
	return err;
}

static enum err open_sounds(struct work *work, struct err_note *note)
{
	const size_t others = args_count(work->args, "others");
	const char *home = args_text(work->args, "home", NULL);
	enum err err = open_commands(work, note);

	for (size_t i = 0; i < others && !err; i++)
		err = listing_add(&work->sounds.others,
				  args_text_at(work->args, "others", i), note);
	if (!err)
		err = open_noise(work, note);
	if (!err && home) {
		err = home_file_read(home, &work->home, note);
		work->has_home = !err;
	}
	return err;
}

/* ---- hearing ---- */

static enum err hear_against(struct work *work, const char *const *paths,
			     const char *strangers, struct err_note *note)
{
	const struct calibration_ear ear = {.settings = {.lockstep = true,
							 .paths = paths,
							 .home = work->has_home
									 ? &work->home
									 : NULL},
					    .strangers = strangers};

	return calibration_hear(&work->sounds, &ear, &work->calibration, &work->unread,
				note);
}

static enum err hear_own(struct work *work, struct err_note *note)
{
	const char *paths[ARGS_TEXTS_MAX + 2] = {NULL};
	const size_t count = args_count(work->args, "sentences");
	struct settings settings;
	enum err err = OK;

	settings_init(&settings);
	for (size_t i = 0; i < count; i++)
		paths[i] = args_text_at(work->args, "sentences", i);
	if (count == 0) {
		err = share_find("lang", settings.house_language, work->standard,
				 sizeof(work->standard), note);
		paths[0] = work->standard;
	}
	return err ? err : hear_against(work, paths, NULL, note);
}

static enum err hear_strangers(struct work *work, struct err_note *note)
{
	const size_t count = args_count(work->args, "strangers");
	enum err err = OK;

	for (size_t i = 0; i < count && !err; i++) {
		char label[CALIBRATION_NAME_BYTES];
		const char *const paths[] = {
			split_label(args_text_at(work->args, "strangers", i), label),
			NULL};

		err = hear_against(work, paths, label, note);
	}
	return err;
}

static enum err gather(struct work *work, struct err_note *note)
{
	const size_t count = args_count(work->args, "from");
	const char *rows = args_text(work->args, "rows", NULL);
	enum err err = open_sounds(work, note);

	if (!err && work->sounds.command_count + work->sounds.others.count > 0) {
		err = hear_own(work, note);
		if (!err)
			err = hear_strangers(work, note);
	}
	for (size_t i = 0; i < count && !err; i++)
		err = calibration_read(&work->calibration,
				       args_text_at(work->args, "from", i), note);
	if (!err && work->calibration.count == 0)
		err = err_say(ERR_MISSING, note, "no sound could be heard");
	if (!err && rows)
		err = calibration_write(&work->calibration, rows, note);
	return err;
}

/* ---- telling ---- */

static enum err draw(const struct work *work, const struct study *study,
		     struct err_note *note)
{
	const char *path = args_text(work->args, "picture", NULL);
	struct buf bytes;
	enum err err = OK;

	if (!path)
		return OK;
	buf_init(&bytes, CALIBRATION_PRINT_BYTES_MAX);
	err = calibration_picture(study, &bytes);
	if (!err)
		err = file_write(path, bytes.bytes, bytes.size, 0644, note);
	buf_finish(&bytes);
	return err;
}

static enum err tell(const struct work *work, struct err_note *note)
{
	struct study *study = NULL;
	struct buf text;
	enum err err = study_create(&work->calibration, &work->limits, &study);

	buf_init(&text, CALIBRATION_PRINT_BYTES_MAX);
	if (!err)
		err = draw(work, study, note);
	if (!err)
		err = args_flag(work->args, "json")
			      ? calibration_json(study, &text)
			      : calibration_words(study, terminal_colours(stdout), &text);
	if (!err)
		(void)fwrite(text.bytes, 1, text.size, stdout);
	buf_finish(&text);
	study_destroy(study);
	return err;
}

static void finish(struct work *work)
{
	for (size_t i = 0; i < CALIBRATION_COMMANDS_MAX; i++)
		labelled_close(work->sounds.commands[i].labelled);
	listing_finish(&work->sounds.others);
	calibration_finish(&work->calibration);
	if (work->has_home)
		home_finish(&work->home);
	free(work->noise);
	free(work);
}

static enum cli_exit check(const struct args *args)
{
	if (args_count(args, "commands") + args_count(args, "others") +
		    args_count(args, "from") ==
	    0)
		return command_fail(CLI_USAGE,
				    "expected --commands and --others, or --from");
	if (args_count(args, "snr") > 0 && args_count(args, "noise") == 0)
		return command_fail(CLI_USAGE, "--snr without --noise");
	return CLI_DONE;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct work *work;
	enum cli_exit status = check(args);
	enum err err;

	if (status)
		return status;
	work = calloc(1, sizeof(*work));
	if (!work)
		return command_fail_err(ERR_MEMORY, NULL, "calibrating");
	work->args = args;
	err = read_limits(work, &note);
	if (!err)
		err = read_levels(work, &note);
	if (err) {
		finish(work);
		return command_fail(CLI_USAGE, "%s", note.text);
	}
	err = gather(work, &note);
	if (!err)
		err = tell(work, &note);
	status = work->unread > 0 ? CLI_FAILED : CLI_DONE;
	finish(work);
	return err ? command_fail_err(err, &note, "calibrating") : status;
}

const struct command command_calibrate = {
	.name = "calibrate",
	.summary = "show at which ratio words should be believed",
	.operands = "",
	.words =
		"Hears commands with labels and sound without any through the live path, and "
		"tells for every floor how many commands are lost and how much other sound is "
		"let pass. Floors are chosen on one half of the files, by their names, and "
		"judged on the other. It changes nothing.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
