/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recogniser_pocketsphinx - the recogniser port over PocketSphinx: a grammar and a phone
 * loop over the same frames, on a thread of its own, while the person speaks.
 *
 * How it keeps up, and what was measured: docs/why/recogniser.md.
 */
#ifndef ADAPTER_RECOGNISER_POCKETSPHINX_H
#define ADAPTER_RECOGNISER_POCKETSPHINX_H

#include <stdbool.h>

#include "port/recogniser.h"

/* Files must stay where they are until create has returned; dictionaries are kept open. */
struct recogniser_pocketsphinx_settings {
	const char *model;      /* folder of an acoustic model with the CMU phones */
	const char *dictionary; /* its words, one a line: word, space, phones */
	const char
		*words; /* further ways to say words; NULL: those shipped for English */
	const char *phone_model; /* language model over phones */
	const char *cleaner; /* net of cleaner.h; NULL: the one shipped for that model */
	/* A partial result whose ratio is below this is never called complete. */
	double complete_ratio;
	/* feed, suspect_end and end return only when all that could be done with the sound so
	 * far is done: for files fed faster than real time, the same every time. */
	bool lockstep;
	/* For comparison: nothing is decoded before the end. */
	bool at_once;
	/* For comparison: the same, with the library's own settings, no phone loop (ratio 0). */
	bool plain;
};

/* Those of Debian's pocketsphinx-en-us. */
struct recogniser_pocketsphinx_settings recogniser_pocketsphinx_defaults(void);

/* Loads the model and starts the thread. settings may be NULL. Until a grammar is
 * loaded every result is "". Words that nobody can pronounce are left out with the
 * sentences they stand in: load() succeeds, and its note names the first one. */
MUST_CHECK enum err recogniser_pocketsphinx_create(
	const struct recogniser_pocketsphinx_settings *settings,
	struct recogniser *out_recogniser, struct err_note *note);

#endif
