/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_archive - ZIP files, over libarchive: written as a stream, with stored entries, so that
 * nothing of it lies anywhere on the way; and read back with limits, for a file that comes
 * from outside is not to be believed.
 */
#ifndef ADAPTER_ZIP_ARCHIVE_H
#define ADAPTER_ZIP_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/sink.h"
#include "base/err.h"

enum {
	ZIP_PATH_BYTES = 256,
	ZIP_ENTRIES_MAX = 4 * 1024 * 1024,
};
#define ZIP_SIZE_UNKNOWN UINT64_MAX

/* --- writing --- */

struct zip_writer;

/* sink is borrowed until the end. */
MUST_CHECK enum err zip_writer_create(const struct sink *sink,
				      struct zip_writer **out_writer);
/* Ends the file before. size ZIP_SIZE_UNKNOWN: as much as comes. */
MUST_CHECK enum err zip_writer_open_file(struct zip_writer *writer, const char *path,
					 int64_t at_ms, uint64_t size);
MUST_CHECK enum err zip_writer_add(struct zip_writer *writer, const void *bytes,
				   size_t size);
/* Writes the directory at its end; without it no reader takes it for whole. */
MUST_CHECK enum err zip_writer_end(struct zip_writer *writer);
void zip_writer_destroy(struct zip_writer *writer); /* writes nothing; NULL is fine */

/* --- reading --- */

struct zip_reader;

/* The note names the file. ERR_MISSING, ERR_IO, ERR_FORMAT: it is no ZIP file. */
MUST_CHECK enum err zip_reader_open(const char *path, struct zip_reader **out_reader,
				    struct err_note *note);
/* The same from memory, borrowed. */
MUST_CHECK enum err zip_reader_open_memory(const void *bytes, size_t size,
					   struct zip_reader **out_reader,
					   struct err_note *note);
void zip_reader_close(struct zip_reader *reader); /* NULL is fine */
/* The next regular file; ERR_MISSING: there is none. ERR_FORMAT: something else, a path that
 * climbs or is absolute, encrypted. ERR_LIMIT: too many. */
MUST_CHECK enum err zip_reader_next(struct zip_reader *reader,
				    char out_path[ZIP_PATH_BYTES], struct err_note *note);
/* The next bytes of it; *out_size 0 at its end. ERR_FORMAT: damaged. */
MUST_CHECK enum err zip_reader_read(struct zip_reader *reader, void *to, size_t size,
				    size_t *out_size, struct err_note *note);

#endif
