/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes block by block; holds at most one that is not whole. */
#include "base/hash_chain.h"

#include <string.h>

void hash_chain_init(struct hash_chain *chain)
{
	memset(chain, 0, sizeof(*chain));
}

static enum err add_block(struct hash_chain *chain, const uint8_t *block)
{
	const struct seal_part parts[] = {{chain->hash, sizeof(chain->hash)},
					  {block, HASH_CHAIN_BLOCK_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, 2, hash);

	if (err != OK)
		return err;
	memcpy(chain->hash, hash, sizeof(hash));
	chain->blocks++;
	return OK;
}

enum err hash_chain_add(struct hash_chain *chain, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;
	enum err err = OK;

	while (err == OK && size > 0) {
		const size_t room = sizeof(chain->rest) - chain->rest_size;
		const size_t part = size < room ? size : room;

		memcpy(chain->rest + chain->rest_size, from, part);
		chain->rest_size += part;
		from += part;
		size -= part;
		if (chain->rest_size < sizeof(chain->rest))
			break;
		err = add_block(chain, chain->rest);
		chain->rest_size = 0;
	}
	return err;
}

void hash_chain_finish(struct hash_chain *chain)
{
	seal_wipe(chain, sizeof(*chain));
}
