/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest messages: voice messages for whose device this computer is; lists them, and plays
 * one. The opened sound stays in locked memory and is wiped.
 */
#include <stdlib.h>

#include "adapter/memo_opus.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/aloud.h"
#include "cli/command.h"
#include "cli/device.h"
#include "cli/inbox_find.h"
#include "cli/when.h"

enum {
	LETTERS_MAX = 16384, /* no keeper holds more */
	SHOWN_MAX = 1024,    /* to people; all can be named, and are there as JSON */
	LINE_JSON_BYTES = 1024,
	MS_PER_SECOND = 1000,
};

static const struct option options[] = {
	{.name = "all",
	 .kind = OPTION_FLAG,
	 .words = "play all that nobody has listened to, oldest first"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "out",
	 .kind = OPTION_FILE,
	 .argument = "FILE.wav",
	 .words = "write the message there instead of playing it"},
};

struct inbox {
	const struct args *args;
	struct paths paths;
	struct device_link *device;
	struct notices notices;
	size_t count;
	bool is_ill_named; /* the message that was asked for */
	struct device_letter letters[LETTERS_MAX];
};

static enum err come(struct inbox *inbox, struct err_note *note)
{
	const struct device_listener nobody = {.told = NULL};
	enum err err = device_open(&inbox->paths, &inbox->notices, &nobody,
				   &inbox->device, note);

	return err ? err
		   : device_inbox(inbox->device, inbox->letters, LETTERS_MAX,
				  &inbox->count, note);
}

/* --- listing ---------------------------------------------------------------------------- */

static enum err print_json(const struct device_letter *letter, size_t number)
{
	struct json_write write;
	struct buf line;
	char id[ID_TEXT_BYTES];
	char when[WHEN_BYTES];
	enum err err;

	id_to_text(id, letter->id.bytes);
	when_utc(when, letter->at_ms);
	buf_init(&line, LINE_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "number", (int64_t)number);
	json_add_text(&write, "id", id);
	json_add_text(&write, "at", when);
	json_add_text(&write, "from", letter->from);
	json_add_int(&write, "sound_ms", letter->sound_ms);
	json_add_bool(&write, "heard", letter->is_heard);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		puts((const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_words(const struct device_letter *letter, size_t number)
{
	char when[WHEN_BYTES];
	char id[ID_TEXT_BYTES];

	id_to_text(id, letter->id.bytes);
	when_local(when, letter->at_ms);
	printf("%3zu  %.*s  %s  from %s, %.1f s%s\n", number, NOTICE_ID_LETTERS, id, when,
	       letter->from, (double)letter->sound_ms / MS_PER_SECOND,
	       letter->is_heard ? "" : "; new");
}

/* The newest, which stand last; how many stand before them. */
static size_t older_than_shown(const struct inbox *inbox)
{
	return inbox->count > SHOWN_MAX ? inbox->count - SHOWN_MAX : 0;
}

static enum err list(struct inbox *inbox, struct err_note *note)
{
	const bool as_json = args_flag(inbox->args, "json");
	enum err err = come(inbox, note);
	const size_t older = as_json ? 0 : older_than_shown(inbox);

	if (!err && older > 0)
		printf("%zu older ones are not shown; --json lists all\n", older);
	for (size_t i = older; !err && i < inbox->count; i++) {
		if (as_json)
			err = print_json(&inbox->letters[i], i + 1);
		else
			print_words(&inbox->letters[i], i + 1);
	}
	if (!err && inbox->count == 0 && !as_json)
		puts("no messages");
	return err;
}

/* --- playing ---------------------------------------------------------------------------- */

static enum err fetch(struct inbox *inbox, const struct device_letter *letter,
		      struct aloud *aloud, struct err_note *note)
{
	struct secret *opus = NULL;
	struct secret *sound = NULL;
	size_t size = 0;
	enum err err = device_fetch(inbox->device, letter->id, &opus, &size, note);

	if (!err)
		err = memo_opus_decode(secret_view(opus), size, &sound, note);
	if (!err)
		err = aloud_play(aloud, memo_opus_sound(sound), note);
	secret_destroy(opus);
	secret_destroy(sound);
	return err;
}

/* What was fetched counts as listened to: first, whether it can be heard. */
static enum err play(struct inbox *inbox, const struct device_letter *letter,
		     struct err_note *note)
{
	struct aloud aloud = {.writer = NULL};
	enum err closed;
	enum err err = aloud_open(&inbox->paths, args_text(inbox->args, "out", NULL),
				  &aloud, note);

	if (err)
		return err;
	err = fetch(inbox, letter, &aloud, note);
	closed = aloud_close(&aloud, err ? NULL : note);
	return err ? err : closed;
}

static enum err play_one(struct inbox *inbox, struct err_note *note)
{
	const struct device_letter *letter = NULL;
	enum err err = come(inbox, note);

	if (err)
		return err;
	err = inbox_find(inbox->letters, inbox->count, inbox->args->rest[0], &letter,
			 note);
	inbox->is_ill_named = err == ERR_RANGE || err == ERR_EXISTS;
	return err ? err : play(inbox, letter, note);
}

static enum err play_all(struct inbox *inbox, struct err_note *note)
{
	enum err err = come(inbox, note);
	size_t unopened = 0;

	for (size_t i = 0; !err && i < inbox->count; i++) {
		struct err_note why = {""};

		if (inbox->letters[i].is_heard)
			continue;
		print_words(&inbox->letters[i], i + 1);
		(void)fflush(stdout);
		err = play(inbox, &inbox->letters[i], &why);
		if (!err)
			continue;
		if (!device_was_refused(inbox->device)) {
			*note = why;
			return err;
		}
		/* That one cannot be opened now; the others may. */
		fprintf(stderr, "behest messages: %zu: %s\n", i + 1, why.text);
		unopened++;
		err = OK;
	}
	if (!err && unopened > 0)
		err = err_say(ERR_IO, note, "%zu of them could not be played", unopened);
	return err;
}

static enum err go(struct inbox *inbox, struct err_note *note)
{
	if (inbox->args->rest_count > 0)
		return play_one(inbox, note);
	return args_flag(inbox->args, "all") ? play_all(inbox, note) : list(inbox, note);
}

static enum cli_exit run(const struct args *args)
{
	struct inbox *inbox = NULL;
	struct err_note note = {""};
	enum cli_exit status = CLI_DONE;
	enum err err = OK;

	if (args_flag(args, "all") &&
	    (args->rest_count > 0 || args_count(args, "out") > 0))
		return command_fail(CLI_USAGE, "--all plays several: it takes neither a "
					       "message nor --out");
	inbox = calloc(1, sizeof(*inbox));
	err = inbox ? paths_find(args_text(args, "data", NULL), &inbox->paths, &note)
		    : ERR_MEMORY;
	if (!err) {
		inbox->args = args;
		err = go(inbox, &note);
	}
	if (err && inbox && inbox->is_ill_named)
		status = command_fail(CLI_USAGE, "%s", note.text);
	else if (err)
		status = command_fail_err(err, &note, "the messages");
	if (inbox)
		device_close(inbox->device);
	free(inbox);
	return status;
}

const struct command command_messages = {
	.name = "messages",
	.summary = "list or play voice messages that are for you",
	.operands = "[NUMBER|ID]",
	.words =
		"This computer has to be paired: `behest pair --here`; the messages are for "
		"the person whose device it is. Without a message lists them, the newest "
		"last, and of very many those alone. Playing one is on record, and from then "
		"on it cannot be recalled. The key to one from another house is asked for "
		"there first.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
