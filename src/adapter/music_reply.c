/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_reply - tables of the pairs that we know (MPD's protocol, checked against 0.23).
 *
 * Invariant: nothing that was told reaches state or library before the answer is whole.
 */
#include "adapter/music_reply.h"

#include <string.h>

#include "base/str.h"

enum { OUTPUT_ID_MAX = 65535, QUEUE_SAID_MAX = 10000000 };

void music_reply_begin(struct music_reply *reply, enum music_question question,
		       enum music_kind kind)
{
	memset(reply, 0, sizeof(*reply));
	reply->question = question;
	reply->kind = kind;
	reply->state.volume_percent = -1;
}

/* ---- status ---- */

static void take_volume(struct music_reply *reply, const char *value)
{
	int64_t percent = -1;

	if (str_to_int(value, 0, 100, &percent))
		reply->state.volume_percent = (int)percent;
}

static void take_play(struct music_reply *reply, const char *value)
{
	reply->state.play = str_equal(value, "play")    ? MUSIC_PLAYING
			    : str_equal(value, "pause") ? MUSIC_PAUSED
							: MUSIC_STOPPED;
}

static void take_queue(struct music_reply *reply, const char *value)
{
	int64_t count = 0;

	if (str_to_int(value, 0, QUEUE_SAID_MAX, &count))
		reply->state.queue_count = (size_t)count;
}

static void take_error(struct music_reply *reply, const char *value)
{
	if (!str_copy_bytes(reply->error, sizeof(reply->error), value,
			    strnlen(value, sizeof(reply->error) - 1)))
		return;
	str_clean(reply->error);
}

/* ---- song ---- */

static void take_title(struct music_reply *reply, const char *value)
{
	(void)music_name_take(reply->state.title, NAME_BYTES, value);
}

static void take_artist(struct music_reply *reply, const char *value)
{
	if (reply->state.artist[0] == '\0') /* of several the first */
		(void)music_name_take(reply->state.artist, NAME_BYTES, value);
}

static void take_station(struct music_reply *reply, const char *value)
{
	(void)music_name_take(reply->state.station, NAME_BYTES, value);
}

static void take_file(struct music_reply *reply, const char *value)
{
	reply->state.is_stream = strstr(value, "://") != NULL;
}

/* ---- outputs ---- */

static void take_output_id(struct music_reply *reply, const char *value)
{
	struct music_state *state = &reply->state;
	int64_t id = 0;

	reply->has_output = state->output_count < MUSIC_OUTPUTS_MAX &&
			    str_to_int(value, 0, OUTPUT_ID_MAX, &id);
	if (reply->has_output)
		state->outputs[state->output_count++] =
			(struct music_output){.id = (uint32_t)id};
}

static struct music_output *last_output(struct music_reply *reply)
{
	return reply->has_output ? &reply->state.outputs[reply->state.output_count - 1]
				 : NULL;
}

static void take_output_name(struct music_reply *reply, const char *value)
{
	struct music_output *output = last_output(reply);

	if (output)
		(void)music_name_take(output->name, NAME_BYTES, value);
}

static void take_output_on(struct music_reply *reply, const char *value)
{
	struct music_output *output = last_output(reply);

	if (output)
		output->is_on = str_equal(value, "1");
}

/* ---- names, and whether there is any ---- */

static void take_name(struct music_reply *reply, const char *value)
{
	if (value[0] != '\0') /* pieces without the tag */
		music_library_add(&reply->names, reply->kind, value);
}

static void take_found(struct music_reply *reply, const char *value)
{
	(void)value;
	reply->found++;
}

static const struct {
	enum music_question question;
	enum music_kind kind; /* of NAMES */
	const char *name;
	void (*take)(struct music_reply *reply, const char *value);
} PAIRS[] = {
	{MUSIC_ASKS_STATUS, 0, "volume", take_volume},
	{MUSIC_ASKS_STATUS, 0, "state", take_play},
	{MUSIC_ASKS_STATUS, 0, "playlistlength", take_queue},
	{MUSIC_ASKS_STATUS, 0, "error", take_error},
	{MUSIC_ASKS_SONG, 0, "file", take_file},
	{MUSIC_ASKS_SONG, 0, "Title", take_title},
	{MUSIC_ASKS_SONG, 0, "Artist", take_artist},
	{MUSIC_ASKS_SONG, 0, "Name", take_station},
	{MUSIC_ASKS_OUTPUTS, 0, "outputid", take_output_id},
	{MUSIC_ASKS_OUTPUTS, 0, "outputname", take_output_name},
	{MUSIC_ASKS_OUTPUTS, 0, "outputenabled", take_output_on},
	{MUSIC_ASKS_NAMES, MUSIC_ARTIST, "Artist", take_name},
	{MUSIC_ASKS_NAMES, MUSIC_ALBUM, "Album", take_name},
	{MUSIC_ASKS_NAMES, MUSIC_GENRE, "Genre", take_name},
	{MUSIC_ASKS_NAMES, MUSIC_PLAYLIST, "playlist", take_name},
	{MUSIC_ASKS_EXISTS, 0, "file", take_found},
};

void music_reply_pair(struct music_reply *reply, const char *name, const char *value)
{
	for (size_t i = 0; i < STR_COUNT(PAIRS); i++)
		if (PAIRS[i].question == reply->question &&
		    (reply->question != MUSIC_ASKS_NAMES ||
		     PAIRS[i].kind == reply->kind) &&
		    str_equal(PAIRS[i].name, name))
			PAIRS[i].take(reply, value);
}

/* ---- the whole answer ---- */

static bool end_status(const struct music_reply *reply, struct music_state *state)
{
	const struct music_state *told = &reply->state;
	const bool changed = state->play != told->play ||
			     state->volume_percent != told->volume_percent ||
			     state->queue_count != told->queue_count;

	state->play = told->play;
	state->volume_percent = told->volume_percent;
	state->queue_count = told->queue_count;
	return changed;
}

static bool end_song(const struct music_reply *reply, struct music_state *state)
{
	const struct music_state *told = &reply->state;
	const bool changed = !str_equal(state->title, told->title) ||
			     !str_equal(state->artist, told->artist) ||
			     !str_equal(state->station, told->station);

	state->is_stream = told->is_stream;
	memcpy(state->title, told->title, sizeof(state->title));
	memcpy(state->artist, told->artist, sizeof(state->artist));
	memcpy(state->station, told->station, sizeof(state->station));
	return changed;
}

static bool end_outputs(const struct music_reply *reply, struct music_state *state)
{
	const struct music_state *told = &reply->state;
	bool changed = state->output_count != told->output_count;

	for (size_t i = 0; !changed && i < told->output_count; i++)
		changed = state->outputs[i].id != told->outputs[i].id ||
			  state->outputs[i].is_on != told->outputs[i].is_on ||
			  !str_equal(state->outputs[i].name, told->outputs[i].name);
	state->output_count = told->output_count;
	memcpy(state->outputs, told->outputs, sizeof(state->outputs));
	return changed;
}

static bool end_names(const struct music_reply *reply, struct music_library *library)
{
	const uint64_t before = library->version;

	music_library_take(library, reply->kind, &reply->names);
	return library->version != before;
}

bool music_reply_end(const struct music_reply *reply, struct music_state *state,
		     struct music_library *library)
{
	switch (reply->question) {
	case MUSIC_ASKS_STATUS:
		return end_status(reply, state);
	case MUSIC_ASKS_SONG:
		return end_song(reply, state);
	case MUSIC_ASKS_OUTPUTS:
		return end_outputs(reply, state);
	case MUSIC_ASKS_NAMES:
		return end_names(reply, library);
	case MUSIC_ASKS_NOTHING:
	case MUSIC_ASKS_EXISTS:
		break;
	}
	return false;
}
