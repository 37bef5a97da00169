/* SPDX-License-Identifier: Apache-2.0 */
/* report_what - see the header. Reads nothing of an archive but its manifest. */
#include "cli/report_what.h"

#include <string.h>

#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/history.h"

enum { SUMS_BYTES_MAX = 256 * 1024 * 1024 };

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

static enum err read_zip(const char *path, struct wire_incident_report *to,
			 struct err_note *note)
{
	(void)to;
	return err_say(ERR_UNSUPPORTED, note,
		       "%s: unpack it, and name the file SHA256SUMS that is in it", path);
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
