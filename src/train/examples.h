/* SPDX-License-Identifier: Apache-2.0 */
/*
 * examples - the clips in which the name is spoken, read whole and looked at.
 */
#ifndef TRAIN_EXAMPLES_H
#define TRAIN_EXAMPLES_H

#include <stdbool.h>

#include "train/listing.h"
#include "train/outside.h"
#include "train/sound.h"
#include "train/word.h"

enum {
	EXAMPLES_MIN = 8, /* fewer make no head */
	EXAMPLE_SECONDS_MAX = 15,
	EXAMPLES_NAMED_MAX = 20, /* lines about clips that are left out */
};

struct example {
	const char *path; /* the listing's */
	uint32_t source;
	struct sound sound;
	struct word_span span;
	bool held_back;  /* for validation */
	bool suspicious; /* does not sound like the others: not trained on */
};

struct examples {
	struct example *all; /* owned */
	size_t count;
	size_t left_out; /* broken, quiet, without a name in them */
};

/* Reads what the listing names; clips that cannot be used are named and left out. Fewer
 * than least is ERR_MISSING, with the place's name. The listing outlives it. */
MUST_CHECK enum err examples_load(const struct outside *outside,
				  const struct listing *listing, size_t least,
				  struct examples *out_examples, struct err_note *note);
/* One more, from memory; the sound is copied. name is borrowed. Errors as word_find. */
MUST_CHECK enum err examples_add(struct examples *examples, const char *name,
				 struct audio_span sound, struct err_note *note);
void examples_finish(struct examples *examples); /* zeroed is fine */

/* Marks about a share of them by a hash of their names, at least two. */
void examples_hold_back(struct examples *examples, double share);

/* What 9 of 10 names are not longer than. */
uint32_t examples_name_ms(const struct examples *examples);

/* A whole sound file of at most count_max samples into to. ERR_LIMIT: longer. */
MUST_CHECK enum err examples_read(const struct outside_reader *reader, const char *path,
				  struct sound *to, struct err_note *note);

#endif
