/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink - where somebody's bytes go: a file, or whatever changes them on the way there.
 */
#ifndef ADAPTER_SINK_H
#define ADAPTER_SINK_H

#include <stddef.h>

#include "base/err.h"

/* An error ends it: nothing is written behind it. */
struct sink {
	void *context;
	enum err (*write)(void *context, const void *bytes, size_t size);
};

MUST_CHECK static inline enum err sink_write(const struct sink *sink, const void *bytes,
					     size_t size)
{
	return sink->write(sink->context, bytes, size);
}

#endif
