/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_fake - see the header. Invariant: a queue is a list of pieces, or one address.
 */
#include "fake/music_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { FIRST_PERCENT = 60 };

struct music_fake {
	struct music_listener listener;
	bool is_up;
	size_t piece_count;
	const struct music_fake_piece *pieces[MUSIC_FAKE_PIECES_MAX];
	size_t queue_count;
	size_t at;
	const struct music_fake_piece *queue[MUSIC_FAKE_PIECES_MAX];
	const struct station *station;
	struct radio radio;
	size_t order_count;
	uint64_t tokens[MUSIC_COMMANDS_MAX];
	struct music_command orders[MUSIC_COMMANDS_MAX];
	struct music_state state;
	struct music_library library;
	bool is_ducked;
};

static void tell(struct music_fake *fake)
{
	fake->listener.changed(fake->listener.context);
}

/* ---- the queue ---- */

static bool fits(const struct music_fake_piece *piece, enum music_kind kind,
		 const char *name)
{
	switch (kind) {
	case MUSIC_ARTIST:
		return str_equal_folded(piece->artist, name);
	case MUSIC_ALBUM:
		return str_equal_folded(piece->album, name);
	case MUSIC_GENRE:
		return str_equal_folded(piece->genre, name);
	case MUSIC_SEARCH:
		return strcasestr(piece->artist, name) ||
		       strcasestr(piece->album, name) || strcasestr(piece->title, name);
	case MUSIC_ANYTHING:
		return true;
	case MUSIC_PLAYLIST:
	case MUSIC_STATION:
		break;
	}
	return false;
}

static void show_piece(struct music_fake *fake)
{
	const bool plays = fake->state.play != MUSIC_STOPPED;
	const struct music_fake_piece *piece =
		plays && fake->at < fake->queue_count ? fake->queue[fake->at] : NULL;

	fake->state.queue_count = fake->queue_count + (fake->station != NULL);
	fake->state.is_stream = fake->station != NULL;
	(void)str_copy(fake->state.title, NAME_BYTES, piece ? piece->title : "");
	(void)str_copy(fake->state.artist, NAME_BYTES, piece ? piece->artist : "");
	(void)str_copy(fake->state.station, NAME_BYTES,
		       fake->station ? fake->station->name : "");
}

static enum err play_station(struct music_fake *fake, const char *name)
{
	const struct station *station = radio_find(&fake->radio, name);

	if (!station)
		return ERR_MISSING;
	fake->station = station;
	fake->queue_count = 0;
	return OK;
}

static enum err play_pieces(struct music_fake *fake, const struct music_command *command)
{
	const struct music_fake_piece *found[MUSIC_FAKE_PIECES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < fake->piece_count; i++)
		if (fits(fake->pieces[i], command->kind, command->name))
			found[count++] = fake->pieces[i];
	if (count == 0)
		return ERR_MISSING;
	memcpy(fake->queue, found, sizeof(found));
	fake->queue_count = count;
	fake->station = NULL;
	return OK;
}

static enum err play(struct music_fake *fake, const struct music_command *command)
{
	enum err err = command->kind == MUSIC_STATION ? play_station(fake, command->name)
						      : play_pieces(fake, command);

	if (err)
		return err;
	fake->at = 0;
	fake->state.play = MUSIC_PLAYING;
	return OK;
}

static enum err step_to(struct music_fake *fake, bool forward)
{
	if (fake->state.play == MUSIC_STOPPED)
		return ERR_MISSING;
	if (!forward)
		fake->at -= fake->at > 0;
	else if (fake->at + 1 < fake->queue_count)
		fake->at++;
	else
		fake->state.play = MUSIC_STOPPED;
	return OK;
}

static enum err resume(struct music_fake *fake)
{
	if (fake->queue_count == 0 && !fake->station)
		return ERR_MISSING;
	fake->state.play = MUSIC_PLAYING;
	return OK;
}

static enum err pause_it(struct music_fake *fake)
{
	if (fake->state.play == MUSIC_PLAYING)
		fake->state.play = fake->station ? MUSIC_STOPPED : MUSIC_PAUSED;
	return OK;
}

/* ---- orders ---- */

static void switch_outputs(struct music_fake *fake, const struct music_command *command)
{
	for (size_t i = 0; i < command->switch_count; i++)
		for (size_t k = 0; k < fake->state.output_count; k++)
			if (fake->state.outputs[k].id == command->switches[i].output)
				fake->state.outputs[k].is_on = command->switches[i].on;
}

static enum err carry_out(struct music_fake *fake, const struct music_command *command)
{
	switch (command->order) {
	case MUSIC_PLAY:
		return play(fake, command);
	case MUSIC_PAUSE:
		return pause_it(fake);
	case MUSIC_RESUME:
		return resume(fake);
	case MUSIC_NEXT:
		return step_to(fake, true);
	case MUSIC_PREVIOUS:
		return step_to(fake, false);
	case MUSIC_VOLUME:
		fake->state.volume_percent = command->percent;
		return OK;
	case MUSIC_SWITCH:
		return OK;
	}
	must(false);
}

void music_fake_step(struct music_fake *fake)
{
	while (fake->order_count > 0) {
		const struct music_command command = fake->orders[0];
		const uint64_t token = fake->tokens[0];
		enum err err = carry_out(fake, &command);

		fake->order_count--;
		memmove(fake->orders, fake->orders + 1,
			fake->order_count * sizeof(*fake->orders));
		memmove(fake->tokens, fake->tokens + 1,
			fake->order_count * sizeof(*fake->tokens));
		if (!err)
			switch_outputs(fake, &command);
		show_piece(fake);
		fake->listener.done(fake->listener.context, token, err);
		tell(fake);
	}
}

static bool is_in_range(const struct music_command *command)
{
	const bool names =
		command->order == MUSIC_PLAY && command->kind != MUSIC_ANYTHING;
	char taken[MUSIC_NAME_BYTES];

	return command->percent >= 0 && command->percent <= 100 &&
	       command->switch_count <= MUSIC_OUTPUTS_MAX &&
	       (names ? music_name_take(taken, sizeof(taken), command->name)
		      : command->name[0] == '\0');
}

static enum err fake_command(void *self, const struct music_command *command,
			     uint64_t token)
{
	struct music_fake *fake = self;

	if (!is_in_range(command))
		return ERR_RANGE;
	if (!fake->is_up)
		return ERR_CLOSED;
	if (fake->order_count == MUSIC_COMMANDS_MAX)
		return ERR_BUSY;
	fake->tokens[fake->order_count] = token;
	fake->orders[fake->order_count++] = *command;
	return OK;
}

/* ---- the rest of the port ---- */

static const struct music_state *fake_state(void *self)
{
	const struct music_fake *fake = self;
	return &fake->state;
}

static const struct music_library *fake_library(void *self)
{
	const struct music_fake *fake = self;
	return &fake->library;
}

static void fake_duck(void *self, bool on)
{
	struct music_fake *fake = self;
	fake->is_ducked = on;
}

static void fake_use_stations(void *self, const struct radio *radio)
{
	static struct music_library stations;
	struct music_fake *fake = self;

	fake->radio = *radio;
	memset(&stations, 0, sizeof(stations));
	for (size_t i = 0; i < radio->count; i++)
		music_library_add(&stations, MUSIC_STATION, radio->stations[i].name);
	music_library_take(&fake->library, MUSIC_STATION, &stations);
}

static const char *fake_trouble(void *self)
{
	const struct music_fake *fake = self;
	return fake->is_up ? "" : "the music player is away";
}

static void fake_close(void *self)
{
	(void)self;
}

static const struct music_ops OPS = {
	.command = fake_command,
	.state = fake_state,
	.library = fake_library,
	.duck = fake_duck,
	.use_stations = fake_use_stations,
	.trouble = fake_trouble,
	.close = fake_close,
};

enum err music_fake_create(struct music_listener listener, struct music_fake **out_fake)
{
	struct music_fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return ERR_MEMORY;
	fake->listener = listener;
	fake->is_up = true;
	fake->state.volume_percent = FIRST_PERCENT;
	*out_fake = fake;
	return OK;
}

void music_fake_destroy(struct music_fake *fake)
{
	free(fake);
}

struct music music_fake_music(struct music_fake *fake)
{
	return (struct music){&OPS, fake};
}

void music_fake_add(struct music_fake *fake, const struct music_fake_piece *piece)
{
	must(fake->piece_count < MUSIC_FAKE_PIECES_MAX);
	fake->pieces[fake->piece_count++] = piece;
	music_library_add(&fake->library, MUSIC_ARTIST, piece->artist);
	music_library_add(&fake->library, MUSIC_ALBUM, piece->album);
	music_library_add(&fake->library, MUSIC_GENRE, piece->genre);
	fake->library.version++;
	tell(fake);
}

void music_fake_add_output(struct music_fake *fake, const char *name, bool on)
{
	struct music_output *output = &fake->state.outputs[fake->state.output_count];

	must(fake->state.output_count < MUSIC_OUTPUTS_MAX);
	*output = (struct music_output){.id = (uint32_t)fake->state.output_count,
					.is_on = on};
	must(str_copy(output->name, sizeof(output->name), name));
	fake->state.output_count++;
	tell(fake);
}

void music_fake_set_up(struct music_fake *fake, bool up)
{
	const size_t count = fake->order_count;

	fake->is_up = up;
	if (!up)
		fake->state.play = MUSIC_STOPPED;
	fake->order_count = 0;
	for (size_t i = 0; !up && i < count; i++)
		fake->listener.done(fake->listener.context, fake->tokens[i], ERR_CLOSED);
	tell(fake);
}

int music_fake_loudness(const struct music_fake *fake)
{
	const int percent = fake->state.volume_percent;

	return fake->is_ducked && fake->state.play == MUSIC_PLAYING
		       ? percent * MUSIC_DUCK_PERCENT / 100
		       : percent;
}

const char *music_fake_url(const struct music_fake *fake)
{
	return fake->station ? fake->station->url : "";
}

bool music_fake_is_on(const struct music_fake *fake, const char *output)
{
	for (size_t i = 0; i < fake->state.output_count; i++)
		if (str_equal(fake->state.outputs[i].name, output))
			return fake->state.outputs[i].is_on;
	return false;
}
