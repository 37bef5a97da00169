/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_stream - one file of a backup on its way out: rows in, pieces of the file out.
 *
 * With a key the rows leave sealed under it, bound to the file's header. One thread.
 */
#ifndef KEEPER_BACKUP_STREAM_H
#define KEEPER_BACKUP_STREAM_H

#include <stdbool.h>

#include "adapter/backup_file.h"
#include "vault/backup.h"

/* Takes a piece of the file, borrowed for the call; is_first: the file begins with it. */
typedef enum err backup_emit_fn(void *context, enum backup_kind file, bool is_first,
				const uint8_t *bytes, size_t size);

struct backup_stream;

/* about->commit and stream are filled in from key, which may be NULL. */
MUST_CHECK enum err backup_stream_begin(struct backup_about *about,
					const uint8_t key[SEAL_KEY_BYTES],
					backup_emit_fn *emit, void *context,
					struct backup_stream **out_stream);
MUST_CHECK enum err backup_stream_row(struct backup_stream *stream,
				      const struct backup_row *row);
/* tail's chunks and rows are filled in; seed is the keeper's. */
MUST_CHECK enum err backup_stream_end(struct backup_stream *stream,
				      struct backup_tail *tail,
				      const uint8_t seed[SEAL_SIGN_SEED_BYTES]);
void backup_stream_destroy(struct backup_stream *stream); /* wipes; NULL is fine */

#endif
