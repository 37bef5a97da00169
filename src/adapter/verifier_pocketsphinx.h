/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verifier_pocketsphinx - the name between two stretches of any sounds, against any sounds
 * alone: the verifier port by PocketSphinx.
 *
 * One search must pass through the name once, with a loop of phones before and behind it;
 * another is a loop of phones only. Over the frames where the first puts the name, the
 * difference of their acoustic scores per frame is the ratio: what was not the name fits
 * free phones much better. Keyword against filler models: Rohlicek et al., 1989.
 */
#ifndef ADAPTER_VERIFIER_POCKETSPHINX_H
#define ADAPTER_VERIFIER_POCKETSPHINX_H

#include "base/err.h"
#include "port/verifier.h"

struct verifier_pocketsphinx_settings {
	const char *word; /* "hey behest"; lower case */
	double floor;     /* where the detector hardly doubts; 0: the standard one */
};

/* Note: which file or word is missing. */
MUST_CHECK enum err verifier_pocketsphinx_open(
	const struct verifier_pocketsphinx_settings *settings,
	struct verifier *out_verifier, struct err_note *note);

#endif
