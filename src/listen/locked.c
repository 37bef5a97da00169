/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locked - pages straight from the kernel, locked, left out of core files and of children.
 *
 * Keys live elsewhere (base/secret); this is for sound, which is larger and needs no
 * guard pages.
 */
#include "listen/locked.h"

#include <string.h>
#include <sys/mman.h>

#include "base/must.h"

enum err locked_take(size_t size, void **out_memory)
{
	void *memory = NULL;

	must(size > 0);
	if (size > LOCKED_BYTES_MAX)
		return ERR_LIMIT;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (memory == MAP_FAILED)
		return ERR_MEMORY;
	if (mlock(memory, size) != 0) {
		must(munmap(memory, size) == 0);
		return ERR_LIMIT;
	}
	/* An old kernel may know neither; the lock is what counts. */
	if (madvise(memory, size, MADV_DONTDUMP) == 0)
		(void)madvise(memory, size, MADV_WIPEONFORK);
	*out_memory = memory;
	return OK;
}

void locked_free(void *memory, size_t size)
{
	if (!memory)
		return;
	explicit_bzero(memory, size);
	must(munmap(memory, size) == 0);
}
