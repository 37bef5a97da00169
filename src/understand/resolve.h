/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve - from words to one intent, or a question.
 *
 * Inside of understand/ only.
 */
#ifndef UNDERSTAND_RESOLVE_H
#define UNDERSTAND_RESOLVE_H

#include "understand/match.h"

/* What was said, and where. */
struct request {
	const struct understand *understand;
	const char *text;
	const struct normal *normal;
	const char *here; /* the speaker's area as the house writes it, "" none */
	bool heard;       /* by a recogniser: names that sound the same are one name */
};

/* The words to match: of the request, with some left out or read another way. */
struct wording {
	size_t count;
	uint32_t words[NORMAL_WORDS_MAX];   /* numbers of the vocabulary, or VOCAB_NONE */
	uint16_t sources[NORMAL_WORDS_MAX]; /* which word of the request each is */
};

struct resolved {
	struct understanding understanding;
	struct match_score score;
	char explained[TEXT_BYTES]; /* the words, without those that nothing explains */
};

/* The text of a word. */
const char *wording_word(const struct request *request, const struct wording *wording,
			 size_t index);

/* False when the words are no sentence (frame) whose contexts fit. */
bool resolve(const struct request *request, const struct wording *wording,
	     enum match_among among, struct resolved *out_resolved);

#endif
