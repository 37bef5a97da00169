/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_pocketsphinx - hears the name with PocketSphinx's keyphrase search.
 *
 * Works for any word of the dictionary without training, and is the first detector, not
 * the last. The score is the decimal logarithm of the name's likelihood against a loop of
 * phones: 0 is as good as free phones. Of human clips of the name it misses 20 of 193 for
 * "jarvis", 26 of 205 for "computer" and 13 of 156 for "alexa", at floors chosen on the same
 * clips where about 3 % of other words were taken for the name: unseen voices will do no
 * better. Where a believed name began is told within 50 ms for most of them.
 */
#ifndef ADAPTER_WAKE_POCKETSPHINX_H
#define ADAPTER_WAKE_POCKETSPHINX_H

#include "base/err.h"
#include "port/wake.h"

enum {
	WAKE_WORD_BYTES = 64,
	WAKE_PHONES_BYTES = 256,
	WAKE_WORDS_MAX = 4, /* "hey jarvis" is two */
};

struct wake_pocketsphinx_settings {
	const char *word; /* letters, and spaces between words; case does not matter */
	const char *
		phones; /* for a single word that the dictionary lacks, in ARPAbet; or NULL */
	double floor; /* 0: the measured one for the word, or a middle one */
};

/* ERR_MISSING: a word is not in the dictionary and no phones were given. ERR_FORMAT: it is
 * not a word. ERR_IO: the acoustic model cannot be loaded. Note: one line. */
MUST_CHECK enum err wake_pocketsphinx_open(
	const struct wake_pocketsphinx_settings *settings, struct wake *out_wake,
	struct err_note *note);

#endif
