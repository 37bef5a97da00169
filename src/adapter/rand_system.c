/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand_system - getrandom(2), which waits only while a machine is booting. Without
 * random bytes nothing here may go on, so failure stops the program.
 */
#include "adapter/rand_system.h"

#include <errno.h>
#include <sys/random.h>

#include "base/must.h"

static void system_fill(void *self, uint8_t *bytes, size_t size)
{
	(void)self;
	while (size > 0) {
		ssize_t got = getrandom(bytes, size, 0);

		must(got > 0 || errno == EINTR);
		if (got > 0) {
			bytes += got;
			size -= (size_t)got;
		}
	}
}

struct rand rand_system(void)
{
	static const struct rand_ops ops = {.fill = system_fill};

	return (struct rand){.ops = &ops, .self = NULL};
}
