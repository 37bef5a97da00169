/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utterance - sentences as sound, to be spoken into a microphone's path: the name by a
 * human voice where recordings of it are at hand, else by flite, then the sentence by
 * flite.
 */
#ifndef CLI_UTTERANCE_H
#define CLI_UTTERANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/audio.h"

enum { UTTERANCE_CLIPS_MAX = 256, UTTERANCE_SECONDS_MAX = 20 };

struct utterances;

/* folder holds recordings of the word, one a file; missing or NULL: flite says it. */
MUST_CHECK enum err utterances_create(const char *folder, const char *word,
				      struct utterances **out_utterances,
				      struct err_note *note);
void utterances_destroy(struct utterances *utterances); /* NULL is fine */

/* How many recordings of the name there are. */
size_t utterances_clips(const struct utterances *utterances);

/* The name and the sentence, with the clip-th recording (counted around). The sound stays valid
 * until the next call. */
MUST_CHECK enum err utterances_make(struct utterances *utterances, const char *sentence,
				    size_t clip, struct audio_span *out_sound,
				    struct err_note *note);

#endif
