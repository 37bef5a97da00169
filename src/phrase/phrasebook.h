/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrasebook - the words of one language for everything the house says.
 *
 * Read from a language's responses.yaml (docs/FORMATS.md), which has to be whole: a key
 * that is missing, unknown, too long or cannot be spoken is refused with its place.
 * Pure: bytes and sayings in, text out. A phrasebook never changes; any number of threads
 * may read it.
 */
#ifndef PHRASE_PHRASEBOOK_H
#define PHRASE_PHRASEBOOK_H

#include <stddef.h>

#include "base/err.h"
#include "domain/saying.h"

enum {
	PHRASEBOOK_FILE_BYTES_MAX = 64 * 1024,
	PHRASEBOOK_TEXT_BYTES = 256, /* of each text in it */
	PHRASEBOOK_WORDS_MAX = 256   /* of states, and of colours */
};

struct phrasebook;

/* Reads the contents of a file. The note reads "name:line:column: what was found; what was
 * expected". ERR_FORMAT, ERR_LIMIT or ERR_MEMORY. The caller owns *out_phrasebook. */
MUST_CHECK enum err phrasebook_create(const char *name, const char *bytes, size_t size,
				      struct phrasebook **out_phrasebook,
				      struct err_note *note);
void phrasebook_destroy(struct phrasebook *phrasebook); /* NULL is fine */

/* The saying in words, UTF-8 and ended, cut between two characters where it is longer; ""
 * is silence. It begins with a capital where that is an ASCII letter. */
void phrasebook_say(const struct phrasebook *phrasebook, const struct saying *saying,
		    char to[SAYING_SPOKEN_BYTES]);

/* Several as the clauses of one sentence, with what the language puts between them and
 * behind the last. */
void phrasebook_join(const struct phrasebook *phrasebook, const struct saying *clauses,
		     size_t count, char to[SAYING_SPOKEN_BYTES]);

#endif
