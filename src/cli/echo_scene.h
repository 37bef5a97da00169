/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_scene - a simulated room in which we play and people say our name.
 *
 * Holds recordings of the name by people, music and our own voice, and builds what a
 * microphone hears of them. Everything is drawn from one seed. One thread.
 */
#ifndef CLI_ECHO_SCENE_H
#define CLI_ECHO_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/simulated_room.h"
#include "domain/audio.h"

enum {
	ECHO_SCENE_CLIPS_MAX = 400,
	ECHO_SCENE_SECONDS_MAX = 60,
	ECHO_SCENE_CLIP_SECONDS_MAX = 6,
};

enum echo_scene_source { ECHO_SCENE_MUSIC, ECHO_SCENE_SPEECH, ECHO_SCENE_NAMES };

struct echo_scene;

/* Recordings of the word: $BEHEST_AUDIO/wake/WORD, else ../shared/audio; ERR_MISSING
 * where there are none. Music: the files of $BEHEST_MUSIC, else chords that are made. */
MUST_CHECK enum err echo_scene_create(const char *word, uint64_t seed,
				      struct echo_scene **out_scene,
				      struct err_note *note);
void echo_scene_destroy(struct echo_scene *scene); /* NULL is fine */
size_t echo_scene_clips(const struct echo_scene *scene);

/* Into another room, of that number. */
MUST_CHECK enum err echo_scene_move(struct echo_scene *scene, uint64_t number);
const struct simulated_room *echo_scene_room(const struct echo_scene *scene);
uint64_t *echo_scene_dice(struct echo_scene *scene);

/* What we play: count samples of music, of our voice, or of our voice, other voices and
 * the name in turn; out_names: how often. At an even level. */
MUST_CHECK enum err echo_scene_ours(struct echo_scene *scene,
				    enum echo_scene_source source, int16_t *to,
				    size_t count, unsigned *out_names);
/* One of our prompts, valid until the next call of any of these. */
MUST_CHECK enum err echo_scene_prompt(struct echo_scene *scene, size_t number,
				      struct audio_span *out_sound);
/* A recording of the name, valid until the next call. */
MUST_CHECK enum err echo_scene_name(struct echo_scene *scene, size_t clip,
				    struct audio_span *out_sound, struct err_note *note);

/* Level of what is loud in it, and the same between 300 and 4500 Hz. */
double echo_scene_level(const float *sound, size_t count);
double echo_scene_speech_level(const float *sound, size_t count);

#endif
