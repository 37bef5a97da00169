/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts - one table per port, in alphabetical order. Adding a device is adding a row.
 */
#include "room/parts.h"

#include <unistd.h>

#include "adapter/echo_speex.h"
#include "adapter/indicator_terminal.h"
#include "adapter/mic_alsa.h"
#include "adapter/mic_file.h"
#include "adapter/mic_raw.h"
#include "adapter/speaker_alsa.h"
#include "adapter/speaker_file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

/* ---- microphones ---- */

static enum err open_mic_none(const char *device, struct mic *out_mic)
{
	(void)device;
	*out_mic = (struct mic){0};
	return OK;
}

static enum err open_mic_stdin(const char *device, struct mic *out_mic)
{
	(void)device;
	return mic_raw_create_stdin(out_mic);
}

static const struct {
	const char *name;
	enum err (*open)(const char *device, struct mic *out_mic);
	enum err (*open_two)(const char *device, struct mic *out_mic); /* NULL: cannot */
	bool is_live;
} MICS[] = {
	{"alsa", mic_alsa_create, mic_alsa_create_two, true},
	{"file", mic_file_create, NULL, false},
	{"none", open_mic_none, NULL, false},
	{"pipe", mic_raw_create_pipe, NULL, false},
	{"stdin", open_mic_stdin, NULL, false},
};

static enum err open_mic(const struct settings *settings, struct parts *parts,
			 struct err_note *note)
{
	const bool two = settings->room_microphones > 1;

	for (size_t i = 0; i < STR_COUNT(MICS); i++) {
		enum err err = OK;

		if (!str_equal(MICS[i].name, settings->room_microphone))
			continue;
		if (settings->room_microphone_device[0] == '\0')
			return err_say(ERR_RANGE, note,
				       "room: microphone_device is empty");
		if (two && !MICS[i].open_two)
			return err_say(
				ERR_RANGE, note,
				"room: microphones = 2 goes with microphone = alsa");
		parts->mic_is_live = MICS[i].is_live;
		err = (two ? MICS[i].open_two
			   : MICS[i].open)(settings->room_microphone_device, &parts->mic);
		return err ? err_say(err, note, "microphone: %s", err_words(err)) : OK;
	}
	return err_say(ERR_RANGE, note, "room: microphone = %s is not known",
		       settings->room_microphone);
}

/* ---- speakers ---- */

static enum err open_speaker_alsa(const char *device, struct speaker *out_speaker,
				  struct err_note *note)
{
	const enum err err = speaker_alsa_create(device, out_speaker);

	return err ? err_say(err, note, "speaker: %s", err_words(err)) : OK;
}

static enum err open_speaker_none(const char *device, struct speaker *out_speaker,
				  struct err_note *note)
{
	const enum err err = speaker_none_create(out_speaker);

	(void)device;
	return err ? err_say(err, note, "speaker: %s", err_words(err)) : OK;
}

static const struct {
	const char *name;
	enum err (*open)(const char *device, struct speaker *out_speaker,
			 struct err_note *note);
} SPEAKERS[] = {
	{"alsa", open_speaker_alsa},
	{"file", speaker_file_create},
	{"none", open_speaker_none},
};

static enum err open_speaker(const struct settings *settings, struct parts *parts,
			     struct err_note *note)
{
	for (size_t i = 0; i < STR_COUNT(SPEAKERS); i++) {
		if (str_equal(SPEAKERS[i].name, settings->room_speaker))
			return SPEAKERS[i].open(settings->room_speaker_device,
						&parts->speaker, note);
	}
	return err_say(ERR_RANGE, note, "room: speaker = %s is not known",
		       settings->room_speaker);
}

/* ---- light and name ---- */

static enum err open_indicator(const struct settings *settings, const char *room,
			       struct parts *parts, struct err_note *note)
{
	enum err err = OK;

	if (str_equal(settings->room_indicator, "none"))
		err = indicator_none_create(&parts->indicator);
	else
		err = indicator_terminal_create(STDOUT_FILENO, room, &parts->indicator);
	return err ? err_say(err, note, "indicator: %s", err_words(err)) : OK;
}

static enum err open_ears(const struct settings *settings, struct parts *parts,
			  struct err_note *note)
{
	const struct ears_settings ears = {
		.engine = settings->wake_engine,
		.word = settings->wake_word,
		.model = settings->wake_model,
		.stop = true,
		.music = settings->room_music[0] != '\0',
	};
	const enum err err = ears_open(&ears, &parts->ears, &parts->deaf);

	if (err == ERR_MEMORY || err == ERR_LIMIT)
		return err_say(err, note, "room: %s",
			       parts->deaf.text[0] ? parts->deaf.text : err_words(err));
	if (err) {
		ears_close(&parts->ears);
		parts->ears = (struct ears){.why = ""};
		if (parts->deaf.text[0] == '\0')
			err_say(err, &parts->deaf, "%s", err_words(err));
		return OK;
	}
	if (parts->ears.why[0] != '\0')
		log_line("room: %s", parts->ears.why);
	return OK;
}

enum err parts_open(const struct settings *settings, const char *room,
		    struct parts *parts, struct err_note *note)
{
	enum err err = OK;

	*parts = (struct parts){0};
	err = open_indicator(settings, room, parts, note);
	if (!err)
		err = open_speaker(settings, parts, note);
	if (!err)
		err = open_mic(settings, parts, note);
	if (!err)
		err = open_ears(settings, parts, note);
	if (!err && parts->mic.ops && echo_speex_create(&parts->echo) != OK)
		err = err_say(ERR_MEMORY, note, "room: %s", err_words(ERR_MEMORY));
	parts->music = settings->room_music;
	if (!err && parts->mic.ops && parts->music[0] &&
	    echo_speex_create(&parts->music_echo) != OK)
		err = err_say(ERR_MEMORY, note, "room: %s", err_words(ERR_MEMORY));
	if (!err)
		speaker_set_volume(&parts->speaker, (int)settings->room_volume_percent);
	return err;
}

void parts_close(struct parts *parts)
{
	ears_close(&parts->ears);
	echo_close(&parts->echo);
	echo_close(&parts->music_echo);
	mic_close(&parts->mic);
	speaker_close(&parts->speaker);
	indicator_close(&parts->indicator);
}
