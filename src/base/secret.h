/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret - bytes that nobody else may see: keys, passphrases, opened recordings.
 *
 * Lies between guard pages, out of swap and core dumps, and is wiped when freed. Where
 * the machine's limit on locked memory is reached it goes on unlocked and says so once
 * in the log. There is no way to print one. Any thread; one at a time per secret.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { SECRET_BYTES_MAX = 8 * 1024 * 1024 };

struct secret;

/* Zeroed. size 1..SECRET_BYTES_MAX, else ERR_RANGE. ERR_MEMORY. */
MUST_CHECK enum err secret_create(size_t size, struct secret **out_secret);
/* A copy of bytes; the caller wipes its own. */
MUST_CHECK enum err secret_copy(const void *bytes, size_t size,
				struct secret **out_secret);
void secret_destroy(struct secret *secret); /* wipes; NULL is fine */

/* Borrowed; gone with the secret. */
uint8_t *secret_bytes(struct secret *secret);
const uint8_t *secret_view(const struct secret *secret);
size_t secret_size(const struct secret *secret);

/* Constant time for equal sizes. */
bool secret_equal(const struct secret *a, const struct secret *b);

#endif
