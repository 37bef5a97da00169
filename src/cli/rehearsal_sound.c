/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_sound - see the header. The detector alone is not the real one: it tells where
 * the name is by counting frames.
 */
#include "cli/rehearsal_sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/room_sound.h"
#include "listen/listen.h"

enum {
	COUNT = 4 * AUDIO_HZ,
	NAME_AT = 2 * AUDIO_HZ, /* the room has been quiet for a while */
	NAME_MS = 600,
	NAME_SAMPLES = AUDIO_HZ / 1000 * NAME_MS,
	LEVEL = 6000,
	NOISE = 20,
};

/* Hears the name when so many frames have been fed. */
struct counting {
	size_t fed;
	size_t at;
};

static void feed(void *self, const struct audio_frame *frame,
		 struct wake_report *out_report)
{
	struct counting *counting = self;

	(void)frame;
	*out_report = (struct wake_report){.floor = 0.5};
	if (counting->fed++ != counting->at)
		return;
	out_report->candidate = true;
	out_report->accepted = true;
	out_report->score = 1;
	out_report->back_ms = NAME_MS;
}

static void keep_counting(void *self)
{
	(void)self;
}

static const struct wake_ops COUNTING = {feed, keep_counting, keep_counting};

static void make_sound(uint64_t seed, const struct rehearsal_place *place,
		       float sound[COUNT])
{
	static int16_t name[NAME_SAMPLES];
	const size_t at =
		NAME_AT + (size_t)place->late_ms * (AUDIO_HZ / 1000); /* <= 1 s late */
	const double gain = pow(10.0, place->db / 20.0);
	uint64_t dice = seed;

	room_sound_speech(&dice, LEVEL, name, NAME_SAMPLES);
	memset(sound, 0, COUNT * sizeof(*sound));
	for (size_t i = 0; i < NAME_SAMPLES; i++)
		sound[at + i] = (float)(gain * name[i]);
	room_sound_add_noise(&dice, NOISE, sound, COUNT);
}

static void follow(const struct listen_report *report, int64_t now_ms,
		   struct rehearsal_heard_by *heard)
{
	if (report->event == LISTEN_WOKE) {
		heard->woke = true;
		heard->level_db = report->level_db;
		heard->at_ms = now_ms;
		heard->frames += report->replay_count;
	}
	heard->frames += report->event == LISTEN_LEASED_FRAME;
}

enum err rehearsal_sound_hear(uint64_t seed, const struct rehearsal_place *place,
			      bool muted, struct rehearsal_heard_by *out_heard)
{
	static float sound[COUNT];
	const size_t end =
		(NAME_AT + NAME_SAMPLES + (size_t)place->late_ms * (AUDIO_HZ / 1000)) /
		AUDIO_FRAME_SAMPLES;
	struct counting counting = {.at = end};
	struct wake wake = {&COUNTING, &counting};
	struct listen *listen = NULL;
	struct listen_report report;
	enum err err = listen_create(&wake, &listen);

	if (err)
		return err;
	make_sound(seed, place, sound);
	*out_heard = (struct rehearsal_heard_by){.woke = false};
	listen_mute(listen, muted, 0, &report);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT;
	     at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame frame = room_sound_frame(sound, COUNT, (long)at);

		listen_feed(listen, &frame, audio_ms(at), &report);
		follow(&report, audio_ms(at), out_heard);
	}
	listen_destroy(listen);
	return OK;
}
