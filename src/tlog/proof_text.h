/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof_text - a proof of inclusion with its checkpoint as one text, in the C2SP tlog-proof
 * form, so that foreign tools check it without us:
 *
 *     c2sp.org/tlog-proof@v1
 *     index <of the entry, from 0>
 *     <hashes, base64, one a line>
 *
 *     <the checkpoint>
 *
 * Pure.
 */
#ifndef TLOG_PROOF_TEXT_H
#define TLOG_PROOF_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "tlog/checkpoint.h"
#include "tlog/merkle.h"
#include "tlog/note.h"

enum {
	PROOF_TEXT_COSIGNERS_MAX = 16,
	PROOF_TEXT_BYTES_MAX =
		64 + MERKLE_PROOF_MAX * (int)SEAL_BASE64_BYTES(SEAL_HASH_BYTES) +
		CHECKPOINT_TEXT_BYTES + PROOF_TEXT_COSIGNERS_MAX * NOTE_LINE_BYTES,
};

struct proof_text {
	uint64_t index;
	struct merkle_proof proof;
	const char *checkpoint; /* borrowed: the text's rest, cosignatures and all */
	size_t checkpoint_size;
};

/* Adds the text. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err proof_text_write(const struct proof_text *proof, struct buf *to);
/* ERR_FORMAT: anything but what is written so. Nothing is checked yet. */
MUST_CHECK enum err proof_text_read(const char *text, size_t size,
				    struct proof_text *out_proof);

/* Reads and checks it all against the keeper's key: that entry, hashed, is at its index in
 * the tree of its checkpoint. The cosignatures are not looked at. ERR_FORMAT, ERR_AUTH. */
MUST_CHECK enum err proof_text_check(struct household_id household,
				     const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				     const uint8_t leaf_hash[SEAL_HASH_BYTES],
				     const char *text, size_t size,
				     struct proof_text *out_proof,
				     struct merkle_head *out_head);

#endif
