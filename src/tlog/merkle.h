/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle - proofs about the tree of RFC 6962: that an entry is in it (2.1.1), and that a
 * later tree only adds to an earlier one (2.1.2).
 *
 * Indexes count from 0, as in the RFC; the journal's places count from 1. Making a proof
 * asks a source for roots of perfect subtrees and nothing else; checking one follows RFC
 * 9162, 2.1.3.2 and 2.1.4.2, and shares no code with the making. Pure.
 */
#ifndef TLOG_MERKLE_H
#define TLOG_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"

enum { MERKLE_PROOF_MAX = 64 };

struct merkle_proof {
	size_t count;
	uint8_t hashes[MERKLE_PROOF_MAX][SEAL_HASH_BYTES]; /* in the RFC's order */
};

/* Gives the root of the perfect subtree over the leaves index << height to
 * (index + 1) << height. Its errors end the making. */
struct merkle_source {
	void *context;
	enum err (*node)(void *context, unsigned height, uint64_t index,
			 uint8_t out_hash[SEAL_HASH_BYTES]);
};

/* The root of the tree of that size. */
MUST_CHECK enum err merkle_root(const struct merkle_source *source, uint64_t size,
				uint8_t out_root[SEAL_HASH_BYTES]);
/* ERR_RANGE: index is not below size. */
MUST_CHECK enum err merkle_inclusion(const struct merkle_source *source, uint64_t index,
				     uint64_t size, struct merkle_proof *out_proof);
/* ERR_RANGE: from is larger than to. From 0, and from a size to itself, it is empty. */
MUST_CHECK enum err merkle_consistency(const struct merkle_source *source, uint64_t from,
				       uint64_t to, struct merkle_proof *out_proof);

/* ERR_AUTH: it does not prove it. ERR_MEMORY. */
MUST_CHECK enum err merkle_check_inclusion(const uint8_t leaf_hash[SEAL_HASH_BYTES],
					   uint64_t index, uint64_t size,
					   const struct merkle_proof *proof,
					   const uint8_t root[SEAL_HASH_BYTES]);
/* One of the two trees that a consistency proof is between. */
struct merkle_head {
	uint64_t size;
	uint8_t root[SEAL_HASH_BYTES];
};
MUST_CHECK enum err merkle_check_consistency(const struct merkle_head *from,
					     const struct merkle_head *to,
					     const struct merkle_proof *proof);

#endif
