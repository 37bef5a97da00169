/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree - the hash tree of RFC 6962 (section 2.1) over the journal's entries, as its right
 * edge only: what it takes to add a leaf and to know the root. Pure.
 */
#ifndef TLOG_TREE_H
#define TLOG_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"

enum { TREE_EDGE_MAX = 64 };

/* edge holds the roots of the perfect subtrees that make up size, largest first: one per
 * set bit of size. Zeroed is the empty tree. */
struct tree {
	uint64_t size;
	size_t edge_count;
	uint8_t edge[TREE_EDGE_MAX][SEAL_HASH_BYTES];
};

MUST_CHECK enum err tree_leaf_hash(const void *leaf, size_t size,
				   uint8_t out_hash[SEAL_HASH_BYTES]);
/* The hash of a node over its children; out_hash may be one of them. */
MUST_CHECK enum err tree_node_hash(const uint8_t left[SEAL_HASH_BYTES],
				   const uint8_t right[SEAL_HASH_BYTES],
				   uint8_t out_hash[SEAL_HASH_BYTES]);
/* ERR_MEMORY; then the tree is as it was. */
MUST_CHECK enum err tree_add(struct tree *tree, const uint8_t leaf_hash[SEAL_HASH_BYTES]);
MUST_CHECK enum err tree_root(const struct tree *tree, uint8_t out_root[SEAL_HASH_BYTES]);
/* How many edge hashes a tree of that size has. */
size_t tree_edge_count(uint64_t size);

#endif
