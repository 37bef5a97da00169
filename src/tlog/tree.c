/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree - leaf and node hashes, and the compact range that carries the root along. Keeps
 * no leaves and makes no proofs.
 *
 * Invariant: edge_count is the number of set bits of size.
 */
#include "tlog/tree.h"

#include <string.h>

#include "base/must.h"

enum err tree_leaf_hash(const void *leaf, size_t size, uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct seal_part parts[] = {{"\x00", 1}, {leaf, size}};

	return seal_sha256(parts, 2, out_hash);
}

enum err tree_node_hash(const uint8_t left[SEAL_HASH_BYTES],
			const uint8_t right[SEAL_HASH_BYTES],
			uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct seal_part parts[] = {{"\x01", 1},
					  {left, SEAL_HASH_BYTES},
					  {right, SEAL_HASH_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, 3, hash);

	if (err == OK)
		memcpy(out_hash, hash, sizeof(hash));
	return err;
}

size_t tree_edge_count(uint64_t size)
{
	size_t count = 0;

	for (; size > 0; size &= size - 1)
		count++;
	return count;
}

enum err tree_add(struct tree *tree, const uint8_t leaf_hash[SEAL_HASH_BYTES])
{
	uint8_t hash[SEAL_HASH_BYTES];
	size_t count = tree->edge_count;

	must(count == tree_edge_count(tree->size) && tree->size < UINT64_MAX);
	memcpy(hash, leaf_hash, sizeof(hash));
	/* As carrying a one does in binary: equal subtrees become one of twice the size. */
	for (uint64_t rest = tree->size; rest & 1; rest >>= 1) {
		enum err err = tree_node_hash(tree->edge[count - 1], hash, hash);

		if (err != OK)
			return err;
		count--;
	}
	memcpy(tree->edge[count], hash, sizeof(hash));
	tree->edge_count = count + 1;
	tree->size++;
	return OK;
}

enum err tree_root(const struct tree *tree, uint8_t out_root[SEAL_HASH_BYTES])
{
	uint8_t root[SEAL_HASH_BYTES];
	enum err err = OK;

	if (tree->size == 0)
		return seal_sha256(NULL, 0, out_root);
	must(tree->edge_count == tree_edge_count(tree->size));
	memcpy(root, tree->edge[tree->edge_count - 1], sizeof(root));
	for (size_t i = tree->edge_count - 1; err == OK && i > 0; i--)
		err = tree_node_hash(tree->edge[i - 1], root, root);
	if (err == OK)
		memcpy(out_root, root, sizeof(root));
	return err;
}
