/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-room - the microphone, the speaker and the light of one room.
 *
 * Opens its parts in order, runs the loop, closes in reverse. Stores its own key and no
 * sound. Reaches its hub and nothing else: a unix socket, or one port over TLS.
 */
#include <stdio.h>

#include "adapter/clock_system.h"
#include "adapter/identity.h"
#include "adapter/link_tls.h"
#include "adapter/rand_system.h"
#include "adapter/settings_file.h"
#include "base/file.h"
#include "base/key_text.h"
#include "base/log.h"
#include "base/program.h"
#include "base/str.h"
#include "room/confine.h"
#include "room/room.h"

static const char USAGE[] =
	"usage: behest-room --data DIR [--name ROOM] [--run DIR] [--SETTING VALUE]...\n"
	"       behest-room --data DIR [--name ROOM] --print-key\n"
	"One room's microphone, speaker and light. Usually started by `behest up`. Reads\n"
	"DIR/behest.conf; a setting can be given instead: --microphone, --microphone_device,\n"
	"--microphones, --music, --speaker, --speaker_device, --volume_percent, --indicator, --word,\n"
	"--engine, --hub, --hub_key. --print-key shows the room's public key, for\n"
	"`behest rooms add`.\n";

/* Settings that may be given as options, with the section each is in. */
static const struct {
	const char *section;
	const char *key;
} SETTINGS[] = {
	{"room", "hub"},
	{"room", "hub_key"},
	{"room", "indicator"},
	{"room", "microphone"},
	{"room", "microphone_device"},
	{"room", "microphones"},
	{"room", "music"},
	{"room", "speaker"},
	{"room", "speaker_device"},
	{"room", "volume_percent"},
	{"wake", "engine"},
	{"wake", "word"},
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

static enum err print_key(const struct identity *identity)
{
	char text[KEY_TEXT_BYTES];
	char fingerprint[KEY_FINGERPRINT_BYTES];
	enum err err = key_to_text(identity->public_key, text);

	if (!err)
		err = key_fingerprint(identity->public_key, fingerprint);
	if (!err)
		printf("key          %s\nfingerprint  %s\n", text, fingerprint);
	return err;
}

/* Its key, made at first start. Before the sandbox: later the file is out of reach. */
static enum err open_identity(const char *data, const char *name,
			      struct identity *identity, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const struct rand rand = rand_system();
	enum err err = seal_init();

	if (!err)
		err = identity_room_path(path, data, name);
	if (err)
		return err_say(err, note, "%s: no key can be kept for \"%.40s\": %s",
			       data, name, err_words(err));
	return identity_open(path, &rand, identity, note);
}

/* A hub on another machine, and the key that it must hold. */
static enum err find_hub(const struct settings *settings, struct link_tls_place *place,
			 uint8_t hub_key[TLS_KEY_BYTES], struct room_settings *made,
			 struct err_note *note)
{
	enum err err;

	if (settings->room_hub[0] == '\0')
		return OK;
	err = key_from_text(settings->room_hub_key, hub_key);
	if (err)
		return err_say(err, note,
			       "[room] hub_key: %s; `behest rooms key` shows it on the "
			       "hub's machine",
			       settings->room_hub_key[0] ? "some letter of it is wrong"
							 : "it is missing");
	err = link_tls_resolve(settings->room_hub, false, place, note);
	if (err)
		return err;
	made->place = place;
	made->hub_key = hub_key;
	return OK;
}

static enum err run(const char *folder, const char *name, const struct settings *settings,
		    const struct identity *identity, struct err_note *note)
{
	static struct link_tls_place place;
	uint8_t hub_key[TLS_KEY_BYTES] = {0};
	char socket[FILE_PATH_BYTES];
	struct parts parts = {0};
	struct loop *loop = NULL;
	struct room *room = NULL;
	struct room_settings made = {
		.name = name,
		.hub_socket = socket,
		.identity = identity,
		.parts = &parts,
		.clock = clock_system(),
		.rand = rand_system(),
	};
	enum err err = ERR_LIMIT;

	if (!file_join(socket, sizeof(socket), folder, "hub/rooms.sock"))
		return err_say(err, note, "%s: the path is too long", folder);
	err = find_hub(settings, &place, hub_key, &made, note);
	if (!err)
		err = parts_open(settings, name, &parts, note);
	if (!err)
		err = confine(settings, made.place ? place.port : 0, note);
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
	enum { NAME = STR_COUNT(SETTINGS), PRINT_KEY };
	static struct program_option options[STR_COUNT(SETTINGS) + 2] = {
		[NAME] = {.name = "name"},
		[PRINT_KEY] = {.name = "print-key", .is_flag = true},
	};
	static struct program program = {.name = "behest-room",
					 .usage = USAGE,
					 .options = options,
					 .option_count = STR_COUNT(options)};
	static struct settings settings;
	struct identity identity = {.seed = NULL};
	const char *name = NULL;
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
		name = options[NAME].value ? options[NAME].value : settings.room_name;
	if (!err)
		err = open_identity(program.data, name, &identity, &note);
	if (!err && options[PRINT_KEY].value)
		err = print_key(&identity);
	else if (!err)
		err = run(program.run, name, &settings, &identity, &note);
	identity_close(&identity);
	if (err)
		log_line("room: %s", note.text[0] ? note.text : err_words(err));
	return err ? PROGRAM_FAILED : PROGRAM_DONE;
}
