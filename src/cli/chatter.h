/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chatter - what people say around a house: words drawn one by one as often as they are
 * said, and real sentences. No word of it is for us.
 *
 * Words come from a list of {"word", "count"} (tools/fetch-data), sentences from files of
 * one {"text"} a line. A word is a number, the same for every text. One thread.
 */
#ifndef CLI_CHATTER_H
#define CLI_CHATTER_H

#include "base/err.h"
#include "domain/intent.h"
#include "train/random.h"

enum {
	CHATTER_WORDS_MAX = 20, /* said at once: 8 s of talk at 150 words a minute */
	CHATTER_FILE_BYTES_MAX = 64 * 1024 * 1024,
	CHATTER_FRAMES = 40, /* 10 ms frames that a word takes at that pace */
};

struct chatter;

/* Something said. */
struct chatter_said {
	size_t count; /* at least 1 */
	uint32_t words[CHATTER_WORDS_MAX];
};

MUST_CHECK enum err chatter_create(struct chatter **out_chatter);
void chatter_destroy(struct chatter *chatter); /* NULL is fine */

/* Adds the words of a list with how often each is said. The note names the path.
 * ERR_MISSING: it is not there. */
MUST_CHECK enum err chatter_add_words(struct chatter *chatter, const char *path,
				      struct err_note *note);
/* Adds the sentences of a file, or of each .jsonl file of a folder. */
MUST_CHECK enum err chatter_add_sentences(struct chatter *chatter, const char *path,
					  struct err_note *note);

/* The number of a word, made when it is new. */
MUST_CHECK enum err chatter_word(struct chatter *chatter, const char *text,
				 uint32_t *out_word);
const char *chatter_text_of(const struct chatter *chatter, uint32_t word);
size_t chatter_word_count(const struct chatter *chatter);
size_t chatter_sentence_count(const struct chatter *chatter);

/* Draws 1 to CHATTER_WORDS_MAX words, or where there are sentences, every second time one
 * of these, cut where it is longer. Words must have been added. */
void chatter_draw(const struct chatter *chatter, struct random *random,
		  struct chatter_said *out_said);

/* The words with one space between. */
void chatter_to_text(const struct chatter *chatter, const struct chatter_said *said,
		     char to[TEXT_BYTES]);

#endif
