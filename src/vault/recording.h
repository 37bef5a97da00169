/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording - sound and transcript of a turn, sealed under an epoch.
 *
 * Each is a row of its own with a salt of its own; epoch key and salt give its key. The
 * row's head (household, owner, record, kind, epoch, turn, room, time, size) is bound to
 * every chunk, and a commitment to the key stands beside it. Destroying the salt destroys
 * the recording. Sealing never holds more than one chunk of plaintext. One thread.
 */
#ifndef VAULT_RECORDING_H
#define VAULT_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "domain/audio.h"
#include "domain/ids.h"
#include "port/keep.h"
#include "port/rand.h"
#include "vault/epoch.h"
#include "vault/owner.h"

/* Numbers are stored; for ever. */
enum recording_kind { RECORDING_SOUND = 1, RECORDING_TRANSCRIPT = 2 };

enum {
	RECORDING_CHUNK_BYTES = 16384,
	RECORDING_BYTES_MAX = KEEP_SECONDS_MAX * AUDIO_HZ * 2,
	RECORDING_SALT_ROW_BYTES = 33,
	RECORDING_KEY_BYTES = 2 * ID_BYTES + 1,
	/* Transcripts are padded to this, so that their length says nothing. */
	RECORDING_TRANSCRIPT_BYTES = 512,
};

/* The visible head. Not secret, but bound: what comes back from opening was checked. */
struct recording_about {
	struct household_id household;
	struct owner_id owner;
	struct record_id record;
	enum recording_kind kind;
	struct epoch_id epoch;
	struct turn_id turn;
	struct room_name room;
	int64_t at_ms;
	uint64_t size; /* of the plaintext; at most RECORDING_BYTES_MAX */
};

/* owner, record, kind: the key of both its rows in the store. */
void recording_key(struct owner_id owner, struct record_id record,
		   enum recording_kind kind, uint8_t to[RECORDING_KEY_BYTES]);

/* --- sealing --- */

struct recording_writer;

/* about->owner and about->epoch must be the epoch's. ERR_RANGE: size too large. */
MUST_CHECK enum err recording_begin(const struct recording_about *about,
				    const struct epoch *epoch, const struct rand *rand,
				    struct recording_writer **out_writer);
/* ERR_LIMIT: more than was announced. */
MUST_CHECK enum err recording_add(struct recording_writer *writer, const void *bytes,
				  size_t size);
/* ERR_FORMAT: less than was announced. The rows stay the writer's. */
MUST_CHECK enum err recording_end(struct recording_writer *writer);
const uint8_t *recording_row(const struct recording_writer *writer, size_t *out_size);
const uint8_t *recording_salt_row(const struct recording_writer *writer); /* 33 bytes */
const struct recording_about *recording_writer_about(
	const struct recording_writer *writer);
void recording_writer_destroy(struct recording_writer *writer); /* NULL is fine */

/* --- opening --- */

struct recording_rows {
	const uint8_t *epoch;
	size_t epoch_size;
	const uint8_t *kek; /* that the epoch names; NULL: it names none */
	size_t kek_size;
	const uint8_t *salt;
	size_t salt_size;
	const uint8_t *record;
	size_t record_size;
};

/* Reads the head without any key: says which epoch to fetch, and nothing that may be
 * believed before recording_open. ERR_FORMAT, ERR_VERSION. */
MUST_CHECK enum err recording_peek(const uint8_t *row, size_t size,
				   struct recording_about *out_about);

/* Opens one recording for its signed-in owner, whole or not at all. ERR_AUTH: rows that
 * do not belong together, to this household, record, kind or owner, or any changed bit.
 * ERR_DENIED: the view is over. A recording of no bytes gives *out_plain NULL. */
MUST_CHECK enum err recording_open(struct owner_view *view, struct household_id household,
				   const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
				   struct record_id record, enum recording_kind kind,
				   const struct recording_rows *rows,
				   struct recording_about *out_about,
				   struct secret **out_plain);

/* The same under an epoch that the view has opened already: of rows only the record and its
 * salt are looked at. ERR_AUTH also for an epoch that is not the record's. */
MUST_CHECK enum err recording_open_under(
	struct owner_view *view, struct household_id household,
	const struct epoch_opened *epoch, struct record_id record,
	enum recording_kind kind, const struct recording_rows *rows,
	struct recording_about *out_about, struct secret **out_plain);
/* The same of what lies in the household's box, under an epoch of it. Nothing else opens
 * that, and it opens nothing else. */
MUST_CHECK enum err recording_open_box(struct owner_view *view,
				       struct household_id household,
				       const struct epoch_opened *epoch,
				       struct record_id record, enum recording_kind kind,
				       const struct recording_rows *rows,
				       struct recording_about *out_about,
				       struct secret **out_plain);

/* The same into locked memory of the caller's, for whoever opens many. ERR_LIMIT: it is
 * larger than capacity. But for OK nothing of it is in `to`. */
MUST_CHECK enum err recording_open_into(struct owner_view *view,
					struct household_id household,
					const struct epoch_opened *epoch,
					struct record_id record, enum recording_kind kind,
					const struct recording_rows *rows,
					struct recording_about *out_about, uint8_t *to,
					size_t capacity);

#endif
