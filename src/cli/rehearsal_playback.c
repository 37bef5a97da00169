/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_playback - see the header. Speaks a while before, because nobody's echo can be
 * taken out before it has been heard. Knows no words and decides nothing.
 */
#include "cli/rehearsal_playback.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/ears.h"
#include "adapter/echo_speex.h"
#include "adapter/voice_flite.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/room_sound.h"
#include "cli/settle.h"
#include "listen/echo_path.h"
#include "listen/listen.h"

enum {
	SECONDS = 16,
	COUNT = SECONDS * AUDIO_HZ,
	GAP = AUDIO_HZ / 2,
	ECHO_LEVEL = 1500,
	ROOM_NOISE = 15,
	SPAN_MS = 1000, /* what a room marks frames by */
};

static const char *const BEFORE =
	"It is ten past seven, and your train is late by twelve minutes. The window in the "
	"study is open, and it begins to rain.";

struct rehearsal_playback {
	const char *name; /* borrowed */
	struct voice voice;
	struct ears ears;
	struct echo echo;
	struct echo_path *path;
	struct listen *bare; /* hears everything as it is */
	struct listen *over; /* hears what path leaves, while we sound */
	int16_t ours[COUNT];
	float heard[COUNT];
	size_t count; /* of samples that we play */
	size_t from;  /* where the sentence begins */
};

static enum err open_listen(struct rehearsal_playback *playback,
			    struct listen **out_listen)
{
	enum err err = listen_create(&playback->ears.wake, out_listen);

	if (!err && playback->ears.verifier.ops)
		err = listen_use_verifier(*out_listen, &playback->ears.verifier);
	return err;
}

static enum err open_parts(struct rehearsal_playback *playback, const char *name,
			   struct err_note *note)
{
	enum err err = voice_flite_create(&playback->voice);

	if (!err)
		err = ears_open(&(struct ears_settings){.engine = "net",
							.word = name,
							.model = ""},
				&playback->ears, note);
	if (!err)
		err = echo_speex_create(&playback->echo);
	if (!err)
		err = echo_path_create(&playback->echo, &playback->path);
	if (!err && playback->ears.own.ops)
		echo_path_use_wake(playback->path, &playback->ears.own);
	if (!err)
		err = open_listen(playback, &playback->bare);
	if (!err)
		err = open_listen(playback, &playback->over);
	if (err)
		return err;
	listen_use_echo(playback->over, playback->path);
	listen_own_voice(playback->over, true, 0);
	return OK;
}

enum err rehearsal_playback_open(const char *name,
				 struct rehearsal_playback **out_playback,
				 struct err_note *note)
{
	struct rehearsal_playback *playback = calloc(1, sizeof(*playback));
	enum err err = ERR_MEMORY;

	if (!playback)
		return err;
	playback->name = name;
	err = open_parts(playback, name, note);
	if (err)
		rehearsal_playback_close(playback);
	else
		*out_playback = playback;
	return err;
}

void rehearsal_playback_close(struct rehearsal_playback *playback)
{
	if (!playback)
		return;
	listen_destroy(playback->bare);
	listen_destroy(playback->over);
	echo_path_destroy(playback->path);
	echo_close(&playback->echo);
	ears_close(&playback->ears);
	voice_close(&playback->voice);
	free(playback);
}

/* --- what is heard of it ---------------------------------------------------------------- */

static enum err add(struct rehearsal_playback *playback, const char *text)
{
	struct audio_span sound = {NULL, 0};
	enum err err = voice_speak(&playback->voice, text, &sound);

	if (err)
		return err;
	if (playback->count + sound.count + GAP > COUNT)
		return ERR_LIMIT;
	memcpy(playback->ours + playback->count, sound.samples,
	       sound.count * sizeof(*sound.samples));
	playback->count += sound.count + GAP;
	return OK;
}

static enum err play(struct rehearsal_playback *playback, const char *text, uint64_t room)
{
	const struct audio_span ours = {playback->ours, COUNT};
	struct simulated_room *made = NULL;
	enum err err;

	memset(playback->ours, 0, sizeof(playback->ours));
	memset(playback->heard, 0, sizeof(playback->heard));
	playback->count = 0;
	err = add(playback, BEFORE);
	playback->from = playback->count;
	if (!err)
		err = add(playback, playback->name);
	if (!err)
		err = add(playback, text);
	if (!err)
		err = simulated_room_create(
			&(struct simulated_room_settings){.seed = room}, &made);
	if (!err)
		err = simulated_room_play(made, ours, 1.0, playback->heard, COUNT);
	simulated_room_destroy(made);
	return err;
}

static void add_noise(struct rehearsal_playback *playback, uint64_t room)
{
	const double gain =
		ECHO_LEVEL / (room_sound_level(playback->heard, playback->count) + 1.0);
	uint64_t dice = room;

	for (size_t i = 0; i < COUNT; i++)
		playback->heard[i] = (float)(gain * (double)playback->heard[i]);
	room_sound_add_noise(&dice, ROOM_NOISE, playback->heard, COUNT);
}

static void begin(struct rehearsal_playback *playback, struct listen *listen)
{
	listen_wait(listen);
	settle(&playback->ears.wake);
	echo_path_reset(playback->path);
}

static void listen_bare(struct rehearsal_playback *playback,
			struct rehearsal_played *played)
{
	struct listen_report report;

	begin(playback, playback->bare);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT;
	     at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame frame =
			room_sound_frame(playback->heard, COUNT, (long)at);

		listen_feed(playback->bare, &frame, audio_ms(at), &report);
		played->naive_woke +=
			report.event == LISTEN_WOKE || report.event == LISTEN_REJECTED;
		if (report.event == LISTEN_WOKE)
			listen_wait(playback->bare);
	}
}

static void listen_over(struct rehearsal_playback *playback,
			struct rehearsal_played *played)
{
	struct listen_report report;

	begin(playback, playback->over);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT;
	     at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame left =
			room_sound_frame_s16(playback->ours, COUNT, (long)at);
		struct audio_frame frame =
			room_sound_frame(playback->heard, COUNT, (long)at);

		echo_path_feed(playback->path, &frame, &left, &frame);
		listen_feed(playback->over, &frame, audio_ms(at), &report);
		played->woke += report.event == LISTEN_WOKE;
		played->own += report.event == LISTEN_REJECTED &&
			       str_equal(report.why, "own voice");
		if (at >= playback->from && at < playback->count &&
		    echo_path_match(playback->path, SPAN_MS).ours)
			played->own_ms += AUDIO_FRAME_MS;
		if (report.event == LISTEN_WOKE)
			listen_wait(playback->over);
	}
}

enum err rehearsal_playback_say(struct rehearsal_playback *playback, const char *text,
				uint64_t room, struct rehearsal_played *out_played)
{
	enum err err = play(playback, text, room);

	if (err)
		return err;
	*out_played = (struct rehearsal_played){.woke = 0};
	add_noise(playback, room);
	listen_bare(playback, out_played);
	listen_over(playback, out_played);
	return OK;
}
