/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search - looks for what must not be there: stretches of given bytes in every file below
 * a folder, at any alignment.
 *
 * A stretch is found when SEARCH_STRETCH bytes of it stand anywhere in a file. Stretches
 * of little variety (silence, zeros) prove nothing and are left out. Sound is looked for
 * as samples in either byte order, as floats and doubles (whole and scaled to one), and
 * as hexadecimal and base64 text; words as bytes and as UTF-16, in either case. One
 * thread.
 */
#ifndef E2E_SEARCH_H
#define E2E_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/audio.h"

enum {
	SEARCH_STRETCH = 32,
	SEARCH_VARIETY = 10, /* different bytes in a stretch, at least */
	SEARCH_WHERE_BYTES = 512,
};

struct search;

struct search *search_create(void);
void search_destroy(struct search *search); /* NULL is fine */

/* What to look for; name is for the report. step: where stretches may begin in bytes. */
void search_add_bytes(struct search *search, const char *name, const void *bytes,
		      size_t size, size_t step);
void search_add_sound(struct search *search, struct audio_span sound);
/* A word or phrase of at least 4 letters. */
void search_add_words(struct search *search, const char *words);
/* How many stretches are looked for. */
size_t search_size(const struct search *search);

/* True, and what was found where, when any file below the folder holds any of it. Every
 * regular file is read; one that cannot be is a failed test. */
bool search_folder(struct search *search, const char *folder,
		   char where[SEARCH_WHERE_BYTES]);
/* The same in bytes. */
bool search_bytes(struct search *search, const void *bytes, size_t size,
		  const char **out_name);
/* How many files and bytes the last search_folder read. */
size_t search_files(const struct search *search);
size_t search_read(const struct search *search);

#endif
