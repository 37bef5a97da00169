/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-room - the microphone, the speaker and the light of one room.
 *
 * Opens its parts in order, runs the loop, closes in reverse. Has no stored sound and no
 * network: one unix socket to the hub.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapter/clock_system.h"
#include "adapter/rand_system.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "room/confine.h"
#include "room/room.h"

enum { EXIT_WORLD = 1, EXIT_USAGE = 2, OPTION_SETTING_FIRST = 1000 };

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

struct options {
	char data[FILE_PATH_BYTES];
	char run[FILE_PATH_BYTES];
	char name[64];
	const char *given[STR_COUNT(SETTINGS)]; /* NULL: as in the file */
};

static int read_options(struct options *options, int count, char **words)
{
	struct option table[STR_COUNT(SETTINGS) + 5] = {
		{"data", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"name", required_argument, NULL, 'n'},
		{"run", required_argument, NULL, 'r'},
	};
	int option = 0;
	bool fits = true;

	for (size_t i = 0; i < STR_COUNT(SETTINGS); i++)
		table[4 + i] = (struct option){SETTINGS[i].key, required_argument, NULL,
					       OPTION_SETTING_FIRST + (int)i};
	while (fits && (option = getopt_long(count, words, "", table, NULL)) != -1) {
		if (option == 'h') {
			(void)fputs(USAGE, stdout);
			exit(EXIT_SUCCESS);
		}
		if (option == 'd')
			fits = str_copy(options->data, sizeof(options->data), optarg);
		else if (option == 'n')
			fits = str_copy(options->name, sizeof(options->name), optarg);
		else if (option == 'r')
			fits = str_copy(options->run, sizeof(options->run), optarg);
		else if (option >= OPTION_SETTING_FIRST)
			options->given[option - OPTION_SETTING_FIRST] = optarg;
		else
			fits = false;
	}
	if (!fits || optind != count || options->data[0] == '\0')
		return EXIT_USAGE;
	if (options->run[0] == '\0' &&
	    !file_join(options->run, sizeof(options->run), options->data, "run"))
		return EXIT_USAGE;
	return EXIT_SUCCESS;
}

static enum err read_settings(const struct options *options, struct settings *settings,
			      struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err = OK;

	settings_init(settings);
	if (!file_join(path, sizeof(path), options->data, "behest.conf"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long",
			       options->data);
	if (file_exists(path)) {
		err = file_read(path, SETTINGS_FILE_BYTES, &bytes, note);
		if (!err)
			err = settings_parse(settings, path, (const char *)bytes.bytes,
					     bytes.size, note);
		buf_finish(&bytes);
	}
	for (size_t i = 0; !err && i < STR_COUNT(SETTINGS); i++) {
		if (options->given[i])
			err = settings_set(settings, SETTINGS[i].section, SETTINGS[i].key,
					   options->given[i], note);
	}
	return err;
}

static enum err run(const struct options *options, const struct settings *settings,
		    struct err_note *note)
{
	char socket[FILE_PATH_BYTES];
	struct parts parts = {0};
	struct loop *loop = NULL;
	struct room *room = NULL;
	struct room_settings made = {
		.name = options->name,
		.hub_socket = socket,
		.parts = &parts,
		.clock = clock_system(),
		.rand = rand_system(),
	};
	enum err err = ERR_LIMIT;

	if (!file_join(socket, sizeof(socket), options->run, "rooms.sock"))
		return err_say(err, note, "%s: the path is too long", options->run);
	err = parts_open(settings, options->name, &parts, note);
	if (!err)
		err = confine(settings, options->run, note);
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
	static struct options options;
	static struct settings settings;
	struct err_note note = {{0}};
	enum err err = OK;

	log_name("behest-room");
	if (read_options(&options, count, words) != EXIT_SUCCESS) {
		(void)fputs(USAGE, stderr);
		return EXIT_USAGE;
	}
	err = file_is_folder(options.data, &note);
	if (!err)
		err = read_settings(&options, &settings, &note);
	if (!err && options.name[0] == '\0' &&
	    !str_copy(options.name, sizeof(options.name), settings.room_name))
		err = err_say(ERR_LIMIT, &note, "room: the name is too long");
	if (!err)
		err = run(&options, &settings, &note);
	if (err)
		log_line("room: %s", note.text[0] ? note.text : err_words(err));
	return err ? EXIT_WORLD : EXIT_SUCCESS;
}
