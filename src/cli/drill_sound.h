/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_sound - what a drill's card says, spoken by the voice that is linked in at two
 * pitches, or by people where there are recordings of them, in quiet and in noise, through
 * the live line: detector, verifier, endpoint, recogniser, grammar, floors and decide(), on a
 * house that only says yes.
 *
 * Each is heard twice: as talk beside a house that listens for its name, and as if that had
 * been believed right before it.
 */
#ifndef CLI_DRILL_SOUND_H
#define CLI_DRILL_SOUND_H

#include "cli/drill.h"

enum { DRILL_SOUND_TEXTS_MAX = 64 };

/* Texts of the card, borrowed. */
struct drill_sound_texts {
	size_t count;
	const char *all[DRILL_SOUND_TEXTS_MAX];
	/* Talk was taken for a request, and a question was asked: what comes of that. NULL:
	 * none may be asked. */
	enum reason (*asked)(void *context);
	/* A home under share/home in which things can be ordered; NULL: the toy one, in which
	 * nothing can. What waits for a tap there is NEEDS_TAP, and no harm. */
	const char *shop;
	void *context;
};

void drill_sound_add(struct drill_sound_texts *texts, const char *text);
void drill_sound_add_lines(struct drill_sound_texts *texts,
			   const struct drill_lines *lines);

/* Counts each text at each pitch, each recording of the folder (NULL: none), in each noise
 * and both ways. */
MUST_CHECK enum err drill_sound_hear(const struct drill_card *card,
				     const struct drill_sound_texts *texts,
				     const char *folder, struct drill_result *result,
				     struct err_note *note);

#endif
