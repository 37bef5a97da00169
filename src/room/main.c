/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-room - the microphone, the speaker and the light of one room.
 *
 * Opens its parts in order, runs the loop, closes in reverse. Has no stored sound and no
 * network: one unix socket to the hub.
 */
#include "adapter/clock_system.h"
#include "adapter/rand_system.h"
#include "adapter/settings_file.h"
#include "base/file.h"
#include "base/log.h"
#include "base/program.h"
#include "base/str.h"
#include "room/confine.h"
#include "room/room.h"

static const char USAGE[] =
	"usage: behest-room --data DIR [--name ROOM] [--run DIR] [--SETTING VALUE]...\n"
	"One room's microphone, speaker and light. Usually started by `behest up`. Reads\n"
	"DIR/behest.conf; a setting can be given instead: --microphone, --microphone_device,\n"
	"--speaker, --speaker_device, --volume_percent, --indicator, --word, --engine.\n";

/* Settings that may be given as options, with the section each is in. */
static const struct {
	const char *section;
	const char *key;
} SETTINGS[] = {
	{"room", "indicator"}, {"room", "microphone"},     {"room", "microphone_device"},
	{"room", "speaker"},   {"room", "speaker_device"}, {"room", "volume_percent"},
	{"wake", "engine"},    {"wake", "word"},
};

/* The options' values, over the file. */
static enum err read_settings(const struct program *program, struct settings *settings,
			      struct err_note *note)
{
	enum err err;

	settings_init(settings);
	err = settings_file_add(program->data, "behest.conf", settings, note);
	for (size_t i = 0; !err && i < STR_COUNT(SETTINGS); i++) {
		const char *given = program->options[i].value;

		if (given)
			err = settings_set(settings, SETTINGS[i].section, SETTINGS[i].key,
					   given, note);
	}
	return err;
}

static enum err run(const char *folder, const char *name, const struct settings *settings,
		    struct err_note *note)
{
	char socket[FILE_PATH_BYTES];
	struct parts parts = {0};
	struct loop *loop = NULL;
	struct room *room = NULL;
	struct room_settings made = {
		.name = name,
		.hub_socket = socket,
		.parts = &parts,
		.clock = clock_system(),
		.rand = rand_system(),
	};
	enum err err = ERR_LIMIT;

	if (!file_join(socket, sizeof(socket), folder, "rooms.sock"))
		return err_say(err, note, "%s: the path is too long", folder);
	err = parts_open(settings, name, &parts, note);
	if (!err)
		err = confine(settings, folder, note);
	if (!err)
		err = loop_create(&loop);
	if (!err)
		err = loop_stop_on_signals(loop);
	made.loop = loop;
	if (!err)
		err = room_create(&made, &room, note);
	if (!err)
		err = loop_run(loop);
	room_destroy(room);
	loop_destroy(loop);
	parts_close(&parts);
	return err;
}

int main(int count, char **words)
{
	enum { NAME = STR_COUNT(SETTINGS) };
	static struct program_option options[STR_COUNT(SETTINGS) + 1] = {
		[NAME] = {.name = "name"},
	};
	static struct program program = {.name = "behest-room",
					 .usage = USAGE,
					 .options = options,
					 .option_count = STR_COUNT(options)};
	static struct settings settings;
	struct err_note note = {{0}};
	int status = PROGRAM_FAILED;
	enum err err = OK;

	log_name(program.name);
	for (size_t i = 0; i < STR_COUNT(SETTINGS); i++)
		options[i].name = SETTINGS[i].key;
	if (!program_read(&program, count, words, &status))
		return status;
	err = file_is_folder(program.data, &note);
	if (!err)
		err = read_settings(&program, &settings, &note);
	if (!err)
		err = run(program.run,
			  options[NAME].value ? options[NAME].value : settings.room_name,
			  &settings, &note);
	if (err)
		log_line("room: %s", note.text[0] ? note.text : err_words(err));
	return err ? PROGRAM_FAILED : PROGRAM_DONE;
}
