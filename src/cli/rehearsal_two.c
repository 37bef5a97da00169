/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_two - see the header. The second microphone has reflections of its own, those of
 * another room: real ones, a hand apart, differ less.
 */
#include "cli/rehearsal_two.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/one_sided.h"
#include "adapter/voice_flite.h"
#include "base/must.h"
#include "cli/room_sound.h"

enum {
	SECONDS = 8,
	COUNT = SECONDS * AUDIO_HZ,
	QUIET = AUDIO_HZ, /* before it */
	LEVEL = 1500,
	ROOM_NOISE =
		30, /* 34 dB below; the same in both, and half of it each one's own */
	OTHER_ROOM = 1000,
};

static const double APART_DB_MAX = 6.0; /* of their sensitivities */

struct rehearsal_two {
	struct voice voice;
	int16_t said[COUNT];
	float heard[ONE_SIDED_CHANNELS][COUNT];
	int16_t both[COUNT * ONE_SIDED_CHANNELS];
};

enum err rehearsal_two_open(struct rehearsal_two **out_two)
{
	struct rehearsal_two *two = calloc(1, sizeof(*two));
	enum err err = ERR_MEMORY;

	if (!two)
		return err;
	err = voice_flite_create(&two->voice);
	if (err)
		rehearsal_two_close(two);
	else
		*out_two = two;
	return err;
}

void rehearsal_two_close(struct rehearsal_two *two)
{
	if (!two)
		return;
	voice_close(&two->voice);
	free(two);
}

static enum err speak(struct rehearsal_two *two, const char *text)
{
	struct audio_span sound = {NULL, 0};
	enum err err = voice_speak(&two->voice, text, &sound);

	if (err)
		return err;
	if (sound.count > COUNT - QUIET)
		return ERR_LIMIT;
	memset(two->said, 0, sizeof(two->said));
	memcpy(two->said + QUIET, sound.samples, sound.count * sizeof(*sound.samples));
	return OK;
}

/* What a person says gets to one of them by way of that room. */
static enum err through(struct rehearsal_two *two, uint64_t room, float to[COUNT])
{
	const struct audio_span said = {two->said, COUNT};
	struct simulated_room *made = NULL;
	enum err err =
		simulated_room_create(&(struct simulated_room_settings){.seed = room},
				      &made);

	if (!err)
		err = simulated_room_speak(made, said, 1.0, to, COUNT);
	simulated_room_destroy(made);
	return err;
}

static void scale(float sound[COUNT], double gain)
{
	for (size_t i = 0; i < COUNT; i++)
		sound[i] = (float)(gain * (double)sound[i]);
}

/* Noise of the room in both, and each one's own; then the second is that much less
 * sensitive. */
static void finish(struct rehearsal_two *two, uint64_t room)
{
	uint64_t dice = room;
	const double gain =
		pow(10.0,
		    simulated_room_uniform(&dice, -APART_DB_MAX, APART_DB_MAX) / 20.0);

	for (size_t c = 0; c < ONE_SIDED_CHANNELS; c++) {
		uint64_t same = room;

		room_sound_add_noise(&same, ROOM_NOISE, two->heard[c], COUNT);
		room_sound_add_noise(&dice, ROOM_NOISE / 2.0, two->heard[c], COUNT);
	}
	scale(two->heard[1], gain);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t c = 0; c < ONE_SIDED_CHANNELS; c++)
			two->both[i * ONE_SIDED_CHANNELS + c] = (int16_t)lround(
				fmax(INT16_MIN,
				     fmin(INT16_MAX, (double)two->heard[c][i])));
}

static uint32_t count_marked_ms(const struct rehearsal_two *two)
{
	struct one_sided one;
	uint32_t marked_ms = 0;

	one_sided_init(&one, AUDIO_HZ);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT;
	     at += AUDIO_FRAME_SAMPLES) {
		one_sided_feed(&one, two->both + at * ONE_SIDED_CHANNELS,
			       AUDIO_FRAME_SAMPLES, ONE_SIDED_CHANNELS);
		marked_ms += one_sided_now(&one) ? AUDIO_FRAME_MS : 0;
	}
	return marked_ms;
}

static void by_light(struct rehearsal_two *two, uint64_t room)
{
	memset(two->heard, 0, sizeof(two->heard));
	for (size_t i = 0; i < COUNT; i++)
		two->heard[room % ONE_SIDED_CHANNELS][i] = two->said[i];
	scale(two->heard[room % ONE_SIDED_CHANNELS],
	      LEVEL / (room_sound_level_s16(two->said, COUNT) + 1.0));
}

static enum err by_voice(struct rehearsal_two *two, uint64_t room)
{
	enum err err = OK;

	memset(two->heard, 0, sizeof(two->heard));
	for (size_t c = 0; !err && c < ONE_SIDED_CHANNELS; c++) {
		err = through(two, room + c * OTHER_ROOM, two->heard[c]);
		scale(two->heard[c],
		      LEVEL / (room_sound_level(two->heard[c], COUNT) + 1.0));
	}
	return err;
}

enum err rehearsal_two_say(struct rehearsal_two *two, const char *text, uint64_t room,
			   struct rehearsal_two_heard *out_heard)
{
	enum err err = speak(two, text);

	if (err)
		return err;
	by_light(two, room);
	finish(two, room);
	out_heard->light_ms = count_marked_ms(two);
	err = by_voice(two, room);
	finish(two, room);
	out_heard->spoken_ms = count_marked_ms(two);
	return err;
}
