/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_file - the outer form of a backup's files: a header, chunks, and a tail that the
 * keeper signed. What is in the chunks is none of its concern.
 *
 * Each chunk ends with the SHA-256 over everything up to there, so that the first byte that
 * is not as it was written is named by its chunk; the tail's signature covers the last of
 * these. docs/FORMATS.md has the bytes. One thread.
 */
#ifndef ADAPTER_BACKUP_FILE_H
#define ADAPTER_BACKUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/ids.h"

enum {
	BACKUP_HEADER_BYTES = 146,
	BACKUP_CHUNK_BYTES_MAX = 60000,
	BACKUP_CHUNK_EXTRA_BYTES = 4 + SEAL_HASH_BYTES,
	BACKUP_PIECE_BYTES_MAX = BACKUP_CHUNK_BYTES_MAX + BACKUP_CHUNK_EXTRA_BYTES,
	BACKUP_TAIL_BYTES = 4 + 8 + SEAL_HASH_BYTES + 8 + 8 + SEAL_SIGNATURE_BYTES,
	/* A house of a hundred years; what claims to hold more is damaged. */
	BACKUP_CHUNKS_MAX = 64 * 1024 * 1024,
};

/* Numbers are stored; for ever. */
enum backup_kind { BACKUP_CIPHERTEXT = 1, BACKUP_KEYS = 2, BACKUP_KEY = 3 };
enum { BACKUP_KIND_COUNT = 3 };

/* The header. key_number, commit and stream are zero where a file has none. */
struct backup_about {
	enum backup_kind kind;
	struct household_id household;
	uint8_t keeper[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t id[ID_BYTES]; /* the same in the three files of one backup */
	int64_t made_ms;
	uint64_t key_number;               /* of the backup key */
	uint8_t commit[SEAL_COMMIT_BYTES]; /* to it */
	uint8_t stream[SEAL_STREAM_HEADER_BYTES];
};

/* What the keeper signs behind the last chunk. */
struct backup_tail {
	uint64_t journal_size;
	uint8_t root[SEAL_HASH_BYTES]; /* of the journal */
	uint64_t chunks;
	uint64_t rows;
};

/* The header's bytes; also what chunks of keys are bound to. */
void backup_header(const struct backup_about *about, uint8_t to[BACKUP_HEADER_BYTES]);
/* "keys.bhb": what people know the kind as. */
const char *backup_kind_words(enum backup_kind kind);

/* --- writing --- */

struct backup_out {
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t chunks;
};

MUST_CHECK enum err backup_out_begin(struct backup_out *out,
				     const struct backup_about *about,
				     uint8_t to[BACKUP_HEADER_BYTES]);
/* size 1..BACKUP_CHUNK_BYTES_MAX; to has BACKUP_CHUNK_EXTRA_BYTES more. */
MUST_CHECK enum err backup_out_chunk(struct backup_out *out, const void *bytes,
				     size_t size, uint8_t *to);
/* tail->chunks is filled in. */
MUST_CHECK enum err backup_out_end(struct backup_out *out, struct backup_tail *tail,
				   const uint8_t seed[SEAL_SIGN_SEED_BYTES],
				   uint8_t to[BACKUP_TAIL_BYTES]);

/* --- reading --- */

/* Exactly size bytes, or at the end of the file fewer: how many there were. */
typedef enum err backup_read_fn(void *context, void *to, size_t size, size_t *out_got);

struct backup_in {
	const char *name; /* of the file, for notes; borrowed */
	backup_read_fn *read;
	void *context;
	struct backup_about about;
	struct backup_tail tail; /* once it is whole */
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t chunks;
	bool is_whole; /* the tail was read, and its signature is the keeper's */
	uint8_t chunk[BACKUP_CHUNK_BYTES_MAX];
};

/* Reads the header. ERR_FORMAT, ERR_VERSION with a note that names the file. Nothing read
 * may be believed before is_whole; whether the keeper is the right one is the caller's to
 * compare. */
MUST_CHECK enum err backup_in_begin(struct backup_in *in, struct err_note *note);
/* The next chunk, borrowed until the next call; *out_size is 0 behind the last one, and then
 * the file was whole. ERR_FORMAT: cut short, longer than it says, or changed; ERR_AUTH: not
 * signed by the keeper that the header names. */
MUST_CHECK enum err backup_in_next(struct backup_in *in, const uint8_t **out_bytes,
				   size_t *out_size, struct err_note *note);

#endif
