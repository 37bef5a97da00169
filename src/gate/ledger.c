/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - a file of ids that only grows, and begins anew with its newest half when it is
 * full.
 *
 * Invariant: what is in memory was written and synced.
 */
#include "gate/ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

struct ledger {
	char path[FILE_PATH_BYTES];
	int fd;
	size_t count;
	struct proposal_id ids[LEDGER_IDS_MAX]; /* oldest first */
};

static enum err read_ids(struct ledger *ledger, struct err_note *note)
{
	struct buf bytes;
	enum err err;

	if (!file_exists(ledger->path))
		return OK;
	err = file_read(ledger->path, LEDGER_IDS_MAX * ID_BYTES, &bytes, note);
	if (!err) {
		ledger->count = bytes.size / ID_BYTES;
		memcpy(ledger->ids, bytes.bytes, ledger->count * ID_BYTES);
	}
	buf_finish(&bytes);
	return err;
}

/* Writes all of it anew, which also drops a cut last id. */
static enum err write_ids(struct ledger *ledger, struct err_note *note)
{
	enum err err = file_write(ledger->path, ledger->ids, ledger->count * ID_BYTES,
				  0600, note);

	if (err)
		return err;
	if (ledger->fd >= 0)
		close(ledger->fd);
	ledger->fd = open(ledger->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	return ledger->fd >= 0
		       ? OK
		       : err_say(ERR_IO, note, "%s: cannot be opened", ledger->path);
}

enum err ledger_open(const char *path, struct ledger **out_ledger, struct err_note *note)
{
	struct ledger *made = calloc(1, sizeof(*made));
	enum err err = OK;

	if (!made)
		return ERR_MEMORY;
	made->fd = -1;
	if (!str_copy(made->path, sizeof(made->path), path))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", path);
	if (!err)
		err = read_ids(made, note);
	if (!err)
		err = write_ids(made, note);
	if (!err)
		*out_ledger = made;
	else
		ledger_close(made);
	return err;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	if (ledger->fd >= 0)
		close(ledger->fd);
	free(ledger);
}

bool ledger_has(const struct ledger *ledger, struct proposal_id id)
{
	for (size_t i = ledger->count; i > 0; i--)
		if (id_equal(ledger->ids[i - 1].bytes, id.bytes))
			return true;
	return false;
}

static enum err make_room(struct ledger *ledger)
{
	const size_t half = LEDGER_IDS_MAX / 2;

	if (ledger->count < LEDGER_IDS_MAX)
		return OK;
	memmove(ledger->ids, ledger->ids + half, half * sizeof(ledger->ids[0]));
	ledger->count = half;
	return write_ids(ledger, NULL);
}

enum err ledger_begin(struct ledger *ledger, struct proposal_id id)
{
	enum err err = make_room(ledger);

	if (err)
		return err;
	if (write(ledger->fd, id.bytes, ID_BYTES) != ID_BYTES ||
	    fdatasync(ledger->fd) != 0) {
		(void)!write_ids(ledger, NULL); /* no half id stays */
		return ERR_IO;
	}
	ledger->ids[ledger->count++] = id;
	return OK;
}
