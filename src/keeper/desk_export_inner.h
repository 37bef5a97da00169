/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_export_inner - what the files of the export share; nobody else includes it.
 *
 * An archive is made for a link, and of what that link's unlocked key opens: there is no
 * argument that names an owner, on purpose. Whoever wanted to export somebody else's
 * recordings would need that somebody's open owner_view, which only their passphrase makes.
 *
 * desk_export.c: the steps, and what is journaled of them. desk_export_rows.c: the two passes
 * over the rows. desk_export_send.c: files as a stream of bytes, sent as they are taken.
 * desk_export_text.c: the files that are not sound. desk_export_proofs.c: what proves them. export_page.c: their words.
 */
#ifndef KEEPER_DESK_EXPORT_INNER_H
#define KEEPER_DESK_EXPORT_INNER_H

#include "keeper/desk_inner.h"
#include "keeper/export_epochs.h"
#include "keeper/export_set.h"
#include "tlog/checkpoint.h"
#include "tlog/tree.h"

enum {
	EXPORT_WINDOW_ROWS = STORE_RANGE_ROWS_MAX,
	EXPORT_BATCH_BYTES = 192 * 1024, /* of rows asked for at a time, but for one */
	/* What is made and not yet sent: a batch, or one recording of any length. */
	EXPORT_OUT_BYTES = RECORDING_BYTES_MAX + 2 * EXPORT_BATCH_BYTES,
	EXPORT_TEXT_BYTES = 64 * 1024, /* made at a time, of files that are not sound */
	/* What is sent and not yet taken; LINK_QUEUE_BYTES holds it. */
	EXPORT_FLYING_BYTES = 2 * 1024 * 1024,
	EXPORT_PIECE_BYTES = 64000,
	EXPORT_HEADS_BYTES = 512, /* what comes before a file's bytes takes less */
	EXPORT_PATH_BYTES = 128,
	EXPORT_SUMS_BYTES_MAX = 256 * 1024 * 1024,
};

enum export_reason {
#define REASON(name, err, cause, words) EXPORT_##name,
#include "keeper/export_reasons.def"
#undef REASON
};

struct export_job;
/* Goes on with the next of it: asks the store, makes text, or ends. */
typedef void export_step(struct desk *desk, struct export_job *export);

struct export_job {
	struct job job; /* first */
	bool is_over;   /* said, and journaled or about to be */
	bool is_begun;  /* EXPORT_BEGUN is durable */
	uint64_t link_id;
	export_step *step;
	struct export_set set;
	struct export_epochs epochs;
	uint64_t generation; /* of the owner's key, when this began */
	struct export_id id;
	int64_t made_ms;
	/* The journal: */
	struct tree tree;
	uint64_t limit;                /* its size when this began */
	uint64_t read;                 /* so far */
	uint8_t root[SEAL_HASH_BYTES]; /* as the keeper remembers it, of that size */
	char checkpoint[CHECKPOINT_TEXT_BYTES]; /* over them, signed */
	struct desk_incident_audit incidents;   /* that it tells of as open */
	/* The tree, level by level from its leaves: the roots of all perfect subtrees. */
	uint8_t (*nodes)[SEAL_HASH_BYTES]; /* owned; [2 * limit], the leaves first */
	/* The rows: */
	unsigned pass;                     /* 1 or 2 */
	uint8_t from[RECORDING_KEY_BYTES]; /* next key */
	uint8_t last[RECORDING_KEY_BYTES]; /* of this window */
	size_t salt_count;
	struct {
		uint8_t key[RECORDING_KEY_BYTES];
		uint8_t salt[RECORDING_SALT_ROW_BYTES];
	} salts[EXPORT_WINDOW_ROWS];
	/* What leaves: */
	struct secret *out; /* EXPORT_OUT_BYTES */
	size_t out_size;
	size_t out_sent;
	uint64_t flying; /* bytes sent and not taken */
	struct seal_hash *file_hash;
	char path[EXPORT_PATH_BYTES]; /* of the open file; "": none */
	struct buf sums;              /* SHA256SUMS */
	size_t proof_count;           /* of the places below */
	size_t proof_at;
	uint64_t *places;                   /* owned; of what is proven, in their order */
	size_t text;                        /* which of the files that are not sound */
	size_t text_at;                     /* how far it has come */
	const struct export_record *before; /* the row above the next one, or NULL */
	size_t sums_size;                   /* of what the manifest names */
	uint64_t bytes;                     /* of all files */
	uint8_t manifest[SEAL_HASH_BYTES];
};

/* desk_export.c */
/* Ends it with a reason; record is the one it is about, or NULL. */
void export_abort(struct desk *desk, struct export_job *export, enum export_reason why,
		  const struct record_id *record);
/* The key that it was begun under has ended: all of it was erased. */
bool export_is_erased(const struct desk *desk, const struct export_job *export);
/* The reason for what went wrong outside of rows. */
enum export_reason export_reason_of(enum err err);
void export_finish(struct desk *desk, struct export_job *export); /* all is sent */
/* Reads what the journal got since; then `then`. */
void export_read_later(struct desk *desk, struct export_job *export, export_step *then);

/* desk_export_rows.c: export->pass is set */
void export_pass_begin(struct desk *desk, struct export_job *export);
export_step export_pass_over; /* desk_export.c: every row was as it is to be */

/* desk_export_send.c */
/* A file begins; all before are ended. */
void export_open_file(struct export_job *export, const char *path, int64_t at_ms,
		      uint64_t size); /* EXPORT_SIZE_UNKNOWN: nobody knows yet */
#define EXPORT_SIZE_UNKNOWN UINT64_MAX
/* Where the next bytes of the file may be put, and that they were. */
uint8_t *export_room(struct export_job *export, size_t size);
void export_put(struct export_job *export, size_t size);
MUST_CHECK enum err export_add(struct export_job *export, const void *bytes, size_t size);
MUST_CHECK enum err export_close_file(struct export_job *export,
				      uint8_t out_hash[SEAL_HASH_BYTES]);
void export_end_stream(struct export_job *export);
/* Sends as much as may fly. True: all is sent, and more may be made. */
bool export_pump(struct export_job *export);

/* desk_export_proofs.c: the journal's entries of the recordings, each with its proof */
export_step export_proofs_begin;
/* desk_export_text.c: they are in the stream */
export_step export_proofs_over;

/* desk_export_text.c: one piece more; export->text counts on */
export_step export_text_step;

#endif
