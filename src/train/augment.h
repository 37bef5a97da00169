/* SPDX-License-Identifier: Apache-2.0 */
/*
 * augment - one clip, many lives: other speakers, rooms, distances, noises, devices.
 *
 * A plan is drawn first and then carried out, so that what was done can be told and
 * tested. One augment per thread; the surroundings are shared.
 */
#ifndef TRAIN_AUGMENT_H
#define TRAIN_AUGMENT_H

#include "train/filter.h"
#include "train/surroundings.h"
#include "train/word.h"

enum {
	AUGMENT_SECTION_SECONDS = 20,
	AUGMENT_SAMPLES_MAX = (AUGMENT_SECTION_SECONDS + 1) * AUDIO_HZ,
	AUGMENT_LEAD_MS = 2000, /* before a name: more than a head looks back */
	AUGMENT_AFTER_MS = 640, /* behind it */
};

struct augment_plan {
	double speed; /* 1: as spoken; larger is faster */
	double pitch; /* 1: as spoken; larger is higher */
	int room;     /* -1: none */
	enum filter_band band;
	enum noise_kind noise;
	double noise_db; /* sound over noise; INFINITY: none */
	double talk_db;  /* sound over other talk; INFINITY: nobody */
	double level_db; /* loudest 100 ms, below full scale */
	double clip;     /* of the peak; 1: not clipped */
	double offset;   /* DC, of full scale */
	bool talk_before;
	bool talk_after;
};

/* Copy 0 of everything is as it was, but for its level. */
struct augment_plan augment_draw_name(struct random *random, size_t copy);
struct augment_plan augment_draw_section(struct random *random, size_t copy);

struct augment;

MUST_CHECK enum err augment_create(const struct surroundings *surroundings,
				   struct augment **out_augment);
void augment_destroy(struct augment *augment); /* NULL is fine */

/* The name alone, placed into a stretch of its own; out_end is the first sample behind it.
 * to has room for AUGMENT_SAMPLES_MAX. */
void augment_name(struct augment *augment, const struct augment_plan *plan,
		  struct random *random, const struct sound *clip, struct word_span span,
		  struct sound *to, size_t *out_end);

/* A stretch of other sound of at most AUGMENT_SECTION_SECONDS, in place. */
void augment_section(struct augment *augment, const struct augment_plan *plan,
		     struct random *random, struct sound *sound);

#endif
