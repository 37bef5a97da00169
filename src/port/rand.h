/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand - unpredictable bytes, as a port, so that a test can repeat itself.
 */
#ifndef PORT_RAND_H
#define PORT_RAND_H

#include <stddef.h>
#include <stdint.h>

struct rand_ops {
	void (*fill)(void *self, uint8_t *bytes, size_t size); /* cannot fail */
};

struct rand {
	const struct rand_ops *ops;
	void *self;
};

static inline void rand_fill(const struct rand *rand, uint8_t *bytes, size_t size)
{
	rand->ops->fill(rand->self, bytes, size);
}

#endif
