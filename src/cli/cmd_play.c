/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest play: opens one recording with the owner's key and plays it, or writes it to a
 * WAV file. The opened sound stays in locked memory and is wiped.
 */
#include <string.h>

#include "base/str.h"
#include "cli/aloud.h"
#include "cli/command.h"
#include "cli/history.h"
#include "port/keep.h"

enum { PLAY_SAMPLES_MAX = KEEP_SECONDS_MAX * AUDIO_HZ };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	{.name = "out",
	 .kind = OPTION_FILE,
	 .argument = "FILE.wav",
	 .words = "write it there instead of playing it"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
};

struct sound {
	struct secret *secret; /* PLAY_SAMPLES_MAX samples */
	size_t count;
};

static int16_t *samples_of(const struct sound *sound)
{
	return (int16_t *)(void *)secret_bytes(sound->secret);
}

static enum err take_sound(struct link_client *client, struct sound *sound,
			   struct err_note *note)
{
	const struct wire_message *message = NULL;

	for (;;) {
		enum err err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);

		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (message->type == WIRE_end && message->end.err)
			return err_say((enum err)message->end.err, note,
				       "the recording cannot be opened: %s",
				       err_words((enum err)message->end.err));
		if (message->type == WIRE_end)
			return OK;
		if (message->type != WIRE_play_sound)
			return client_other(message, note);
		sound->count += wire_to_samples(message->play_sound.pcm,
						samples_of(sound) + sound->count,
						PLAY_SAMPLES_MAX - sound->count);
	}
}

static enum err fetch(struct link_client *client, const char *word, struct sound *sound,
		      struct err_note *note)
{
	struct wire_play_get get = {.unused = 0};
	struct wire_history_row row;
	enum err err = OK;

	if (!id_from_text(get.record.bytes, word)) {
		err = history_find(client, word, &row, note);
		if (err)
			return err;
		get.record = row.record;
		explicit_bzero(&row, sizeof(row));
	}
	if (id_is_none(get.record.bytes))
		return err_say(ERR_MISSING, note,
			       "\"%.40s\": no recording was kept of that turn", word);
	err = secret_create((size_t)PLAY_SAMPLES_MAX * sizeof(int16_t), &sound->secret);
	if (!err)
		err = link_client_send_play_get(client, &get, note);
	return err ? err : take_sound(client, sound, note);
}

/* Opening one is on record: first, whether it can be heard. */
static enum err play(const struct args *args, const struct paths *paths,
		     struct link_client *client, struct err_note *note)
{
	struct sound sound = {.count = 0};
	struct aloud aloud = {.writer = NULL};
	enum err closed;
	enum err err = aloud_open(paths, args_text(args, "out", NULL), &aloud, note);

	if (err)
		return err;
	err = fetch(client, args->rest[0], &sound, note);
	if (!err)
		err = aloud_play(&aloud,
				 (struct audio_span){samples_of(&sound), sound.count},
				 note);
	closed = aloud_close(&aloud, err ? NULL : note);
	secret_destroy(sound.secret);
	return err ? err : closed;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct link_client *client = NULL;
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err)
		err = play(args, &paths, client, &note);
	if (err)
		status = command_fail_err(err, &note, "the recording");
	link_client_close(client);
	return status;
}

const struct command command_play = {
	.name = "play",
	.summary = "play a recording, with the owner's key",
	.operands = "NUMBER|RECORD|TURN",
	.words = "NUMBER is the row in `behest history`; 1 is the newest.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_min = 1,
	.rest_max = 1,
	.run = run,
};
