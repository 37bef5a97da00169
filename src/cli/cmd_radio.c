/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest radio: the internet stations of the household, in radio.yaml of its data folder.
 *
 * The file is what holds; a hub that runs is told as well, and one that does not reads it
 * when it starts. Opens no connection to a station.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/verbs.h"
#include "domain/radio.h"

enum { STATION_JSON_BYTES = 2048 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
};

/* ---- the file ---- */

static enum err find_file(const struct paths *paths, char to[FILE_PATH_BYTES],
			  struct err_note *note)
{
	return file_join(to, FILE_PATH_BYTES, paths->data, RADIO_FILE)
		       ? OK
		       : err_say(ERR_LIMIT, note, "%s: the path is too long",
				 paths->data);
}

static enum err read_file(const char *path, struct radio *radio, struct err_note *note)
{
	struct buf bytes;
	enum err err;

	if (!file_exists(path))
		return OK;
	err = file_read(path, RADIO_FILE_BYTES_MAX, &bytes, note);
	if (err)
		return err;
	err = radio_read(path, (const char *)bytes.bytes, bytes.size, radio, note);
	buf_finish(&bytes);
	return err;
}

static enum err write_file(const char *path, const struct radio *radio,
			   struct err_note *note)
{
	struct buf bytes;
	enum err err;

	buf_init(&bytes, RADIO_FILE_BYTES_MAX);
	err = radio_write(radio, &bytes);
	if (!err)
		err = file_write(path, bytes.bytes, bytes.size, 0600, note);
	buf_finish(&bytes);
	return err;
}

/* A hub that does not run needs no word. */
static enum err tell_hub(const struct paths *paths, const char *name, const char *url,
			 struct err_note *note)
{
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	struct wire_radio_set set = {.name = ""};
	struct err_note away = {""};
	enum err err = OK;

	if (!str_copy(set.name, sizeof(set.name), name) ||
	    !str_copy(set.url, sizeof(set.url), url))
		return ERR_LIMIT;
	if (client_hub(paths, &client, &away))
		return OK;
	err = link_client_send_radio_set(client, &set, note);
	if (!err)
		err = client_expect(client, WIRE_status, &message, note);
	link_client_close(client);
	return err;
}

/* ---- the verbs ---- */

static enum err print_json(const struct station *station)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, STATION_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", station->name);
	json_add_text(&write, "url", station->url);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	static struct radio radio;
	const bool as_json = args_flag(args, "json");
	char path[FILE_PATH_BYTES];
	enum err err = find_file(paths, path, note);

	if (!err)
		err = read_file(path, &radio, note);
	for (size_t i = 0; !err && i < radio.count; i++) {
		if (as_json)
			err = print_json(&radio.stations[i]);
		else
			printf("%-24s %s\n", radio.stations[i].name,
			       radio.stations[i].url);
	}
	if (!err && radio.count == 0 && !as_json)
		puts("there is no station yet");
	return err;
}

static enum err add(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	static struct radio radio;
	const char *name = args->rest[1];
	const char *url = args->rest[2];
	struct err_note why = {""};
	char path[FILE_PATH_BYTES];
	enum err err = find_file(paths, path, note);

	if (!err)
		err = file_is_folder(paths->data, note);
	if (!err)
		err = read_file(path, &radio, note);
	if (!err && radio_set(&radio, name, url, &why))
		err = err_say(ERR_RANGE, note, "add: %s", why.text);
	if (!err)
		err = write_file(path, &radio, note);
	return err ? err : tell_hub(paths, name, url, note);
}

static enum err remove_station(const struct args *args, const struct paths *paths,
			       struct err_note *note)
{
	static struct radio radio;
	const char *name = args->rest[1];
	char path[FILE_PATH_BYTES];
	enum err err = find_file(paths, path, note);

	if (!err)
		err = read_file(path, &radio, note);
	if (!err && !radio_remove(&radio, name))
		err = err_say(ERR_MISSING, note, "there is no station \"%.60s\"", name);
	if (!err)
		err = write_file(path, &radio, note);
	return err ? err : tell_hub(paths, name, "", note);
}

static enum cli_exit run(const struct args *args)
{
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list},
		{"add", 2, 2, "a name and an address", add},
		{"remove", 1, 1, "the name of one station", remove_station},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the stations");
}

const struct command command_radio = {
	.name = "radio",
	.summary = "show the radio stations of the house, add or remove one",
	.operands = "[list | add NAME URL | remove NAME]",
	.words =
		"A station is a name to say, and the http or https address that the music "
		"player then plays; who speaks never says an address. They are kept in "
		"radio.yaml in the data folder. A name that is there already gets the new "
		"address.",
	.choices = "list|add|remove",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 3,
	.run = run,
};
