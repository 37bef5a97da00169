/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse - see the header.
 *
 * Invariant: at_ms[0..count) are within the window before the newest, in order.
 */
#include "listen/fuse.h"

#include <string.h>

#include "base/must.h"

void fuse_init(struct fuse *fuse, size_t max)
{
	must(max > 0 && max <= FUSE_WAKES_MAX);
	*fuse = (struct fuse){.max = max};
}

void fuse_reset(struct fuse *fuse)
{
	fuse->count = 0;
}

static void drop_first(struct fuse *fuse, size_t count)
{
	must(count <= fuse->count);
	fuse->count -= count;
	memmove(fuse->at_ms, fuse->at_ms + count, fuse->count * sizeof(*fuse->at_ms));
}

bool fuse_count(struct fuse *fuse, int64_t now_ms)
{
	size_t old = 0;

	while (old < fuse->count && fuse->at_ms[old] <= now_ms - FUSE_WINDOW_MS)
		old++;
	drop_first(fuse, old);
	if (fuse->count == fuse->max) {
		fuse_reset(fuse);
		return true;
	}
	fuse->at_ms[fuse->count++] = now_ms;
	return false;
}
