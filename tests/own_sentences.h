/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_sentences - the sentences that are shipped for English, for tests of what they mean.
 *
 * Needs BEHEST_SOURCE; a failure fails the test (cmocka).
 */
#ifndef TESTS_OWN_SENTENCES_H
#define TESTS_OWN_SENTENCES_H

#include "understand/understand.h"

/* All sentences of share/lang/en, read; the caller destroys them. */
struct sentences *own_sentences(void);

/* The same, compiled for a home; the caller destroys it. */
struct understand *own_understand(const struct home *home);
/* With the file of that name of share/lang/en/dialogue beside them. */
struct understand *own_understand_with(const struct home *home, const char *name);

#endif
