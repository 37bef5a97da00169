/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room_sound - sound to try out what listens beside its own loudspeaker: stretches of
 * something like speech, a simulated room's echo of it, and noise, cut into frames.
 */
#ifndef CLI_ROOM_SOUND_H
#define CLI_ROOM_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "cli/simulated_room.h"
#include "domain/audio.h"

/* Syllables and pauses of shaped noise and buzz, drawn from state: like speech in its
 * course and its spectrum, and different with every draw. */
void room_sound_speech(uint64_t *state, int level, int16_t *to, size_t count);

/* Chords that change, with a beat. */
void room_sound_music(uint64_t *state, int level, int16_t *to, size_t count);

/* Adds noise of a room (more below than above) with that mean level. */
void room_sound_add_noise(uint64_t *state, double level, float *to, size_t count);

/* A room with two sounds in it. */
struct room_sound_scene {
	struct simulated_room_settings room;
	const int16_t *ours; /* from the loudspeaker */
	double ours_gain;
	const int16_t *theirs; /* from a mouth */
	double theirs_gain;
	double noise; /* room_sound_add_noise */
};

/* What a microphone there hears of it: count samples of each. */
MUST_CHECK enum err room_sound_hear(const struct room_sound_scene *scene, uint64_t *state,
				    float *to, size_t count);

double room_sound_level(const float *sound, size_t count); /* root mean square */
double room_sound_level_s16(const int16_t *sound, size_t count);

/* The frame that begins at sample `at`; silence where there is none. */
struct audio_frame room_sound_frame(const float *sound, size_t count, long at);
struct audio_frame room_sound_frame_s16(const int16_t *sound, size_t count, long at);

#endif
