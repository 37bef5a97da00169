/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret - a size and a stretch of guarded memory. The guarding itself is libsodium's,
 * reached through base/seal.
 *
 * Invariant: memory is size bytes long, and nothing here copies it anywhere else.
 */
#include "base/secret.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"

struct secret {
	size_t size;
	bool is_locked;
	uint8_t *memory;
};

/* The log gets one line, not one per key. */
static void say_unlocked(void)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&said))
		log_line(
			"secret: the limit on locked memory is reached; keys may be swapped"
			" out (raise RLIMIT_MEMLOCK)");
}

enum err secret_create(size_t size, struct secret **out_secret)
{
	struct secret *secret;
	bool locked = false;

	if (size == 0 || size > SECRET_BYTES_MAX)
		return ERR_RANGE;
	secret = calloc(1, sizeof(*secret));
	if (!secret)
		return ERR_MEMORY;
	secret->size = size;
	secret->memory = seal_memory_create(size, &locked);
	if (!secret->memory) {
		free(secret);
		return ERR_MEMORY;
	}
	secret->is_locked = locked;
	if (!locked)
		say_unlocked();
	memset(secret->memory, 0, size);
	*out_secret = secret;
	return OK;
}

enum err secret_copy(const void *bytes, size_t size, struct secret **out_secret)
{
	enum err err = secret_create(size, out_secret);

	if (err == OK)
		memcpy((*out_secret)->memory, bytes, size);
	return err;
}

void secret_destroy(struct secret *secret)
{
	if (!secret)
		return;
	seal_memory_destroy(secret->memory, secret->size, secret->is_locked);
	free(secret);
}

uint8_t *secret_bytes(struct secret *secret)
{
	return secret->memory;
}

const uint8_t *secret_view(const struct secret *secret)
{
	return secret->memory;
}

size_t secret_size(const struct secret *secret)
{
	return secret->size;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	must(a && b);
	return a->size == b->size && seal_equal(a->memory, b->memory, a->size);
}
