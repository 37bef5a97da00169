/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest - which known word was probably meant. For complaints only.
 */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* The word that needs the fewest changed, added, removed or swapped letters, at most a
 * third of its length and never more than three; NULL when none is that near. */
const char *nearest(const char *word, const char *const *known, size_t count);

#endif
