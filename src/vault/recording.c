/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording - seals and opens single recordings. Stores nothing and decides nothing
 * about whose a recording is.
 *
 * A row is its head, then the commitment to its key and the stream's header, then the
 * chunks: all but the last hold RECORDING_CHUNK_BYTES of plaintext. The head and the
 * commitment are the associated data of every chunk.
 *
 * Invariant: no plaintext is handed out before the last chunk was authenticated.
 */
#include "vault/recording.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"

enum {
	ROW_VERSION = 1,
	SALT_VERSION = 1,
	SALT_BYTES = 32,
	HEAD_BYTES_MAX = 256,
	SEALED_CHUNK_BYTES = RECORDING_CHUNK_BYTES + SEAL_STREAM_EXTRA_BYTES,
	CHUNKS_MAX = RECORDING_BYTES_MAX / RECORDING_CHUNK_BYTES + 1,
};

struct recording_writer {
	struct recording_about about;
	uint8_t salt_row[RECORDING_SALT_ROW_BYTES];
	struct seal_stream *stream;
	struct secret *chunk; /* plaintext not yet pushed */
	size_t chunk_size;
	uint64_t taken;
	size_t bound_size; /* head and commitment */
	uint8_t *row;
	size_t row_size;
	size_t row_capacity;
};

void recording_key(struct owner_id owner, struct record_id record,
		   enum recording_kind kind, uint8_t to[RECORDING_KEY_BYTES])
{
	memcpy(to, owner.bytes, ID_BYTES);
	memcpy(to + ID_BYTES, record.bytes, ID_BYTES);
	to[2 * ID_BYTES] = (uint8_t)kind;
}

static void pack_head(struct pack *pack, const struct recording_about *about)
{
	pack_u8(pack, ROW_VERSION);
	pack_u8(pack, (uint8_t)about->kind);
	pack_bytes(pack, about->household.bytes, ID_BYTES);
	pack_bytes(pack, about->owner.bytes, ID_BYTES);
	pack_bytes(pack, about->record.bytes, ID_BYTES);
	pack_bytes(pack, about->epoch.bytes, ID_BYTES);
	pack_u64(pack, about->turn.value);
	pack_i64(pack, about->at_ms);
	pack_text(pack, about->room.text);
	pack_u64(pack, about->size);
	pack_u32(pack, RECORDING_CHUNK_BYTES);
}

static enum err unpack_head(struct unpack *unpack, struct recording_about *about)
{
	uint8_t version = unpack_u8(unpack);
	uint8_t kind = unpack_u8(unpack);
	uint32_t chunk_bytes;

	if (version != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(unpack, about->household.bytes, ID_BYTES);
	unpack_bytes(unpack, about->owner.bytes, ID_BYTES);
	unpack_bytes(unpack, about->record.bytes, ID_BYTES);
	unpack_bytes(unpack, about->epoch.bytes, ID_BYTES);
	about->turn.value = unpack_u64(unpack);
	about->at_ms = unpack_i64(unpack);
	unpack_text(unpack, about->room.text, sizeof(about->room.text));
	about->size = unpack_u64(unpack);
	chunk_bytes = unpack_u32(unpack);
	if (unpack->overrun ||
	    (kind != RECORDING_SOUND && kind != RECORDING_TRANSCRIPT) ||
	    chunk_bytes != RECORDING_CHUNK_BYTES || about->size > RECORDING_BYTES_MAX)
		return ERR_FORMAT;
	about->kind = (enum recording_kind)kind;
	return OK;
}

static void derive_key(const struct recording_about *about,
		       const struct secret *epoch_key_, const uint8_t salt[SALT_BYTES],
		       uint8_t out_key[SEAL_KEY_BYTES])
{
	const uint8_t kind = (uint8_t)about->kind;
	const struct seal_part parts[] = {
		{salt, SALT_BYTES},
		{about->household.bytes, ID_BYTES},
		{about->owner.bytes, ID_BYTES},
		{about->record.bytes, ID_BYTES},
		{&kind, 1},
	};

	must(secret_size(epoch_key_) == SEAL_KEY_BYTES);
	seal_derive(secret_view(epoch_key_), "behest record key v1", parts, 5, out_key);
}

/* How many chunks hold size bytes; an empty recording has one, which is empty. */
static uint64_t chunks_of(uint64_t size)
{
	return size == 0 ? 1 : (size + RECORDING_CHUNK_BYTES - 1) / RECORDING_CHUNK_BYTES;
}

/* --- sealing ---------------------------------------------------------------------------- */

/* Lays out the head, the commitment and the stream's header. */
static enum err start_row(struct recording_writer *writer,
			  const uint8_t key[SEAL_KEY_BYTES])
{
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t header[SEAL_STREAM_HEADER_BYTES];
	struct pack pack;
	enum err err = seal_stream_start(key, header, &writer->stream);

	if (err != OK)
		return err;
	seal_commit(key, commit);
	pack_init(&pack, writer->row, writer->row_capacity);
	pack_head(&pack, &writer->about);
	pack_bytes(&pack, commit, sizeof(commit));
	writer->bound_size = pack.size;
	pack_bytes(&pack, header, sizeof(header));
	must(pack_is_whole(&pack));
	writer->row_size = pack.size;
	return OK;
}

enum err recording_begin(const struct recording_about *about, const struct epoch *epoch,
			 const struct rand *rand, struct recording_writer **out_writer)
{
	struct recording_writer *writer = NULL;
	uint8_t key[SEAL_KEY_BYTES];
	enum err err = ERR_MEMORY;

	must(id_equal(about->owner.bytes, epoch_owner(epoch).bytes));
	must(id_equal(about->epoch.bytes, epoch_id_of(epoch).bytes));
	if (about->size > RECORDING_BYTES_MAX)
		return ERR_RANGE;
	writer = calloc(1, sizeof(*writer));
	if (!writer)
		return ERR_MEMORY;
	writer->about = *about;
	writer->row_capacity = HEAD_BYTES_MAX + (size_t)about->size +
			       (size_t)chunks_of(about->size) * SEAL_STREAM_EXTRA_BYTES;
	writer->row = malloc(writer->row_capacity);
	if (!writer->row)
		goto out;
	err = secret_create(RECORDING_CHUNK_BYTES, &writer->chunk);
	if (err != OK)
		goto out;
	writer->salt_row[0] = SALT_VERSION;
	rand_fill(rand, writer->salt_row + 1, SALT_BYTES);
	derive_key(about, epoch_key(epoch), writer->salt_row + 1, key);
	err = start_row(writer, key);
	seal_wipe(key, sizeof(key));
out:
	if (err == OK)
		*out_writer = writer;
	else
		recording_writer_destroy(writer);
	return err;
}

static void push_chunk(struct recording_writer *writer, bool last)
{
	const struct seal_part bound = {writer->row, writer->bound_size};
	size_t sealed = writer->chunk_size + SEAL_STREAM_EXTRA_BYTES;

	must(sealed <= writer->row_capacity - writer->row_size);
	seal_stream_push(writer->stream, bound, secret_view(writer->chunk),
			 writer->chunk_size, last, writer->row + writer->row_size);
	writer->row_size += sealed;
	writer->chunk_size = 0;
}

enum err recording_add(struct recording_writer *writer, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	if (size > writer->about.size - writer->taken)
		return ERR_LIMIT;
	writer->taken += size;
	while (size > 0) {
		size_t room = RECORDING_CHUNK_BYTES - writer->chunk_size;
		size_t part = size < room ? size : room;

		/* A full chunk waits until it is known not to be the last. */
		if (room == 0) {
			push_chunk(writer, false);
			continue;
		}
		memcpy(secret_bytes(writer->chunk) + writer->chunk_size, from, part);
		writer->chunk_size += part;
		from += part;
		size -= part;
	}
	return OK;
}

enum err recording_end(struct recording_writer *writer)
{
	if (writer->taken != writer->about.size)
		return ERR_FORMAT;
	push_chunk(writer, true);
	secret_destroy(writer->chunk);
	writer->chunk = NULL;
	seal_stream_destroy(writer->stream);
	writer->stream = NULL;
	return OK;
}

const uint8_t *recording_row(const struct recording_writer *writer, size_t *out_size)
{
	must(!writer->stream); /* ended */
	*out_size = writer->row_size;
	return writer->row;
}

const uint8_t *recording_salt_row(const struct recording_writer *writer)
{
	return writer->salt_row;
}

const struct recording_about *recording_writer_about(
	const struct recording_writer *writer)
{
	return &writer->about;
}

void recording_writer_destroy(struct recording_writer *writer)
{
	if (!writer)
		return;
	seal_stream_destroy(writer->stream);
	secret_destroy(writer->chunk);
	seal_wipe(writer->salt_row, sizeof(writer->salt_row));
	free(writer->row);
	free(writer);
}

/* --- opening ---------------------------------------------------------------------------- */

enum err recording_peek(const uint8_t *row, size_t size,
			struct recording_about *out_about)
{
	struct recording_about about = {.size = 0};
	struct unpack unpack;
	enum err err;

	unpack_init(&unpack, row, size);
	err = unpack_head(&unpack, &about);
	if (err == OK)
		*out_about = about;
	return err;
}

/* What of a row is not head. */
struct body {
	size_t bound_size;
	const uint8_t *commit;
	const uint8_t *header;
	const uint8_t *chunks;
	size_t chunks_size;
};

static enum err read_record(const uint8_t *row, size_t size,
			    struct recording_about *about, struct body *body)
{
	struct unpack unpack;
	enum err err;

	unpack_init(&unpack, row, size);
	err = unpack_head(&unpack, about);
	if (err != OK)
		return err;
	body->commit = unpack_borrow(&unpack, SEAL_COMMIT_BYTES);
	body->bound_size = unpack.at;
	body->header = unpack_borrow(&unpack, SEAL_STREAM_HEADER_BYTES);
	body->chunks_size = unpack_left(&unpack);
	body->chunks = unpack_borrow(&unpack, body->chunks_size);
	if (unpack.overrun ||
	    body->chunks_size !=
		    about->size + chunks_of(about->size) * SEAL_STREAM_EXTRA_BYTES)
		return ERR_FORMAT;
	return OK;
}

/* All chunks in order, of which the last one says so: behind it there is none to pull. to has
 * about->size bytes, or is NULL for none. */
static enum err pull_chunks(struct seal_stream *stream, struct seal_part bound,
			    const struct body *body, uint8_t *to)
{
	const uint8_t *from = body->chunks;
	size_t left = body->chunks_size;
	uint8_t none[1];
	bool last = false;

	for (size_t i = 0; left > 0; i++) {
		size_t sealed = left < SEALED_CHUNK_BYTES ? left : SEALED_CHUNK_BYTES;
		enum err err;

		must(i < CHUNKS_MAX);
		err = seal_stream_pull(stream, bound, from, sealed, to ? to : none,
				       &last);
		if (err != OK)
			return err;
		from += sealed;
		left -= sealed;
		if (to)
			to += sealed - SEAL_STREAM_EXTRA_BYTES;
	}
	return last ? OK : ERR_AUTH;
}

static enum err open_body(const struct recording_about *about, const struct body *body,
			  const uint8_t *row, const uint8_t key[SEAL_KEY_BYTES],
			  struct secret **out_plain)
{
	const struct seal_part bound = {row, body->bound_size};
	struct seal_stream *stream = NULL;
	struct secret *plain = NULL;
	uint8_t commit[SEAL_COMMIT_BYTES];
	enum err err = OK;

	seal_commit(key, commit);
	if (!seal_equal(commit, body->commit, sizeof(commit)))
		return ERR_AUTH;
	err = seal_stream_open(key, body->header, &stream);
	if (err == OK && about->size > 0)
		err = secret_create((size_t)about->size, &plain);
	if (err == OK)
		err = pull_chunks(stream, bound, body,
				  plain ? secret_bytes(plain) : NULL);
	seal_stream_destroy(stream);
	if (err == OK)
		*out_plain = plain;
	else
		secret_destroy(plain);
	return err;
}

/* Reads the record's own two rows: they must be exactly what was asked for. */
static enum err read_rows(struct owner_view *view, struct household_id household,
			  bool is_box, struct record_id record, enum recording_kind kind,
			  const struct recording_rows *rows,
			  struct recording_about *about, struct body *body)
{
	struct owner_id owner;
	enum err err = owner_view_use(view);

	if (err != OK)
		return err;
	owner = is_box ? kek_box_owner(household) : owner_view_id(view);
	err = read_record(rows->record, rows->record_size, about, body);
	if (err != OK || !id_equal(about->household.bytes, household.bytes) ||
	    !id_equal(about->owner.bytes, owner.bytes) ||
	    !id_equal(about->record.bytes, record.bytes) || about->kind != kind ||
	    rows->salt_size != RECORDING_SALT_ROW_BYTES || rows->salt[0] != SALT_VERSION)
		return ERR_AUTH;
	return OK;
}

static enum err open_under(struct owner_view *view, struct household_id household,
			   bool is_box, const struct epoch_opened *epoch,
			   struct record_id record, enum recording_kind kind,
			   const struct recording_rows *rows,
			   struct recording_about *out_about, struct secret **out_plain)
{
	struct recording_about about = {.size = 0};
	const struct secret *of_epoch;
	struct body body;
	uint8_t key[SEAL_KEY_BYTES];
	enum err err =
		read_rows(view, household, is_box, record, kind, rows, &about, &body);

	if (err != OK)
		return err;
	of_epoch = epoch_opened_key(epoch, household, about.owner, about.epoch);
	if (!of_epoch)
		return ERR_AUTH;
	derive_key(&about, of_epoch, rows->salt + 1, key);
	err = open_body(&about, &body, rows->record, key, out_plain);
	if (err == OK)
		*out_about = about;
	seal_wipe(key, sizeof(key));
	return err;
}

enum err recording_open_under(struct owner_view *view, struct household_id household,
			      const struct epoch_opened *epoch, struct record_id record,
			      enum recording_kind kind, const struct recording_rows *rows,
			      struct recording_about *out_about,
			      struct secret **out_plain)
{
	return open_under(view, household, false, epoch, record, kind, rows, out_about,
			  out_plain);
}

enum err recording_open_box(struct owner_view *view, struct household_id household,
			    const struct epoch_opened *epoch, struct record_id record,
			    enum recording_kind kind, const struct recording_rows *rows,
			    struct recording_about *out_about, struct secret **out_plain)
{
	return open_under(view, household, true, epoch, record, kind, rows, out_about,
			  out_plain);
}

enum err recording_open(struct owner_view *view, struct household_id household,
			const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			struct record_id record, enum recording_kind kind,
			const struct recording_rows *rows,
			struct recording_about *out_about, struct secret **out_plain)
{
	const struct epoch_rows of_epoch = {.epoch = rows->epoch,
					    .epoch_size = rows->epoch_size,
					    .kek = rows->kek,
					    .kek_size = rows->kek_size};
	struct recording_about about = {.size = 0};
	struct epoch_opened *epoch = NULL;
	struct body body;
	enum err err =
		read_rows(view, household, false, record, kind, rows, &about, &body);

	if (err != OK)
		return err;
	err = epoch_open(view, household, keeper_public, about.epoch, &of_epoch, &epoch);
	if (err != OK)
		return err == ERR_FORMAT || err == ERR_VERSION ? ERR_AUTH : err;
	err = recording_open_under(view, household, epoch, record, kind, rows, out_about,
				   out_plain);
	epoch_opened_destroy(epoch);
	return err;
}

/* --- opening many ----------------------------------------------------------------------- */

static enum err open_body_into(const struct recording_about *about,
			       const struct body *body, const uint8_t *row,
			       const uint8_t key[SEAL_KEY_BYTES], uint8_t *to)
{
	const struct seal_part bound = {row, body->bound_size};
	const struct seal_part chunks = {body->chunks, body->chunks_size};
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t none[1];
	enum err err;

	seal_commit(key, commit);
	if (!seal_equal(commit, body->commit, sizeof(commit)))
		return ERR_AUTH;
	err = seal_stream_pull_all(key, body->header, bound, chunks, SEALED_CHUNK_BYTES,
				   about->size > 0 ? to : none);
	if (err != OK)
		seal_wipe(to, (size_t)about->size);
	return err;
}

enum err recording_open_into(struct owner_view *view, struct household_id household,
			     const struct epoch_opened *epoch, struct record_id record,
			     enum recording_kind kind, const struct recording_rows *rows,
			     struct recording_about *out_about, uint8_t *to,
			     size_t capacity)
{
	struct recording_about about = {.size = 0};
	const struct secret *of_epoch;
	struct body body;
	uint8_t key[SEAL_KEY_BYTES];
	enum err err =
		read_rows(view, household, false, record, kind, rows, &about, &body);

	if (err != OK)
		return err;
	of_epoch = epoch_opened_key(epoch, household, about.owner, about.epoch);
	if (!of_epoch)
		return ERR_AUTH;
	if (about.size > capacity)
		return ERR_LIMIT;
	derive_key(&about, of_epoch, rows->salt + 1, key);
	err = open_body_into(&about, &body, rows->record, key, to);
	seal_wipe(key, sizeof(key));
	if (err == OK)
		*out_about = about;
	return err;
}
