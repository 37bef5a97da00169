/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cosignature - a device's word that it saw the journal at a size with a root, and that it
 * goes on from all it saw before: C2SP tlog-cosignature, type cosignature/v1 (Ed25519 with
 * a time). Pure.
 */
#ifndef TLOG_COSIGNATURE_H
#define TLOG_COSIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/ids.h"
#include "tlog/checkpoint.h"
#include "tlog/merkle.h"
#include "tlog/note.h"

enum {
	COSIGNATURE_ROW_BYTES = 1 + SEAL_HASH_BYTES + 8 + SEAL_SIGNATURE_BYTES,
};

struct cosignature {
	struct merkle_head head; /* what it is over */
	int64_t at_s;            /* since 1970, not before */
	uint8_t signature[SEAL_SIGNATURE_BYTES];
};

/* Fills in the signature over head and time. */
void cosignature_sign(struct household_id household,
		      const uint8_t seed[SEAL_SIGN_SEED_BYTES],
		      struct cosignature *cosignature);
/* ERR_AUTH. */
MUST_CHECK enum err cosignature_check(struct household_id household,
				      const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				      const struct cosignature *cosignature);

/* As a row: version, root, time, signature. Its size stands in the row's key. */
void cosignature_row(const struct cosignature *cosignature,
		     uint8_t to[COSIGNATURE_ROW_BYTES]);
/* ERR_FORMAT, ERR_VERSION, ERR_AUTH: checked whole. */
MUST_CHECK enum err cosignature_read_row(struct household_id household,
					 const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
					 uint64_t size, const uint8_t *row,
					 size_t row_size,
					 struct cosignature *out_cosignature);

/* As the line that stands below the keeper's own in a checkpoint. The cosigner's name is
 * the log's, "/device/", and the first 8 bytes of its key in hexadecimal. */
void cosignature_name(struct household_id household,
		      const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
		      char to[NOTE_NAME_BYTES]);
MUST_CHECK enum err cosignature_line(struct household_id household,
				     const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				     const struct cosignature *cosignature,
				     char to[NOTE_LINE_BYTES]);
/* head is what the checkpoint above says. ERR_FORMAT, ERR_AUTH. */
MUST_CHECK enum err cosignature_read_line(
	struct household_id household, const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
	const struct merkle_head *head, const char *line, size_t line_size,
	struct cosignature *out_cosignature);

#endif
