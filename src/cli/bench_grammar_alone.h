/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_grammar_alone - the searches of the embedded recogniser by themselves, without its
 * thread and its passes: what one decode of a whole sound costs over a grammar, and what
 * over the loop of phones.
 *
 * One thread.
 */
#ifndef CLI_BENCH_GRAMMAR_ALONE_H
#define CLI_BENCH_GRAMMAR_ALONE_H

#include <stddef.h>

#include "base/err.h"
#include "domain/audio.h"
#include "domain/grammar.h"

struct alone;

/* With the beams that the recogniser uses. The grammar is copied. */
MUST_CHECK enum err alone_open(const struct grammar *grammar, struct alone **out_alone,
			       struct err_note *note);
void alone_close(struct alone *alone); /* NULL is fine */

/* CPU in ms. */
struct alone_cost {
	double cepstra;
	double grammar;
	double phones;
};
MUST_CHECK enum err alone_decode(struct alone *alone, struct audio_span sound,
				 struct alone_cost *out_cost);

#endif
