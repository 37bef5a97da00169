/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grow - arrays that double while something is compiled.
 *
 * Knows nothing of what the items are. Invariant: on failure the array is as before.
 */
#include "understand/grow.h"

#include <stdlib.h>
#include <string.h>

enum { GROW_FIRST = 64 };

enum err grow_room(void *items, size_t *capacity, size_t need, size_t item_size,
		   size_t count_max)
{
	if (need > count_max)
		return ERR_LIMIT;
	if (need <= *capacity)
		return OK;
	size_t wanted = *capacity ? *capacity : GROW_FIRST;
	while (wanted < need)
		wanted *= 2;
	void *old = NULL;
	memcpy(&old, items, sizeof(old));
	void *larger = reallocarray(old, wanted, item_size);
	if (!larger)
		return ERR_MEMORY;
	memcpy(items, &larger, sizeof(larger));
	*capacity = wanted;
	return OK;
}
