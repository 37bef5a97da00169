/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features - sound as the head sees it: rows of embeddings, one each 80 ms.
 *
 * A take is one life of one example; a stretch is a run of other sound, as it would go
 * through a room's microphone for some minutes. Windows are HEAD_STEPS rows and are named
 * by their last one. One number costs four bytes: about 17 MB for an hour.
 */
#ifndef TRAIN_FEATURES_H
#define TRAIN_FEATURES_H

#include "listen/head.h"
#include "train/augment.h"
#include "train/examples.h"
#include "train/listing.h"
#include "train/outside.h"

enum {
	FEATURES_AFTER_MS =
		320, /* windows that end so long behind the name still hold it */
	FEATURES_ROWS_MAX = 4 * 1000 * 1000, /* about 90 hours, 1.5 GB */
};

struct rows {
	float *values; /* owned: count x EMBEDDING_SIZE */
	size_t count;
	size_t room;
};

struct take {
	struct rows rows;
	size_t first; /* windows that hold the name: their last rows, inclusive */
	size_t last;
	size_t before; /* windows up to here hold less than half of the name */
	size_t example;
	uint32_t source; /* of the example */
	size_t copy;
};

struct takes {
	struct take *all; /* owned */
	size_t count;
};

struct stretch {
	struct rows rows;
	uint32_t source;
	size_t copy;
	size_t file; /* of the listing; the first one */
	size_t files;
	size_t left_out;
	struct err_note complaint; /* about the first that was left out */
};

struct stretches {
	struct stretch *all; /* owned */
	size_t count;
	double seconds; /* of sound that was read, without copies */
	size_t left_out;
};

struct feature_plan {
	const struct surroundings *around;
	uint64_t seed;
	const char *stage;
	size_t copies; /* lives of each example; passes over the other sound */
};

/* Takes of the examples whose held_back is as asked and that are not suspicious, copies
 * of one behind another. */
MUST_CHECK enum err features_takes(const struct outside *outside,
				   const struct feature_plan *plan,
				   const struct examples *examples, bool held_back,
				   struct takes *out_takes, struct err_note *note);
void takes_finish(struct takes *takes); /* zeroed is fine */

/* ERR_LIMIT: more than FEATURES_ROWS_MAX. Files that cannot be read are named and left
 * out. */
MUST_CHECK enum err features_stretches(const struct outside *outside,
				       const struct feature_plan *plan,
				       const struct listing *listing,
				       struct stretches *out_stretches,
				       struct err_note *note);
/* One changed life of each decoy, as a stretch of DECOY_SOURCE behind those there are. */
MUST_CHECK enum err features_decoys(const struct outside *outside,
				    const struct feature_plan *plan,
				    const struct examples *decoys,
				    struct stretches *stretches, struct err_note *note);
void stretches_finish(struct stretches *stretches); /* zeroed is fine */

/* The window that ends with a row >= HEAD_STEPS - 1. */
static inline const float *rows_window(const struct rows *rows, size_t last)
{
	return rows->values + (last + 1 - HEAD_STEPS) * EMBEDDING_SIZE;
}

/* How many windows there are. */
static inline size_t rows_windows(const struct rows *rows)
{
	return rows->count >= HEAD_STEPS ? rows->count - HEAD_STEPS + 1 : 0;
}

#endif
