/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decoy - pieces of other sound, as short as the name and as alone.
 *
 * Names come as clips and other sound as hours. Without decoys a net learns that a sound
 * by itself is the name: it wakes at any word behind a silence, and a clip of a wrong word
 * among the names is not found out. While wrong clips are looked for they count as one
 * source among the others; a head is taught with as many as there are, for as a source of
 * their own they took too much of what it learns.
 */
#ifndef TRAIN_DECOY_H
#define TRAIN_DECOY_H

#include "train/examples.h"
#include "train/listing.h"
#include "train/surroundings.h"

enum {
	DECOYS = 1500,
	DECOY_SOURCE = LISTING_SOURCES_MAX, /* beyond any that is listed */
};

/* Pieces of the talk around, each as long as one of the names; none where there is no
 * talk. The caller finishes *out_decoys. */
MUST_CHECK enum err decoys_cut(const struct surroundings *around, uint64_t seed,
			       const struct examples *names, struct examples *out_decoys);

#endif
