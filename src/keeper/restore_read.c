/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore_read - see the header. Holds one chunk and one row at a time, wiped.
 */
#include "keeper/restore_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"

struct reading {
	struct restore_file *file;
	const struct restore_walk *walk;
	struct backup_in *in;
	struct backup_rows *rows;
	uint8_t header[BACKUP_HEADER_BYTES];
	struct seal_stream *stream; /* NULL: nothing is sealed */
	bool is_last;               /* of the stream */
	uint8_t plain[BACKUP_CHUNK_BYTES_MAX];
};

static enum err read_fd(void *context, void *to, size_t size, size_t *out_got)
{
	const struct restore_file *file = context;
	uint8_t *bytes = to;
	size_t got = 0;

	while (got < size) {
		const ssize_t part = read(file->fd, bytes + got, size - got);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return ERR_IO;
		if (part == 0)
			break;
		got += (size_t)part;
	}
	*out_got = got;
	return OK;
}

static enum err begin(struct reading *reading, struct err_note *note)
{
	struct restore_file *file = reading->file;
	enum err err = backup_in_begin(reading->in, note);

	if (err != OK)
		return err;
	file->about = reading->in->about;
	if (file->about.kind != file->kind)
		return err_say(ERR_FORMAT, note, "%s: is a %s; a %s was expected",
			       file->path, backup_kind_words(file->about.kind),
			       backup_kind_words(file->kind));
	if (file->kind == BACKUP_KEYS && reading->walk->key) {
		backup_header(&file->about, reading->header);
		err = seal_stream_open(reading->walk->key, file->about.stream,
				       &reading->stream);
	}
	return err;
}

static enum err open_chunk(struct reading *reading, const uint8_t **bytes, size_t *size)
{
	const struct seal_part bound = {reading->header, sizeof(reading->header)};
	enum err err;

	if (*size < SEAL_STREAM_EXTRA_BYTES || reading->is_last)
		return ERR_FORMAT;
	err = seal_stream_pull(reading->stream, bound, *bytes, *size, reading->plain,
			       &reading->is_last);
	*bytes = reading->plain;
	*size -= SEAL_STREAM_EXTRA_BYTES;
	return err;
}

static enum err take_chunk(struct reading *reading, const uint8_t *bytes, size_t size,
			   struct err_note *note)
{
	const char *path = reading->file->path;
	enum err err = OK;

	if (reading->walk->read)
		reading->walk->read(reading->walk->context,
				    size + BACKUP_CHUNK_EXTRA_BYTES);
	if (reading->file->kind == BACKUP_KEYS && !reading->stream)
		return OK; /* only its form is checked */
	if (reading->stream)
		err = open_chunk(reading, &bytes, &size);
	if (err != OK)
		return err_say(err, note, "%s: does not open under the backup key", path);
	err = backup_rows_add(reading->rows, bytes, size);
	if (err == ERR_FORMAT)
		return err_say(err, note, "%s: what it holds are not rows of a store",
			       path);
	if (err == ERR_VERSION)
		return err_say(err, note,
			       "%s: holds what this program does not know; use the newer "
			       "program",
			       path);
	return err;
}

static enum err walk(struct reading *reading, struct err_note *note)
{
	enum err err = begin(reading, note);

	while (err == OK) {
		const uint8_t *bytes = NULL;
		size_t size = 0;

		err = backup_in_next(reading->in, &bytes, &size, note);
		if (err == OK && size == 0)
			break;
		if (err == OK)
			err = take_chunk(reading, bytes, size, note);
	}
	if (err != OK)
		return err;
	reading->file->tail = reading->in->tail;
	memcpy(reading->file->hash, reading->in->hash, sizeof(reading->in->hash));
	if (reading->stream && !reading->is_last)
		err = ERR_FORMAT;
	if (err == OK && (reading->stream || reading->file->kind != BACKUP_KEYS)) {
		err = backup_rows_end(reading->rows);
		if (err == OK &&
		    backup_rows_count(reading->rows) != reading->in->tail.rows)
			err = ERR_FORMAT;
	}
	if (err != OK)
		return err_say(err, note, "%s: its rows are cut short",
			       reading->file->path);
	return OK;
}

enum err restore_read(struct restore_file *file, const struct restore_walk *walk_,
		      struct err_note *note)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	struct backup_in *in = calloc(1, sizeof(*in));
	enum err err = reading && in ? OK : ERR_MEMORY;

	if (err == OK && lseek(file->fd, 0, SEEK_SET) != 0)
		err = err_say(ERR_IO, note, "%s: cannot be read: %s", file->path,
			      strerror(errno));
	if (err == OK)
		err = backup_rows_create(walk_->row, walk_->context, &reading->rows);
	if (err == OK) {
		in->name = file->path;
		in->read = read_fd;
		in->context = file;
		reading->file = file;
		reading->walk = walk_;
		reading->in = in;
		err = walk(reading, note);
	}
	if (reading) {
		backup_rows_destroy(reading->rows);
		seal_stream_destroy(reading->stream);
		seal_wipe(reading->plain, sizeof(reading->plain));
	}
	free(reading);
	free(in);
	return err;
}
