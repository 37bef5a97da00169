/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_music - the music player: its settings and files, the ends of its orders, and that it
 * is softer while somebody speaks.
 *
 * A room has music when an output of its name is on. Where no output is named like a room,
 * the music may be anywhere, so every room has it. Invariant: the data folder is read
 * before the sandbox closes it, and afterwards only one small file is written, through a
 * descriptor that was opened before.
 */
#include <string.h>

#include "adapter/music_mpd.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/str.h"
#include "hub/hub.h"

#define PASSWORD_FILE "music.password"

static char password[MUSIC_MPD_PASSWORD_BYTES]; /* between reading and opening */

bool hub_music_is_set(const struct hub *hub)
{
	return hub->music.ops != NULL;
}

/* ---- files ---- */

static enum err read_password(const char *path, struct err_note *note)
{
	struct buf bytes;
	enum err err;

	if (!file_exists(path))
		return OK;
	err = file_read(path, sizeof(password) - 1, &bytes, note);
	if (err)
		return err;
	if (!str_copy_bytes(password, sizeof(password), (const char *)bytes.bytes,
			    bytes.size))
		err = ERR_LIMIT;
	str_trim(password);
	if (bytes.bytes)
		seal_wipe(bytes.bytes, bytes.size);
	buf_finish(&bytes);
	return err;
}

static enum err read_stations(struct hub *hub, const char *path, struct err_note *note)
{
	struct buf bytes;
	enum err err;

	if (!file_exists(path))
		return OK;
	err = file_read(path, RADIO_FILE_BYTES_MAX, &bytes, note);
	if (err)
		return err;
	err = radio_read(path, (const char *)bytes.bytes, bytes.size, &hub->radio, note);
	buf_finish(&bytes);
	return err;
}

enum err hub_music_read(struct hub *hub, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = OK;

	hub->duck.fd = -1;
	if (hub->settings.music_host[0] == '\0')
		return OK;
	if (!file_join(path, sizeof(path), hub->data, PASSWORD_FILE))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", hub->data);
	err = read_password(path, note);
	if (!err && file_join(path, sizeof(path), hub->data, RADIO_FILE))
		err = read_stations(hub, path, note);
	if (!err && file_join(path, sizeof(path), hub->data, MUSIC_DUCK_FILE))
		err = music_duck_open(path, &hub->duck, note);
	return err;
}

/* ---- what the player tells ---- */

static void music_done(void *context, uint64_t token, enum err err)
{
	struct hub *hub = context;

	for (size_t i = 0; i < hub->room_count; i++)
		turn_act_done(hub->rooms[i].line, token, act_music_reason(err), NULL);
}

/* Names are not for the log. */
static void tell_of_names(const struct hub *hub, const struct music_library *library)
{
	static size_t told;
	size_t left_out = 0;

	(void)hub;
	for (size_t i = 0; i < MUSIC_KIND_COUNT; i++)
		left_out += library->left_out[i];
	if (left_out != told && left_out > 0)
		log_line("music: %zu names can be typed and not said: %d of a kind can",
			 left_out, MUSIC_SPOKEN_MAX);
	told = left_out;
}

static void music_changed(void *context)
{
	struct hub *hub = context;

	tell_of_names(hub, music_library(&hub->music));
	if (hub->words)
		words_refresh(hub->words);
	hub_music_follow(hub);
}

enum err hub_music_open(struct hub *hub, struct err_note *note)
{
	const struct music_mpd_settings settings = {
		.host = hub->settings.music_host,
		.port = (uint16_t)hub->settings.music_port,
		.password = password,
		.duck = &hub->duck,
	};
	const struct music_listener listener = {hub, music_done, music_changed};
	enum err err = OK;

	if (hub->settings.music_host[0] == '\0')
		return OK;
	err = music_mpd_open(hub->loop, &settings, listener, &hub->music, note);
	seal_wipe(password, sizeof(password));
	if (!err)
		music_use_stations(&hub->music, &hub->radio);
	return err;
}

void hub_music_close(struct hub *hub)
{
	music_close(&hub->music);
	music_duck_close(&hub->duck);
}

enum err hub_music_set_station(struct hub *hub, const char *name, const char *url,
			       struct err_note *note)
{
	if (!hub_music_is_set(hub))
		return OK; /* the file keeps it */
	if (url[0] == '\0') {
		(void)radio_remove(&hub->radio, name);
	} else {
		enum err err = radio_set(&hub->radio, name, url, note);
		if (err)
			return err;
	}
	music_use_stations(&hub->music, &hub->radio);
	if (hub->words)
		words_refresh(hub->words);
	return OK;
}

/* ---- how loud ---- */

static bool is_room(struct hub *hub, const char *name)
{
	return policy_room(keep_policy(&hub->keep), name) ||
	       home_find_area(bus_home(&hub->bus), name) >= 0;
}

static bool sounds_in(struct hub *hub, const char *room)
{
	const struct music_state *state = music_state(&hub->music);
	bool anywhere = true;

	for (size_t i = 0; i < state->output_count; i++) {
		const struct music_output *output = &state->outputs[i];

		if (str_equal_folded(output->name, room))
			return output->is_on;
		anywhere = anywhere && !is_room(hub, output->name);
	}
	return anywhere;
}

/* Sound is under way there, in one direction or the other. */
static bool is_speaking(const struct hub_room *room)
{
	return room->link && (room->turn.value != 0 || room->saying != 0 ||
			      room->speaks_for.value != 0 || hub_dialogue_is_open(room));
}

void hub_music_follow(struct hub *hub)
{
	bool duck = false;

	if (!hub_music_is_set(hub))
		return;
	for (size_t i = 0; !duck && i < hub->room_count; i++)
		duck = is_speaking(&hub->rooms[i]) && sounds_in(hub, hub->rooms[i].name);
	music_duck(&hub->music, duck);
}
