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

#include "base/err.h"
#include "domain/audio.h"
#include "domain/intent.h"

enum { CLIPS_MAX = 1000, CLIP_SECONDS_MAX = 40, CLIPS_NOISE_SECONDS_MAX = 300 };

struct clips;

/* ERR_MISSING, with a note fit for "skipped: ...", when the folder is not here. */
MUST_CHECK enum err clips_open(struct clips **out_clips, struct err_note *note);
void clips_close(struct clips *clips); /* NULL is fine */
size_t clips_count(const struct clips *clips);

/* The sound of one, valid until the next call. noise_db: the ratio of the clip's mean
 * power to the noise's that is mixed in, always from the same place for a clip; NAN for
 * the clip as it is. */
MUST_CHECK enum err clips_load(struct clips *clips, size_t index, double noise_db,
			       struct audio_span *out_sound, struct err_note *note);

/* True when the intent and every slot are as labelled, and there are no others. */
bool clips_right(const struct clips *clips, size_t index, const struct intent *intent);

#endif
