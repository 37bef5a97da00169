/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sphinx - what we use of PocketSphinx: a front end that turns sound into cepstra, and
 * searches that are fed cepstra: one over a grammar, one over a loop of phones.
 *
 * Cepstra are kept by the caller, so that the same frames can be searched again with a
 * better mean. The library's own log is silent. Each object belongs to one thread at a
 * time; different objects may be on different threads.
 */
#ifndef ADAPTER_SPHINX_H
#define ADAPTER_SPHINX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	SPHINX_CEP = 13,        /* coefficients of a frame */
	SPHINX_WORDS_MAX = 128, /* in one sentence; more are cut off */
	SPHINX_WORD_BYTES = 72,
};

struct sphinx_cep {
	float value[SPHINX_CEP];
};

struct sphinx_front;
struct sphinx_search;

/* A word of the best path; frames are those fed to the search, both ends included. */
struct sphinx_word {
	char text[SPHINX_WORD_BYTES]; /* without the number of its pronunciation */
	uint32_t from;
	uint32_t to;
	double score; /* acoustic, log units of the library */
};

/* The searches. wide: beams that noise does not cut off; else the library's own. model is
 * a folder with an acoustic model, the same for both. The notes name the file that is
 * missing or not readable. */
MUST_CHECK enum err sphinx_grammar_create(const char *model, bool wide,
					  struct sphinx_search **out_search,
					  struct err_note *note);
MUST_CHECK enum err sphinx_phones_create(const char *model, const char *phone_model,
					 struct sphinx_search **out_search,
					 struct err_note *note);
void sphinx_search_destroy(struct sphinx_search *search); /* NULL is fine */

/* The grammar that the search is over. Words are added (a second pronunciation of the
 * same word is another call), then arcs, then it is put to use; until then the search
 * keeps the one before. */
struct sphinx_net;
MUST_CHECK enum err sphinx_net_create(struct sphinx_search *search, uint32_t states,
				      struct sphinx_net **out_net);
/* ERR_FORMAT when the model lacks a phone. */
MUST_CHECK enum err sphinx_net_word(struct sphinx_net *net, const char *word,
				    const char *phones);
/* word NULL: nothing is said. From, to < states. */
void sphinx_net_arc(struct sphinx_net *net, uint32_t from, uint32_t to, const char *word);
/* The same, taken with that probability (above 0, at most 1). */
void sphinx_net_arc_likely(struct sphinx_net *net, uint32_t from, uint32_t to,
			   const char *word, double probability);
/* Takes the net, whatever happens. */
MUST_CHECK enum err sphinx_net_use_take(struct sphinx_net **net, uint32_t start,
					uint32_t final);
void sphinx_net_destroy(struct sphinx_net *net); /* NULL is fine */

/* A pass over an utterance: begin, feed frames whose mean was taken away, look, end. */
MUST_CHECK enum err sphinx_begin(struct sphinx_search *search);
MUST_CHECK enum err sphinx_feed(struct sphinx_search *search,
				const struct sphinx_cep *frames, size_t count);
void sphinx_end(struct sphinx_search *search); /* not begun: nothing */

/* The best path so far; after end only one that reaches the final state. out_words has
 * room for SPHINX_WORDS_MAX; fillers are left out. */
size_t sphinx_words(struct sphinx_search *search, struct sphinx_word *out_words);

/* The phone loop's acoustic score of each frame so far, phones spread evenly. Returns
 * how many were written. */
size_t sphinx_phone_scores(struct sphinx_search *search, float *to, size_t count_max);

/* What a front end leaves out. */
enum sphinx_front_kind {
	SPHINX_FRONT_KEPT,  /* noise and frames of silence: as the models were trained */
	SPHINX_FRONT_QUIET, /* noise; the values of a frame are those of KEPT */
	SPHINX_FRONT_RAW,   /* nothing */
};

/* A front end as the search's acoustic model wants it. */
MUST_CHECK enum err sphinx_front_create(struct sphinx_search *search,
					enum sphinx_front_kind kind,
					struct sphinx_front **out_front);
void sphinx_front_destroy(struct sphinx_front *front); /* NULL is fine */
void sphinx_front_begin(struct sphinx_front *front);   /* forgets noise, too */
/* Writes at most count_max frames (what is over the limit is lost); returns how many. */
size_t sphinx_front_feed(struct sphinx_front *front, const int16_t *samples, size_t count,
			 struct sphinx_cep *to, size_t count_max);
size_t sphinx_front_end(struct sphinx_front *front, struct sphinx_cep *to,
			size_t count_max);

#endif
