/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_stream - fills chunks with rows, seals them where there is a key, and hands them on.
 *
 * Invariant: at most one chunk of rows waits here, which is wiped.
 */
#include "keeper/backup_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { PLAIN_BYTES = BACKUP_CHUNK_BYTES_MAX - SEAL_STREAM_EXTRA_BYTES };

struct backup_stream {
	enum backup_kind kind;
	uint8_t header[BACKUP_HEADER_BYTES];
	struct backup_out out;
	struct seal_stream *sealing; /* NULL: rows leave as they are */
	backup_emit_fn *emit;
	void *context;
	uint64_t rows;
	size_t size;
	uint8_t plain[PLAIN_BYTES];
	uint8_t sealed[BACKUP_CHUNK_BYTES_MAX];
	uint8_t piece[BACKUP_PIECE_BYTES_MAX];
};

static enum err begin(struct backup_stream *stream, struct backup_about *about,
		      const uint8_t key[SEAL_KEY_BYTES])
{
	enum err err = OK;

	if (key) {
		seal_commit(key, about->commit);
		if (about->kind == BACKUP_KEYS)
			err = seal_stream_start(key, about->stream, &stream->sealing);
	}
	if (err == OK)
		err = backup_out_begin(&stream->out, about, stream->header);
	if (err == OK)
		err = stream->emit(stream->context, stream->kind, true, stream->header,
				   sizeof(stream->header));
	return err;
}

enum err backup_stream_begin(struct backup_about *about,
			     const uint8_t key[SEAL_KEY_BYTES], backup_emit_fn *emit,
			     void *context, struct backup_stream **out_stream)
{
	struct backup_stream *stream = calloc(1, sizeof(*stream));
	enum err err;

	if (!stream)
		return ERR_MEMORY;
	stream->kind = about->kind;
	stream->emit = emit;
	stream->context = context;
	err = begin(stream, about, key);
	if (err == OK)
		*out_stream = stream;
	else
		backup_stream_destroy(stream);
	return err;
}

void backup_stream_destroy(struct backup_stream *stream)
{
	if (!stream)
		return;
	seal_stream_destroy(stream->sealing);
	seal_wipe(stream->plain, sizeof(stream->plain));
	free(stream);
}

static enum err flush(struct backup_stream *stream, bool last)
{
	const struct seal_part bound = {stream->header, sizeof(stream->header)};
	const uint8_t *from = stream->plain;
	size_t size = stream->size;
	enum err err;

	if (stream->sealing) {
		seal_stream_push(stream->sealing, bound, stream->plain, stream->size,
				 last, stream->sealed);
		from = stream->sealed;
		size += SEAL_STREAM_EXTRA_BYTES;
	}
	stream->size = 0;
	if (size == 0)
		return OK;
	err = backup_out_chunk(&stream->out, from, size, stream->piece);
	if (err == OK)
		err = stream->emit(stream->context, stream->kind, false, stream->piece,
				   size + BACKUP_CHUNK_EXTRA_BYTES);
	return err;
}

static enum err add(struct backup_stream *stream, const uint8_t *bytes, size_t size)
{
	enum err err = OK;

	while (err == OK && size > 0) {
		const size_t room = sizeof(stream->plain) - stream->size;
		const size_t part = size < room ? size : room;

		memcpy(stream->plain + stream->size, bytes, part);
		stream->size += part;
		bytes += part;
		size -= part;
		if (stream->size == sizeof(stream->plain))
			err = flush(stream, false);
	}
	return err;
}

enum err backup_stream_row(struct backup_stream *stream, const struct backup_row *row)
{
	uint8_t head[BACKUP_ROW_HEAD_MAX];
	enum err err = add(stream, head, backup_row_head(row, head));

	if (err == OK && !row->is_gone)
		err = add(stream, row->value, row->size);
	stream->rows++;
	return err;
}

enum err backup_stream_end(struct backup_stream *stream, struct backup_tail *tail,
			   const uint8_t seed[SEAL_SIGN_SEED_BYTES])
{
	uint8_t bytes[BACKUP_TAIL_BYTES];
	enum err err = flush(stream, true);

	tail->rows = stream->rows;
	if (err == OK)
		err = backup_out_end(&stream->out, tail, seed, bytes);
	if (err == OK)
		err = stream->emit(stream->context, stream->kind, false, bytes,
				   sizeof(bytes));
	return err;
}
