/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_stream - the files of an archive out of the keeper's stream of bytes
 * (docs/FORMATS.md), cut anywhere. Checks every length and name; keeps nothing. One thread.
 */
#ifndef CLI_EXPORT_STREAM_H
#define CLI_EXPORT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { EXPORT_STREAM_PATH_BYTES = 128, EXPORT_STREAM_HEAD_BYTES = 1 + 127 + 8 + 8 };
#define EXPORT_STREAM_SIZE_UNKNOWN UINT64_MAX

/* Their errors end it. */
struct export_stream_listener {
	void *context;
	enum err (*open)(void *context, const char *path, int64_t at_ms, uint64_t size);
	enum err (*add)(void *context, const void *bytes, size_t size);
};

enum export_stream_state {
	EXPORT_STREAM_KIND,
	EXPORT_STREAM_PATH_SIZE,
	EXPORT_STREAM_HEAD,
	EXPORT_STREAM_CHUNK_SIZE,
	EXPORT_STREAM_CHUNK,
	EXPORT_STREAM_OVER,
};

struct export_stream {
	struct export_stream_listener listener;
	enum export_stream_state state;
	size_t wanted; /* bytes of the head or of the chunk's size */
	size_t held;
	uint8_t head[EXPORT_STREAM_HEAD_BYTES];
	size_t path_size;
	uint64_t announced; /* of the open file */
	uint64_t taken;
	uint32_t chunk_left;
	size_t files;
};

void export_stream_init(struct export_stream *stream,
			const struct export_stream_listener *listener);
/* ERR_FORMAT: no keeper says that; or the listener's error. */
MUST_CHECK enum err export_stream_feed(struct export_stream *stream, const uint8_t *bytes,
				       size_t size, struct err_note *note);
/* Did the last file end, and the stream with it? */
bool export_stream_is_whole(const struct export_stream *stream);

#endif
