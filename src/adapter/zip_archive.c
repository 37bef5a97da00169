/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_archive - the only file that knows libarchive. Knows nothing of what is in the files.
 */
#include "adapter/zip_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	MS_PER_S = 1000,
	NS_PER_MS = 1000000,
	FILE_MODE = 0644,
	READ_BYTES = 64 * 1024,
};

struct zip_writer {
	const struct sink *sink;
	struct archive *archive;
	struct archive_entry *entry;
	enum err err; /* the sink's; OK while it takes everything */
};

static la_ssize_t pass_on(struct archive *archive, void *context, const void *bytes,
			  size_t size)
{
	struct zip_writer *writer = context;

	(void)archive;
	if (writer->err == OK)
		writer->err = sink_write(writer->sink, bytes, size);
	return writer->err == OK ? (la_ssize_t)size : -1;
}

static enum err err_of(const struct zip_writer *writer, int result)
{
	if (writer->err != OK)
		return writer->err;
	return result == ARCHIVE_OK ? OK : ERR_IO;
}

enum err zip_writer_create(const struct sink *sink, struct zip_writer **out_writer)
{
	struct zip_writer *writer = calloc(1, sizeof(*writer));
	enum err err = OK;

	if (!writer)
		return ERR_MEMORY;
	writer->sink = sink;
	writer->archive = archive_write_new();
	writer->entry = archive_entry_new();
	if (!writer->archive || !writer->entry)
		err = ERR_MEMORY;
	else if (archive_write_set_format_zip(writer->archive) != ARCHIVE_OK ||
		 archive_write_zip_set_compression_store(writer->archive) != ARCHIVE_OK ||
		 archive_write_set_bytes_per_block(writer->archive, READ_BYTES) !=
			 ARCHIVE_OK ||
		 archive_write_set_bytes_in_last_block(writer->archive, 1) !=
			 ARCHIVE_OK ||
		 archive_write_open(writer->archive, writer, NULL, pass_on, NULL) !=
			 ARCHIVE_OK)
		err = ERR_MEMORY;
	if (err == OK)
		*out_writer = writer;
	else
		zip_writer_destroy(writer);
	return err;
}

enum err zip_writer_open_file(struct zip_writer *writer, const char *path, int64_t at_ms,
			      uint64_t size)
{
	struct archive_entry *entry = writer->entry;

	if (writer->err != OK)
		return writer->err;
	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, FILE_MODE);
	archive_entry_set_mtime(entry, at_ms / MS_PER_S, at_ms % MS_PER_S * NS_PER_MS);
	if (size != ZIP_SIZE_UNKNOWN)
		archive_entry_set_size(entry, (la_int64_t)size);
	return err_of(writer, archive_write_header(writer->archive, entry));
}

enum err zip_writer_add(struct zip_writer *writer, const void *bytes, size_t size)
{
	la_ssize_t taken;

	if (writer->err != OK || size == 0)
		return writer->err;
	taken = archive_write_data(writer->archive, bytes, size);
	return err_of(writer, taken == (la_ssize_t)size ? ARCHIVE_OK : ARCHIVE_FATAL);
}

enum err zip_writer_end(struct zip_writer *writer)
{
	return err_of(writer, archive_write_close(writer->archive));
}

void zip_writer_destroy(struct zip_writer *writer)
{
	if (!writer)
		return;
	if (writer->archive) {
		writer->err = writer->err == OK ? ERR_CLOSED : writer->err;
		(void)archive_write_free(writer->archive);
	}
	archive_entry_free(writer->entry);
	free(writer);
}

/* --- reading ---------------------------------------------------------------------------- */

struct zip_reader {
	struct archive *archive;
	size_t entries;
};

static enum err say(const struct zip_reader *reader, struct err_note *note,
		    const char *what)
{
	const char *why = archive_error_string(reader->archive);

	return err_say(ERR_FORMAT, note, "%s: %s", what, why ? why : "damaged");
}

static enum err make_reader(struct zip_reader **out_reader)
{
	struct zip_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->archive = archive_read_new();
	if (!reader || !reader->archive ||
	    archive_read_support_format_zip_seekable(reader->archive) != ARCHIVE_OK) {
		zip_reader_close(reader);
		return ERR_MEMORY;
	}
	*out_reader = reader;
	return OK;
}

enum err zip_reader_open(const char *path, struct zip_reader **out_reader,
			 struct err_note *note)
{
	struct zip_reader *reader = NULL;
	enum err err = make_reader(&reader);

	if (err != OK)
		return err;
	if (archive_read_open_filename(reader->archive, path, READ_BYTES) != ARCHIVE_OK)
		err = say(reader, note, path);
	if (err == OK)
		*out_reader = reader;
	else
		zip_reader_close(reader);
	return err;
}

enum err zip_reader_open_memory(const void *bytes, size_t size,
				struct zip_reader **out_reader, struct err_note *note)
{
	struct zip_reader *reader = NULL;
	enum err err = make_reader(&reader);

	if (err != OK)
		return err;
	if (archive_read_open_memory(reader->archive, bytes, size) != ARCHIVE_OK)
		err = say(reader, note, "the archive");
	if (err == OK)
		*out_reader = reader;
	else
		zip_reader_close(reader);
	return err;
}

void zip_reader_close(struct zip_reader *reader)
{
	if (!reader)
		return;
	if (reader->archive)
		(void)archive_read_free(reader->archive);
	free(reader);
}

/* Relative, and below where it is unpacked. */
static bool is_tame(const char *path)
{
	if (path[0] == '\0' || path[0] == '/' || strchr(path, '\\'))
		return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "../", 3) == 0 || strcmp(part, "..") == 0)
			return false;
	}
	return str_is_utf8(path, strlen(path));
}

enum err zip_reader_next(struct zip_reader *reader, char out_path[ZIP_PATH_BYTES],
			 struct err_note *note)
{
	struct archive_entry *entry = NULL;
	int result = archive_read_next_header(reader->archive, &entry);
	const char *path;

	if (result == ARCHIVE_EOF)
		return ERR_MISSING;
	if (result != ARCHIVE_OK)
		return say(reader, note, "the archive");
	reader->entries++;
	if (reader->entries > ZIP_ENTRIES_MAX)
		return err_say(ERR_LIMIT, note, "the archive has more than %d files",
			       ZIP_ENTRIES_MAX);
	path = archive_entry_pathname(entry);
	if (!path || !is_tame(path) || !str_copy(out_path, ZIP_PATH_BYTES, path))
		return err_say(ERR_FORMAT, note,
			       "the archive has a file with a name that no archive of "
			       "ours has");
	if (archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_is_encrypted(entry) == 1)
		return err_say(ERR_FORMAT, note, "%s: is not a plain file", out_path);
	return OK;
}

enum err zip_reader_read(struct zip_reader *reader, void *to, size_t size,
			 size_t *out_size, struct err_note *note)
{
	la_ssize_t got = archive_read_data(reader->archive, to, size);

	if (got < 0)
		return say(reader, note, "the archive");
	*out_size = (size_t)got;
	return OK;
}
