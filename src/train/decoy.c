/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decoy - see the header. A piece may begin and end within a word, as bad clips do.
 */
#include "train/decoy.h"

#include <stdlib.h>

#include "base/must.h"

enum { KIND_DECOY = 701, TRIES = 8 };

static const double QUIET_DB = -55; /* a piece of a pause is none */

/* ERR_MISSING: nothing loud enough was found. */
static enum err cut(const struct surroundings *around, struct random *random, size_t size,
		    struct example *decoy)
{
	enum err err = sound_init(&decoy->sound, size);

	if (err)
		return err;
	decoy->path = "a decoy";
	decoy->sound.count = size;
	decoy->span = (struct word_span){0, size};
	for (size_t i = 0; i < TRIES; i++) {
		if (surroundings_excerpt(&around->talk, random, size,
					 decoy->sound.samples) &&
		    sound_db(sound_power(decoy->sound.samples, size)) > QUIET_DB)
			return OK;
	}
	sound_finish(&decoy->sound);
	return ERR_MISSING;
}

enum err decoys_cut(const struct surroundings *around, uint64_t seed,
		    const struct examples *names, struct examples *out_decoys)
{
	struct random random = random_stream(seed, KIND_DECOY, 0);
	struct examples made = {.all = calloc(DECOYS, sizeof(*made.all))};

	must(names->count > 0);
	if (!made.all)
		return ERR_MEMORY;
	for (size_t i = 0; i < DECOYS && around->talk.count > 0; i++) {
		const struct word_span *span = &names->all[i % names->count].span;
		const enum err err = cut(around, &random, span->end - span->begin,
					 &made.all[made.count]);

		if (err == ERR_MEMORY) {
			examples_finish(&made);
			return err;
		}
		made.count += err == OK;
	}
	*out_decoys = made;
	return OK;
}
