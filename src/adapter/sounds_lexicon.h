/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sounds_lexicon - how English words sound, for understand/: the same dictionaries and
 * rules that the recogniser has, so that what it cannot tell apart is known to be alike.
 */
#ifndef ADAPTER_SOUNDS_LEXICON_H
#define ADAPTER_SOUNDS_LEXICON_H

#include "base/err.h"
#include "understand/understand.h"

/* Gives sentences in English (or of no language) their sounds, others none. dictionary: of
 * the acoustic model; our own words are added to it. Where there is none, nothing
 * sounds alike. */
MUST_CHECK enum err sounds_lexicon_use(struct sentences *sentences,
				       const char *dictionary, struct err_note *note);

/* The sounds of a language, for who compares names without sentences; the caller closes
 * them. ops is NULL where nothing sounds alike. */
MUST_CHECK enum err sounds_lexicon_open(const char *language, const char *dictionary,
					struct sounds *out_sounds, struct err_note *note);

#endif
