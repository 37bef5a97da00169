/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home_same - whether two homes give the same compiled sentences.
 */
#ifndef CLI_HOME_SAME_H
#define CLI_HOME_SAME_H

#include <stdbool.h>

#include "domain/home.h"

/* Compares everything but `here`, which is no part of the sentences. */
bool home_same(const struct home *a, const struct home *b);

#endif
