/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_row - the body of a voice message as two rows: sealed sound, and the key to it.
 *
 * Each message has a key of its own. The sound is sealed piece by piece under that key, and
 * the key under the keeper's house key; both are bound to household and proposal. Whoever
 * destroys the key's row has destroyed the message, in every copy of the other. One
 * thread per writer.
 */
#ifndef KEEPER_MEMO_ROW_H
#define KEEPER_MEMO_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "domain/memo.h"
#include "port/rand.h"

enum {
	MEMO_ROW_PIECES_MAX = 1024,
	MEMO_ROW_HEAD_BYTES = 1 + 2 * ID_BYTES + SEAL_COMMIT_BYTES,
	MEMO_ROW_PIECE_EXTRA_BYTES = 4 + SEAL_STREAM_EXTRA_BYTES,
	MEMO_ROW_BYTES_MAX = MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES +
			     MEMO_BYTES_MAX +
			     MEMO_ROW_PIECES_MAX * MEMO_ROW_PIECE_EXTRA_BYTES,
	MEMO_ROW_KEY_BYTES = 1 + SEAL_KEY_BYTES + SEAL_LOCK_EXTRA_BYTES,
};

/* Which message of which house. */
struct memo_place {
	struct household_id household;
	struct proposal_id proposal;
};

struct memo_writer;

/* Makes its key. ERR_MEMORY. */
MUST_CHECK enum err memo_row_begin(const struct memo_place *place,
				   const struct rand *rand,
				   struct memo_writer **out_writer);
/* Seals one more piece; no plaintext stays. ERR_LIMIT: too many bytes or pieces.
 * ERR_FORMAT: something follows the last one, or they hold nothing. After an error the
 * writer is of no more use. */
MUST_CHECK enum err memo_row_add(struct memo_writer *writer, const void *bytes,
				 size_t size, bool last);
bool memo_row_is_whole(const struct memo_writer *writer);
struct proposal_id memo_row_proposal(const struct memo_writer *writer);
/* Of a whole one: SHA-256 of what was sealed, and the two rows; the first is borrowed. */
const uint8_t *memo_row_hash(const struct memo_writer *writer);
const uint8_t *memo_row_bytes(const struct memo_writer *writer, size_t *out_size);
void memo_row_key(const struct memo_writer *writer,
		  const uint8_t house_key[SEAL_KEY_BYTES],
		  uint8_t to[MEMO_ROW_KEY_BYTES]);
void memo_writer_destroy(struct memo_writer *writer); /* wipes; NULL is fine */

/* What the head of the sound's row says, of which message of which house it is, and what
 * its key has to be; the pieces behind it are whole by their lengths. ERR_FORMAT,
 * ERR_VERSION. Nobody has vouched for any of it. */
struct memo_head {
	struct memo_place place;
	uint8_t commit[SEAL_COMMIT_BYTES];
};
MUST_CHECK enum err memo_row_look(const uint8_t *row, size_t size,
				  struct memo_head *out_head);

/* The key alone, to be given away; ERR_AUTH, ERR_FORMAT, ERR_VERSION, ERR_MEMORY. */
MUST_CHECK enum err memo_row_open_key(const struct memo_place *place,
				      const uint8_t house_key[SEAL_KEY_BYTES],
				      const uint8_t *row, size_t size,
				      struct secret **out_key);
/* The row for a key that was given, of SEAL_KEY_BYTES. ERR_AUTH: it is not the one that the
 * sound was sealed with. */
MUST_CHECK enum err memo_row_lock_key(const struct memo_head *head,
				      const uint8_t house_key[SEAL_KEY_BYTES],
				      const struct secret *key,
				      uint8_t to[MEMO_ROW_KEY_BYTES]);

struct memo_rows {
	const uint8_t *key;
	size_t key_size;
	const uint8_t *sound;
	size_t sound_size;
};

/* Opens all of it or nothing. ERR_AUTH, ERR_FORMAT, ERR_VERSION, ERR_MEMORY. */
MUST_CHECK enum err memo_row_open(const struct memo_place *place,
				  const uint8_t house_key[SEAL_KEY_BYTES],
				  const struct memo_rows *rows,
				  struct secret **out_plain);

#endif
