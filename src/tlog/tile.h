/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tile - the tree as C2SP tlog-tiles: stretches of 256 hashes of one height.
 *
 * A tile of level 0 holds leaf hashes; each hash of a higher level is the root of a full
 * tile below it. A full tile never changes, so it is stored once; what is not full yet is
 * the edge, which is kept in memory and goes on with each leaf. Pure.
 */
#ifndef TLOG_TILE_H
#define TLOG_TILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "tlog/tree.h"

enum {
	TILE_HEIGHT = 8,
	TILE_WIDTH = 256,
	TILE_BYTES = TILE_WIDTH * SEAL_HASH_BYTES,
	TILE_LEVELS = 8, /* a journal has fewer than 2^63 entries */
	TILE_KEY_BYTES = 9,
	TILE_PATH_BYTES = 64,
};

struct tile_id {
	unsigned level;
	uint64_t index;
};

/* A full one. */
struct tile {
	struct tile_id id;
	uint8_t hashes[TILE_WIDTH][SEAL_HASH_BYTES];
};

/* As the store's key: level (1), index (8), big-endian. */
void tile_key(struct tile_id id, uint8_t to[TILE_KEY_BYTES]);
/* ERR_FORMAT: no such key. */
MUST_CHECK enum err tile_from_key(const uint8_t *bytes, size_t size,
				  struct tile_id *out_id);
/* C2SP's name for it below the log's address: "tile/0/x001/067"; of a partial one with its
 * width behind it, "tile/0/x001/067.p/12". width 1..TILE_WIDTH. */
void tile_path(struct tile_id id, size_t width, char to[TILE_PATH_BYTES]);

/* How many full tiles, and how wide a partial one, a tree of that size has at that level. */
uint64_t tile_full_count(unsigned level, uint64_t size);
size_t tile_partial_width(unsigned level, uint64_t size);

/* The tile that a perfect subtree lies in; there it is over the hashes from *out_first on,
 * as many as 1 << (height % TILE_HEIGHT). */
struct tile_id tile_of(unsigned height, uint64_t index, size_t *out_first);
/* The root of count hashes that lie one behind the other; count is a power of two. */
MUST_CHECK enum err tile_root(const uint8_t (*hashes)[SEAL_HASH_BYTES], size_t count,
			      uint8_t out_root[SEAL_HASH_BYTES]);

/* --- the edge --- */

/* The hashes of the partial tiles of a tree of that size, of each level as many as
 * tile_partial_width says. Zeroed is the empty tree's. */
struct tile_edge {
	uint64_t size;
	uint8_t hashes[TILE_LEVELS][TILE_WIDTH][SEAL_HASH_BYTES];
};

void tile_edge_copy(struct tile_edge *to, const struct tile_edge *from);
/* Adds a leaf. What becomes full is written to full, at most TILE_LEVELS of them.
 * ERR_MEMORY: the edge is as it was. */
MUST_CHECK enum err tile_edge_add(struct tile_edge *edge,
				  const uint8_t leaf_hash[SEAL_HASH_BYTES],
				  struct tile *full, size_t *out_count);
/* The root of a perfect subtree, where it lies in the edge; else ERR_MISSING. */
MUST_CHECK enum err tile_edge_node(const struct tile_edge *edge, unsigned height,
				   uint64_t index, uint8_t out_hash[SEAL_HASH_BYTES]);
/* OK when this is the edge of exactly that tree; else ERR_AUTH. */
MUST_CHECK enum err tile_edge_check(const struct tile_edge *edge,
				    const struct tree *tree);

#endif
