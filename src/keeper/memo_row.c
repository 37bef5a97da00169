/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_row - seals and opens the bodies of voice messages. Stores nothing, and decides
 * nothing about who may listen.
 *
 * Sound: version of the layout, household, proposal, the commitment to its key; the
 * stream's header; then the pieces, each with its length in front. All before the header
 * is the associated data of every piece; the stream itself binds their order and the end.
 * Key: version of the layout, and the message's key, locked.
 *
 * Invariants: plaintext is never kept here; none is handed out before the last piece was
 * authenticated.
 */
#include "keeper/memo_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/pack.h"

enum { ROW_VERSION = 1, KEY_VERSION = 1, BOUND_BYTES = 64 };

static const char KEY_LABEL[] = "behest memo key v1";

struct memo_writer {
	struct memo_place place;
	struct secret *key;
	struct seal_stream *stream;
	struct seal_hash *counted;
	struct buf row;
	size_t bytes;
	size_t pieces;
	bool is_whole;
	uint8_t hash[SEAL_HASH_BYTES];
};

static void pack_head(struct pack *pack, const struct memo_place *place,
		      const uint8_t *key)
{
	uint8_t commit[SEAL_COMMIT_BYTES];

	seal_commit(key, commit);
	pack_u8(pack, ROW_VERSION);
	pack_bytes(pack, place->household.bytes, ID_BYTES);
	pack_bytes(pack, place->proposal.bytes, ID_BYTES);
	pack_bytes(pack, commit, sizeof(commit));
}

/* --- sealing ---------------------------------------------------------------------------- */

static enum err start_row(struct memo_writer *writer)
{
	uint8_t head[MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES];
	uint8_t header[SEAL_STREAM_HEADER_BYTES];
	struct pack pack;
	enum err err =
		seal_stream_start(secret_view(writer->key), header, &writer->stream);

	if (err != OK)
		return err;
	pack_init(&pack, head, sizeof(head));
	pack_head(&pack, &writer->place, secret_view(writer->key));
	pack_bytes(&pack, header, sizeof(header));
	must(pack_is_whole(&pack) && pack.size == sizeof(head));
	return buf_add(&writer->row, head, sizeof(head));
}

enum err memo_row_begin(const struct memo_place *place, const struct rand *rand,
			struct memo_writer **out_writer)
{
	struct memo_writer *writer = calloc(1, sizeof(*writer));
	enum err err;

	if (!writer)
		return ERR_MEMORY;
	writer->place = *place;
	buf_init(&writer->row, MEMO_ROW_BYTES_MAX);
	err = secret_create(SEAL_KEY_BYTES, &writer->key);
	if (err == OK) {
		rand_fill(rand, secret_bytes(writer->key), SEAL_KEY_BYTES);
		err = seal_hash_start(&writer->counted);
	}
	if (err == OK)
		err = start_row(writer);
	if (err == OK)
		*out_writer = writer;
	else
		memo_writer_destroy(writer);
	return err;
}

/* The head stands in the row, which may move while it grows. */
static enum err push_piece(struct memo_writer *writer, const void *bytes, size_t size,
			   bool last)
{
	const size_t sealed = size + SEAL_STREAM_EXTRA_BYTES;
	uint8_t *piece = malloc(MEMO_ROW_PIECE_EXTRA_BYTES + size);
	struct pack pack;
	enum err err;

	if (!piece)
		return ERR_MEMORY;
	pack_init(&pack, piece, 4);
	pack_u32(&pack, (uint32_t)sealed);
	seal_stream_push(writer->stream,
			 (struct seal_part){writer->row.bytes, MEMO_ROW_HEAD_BYTES},
			 bytes, size, last, piece + pack.size);
	err = buf_add(&writer->row, piece, pack.size + sealed);
	free(piece);
	return err;
}

enum err memo_row_add(struct memo_writer *writer, const void *bytes, size_t size,
		      bool last)
{
	enum err err;

	if (writer->is_whole || (last && writer->bytes + size == 0))
		return ERR_FORMAT;
	if (size > MEMO_BYTES_MAX - writer->bytes ||
	    writer->pieces == MEMO_ROW_PIECES_MAX)
		return ERR_LIMIT;
	err = push_piece(writer, bytes, size, last);
	if (err != OK)
		return err;
	seal_hash_add(writer->counted, bytes, size);
	writer->bytes += size;
	writer->pieces++;
	if (last)
		seal_hash_end(writer->counted, writer->hash);
	writer->is_whole = last;
	return OK;
}

bool memo_row_is_whole(const struct memo_writer *writer)
{
	return writer->is_whole;
}

struct proposal_id memo_row_proposal(const struct memo_writer *writer)
{
	return writer->place.proposal;
}

const uint8_t *memo_row_hash(const struct memo_writer *writer)
{
	must(writer->is_whole);
	return writer->hash;
}

const uint8_t *memo_row_bytes(const struct memo_writer *writer, size_t *out_size)
{
	must(writer->is_whole);
	*out_size = writer->row.size;
	return writer->row.bytes;
}

void memo_writer_destroy(struct memo_writer *writer)
{
	if (!writer)
		return;
	secret_destroy(writer->key);
	seal_stream_destroy(writer->stream);
	seal_hash_destroy(writer->counted);
	buf_finish(&writer->row);
	free(writer);
}

/* --- the key's row ---------------------------------------------------------------------- */

/* What opens the message's key: of this message alone. */
static void derive_lock(const struct memo_place *place,
			const uint8_t house_key[SEAL_KEY_BYTES],
			uint8_t out_key[SEAL_KEY_BYTES])
{
	const struct seal_part parts[] = {
		{place->household.bytes, ID_BYTES},
		{place->proposal.bytes, ID_BYTES},
	};

	seal_derive(house_key, KEY_LABEL, parts, 2, out_key);
}

static struct seal_part pack_bound(const struct memo_place *place,
				   uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_text(&pack, KEY_LABEL);
	pack_bytes(&pack, place->household.bytes, ID_BYTES);
	pack_bytes(&pack, place->proposal.bytes, ID_BYTES);
	must(pack_is_whole(&pack));
	return (struct seal_part){to, pack.size};
}

static void lock_key(const struct memo_place *place,
		     const uint8_t house_key[SEAL_KEY_BYTES], const struct secret *key,
		     uint8_t to[MEMO_ROW_KEY_BYTES])
{
	uint8_t lock[SEAL_KEY_BYTES];
	uint8_t bound[BOUND_BYTES];

	derive_lock(place, house_key, lock);
	to[0] = KEY_VERSION;
	seal_lock(lock, pack_bound(place, bound), secret_view(key), SEAL_KEY_BYTES,
		  to + 1);
	seal_wipe(lock, sizeof(lock));
}

void memo_row_key(const struct memo_writer *writer,
		  const uint8_t house_key[SEAL_KEY_BYTES], uint8_t to[MEMO_ROW_KEY_BYTES])
{
	lock_key(&writer->place, house_key, writer->key, to);
}

enum err memo_row_lock_key(const struct memo_head *head,
			   const uint8_t house_key[SEAL_KEY_BYTES],
			   const struct secret *key, uint8_t to[MEMO_ROW_KEY_BYTES])
{
	uint8_t commit[SEAL_COMMIT_BYTES];

	if (secret_size(key) != SEAL_KEY_BYTES)
		return ERR_AUTH;
	seal_commit(secret_view(key), commit);
	if (!seal_equal(commit, head->commit, sizeof(commit)))
		return ERR_AUTH;
	lock_key(&head->place, house_key, key, to);
	return OK;
}

enum err memo_row_open_key(const struct memo_place *place,
			   const uint8_t house_key[SEAL_KEY_BYTES], const uint8_t *row,
			   size_t size, struct secret **out_key)
{
	struct secret *key = NULL;
	uint8_t lock[SEAL_KEY_BYTES];
	uint8_t bound[BOUND_BYTES];
	enum err err;

	if (size != MEMO_ROW_KEY_BYTES)
		return ERR_FORMAT;
	if (row[0] != KEY_VERSION)
		return ERR_VERSION;
	err = secret_create(SEAL_KEY_BYTES, &key);
	if (err != OK)
		return err;
	derive_lock(place, house_key, lock);
	err = seal_unlock(lock, pack_bound(place, bound), row + 1, size - 1,
			  secret_bytes(key));
	seal_wipe(lock, sizeof(lock));
	if (err == OK)
		*out_key = key;
	else
		secret_destroy(key);
	return err;
}

/* --- opening ---------------------------------------------------------------------------- */

/* The next piece; NULL: there is none, or it is cut short. */
static const uint8_t *next_piece(struct unpack *unpack, size_t *out_size)
{
	*out_size = unpack_u32(unpack);
	if (*out_size < SEAL_STREAM_EXTRA_BYTES)
		return NULL;
	return unpack_borrow(unpack, *out_size);
}

/* How much plaintext the pieces hold, by their lengths; ERR_FORMAT. */
static enum err measure(struct unpack unpack, size_t *out_size)
{
	size_t bytes = 0;
	size_t size;

	while (unpack_left(&unpack) > 0) {
		if (!next_piece(&unpack, &size))
			return ERR_FORMAT;
		bytes += size - SEAL_STREAM_EXTRA_BYTES;
		if (bytes > MEMO_BYTES_MAX)
			return ERR_FORMAT;
	}
	*out_size = bytes;
	return bytes > 0 ? OK : ERR_FORMAT;
}

static enum err pull_all(struct seal_stream *stream, struct seal_part head,
			 struct unpack unpack, struct secret *plain)
{
	bool is_last = false;
	size_t at = 0;
	size_t size;
	enum err err = OK;

	while (err == OK && unpack_left(&unpack) > 0) {
		const uint8_t *piece = next_piece(&unpack, &size);

		must(piece); /* measured */
		err = seal_stream_pull(stream, head, piece, size,
				       secret_bytes(plain) + at, &is_last);
		at += size - SEAL_STREAM_EXTRA_BYTES;
	}
	return err == OK && !is_last ? ERR_AUTH : err;
}

/* The head is exactly what these names and this key make. */
static enum err check_head(const struct memo_place *place, const struct secret *key,
			   const uint8_t *row, size_t size)
{
	uint8_t head[MEMO_ROW_HEAD_BYTES];
	struct pack pack;

	if (size < MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES)
		return ERR_FORMAT;
	if (row[0] != ROW_VERSION)
		return ERR_VERSION;
	pack_init(&pack, head, sizeof(head));
	pack_head(&pack, place, secret_view(key));
	must(pack_is_whole(&pack));
	return seal_equal(row, head, sizeof(head)) ? OK : ERR_AUTH;
}

static enum err open_sound(const struct secret *key, const uint8_t *row, size_t size,
			   struct secret **out_plain)
{
	struct secret *plain = NULL;
	struct seal_stream *stream = NULL;
	struct unpack pieces;
	size_t plain_size = 0;
	enum err err;

	unpack_init(&pieces, row, size);
	(void)unpack_borrow(&pieces, MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES);
	err = measure(pieces, &plain_size);
	if (err == OK)
		err = secret_create(plain_size, &plain);
	if (err == OK)
		err = seal_stream_open(secret_view(key), row + MEMO_ROW_HEAD_BYTES,
				       &stream);
	if (err == OK)
		err = pull_all(stream, (struct seal_part){row, MEMO_ROW_HEAD_BYTES},
			       pieces, plain);
	seal_stream_destroy(stream);
	if (err == OK)
		*out_plain = plain;
	else
		secret_destroy(plain);
	return err;
}

enum err memo_row_look(const uint8_t *row, size_t size, struct memo_head *out_head)
{
	struct memo_head head;
	struct unpack unpack;
	size_t plain_size = 0;
	enum err err;

	if (size < MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES)
		return ERR_FORMAT;
	unpack_init(&unpack, row, size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, head.place.household.bytes, ID_BYTES);
	unpack_bytes(&unpack, head.place.proposal.bytes, ID_BYTES);
	unpack_bytes(&unpack, head.commit, sizeof(head.commit));
	(void)unpack_borrow(&unpack, SEAL_STREAM_HEADER_BYTES);
	err = measure(unpack, &plain_size);
	if (err == OK)
		*out_head = head;
	return err;
}

enum err memo_row_open(const struct memo_place *place,
		       const uint8_t house_key[SEAL_KEY_BYTES],
		       const struct memo_rows *rows, struct secret **out_plain)
{
	struct secret *key = NULL;
	enum err err =
		memo_row_open_key(place, house_key, rows->key, rows->key_size, &key);

	if (err == OK)
		err = check_head(place, key, rows->sound, rows->sound_size);
	if (err == OK)
		err = open_sound(key, rows->sound, rows->sound_size, out_plain);
	secret_destroy(key);
	return err;
}
