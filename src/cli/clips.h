/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clips - recordings of people ordering coffee, with what they meant, for benchmarks.
 *
 * A folder with coffee/labels.json ({"id": {"intent", "slots": {}}}), coffee/ID.flac and
 * noise/kitchen.flac: $BEHEST_AUDIO, else ../shared/audio. It does not come with the
 * program. One thread.
 */
#ifndef CLI_CLIPS_H
#define CLI_CLIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "domain/audio.h"
#include "domain/intent.h"

enum { CLIPS_MAX = 1000, CLIP_SECONDS_MAX = 40, CLIPS_NOISE_SECONDS_MAX = 300 };

struct clips;
struct json_value;

enum clips_mix {
	CLIPS_CLEAN,
	CLIPS_BY_MEAN,    /* ratio of mean powers, over the clip */
	CLIPS_BY_LOUDEST, /* ratio of the loudest 128 ms of both, as their publishers mix */
};

struct clips_noise {
	enum clips_mix mix;
	double db;    /* the clip over the noise */
	size_t place; /* each number another one for each clip, all in the second half of
		       * the noise: the first is for tuning, and the cleaner knows it */
};

/* $BEHEST_AUDIO, else ../shared/audio; ERR_MISSING as clips_open. */
enum { CLIPS_FOLDER_BYTES = FILE_PATH_BYTES };
MUST_CHECK enum err clips_folder(char folder[CLIPS_FOLDER_BYTES], struct err_note *note);

/* ERR_MISSING, with a note fit for "skipped: ...", when the folder is not here. */
MUST_CHECK enum err clips_open(struct clips **out_clips, struct err_note *note);
void clips_close(struct clips *clips); /* NULL is fine */

/* Another noise instead of the kitchen's: a sound file. */
MUST_CHECK enum err clips_use_noise(struct clips *clips, const char *path,
				    struct err_note *note);
size_t clips_count(const struct clips *clips);
const char *clips_name(const struct clips *clips, size_t index);

/* True when the label names that slot. */
bool clips_has_slot(const struct clips *clips, size_t index, const char *name);

/* The sound of one, valid until the next call. The noise is always from the same place
 * for a clip and a wish. */
MUST_CHECK enum err clips_load(struct clips *clips, size_t index,
			       struct clips_noise noise, struct audio_span *out_sound,
			       struct err_note *note);

/* The kitchen over any sound, in place; the name says where in the noise it begins. */
void clips_add_noise(const struct clips *clips, const char *name,
		     struct clips_noise wanted, int16_t *samples, size_t count);

/* The same with any noise, which must be longer than the sound; else nothing is added. */
void clips_lay_noise(struct audio_span over, const char *name, struct clips_noise wanted,
		     int16_t *samples, size_t count);

/* A sound file's whole frames, at most count_max samples of it. */
MUST_CHECK enum err clips_read(const char *path, int16_t *samples, size_t count_max,
			       size_t *out_count, struct err_note *note);

/* True when the intent and every slot are as in a label, {"intent", "slots": {}}. */
bool clips_label_right(const struct json_value *label, const struct intent *intent);

/* True when the intent and every slot are as labelled, and there are no others. */
bool clips_right(const struct clips *clips, size_t index, const struct intent *intent);

#endif
