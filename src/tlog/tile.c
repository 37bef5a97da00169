/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tile - names and hashes of tiles, and the edge that becomes one. Stores nothing.
 *
 * Invariant: of level l the edge holds (size >> 8l) % 256 hashes; the others are stale.
 */
#include "tlog/tile.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

void tile_key(struct tile_id id, uint8_t to[TILE_KEY_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, TILE_KEY_BYTES);
	pack_u8(&pack, (uint8_t)id.level);
	pack_u64(&pack, id.index);
	must(pack_is_whole(&pack) && id.level < TILE_LEVELS);
}

enum err tile_from_key(const uint8_t *bytes, size_t size, struct tile_id *out_id)
{
	struct unpack unpack;
	struct tile_id id;

	unpack_init(&unpack, bytes, size);
	id.level = unpack_u8(&unpack);
	id.index = unpack_u64(&unpack);
	if (!unpack_is_whole(&unpack) || id.level >= TILE_LEVELS)
		return ERR_FORMAT;
	*out_id = id;
	return OK;
}

void tile_path(struct tile_id id, size_t width, char to[TILE_PATH_BYTES])
{
	uint64_t above = 1;

	must(width >= 1 && width <= TILE_WIDTH);
	must(str_format(to, TILE_PATH_BYTES, "tile/%u", id.level));
	while (id.index / above >= 1000)
		above *= 1000;
	for (; above > 1; above /= 1000)
		must(str_append(to, TILE_PATH_BYTES, "/x%03" PRIu64,
				id.index / above % 1000));
	must(str_append(to, TILE_PATH_BYTES, "/%03" PRIu64, id.index % 1000));
	if (width < TILE_WIDTH)
		must(str_append(to, TILE_PATH_BYTES, ".p/%zu", width));
}

/* Hashes of that level in a tree of that size. */
static uint64_t hash_count(unsigned level, uint64_t size)
{
	must(level < TILE_LEVELS);
	return size >> (TILE_HEIGHT * level);
}

uint64_t tile_full_count(unsigned level, uint64_t size)
{
	return hash_count(level, size) / TILE_WIDTH;
}

size_t tile_partial_width(unsigned level, uint64_t size)
{
	return (size_t)(hash_count(level, size) % TILE_WIDTH);
}

struct tile_id tile_of(unsigned height, uint64_t index, size_t *out_first)
{
	const unsigned inside = height % TILE_HEIGHT;
	const unsigned above = TILE_HEIGHT - inside; /* to the tile's own root */

	*out_first = (size_t)((index << inside) % TILE_WIDTH);
	return (struct tile_id){.level = height / TILE_HEIGHT, .index = index >> above};
}

enum err tile_root(const uint8_t (*hashes)[SEAL_HASH_BYTES], size_t count,
		   uint8_t out_root[SEAL_HASH_BYTES])
{
	uint8_t level[TILE_WIDTH][SEAL_HASH_BYTES];
	enum err err = OK;

	must(count >= 1 && count <= TILE_WIDTH && (count & (count - 1)) == 0);
	memcpy(level, hashes, count * SEAL_HASH_BYTES);
	for (; err == OK && count > 1; count /= 2) {
		for (size_t i = 0; err == OK && i < count; i += 2)
			err = tree_node_hash(level[i], level[i + 1], level[i / 2]);
	}
	if (err == OK)
		memcpy(out_root, level[0], SEAL_HASH_BYTES);
	return err;
}

/* --- the edge --------------------------------------------------------------------------- */

void tile_edge_copy(struct tile_edge *to, const struct tile_edge *from)
{
	to->size = from->size;
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		memcpy(to->hashes[level], from->hashes[level],
		       tile_partial_width(level, from->size) * SEAL_HASH_BYTES);
}

/* How many tiles the next leaf makes full. */
static unsigned full_levels(uint64_t size)
{
	unsigned level = 0;

	must(size < UINT64_MAX); /* of which all levels are full */
	while (tile_partial_width(level, size) == TILE_WIDTH - 1)
		level++;
	return level;
}

enum err tile_edge_add(struct tile_edge *edge, const uint8_t leaf_hash[SEAL_HASH_BYTES],
		       struct tile *full, size_t *out_count)
{
	const unsigned count = full_levels(edge->size);
	uint8_t hash[SEAL_HASH_BYTES];

	memcpy(hash, leaf_hash, sizeof(hash));
	for (unsigned level = 0; level < count; level++) {
		enum err err;

		full[level].id =
			(struct tile_id){level, tile_full_count(level, edge->size)};
		memcpy(full[level].hashes, edge->hashes[level],
		       sizeof(full[level].hashes));
		memcpy(full[level].hashes[TILE_WIDTH - 1], hash, sizeof(hash));
		err = tile_root(full[level].hashes, TILE_WIDTH, hash);
		if (err != OK)
			return err;
	}
	memcpy(edge->hashes[count][tile_partial_width(count, edge->size)], hash,
	       sizeof(hash));
	edge->size++;
	*out_count = count;
	return OK;
}

enum err tile_edge_node(const struct tile_edge *edge, unsigned height, uint64_t index,
			uint8_t out_hash[SEAL_HASH_BYTES])
{
	size_t first;
	const struct tile_id id = tile_of(height, index, &first);
	const size_t count = (size_t)1 << (height % TILE_HEIGHT);

	if (id.level >= TILE_LEVELS ||
	    id.index != tile_full_count(id.level, edge->size) ||
	    first + count > tile_partial_width(id.level, edge->size))
		return ERR_MISSING;
	return tile_root(&edge->hashes[id.level][first], count, out_hash);
}

enum err tile_edge_check(const struct tile_edge *edge, const struct tree *tree)
{
	uint64_t left = edge->size;

	if (edge->size != tree->size)
		return ERR_AUTH;
	/* The tree's hashes are the largest first: from the end, each lies in the edge. */
	for (size_t i = tree->edge_count; i-- > 0; left &= left - 1) {
		const unsigned height = (unsigned)__builtin_ctzll(left);
		uint8_t hash[SEAL_HASH_BYTES];
		enum err err = tile_edge_node(edge, height, (left >> height) - 1, hash);

		if (err != OK)
			return err;
		if (memcmp(hash, tree->edge[i], sizeof(hash)) != 0)
			return ERR_AUTH;
	}
	return OK;
}
