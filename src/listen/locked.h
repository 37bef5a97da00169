/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locked - memory for sound: never swapped, not in a core file, wiped when given back.
 */
#ifndef LISTEN_LOCKED_H
#define LISTEN_LOCKED_H

#include <stddef.h>

#include "base/err.h"

enum { LOCKED_BYTES_MAX = 8 * 1024 * 1024 };

/* Zeroed memory of its own pages. ERR_LIMIT: more than the process may lock (memlock in
 * ulimit); ERR_MEMORY. */
MUST_CHECK enum err locked_take(size_t size, void **out_memory);

/* Wipes and frees; NULL is fine. size as it was taken. */
void locked_free(void *memory, size_t size);

#endif
