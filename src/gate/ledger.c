/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - a file of rows that only grows, and is written anew with the newest half of its
 * ids when there are too many.
 *
 * A row is an id and what is known of it: when an order ends, a second row of its id stands
 * behind the first. Invariant: what is in memory was written and synced.
 */
#include "gate/ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

enum {
	HEAD_BYTES = 16,
	ROW_BYTES = ID_BYTES + 1,
	ROWS_MAX = 2 * LEDGER_IDS_MAX, /* of the file, with those that end one */
	FILE_BYTES_MAX = HEAD_BYTES + ROWS_MAX * ROW_BYTES,
	BEGUN = 0xff, /* in a row's last byte, where its outcome would be */
};

/* The layout before had no head and no outcomes. */
static const char HEAD[HEAD_BYTES + 1] = "behest ledger v2";

/* As numbers in the file, for ever; enum err may get rows in between. */
static const enum err OUTCOMES[] = {
	OK,          ERR_AUTH,   ERR_BUSY,    ERR_CLOSED,      ERR_DENIED,
	ERR_EXISTS,  ERR_FORMAT, ERR_IO,      ERR_LIMIT,       ERR_MEMORY,
	ERR_MISSING, ERR_RANGE,  ERR_TIMEOUT, ERR_UNSUPPORTED, ERR_VERSION,
};

struct row {
	struct proposal_id id;
	uint8_t outcome; /* its place in OUTCOMES, or BEGUN */
};

struct ledger {
	char path[FILE_PATH_BYTES];
	int fd;
	size_t file_rows;
	size_t count;
	struct row rows[LEDGER_IDS_MAX]; /* one an id, the oldest first */
};

/* --- in memory --- */

/* Its place, the newest first; count: nowhere. */
static size_t find(const struct ledger *ledger, struct proposal_id id)
{
	for (size_t i = ledger->count; i > 0; i--)
		if (id_equal(ledger->rows[i - 1].id.bytes, id.bytes))
			return i - 1;
	return ledger->count;
}

static void drop_oldest_half(struct ledger *ledger)
{
	const size_t half = LEDGER_IDS_MAX / 2;

	memmove(ledger->rows, ledger->rows + half, half * sizeof(ledger->rows[0]));
	ledger->count = half;
}

static void put(struct ledger *ledger, struct proposal_id id, uint8_t outcome)
{
	size_t at = find(ledger, id);

	if (at == ledger->count && at == LEDGER_IDS_MAX) {
		drop_oldest_half(ledger);
		at = ledger->count;
	}
	if (at == ledger->count)
		ledger->rows[ledger->count++].id = id;
	ledger->rows[at].outcome = outcome;
}

static uint8_t number_of(enum err outcome)
{
	size_t at = 0;

	_Static_assert(STR_COUNT(OUTCOMES) == ERR_COUNT,
		       "a new one goes behind the last");
	while (at < STR_COUNT(OUTCOMES) && OUTCOMES[at] != outcome)
		at++;
	must(at < STR_COUNT(OUTCOMES));
	return (uint8_t)at;
}

/* --- the file --- */

static void take_rows(struct ledger *ledger, const uint8_t *bytes, size_t size,
		      size_t row_bytes)
{
	struct proposal_id id;

	for (size_t at = 0; at + row_bytes <= size; at += row_bytes) {
		memcpy(id.bytes, bytes + at, ID_BYTES);
		put(ledger, id, row_bytes > ID_BYTES ? bytes[at + ID_BYTES] : BEGUN);
	}
}

static enum err read_rows(struct ledger *ledger, struct err_note *note)
{
	struct buf bytes;
	enum err err;

	if (!file_exists(ledger->path))
		return OK;
	err = file_read(ledger->path, FILE_BYTES_MAX, &bytes, note);
	if (!err && bytes.size >= HEAD_BYTES &&
	    memcmp(bytes.bytes, HEAD, HEAD_BYTES) == 0)
		take_rows(ledger, bytes.bytes + HEAD_BYTES, bytes.size - HEAD_BYTES,
			  ROW_BYTES);
	else if (!err)
		take_rows(ledger, bytes.bytes, bytes.size, ID_BYTES);
	buf_finish(&bytes);
	return err;
}

static void write_row(uint8_t to[ROW_BYTES], struct proposal_id id, uint8_t outcome)
{
	memcpy(to, id.bytes, ID_BYTES);
	to[ID_BYTES] = outcome;
}

/* Writes all of it anew, which also drops a cut last row. */
static enum err write_rows(struct ledger *ledger, struct err_note *note)
{
	const size_t size = HEAD_BYTES + ledger->count * ROW_BYTES;
	uint8_t *bytes = malloc(size);
	enum err err = bytes ? OK : ERR_MEMORY;

	if (!err) {
		memcpy(bytes, HEAD, HEAD_BYTES);
		for (size_t i = 0; i < ledger->count; i++)
			write_row(bytes + HEAD_BYTES + i * ROW_BYTES, ledger->rows[i].id,
				  ledger->rows[i].outcome);
		err = file_write(ledger->path, bytes, size, 0600, note);
	}
	free(bytes);
	if (err)
		return err;
	ledger->file_rows = ledger->count;
	if (ledger->fd >= 0)
		close(ledger->fd);
	ledger->fd = open(ledger->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	return ledger->fd >= 0
		       ? OK
		       : err_say(ERR_IO, note, "%s: cannot be opened", ledger->path);
}

static enum err make_room(struct ledger *ledger)
{
	if (ledger->count < LEDGER_IDS_MAX && ledger->file_rows < ROWS_MAX)
		return OK;
	if (ledger->count == LEDGER_IDS_MAX)
		drop_oldest_half(ledger);
	return write_rows(ledger, NULL);
}

static enum err add(struct ledger *ledger, struct proposal_id id, uint8_t outcome)
{
	uint8_t bytes[ROW_BYTES];
	enum err err = make_room(ledger);

	if (err)
		return err;
	write_row(bytes, id, outcome);
	if (write(ledger->fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
	    fdatasync(ledger->fd) != 0) {
		(void)!write_rows(ledger, NULL); /* no half row stays */
		return ERR_IO;
	}
	ledger->file_rows++;
	put(ledger, id, outcome);
	return OK;
}

/* --- opening and using it --- */

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
		err = read_rows(made, note);
	if (!err)
		err = write_rows(made, note);
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

bool ledger_find(const struct ledger *ledger, struct proposal_id id,
		 enum err *out_outcome)
{
	const size_t at = find(ledger, id);
	uint8_t outcome;

	if (at == ledger->count)
		return false;
	outcome = ledger->rows[at].outcome;
	*out_outcome = outcome < STR_COUNT(OUTCOMES) ? OUTCOMES[outcome] : ERR_EXISTS;
	return true;
}

enum err ledger_begin(struct ledger *ledger, struct proposal_id id)
{
	return add(ledger, id, BEGUN);
}

enum err ledger_end(struct ledger *ledger, struct proposal_id id, enum err outcome)
{
	return add(ledger, id, number_of(outcome));
}
