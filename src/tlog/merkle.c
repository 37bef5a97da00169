/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle - see the header. A range of leaves that begins where a tree of that shape may
 * begin is cut into perfect subtrees, largest first, and folded from the right.
 */
#include "tlog/merkle.h"

#include <stdbool.h>
#include <string.h>

#include "base/must.h"
#include "tlog/tree.h"

/* The largest power of two below count, as its exponent; count > 1. */
static unsigned split_height(uint64_t count)
{
	return 63 - (unsigned)__builtin_clzll(count - 1);
}

/* The root over the leaves from..to-1; from is a multiple of the least power of two that is
 * not below their count, and there is at least one. */
static enum err range_root(const struct merkle_source *source, uint64_t from, uint64_t to,
			   uint8_t out_root[SEAL_HASH_BYTES])
{
	uint64_t left = to - from;
	uint8_t root[SEAL_HASH_BYTES];
	uint8_t node[SEAL_HASH_BYTES];
	bool is_first = true;

	/* From the right: the smallest perfect subtree is the last. */
	for (; left > 0; left &= left - 1) {
		const unsigned height = (unsigned)__builtin_ctzll(left);
		enum err err = source->node(source->context, height,
					    ((from + left) >> height) - 1, node);

		if (err == OK && !is_first)
			err = tree_node_hash(node, root, root);
		else if (err == OK)
			memcpy(root, node, sizeof(root));
		if (err != OK)
			return err;
		is_first = false;
	}
	memcpy(out_root, root, sizeof(root));
	return OK;
}

enum err merkle_root(const struct merkle_source *source, uint64_t size,
		     uint8_t out_root[SEAL_HASH_BYTES])
{
	return size == 0 ? seal_sha256(NULL, 0, out_root)
			 : range_root(source, 0, size, out_root);
}

static enum err push_range(const struct merkle_source *source, uint64_t from, uint64_t to,
			   struct merkle_proof *proof)
{
	must(proof->count < MERKLE_PROOF_MAX);
	return range_root(source, from, to, proof->hashes[proof->count++]);
}

/* Collected from the root down; the RFC has them from the leaf up. */
static void turn_round(struct merkle_proof *proof)
{
	uint8_t kept[SEAL_HASH_BYTES];

	for (size_t i = 0; i < proof->count / 2; i++) {
		uint8_t *other = proof->hashes[proof->count - 1 - i];

		memcpy(kept, proof->hashes[i], sizeof(kept));
		memcpy(proof->hashes[i], other, sizeof(kept));
		memcpy(other, kept, sizeof(kept));
	}
}

enum err merkle_inclusion(const struct merkle_source *source, uint64_t index,
			  uint64_t size, struct merkle_proof *out_proof)
{
	struct merkle_proof proof = {.count = 0};
	uint64_t from = 0;
	uint64_t to = size;
	enum err err = index < size ? OK : ERR_RANGE;

	while (err == OK && to - from > 1) {
		const uint64_t middle = from + (UINT64_C(1) << split_height(to - from));

		if (index < middle) {
			err = push_range(source, middle, to, &proof);
			to = middle;
		} else {
			err = push_range(source, from, middle, &proof);
			from = middle;
		}
	}
	if (err != OK)
		return err;
	turn_round(&proof);
	*out_proof = proof;
	return OK;
}

enum err merkle_consistency(const struct merkle_source *source, uint64_t older,
			    uint64_t newer, struct merkle_proof *out_proof)
{
	struct merkle_proof proof = {.count = 0};
	uint64_t from = 0;
	uint64_t to = newer;
	enum err err = older <= newer ? OK : ERR_RANGE;

	if (older == 0)
		to = 0; /* nothing to prove */
	while (err == OK && to > older) {
		const uint64_t middle = from + (UINT64_C(1) << split_height(to - from));

		if (older <= middle) {
			err = push_range(source, middle, to, &proof);
			to = middle;
		} else {
			err = push_range(source, from, middle, &proof);
			from = middle;
		}
	}
	/* The older tree ends with this subtree; when that is all of it, its root is known. */
	if (err == OK && from > 0)
		err = push_range(source, from, to, &proof);
	if (err != OK)
		return err;
	turn_round(&proof);
	*out_proof = proof;
	return OK;
}

/* --- checking --------------------------------------------------------------------------- */

static enum err same(const uint8_t *one, const uint8_t *other)
{
	return memcmp(one, other, SEAL_HASH_BYTES) == 0 ? OK : ERR_AUTH;
}

enum err merkle_check_inclusion(const uint8_t leaf_hash[SEAL_HASH_BYTES], uint64_t index,
				uint64_t size, const struct merkle_proof *proof,
				const uint8_t root[SEAL_HASH_BYTES])
{
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t fn = index;
	uint64_t sn = size - 1;

	if (index >= size)
		return ERR_AUTH;
	memcpy(hash, leaf_hash, sizeof(hash));
	for (size_t i = 0; i < proof->count; i++) {
		enum err err;

		if (sn == 0)
			return ERR_AUTH; /* it goes on above the root */
		if ((fn & 1) != 0 || fn == sn) {
			err = tree_node_hash(proof->hashes[i], hash, hash);
			for (; (fn & 1) == 0; fn >>= 1) /* it is not 0, as sn is not */
				sn >>= 1;
		} else {
			err = tree_node_hash(hash, proof->hashes[i], hash);
		}
		if (err != OK)
			return err;
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 ? same(hash, root) : ERR_AUTH;
}

/* Both roots from the proof's hashes, first being where both trees begin to differ. */
static enum err fold_consistency(const struct merkle_head *from,
				 const struct merkle_head *to,
				 const struct merkle_proof *proof, const uint8_t *first,
				 size_t at)
{
	uint64_t fn = from->size - 1;
	uint64_t sn = to->size - 1;
	uint8_t fr[SEAL_HASH_BYTES];
	uint8_t sr[SEAL_HASH_BYTES];

	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	memcpy(fr, first, sizeof(fr));
	memcpy(sr, first, sizeof(sr));
	for (; at < proof->count; at++) {
		const uint8_t *hash = proof->hashes[at];
		enum err err = OK;

		if (sn == 0)
			return ERR_AUTH;
		if ((fn & 1) != 0 || fn == sn) {
			err = tree_node_hash(hash, fr, fr);
			if (err == OK)
				err = tree_node_hash(hash, sr, sr);
			for (; (fn & 1) == 0; fn >>= 1) /* it is not 0, as sn is not */
				sn >>= 1;
		} else {
			err = tree_node_hash(sr, hash, sr);
		}
		if (err != OK)
			return err;
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0 || same(fr, from->root) != OK)
		return ERR_AUTH;
	return same(sr, to->root);
}

enum err merkle_check_consistency(const struct merkle_head *from,
				  const struct merkle_head *to,
				  const struct merkle_proof *proof)
{
	uint8_t nothing[SEAL_HASH_BYTES];
	enum err err;

	if (from->size > to->size)
		return ERR_AUTH;
	if (from->size == 0) { /* the empty tree is the beginning of every other */
		err = seal_sha256(NULL, 0, nothing);
		if (err == OK)
			err = proof->count == 0 ? same(nothing, from->root) : ERR_AUTH;
		if (err == OK && to->size == 0)
			err = same(from->root, to->root);
		return err;
	}
	if (from->size == to->size)
		return proof->count == 0 ? same(from->root, to->root) : ERR_AUTH;
	if ((from->size & (from->size - 1)) ==
	    0) /* perfect: its root is where they part */
		return fold_consistency(from, to, proof, from->root, 0);
	if (proof->count == 0)
		return ERR_AUTH;
	return fold_consistency(from, to, proof, proof->hashes[0], 1);
}
