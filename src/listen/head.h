/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head - one name's judge: the last 16 embeddings in, how much they sound like it out.
 *
 * A few small networks (16 x 96 -> hidden -> hidden -> 1) whose logits are averaged, read
 * from one file made by `behest wake train` (docs/FORMATS.md): weights as half floats,
 * the name, and what calibration found. Immutable after opening; any number of streams
 * and threads may score with it.
 */
#ifndef LISTEN_HEAD_H
#define LISTEN_HEAD_H

#include <stdint.h>

#include "base/err.h"
#include "listen/embedding.h"

enum {
	HEAD_STEPS = 16, /* 1280 ms of embeddings, about 2 s of sound */
	HEAD_INPUTS = HEAD_STEPS * EMBEDDING_SIZE,
	HEAD_HIDDEN_MAX = 128,
	HEAD_NETS_MAX = 8,
	HEAD_NAME_BYTES = 64,
	HEAD_SMOOTH_MAX = 8,
	HEAD_VERSION = 1,
};

struct head_info {
	/* "hey behest": lower case, one space between words */
	char name[HEAD_NAME_BYTES];
	uint32_t nets;
	uint32_t hidden;
	/* the score is the mean of so many newest logits, 1..HEAD_SMOOTH_MAX */
	uint32_t smooth;
	uint32_t name_ms; /* how long the name takes to say: 9 of 10 are shorter */
	float doubtful;   /* scores from here on are candidates, for the verifier */
	float sure;       /* scores from here on are believed at once; >= doubtful */
};

struct head;

/* Note: which file, at which byte, what was expected. ERR_MISSING, ERR_FORMAT (cut short,
 * another version, wrong checksum, a number that is not finite), ERR_MEMORY. */
MUST_CHECK enum err head_open(const char *path, struct head **out_head,
			      struct err_note *note);
void head_close(struct head *head); /* NULL is fine */

const struct head_info *head_info(const struct head *head);

/* The averaged logit of the window, oldest embedding first; finite, about -10..10. */
float head_score(const struct head *head, const float window[HEAD_INPUTS]);

#endif
