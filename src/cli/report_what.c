/* SPDX-License-Identifier: Apache-2.0 */
/* report_what - see the header. Reads nothing of an archive but its manifest. */
#include "cli/report_what.h"

#include <string.h>

#include "adapter/zip_archive.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/history.h"

enum { SUMS_BYTES_MAX = 256 * 1024 * 1024, PIECE_BYTES = 16384 };

static const char ZIP[] = ".zip";
static const char SUMS[] = "SHA256SUMS";

/* Behind ".zip", where it ends or a colon follows; NULL. */
static const char *behind_zip(const char *word)
{
	const char *at = word;
	const char *found = NULL;

	while ((at = strstr(at, ZIP))) {
		at += sizeof(ZIP) - 1;
		if (*at == '\0' || (*at == ':' && !found))
			found = at;
	}
	return found;
}

bool report_what_is_archive(const char *word)
{
	return behind_zip(word) || str_ends(word, SUMS);
}

static enum err take_id(const uint8_t *bytes, size_t size,
			struct wire_incident_report *to)
{
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_init();

	if (!err)
		err = seal_sha256(&(struct seal_part){bytes, size}, 1, hash);
	if (!err)
		memcpy(to->export.bytes, hash, ID_BYTES);
	return err;
}

static enum err read_sums(const char *path, struct wire_incident_report *to,
			  struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(path, SUMS_BYTES_MAX, &bytes, note);

	if (err)
		return err;
	err = take_id(bytes.bytes, bytes.size, to);
	buf_finish(&bytes);
	return err;
}

static bool is_sums(const char *path)
{
	const char *slash = strrchr(path, '/');

	return str_equal(slash ? slash + 1 : path, SUMS);
}

/* Hashes the file at which the reader stands. */
static enum err hash_entry(struct zip_reader *reader, struct wire_incident_report *to,
			   struct err_note *note)
{
	uint8_t piece[PIECE_BYTES];
	uint8_t id[SEAL_HASH_BYTES];
	struct seal_hash *hash = NULL;
	size_t total = 0;
	size_t size = 0;
	enum err err = seal_init();

	if (!err)
		err = seal_hash_start(&hash);
	do {
		if (!err)
			err = zip_reader_read(reader, piece, sizeof(piece), &size, note);
		if (!err && (total += size) > SUMS_BYTES_MAX)
			err = err_say(ERR_LIMIT, note, "%s is larger than it can be",
				      SUMS);
		if (!err)
			seal_hash_add(hash, piece, size);
	} while (!err && size > 0);
	if (!err) {
		seal_hash_end(hash, id);
		memcpy(to->export.bytes, id, ID_BYTES);
	}
	seal_hash_destroy(hash);
	return err;
}

static enum err read_zip(const char *path, struct wire_incident_report *to,
			 struct err_note *note)
{
	char entry[ZIP_PATH_BYTES] = "";
	struct zip_reader *reader = NULL;
	enum err err = zip_reader_open(path, &reader, note);

	do {
		if (!err)
			err = zip_reader_next(reader, entry, note);
	} while (!err && !is_sums(entry));
	if (err == ERR_MISSING && reader)
		err = err_say(ERR_FORMAT, note,
			      "%s: it holds no file %s, so it is not known which archive "
			      "this is",
			      path, SUMS);
	if (!err)
		err = hash_entry(reader, to, note);
	zip_reader_close(reader);
	return err;
}

enum err report_what_archive(const char *word, struct wire_incident_report *to,
			     struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const char *behind = behind_zip(word);

	if (!behind)
		return read_sums(word, to, note);
	if (!str_copy_bytes(path, sizeof(path), word, (size_t)(behind - word)))
		return err_say(ERR_LIMIT, note, "%.40s...: the path is too long", word);
	if (*behind == ':' && !str_copy(to->entry, sizeof(to->entry), behind + 1))
		return err_say(ERR_RANGE, note, "%s: a file's name has at most %zu bytes",
			       behind + 1, sizeof(to->entry) - 1);
	return read_zip(path, to, note);
}

enum err report_what_own(struct link_client *client, const char *word,
			 struct wire_incident_report *to, struct err_note *note)
{
	struct wire_history_row row;
	struct turn_id turn;
	enum err err;

	if (turn_id_from_text(&turn, word)) {
		to->turn = turn.value;
		return OK;
	}
	if (id_from_text(to->record.bytes, word) && !id_is_none(to->record.bytes))
		return OK;
	err = history_find(client, word, &row, note);
	if (err)
		return err;
	to->record = row.record;
	if (id_is_none(row.record.bytes))
		to->turn = row.turn;
	return OK;
}
