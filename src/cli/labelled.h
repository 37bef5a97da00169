/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labelled - sounds that hold a sentence each, with what was said.
 *
 * Either a folder with labels.json ({"id": {"intent", "slots": {}}}) and a sound file ID
 * for each, or a list: a line for each sound, its path (from the list's folder on), a tab,
 * and the words. Lines that are empty or begin with # are passed over. Read by several
 * threads once it is open.
 */
#ifndef CLI_LABELLED_H
#define CLI_LABELLED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/ear.h"

enum { LABELLED_MAX = 100000, LABELLED_BYTES_MAX = 16 * 1024 * 1024 };

struct labelled;

/* ERR_MISSING: not there, no labels.json, or a sound that is named is not there;
 * ERR_FORMAT: no list, or nothing in it. The note names the place, and the line. */
MUST_CHECK enum err labelled_open(const char *place, struct labelled **out_labelled,
				  struct err_note *note);
void labelled_close(struct labelled *labelled); /* NULL is fine */

size_t labelled_count(const struct labelled *labelled);
const char *labelled_path(const struct labelled *labelled, size_t index);

/* True when the text means what was said: the same intent and slots to the ear's
 * sentences, or, where the label is words, the same words. */
bool labelled_right(const struct labelled *labelled, size_t index, const struct ear *ear,
		    const char *text);

#endif
