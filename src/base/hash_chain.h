/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash_chain - one hash over blocks of equal size, in their order, that grows with each:
 *
 *     h(0) is 32 zeros; h(n) is SHA-256 of h(n - 1) and the n-th block
 *
 * A block is a frame of sound: 320 samples, s16 little-endian. The room signs the hash over
 * the frames that were heard; whoever has these frames makes the same one.
 */
#ifndef BASE_HASH_CHAIN_H
#define BASE_HASH_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"

enum { HASH_CHAIN_BLOCK_BYTES = 640 };

struct hash_chain {
	uint32_t blocks; /* whole ones */
	uint8_t hash[SEAL_HASH_BYTES];
	size_t rest_size; /* of a block that is not whole yet */
	uint8_t rest[HASH_CHAIN_BLOCK_BYTES];
};

void hash_chain_init(struct hash_chain *chain);
/* Goes on with those bytes, cut anywhere. ERR_MEMORY. */
MUST_CHECK enum err hash_chain_add(struct hash_chain *chain, const void *bytes,
				   size_t size);
/* Wipes what it holds of a block. */
void hash_chain_finish(struct hash_chain *chain);

#endif
