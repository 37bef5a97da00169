/* SPDX-License-Identifier: Apache-2.0 */
/* export_stream - see the header. */
#include "cli/export_stream.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum { KIND_END = 0, KIND_FILE = 1, NUMBERS_BYTES = 16, CHUNK_SIZE_BYTES = 4 };

static const char PATH_LETTERS[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";

void export_stream_init(struct export_stream *stream,
			const struct export_stream_listener *listener)
{
	*stream = (struct export_stream){.listener = *listener, .wanted = 1};
}

bool export_stream_is_whole(const struct export_stream *stream)
{
	return stream->state == EXPORT_STREAM_OVER;
}

static void expect(struct export_stream *stream, enum export_stream_state state,
		   size_t wanted)
{
	stream->state = state;
	stream->wanted = wanted;
	stream->held = 0;
}

static enum err not_so(struct err_note *note, const char *what)
{
	return err_say(ERR_FORMAT, note, "the keeper's answer cannot be read: %s", what);
}

/* path is not empty. */
static bool is_tame(const char *path)
{
	return path[0] != '/' && path[0] != '.' &&
	       strspn(path, PATH_LETTERS) == strlen(path) && !strstr(path, "/.") &&
	       !strstr(path, "//");
}

static enum err take_head(struct export_stream *stream, struct err_note *note)
{
	char path[EXPORT_STREAM_PATH_BYTES];
	struct unpack unpack;
	int64_t at_ms;

	must(str_copy_bytes(path, sizeof(path), (const char *)stream->head,
			    stream->path_size));
	if (strlen(path) != stream->path_size || !is_tame(path))
		return not_so(note, "a file's name");
	unpack_init(&unpack, stream->head + stream->path_size, NUMBERS_BYTES);
	at_ms = unpack_i64(&unpack);
	stream->announced = unpack_u64(&unpack);
	stream->taken = 0;
	stream->files++;
	expect(stream, EXPORT_STREAM_CHUNK_SIZE, CHUNK_SIZE_BYTES);
	return stream->listener.open(stream->listener.context, path, at_ms,
				     stream->announced);
}

static enum err take_chunk_size(struct export_stream *stream, struct err_note *note)
{
	struct unpack unpack;

	unpack_init(&unpack, stream->head, CHUNK_SIZE_BYTES);
	stream->chunk_left = unpack_u32(&unpack);
	if (stream->chunk_left > 0) {
		stream->state = EXPORT_STREAM_CHUNK;
		return OK;
	}
	if (stream->announced != EXPORT_STREAM_SIZE_UNKNOWN &&
	    stream->announced != stream->taken)
		return not_so(note, "a file is not as long as it was announced");
	expect(stream, EXPORT_STREAM_KIND, 1);
	return OK;
}

static enum err take_kind(struct export_stream *stream, struct err_note *note)
{
	if (stream->head[0] == KIND_END)
		stream->state = EXPORT_STREAM_OVER;
	else if (stream->head[0] == KIND_FILE)
		expect(stream, EXPORT_STREAM_PATH_SIZE, 1);
	else
		return not_so(note, "neither a file nor the end");
	return OK;
}

static enum err take_path_size(struct export_stream *stream, struct err_note *note)
{
	stream->path_size = stream->head[0];
	if (stream->path_size == 0 || stream->path_size >= EXPORT_STREAM_PATH_BYTES)
		return not_so(note, "a file's name");
	expect(stream, EXPORT_STREAM_HEAD, stream->path_size + NUMBERS_BYTES);
	return OK;
}

/* What was waited for is held. */
static enum err take_held(struct export_stream *stream, struct err_note *note)
{
	switch (stream->state) {
	case EXPORT_STREAM_KIND:
		return take_kind(stream, note);
	case EXPORT_STREAM_PATH_SIZE:
		return take_path_size(stream, note);
	case EXPORT_STREAM_HEAD:
		return take_head(stream, note);
	case EXPORT_STREAM_CHUNK_SIZE:
		return take_chunk_size(stream, note);
	case EXPORT_STREAM_CHUNK:
	case EXPORT_STREAM_OVER:
		break;
	}
	return not_so(note, "bytes behind the end");
}

/* Bytes of the open file; *out_part says how many. */
static enum err take_bytes(struct export_stream *stream, const uint8_t *bytes,
			   size_t size, size_t *out_part, struct err_note *note)
{
	size_t part = size < stream->chunk_left ? size : stream->chunk_left;

	if (stream->announced != EXPORT_STREAM_SIZE_UNKNOWN &&
	    part > stream->announced - stream->taken)
		return not_so(note, "a file is longer than it was announced");
	stream->taken += part;
	stream->chunk_left -= (uint32_t)part;
	if (stream->chunk_left == 0)
		expect(stream, EXPORT_STREAM_CHUNK_SIZE, CHUNK_SIZE_BYTES);
	*out_part = part;
	return stream->listener.add(stream->listener.context, bytes, part);
}

enum err export_stream_feed(struct export_stream *stream, const uint8_t *bytes,
			    size_t size, struct err_note *note)
{
	enum err err = OK;

	while (err == OK && size > 0) {
		size_t part = 1;

		if (stream->state == EXPORT_STREAM_OVER)
			return not_so(note, "bytes behind the end");
		if (stream->state == EXPORT_STREAM_CHUNK) {
			err = take_bytes(stream, bytes, size, &part, note);
		} else {
			stream->head[stream->held++] = *bytes;
			if (stream->held == stream->wanted)
				err = take_held(stream, note);
		}
		bytes += part;
		size -= part;
	}
	return err;
}
