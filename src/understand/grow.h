/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grow - arrays that double while something is compiled, up to a named limit.
 */
#ifndef UNDERSTAND_GROW_H
#define UNDERSTAND_GROW_H

#include <stddef.h>

#include "base/err.h"

/* Makes room for `need` items of item_size in *items (a pointer to the array's own
 * pointer); new room is not cleared. ERR_LIMIT when need > count_max, ERR_MEMORY. The
 * array is freed with free(). */
MUST_CHECK enum err grow_room(void *items, size_t *capacity, size_t need,
			      size_t item_size, size_t count_max);

#endif
