/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match - walks words through the net and finds every sentence, or frame, they are.
 *
 * All sentences at once, word by word, without going back: the work is bounded by words
 * times states. Inside of understand/ only.
 */
#ifndef UNDERSTAND_MATCH_H
#define UNDERSTAND_MATCH_H

#include "understand/compiled.h"
#include "understand/normal.h"

enum { MATCH_STEPS_MAX = 400000 };
#define MATCH_NONE UINT32_MAX

/* What the words may be. Frames pass over the phrases that are there to be passed over,
 * and over a few words that nothing explains, which count; never over decisive ones. */
enum match_among { MATCH_SENTENCES, MATCH_FRAMES };

enum { MATCH_UNEXPLAINED_MAX = 3 };

/* How good a match is so far; a name of the house counts most, then fixed words. */
struct match_score {
	uint16_t unexplained; /* words passed over that mean something */
	uint16_t wild;        /* words taken by wildcards: the fewer the better */
	uint16_t named;
	uint16_t fixed;
};

/* A sentence at a state after some words; previous leads back to the beginning. */
struct match_step {
	uint32_t state;
	uint32_t previous;
	uint32_t arc;  /* index of the net's arc that led here; NONE: passed over */
	uint32_t node; /* the list's node when the arc takes a list */
	uint32_t next; /* another step after as many words */
	uint16_t from; /* words the arc took */
	uint16_t to;
	struct match_score score;
};

struct match {
	struct match_step *steps;
	size_t count;
	size_t capacity;
	uint32_t accepted; /* the first step of a complete one, linked by next */
};

/* words: numbers of the vocabulary, VOCAB_NONE for unknown ones. match_finish it, also
 * after failure. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err match_run(const struct understand *understand, enum match_among among,
			      const uint32_t *words, size_t word_count,
			      struct match *out_match);
void match_finish(struct match *match);

/* < 0 when a is the better one. */
int match_compare(const struct match_score *a, const struct match_score *b);

#endif
