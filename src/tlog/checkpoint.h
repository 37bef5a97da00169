/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint - the signed statement of how long the journal is and what its root is, in
 * the C2SP tlog-checkpoint text format (a signed note), so that foreign tools read it:
 *
 *     behest/<household>
 *     <size>
 *     <root, base64>
 *
 *     — behest/<household> <base64 of key id and Ed25519 signature>
 *
 * Pure.
 */
#ifndef TLOG_CHECKPOINT_H
#define TLOG_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/ids.h"
#include "tlog/merkle.h"

enum {
	CHECKPOINT_TEXT_BYTES = 320,
	CHECKPOINT_BODY_BYTES = 160,
	CHECKPOINT_NAME_BYTES = 64,
};

/* The log's name: its origin line, and its key's name. */
void checkpoint_name(struct household_id household, char to[CHECKPOINT_NAME_BYTES]);
/* The lines that are signed. */
void checkpoint_body(struct household_id household, uint64_t size,
		     const uint8_t root[SEAL_HASH_BYTES], char to[CHECKPOINT_BODY_BYTES]);

MUST_CHECK enum err checkpoint_write(struct household_id household,
				     const uint8_t seed[SEAL_SIGN_SEED_BYTES],
				     uint64_t size, const uint8_t root[SEAL_HASH_BYTES],
				     char to[CHECKPOINT_TEXT_BYTES]);
/* ERR_FORMAT; ERR_AUTH: another household, or not signed by this key. */
MUST_CHECK enum err checkpoint_read(struct household_id household,
				    const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				    const char *text, size_t text_size,
				    uint64_t *out_size,
				    uint8_t out_root[SEAL_HASH_BYTES]);
/* What it says, of that household, without looking at the signature: for who knows otherwise
 * that it is as it was written. */
MUST_CHECK enum err checkpoint_skim(struct household_id household, const char *text,
				    size_t text_size, uint64_t *out_size,
				    uint8_t out_root[SEAL_HASH_BYTES]);

#endif
