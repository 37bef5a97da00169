/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_phrases - what the house says in English as it is shipped, for tests.
 *
 * Needs BEHEST_SOURCE; a failure ends the test.
 */
#ifndef TESTS_OWN_PHRASES_H
#define TESTS_OWN_PHRASES_H

#include "base/buf.h"
#include "phrase/phrasebook.h"

/* The bytes of share/lang/en/responses.yaml, ended; the caller finishes them. */
struct buf own_phrases_read(void);

/* Read once; it lives as long as the test. */
const struct phrasebook *own_phrasebook(void);

/* The saying in words, which hold until the next call. */
const char *own_words(const struct saying *saying);

#endif
