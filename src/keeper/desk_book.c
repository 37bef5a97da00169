/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_book - keeps the house book for the hub: timers, alarms, reminders, things on lists. Each
 * entry is a row, locked under a key of its own that follows from the house's, and bound to
 * the household, its id and its kind. What is in one the keeper does not read.
 *
 * Entries are put in the place of what was there and removed without a trace; the journal
 * tells of the requests that led to them, and so nothing of it is written here. A put or a
 * remove whose end is in doubt is answered as failed, and whoever asked looks again.
 *
 * Invariants: done(OK) means durable; there are at most BOOK_ENTRIES_MAX; a row that does not
 * open is nobody's entry, is told to nobody, and is an incident.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "domain/book.h"
#include "keeper/desk_inner.h"

enum {
	ROW_VERSION = 1,
	HEAD_BYTES = 1 + 1, /* version, kind */
	BOUND_BYTES = HEAD_BYTES + 2 * ID_BYTES,
	ROW_BYTES_MAX = HEAD_BYTES + BOOK_BODY_BYTES_MAX + SEAL_LOCK_EXTRA_BYTES,
};

static const char KEY_LABEL[] = "behest book row key v1";

struct book_job {
	struct job job;
	uint64_t token;
};

static void say_done(struct desk_link *link, uint64_t token, enum err err)
{
	desk_say_done(link, token, err, 0, (struct record_id){{0}});
}

static struct store_key key_of(const struct desk *desk, const uint8_t id[ID_BYTES])
{
	return desk_key(desk, STORE_BOOK, id, ID_BYTES);
}

/* --- a row ------------------------------------------------------------------------------ */

static void derive(const struct desk *desk, const uint8_t id[ID_BYTES],
		   uint8_t out_key[SEAL_KEY_BYTES])
{
	const struct seal_part parts[] = {{desk->parts.household.bytes, ID_BYTES},
					  {id, ID_BYTES}};

	seal_derive(secret_view(desk->parts.house_key), KEY_LABEL, parts,
		    STR_COUNT(parts), out_key);
}

static void bind(const struct desk *desk, const uint8_t id[ID_BYTES], unsigned kind,
		 uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_u8(&pack, ROW_VERSION);
	pack_u8(&pack, (uint8_t)kind);
	pack_bytes(&pack, desk->parts.household.bytes, ID_BYTES);
	pack_bytes(&pack, id, ID_BYTES);
	must(pack_is_whole(&pack));
}

static size_t lock(const struct desk *desk, const struct wire_book_put *put,
		   uint8_t row[ROW_BYTES_MAX])
{
	uint8_t bound[BOUND_BYTES];
	uint8_t key[SEAL_KEY_BYTES];

	must(put->body.size <= BOOK_BODY_BYTES_MAX);
	bind(desk, put->id.bytes, put->kind, bound);
	memcpy(row, bound, HEAD_BYTES);
	derive(desk, put->id.bytes, key);
	seal_lock(key, (struct seal_part){bound, sizeof(bound)}, put->body.bytes,
		  put->body.size, row + HEAD_BYTES);
	seal_wipe(key, sizeof(key));
	return HEAD_BYTES + put->body.size + SEAL_LOCK_EXTRA_BYTES;
}

/* ERR_AUTH: it is not one that this keeper wrote there. */
static enum err unlock(const struct desk *desk, const struct store_row *row,
		       unsigned *out_kind, uint8_t to[BOOK_BODY_BYTES_MAX],
		       size_t *out_size)
{
	const size_t least = HEAD_BYTES + SEAL_LOCK_EXTRA_BYTES;
	uint8_t bound[BOUND_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	enum err err;

	if (row->key.size != ID_BYTES || row->size < least || row->size > ROW_BYTES_MAX ||
	    row->value[0] != ROW_VERSION)
		return ERR_AUTH;
	bind(desk, row->key.bytes, row->value[1], bound);
	derive(desk, row->key.bytes, key);
	err = seal_unlock(key, (struct seal_part){bound, sizeof(bound)},
			  row->value + HEAD_BYTES, row->size - HEAD_BYTES, to);
	seal_wipe(key, sizeof(key));
	if (err != OK)
		return err;
	*out_kind = row->value[1];
	*out_size = row->size - least;
	return OK;
}

/* --- which there are -------------------------------------------------------------------- */

static size_t index_of(const struct desk *desk, const uint8_t id[ID_BYTES])
{
	size_t at = 0;

	while (at < desk->book_count && !id_equal(desk->book_ids[at].bytes, id))
		at++;
	return at;
}

/* Whoever asks for it is written to be there: also one whose end is in doubt, so that there
 * are never more than are counted. */
static enum err count_in(struct desk *desk, const uint8_t id[ID_BYTES])
{
	const size_t at = index_of(desk, id);

	if (at == BOOK_ENTRIES_MAX)
		return ERR_LIMIT;
	memcpy(desk->book_ids[at].bytes, id, ID_BYTES);
	if (at == desk->book_count)
		desk->book_count++;
	return OK;
}

static void count_out(struct desk *desk, const uint8_t id[ID_BYTES])
{
	const size_t at = index_of(desk, id);

	if (at < desk->book_count)
		desk->book_ids[at] = desk->book_ids[--desk->book_count];
}

static struct store_range whole_book(const struct desk *desk)
{
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};
	uint8_t last[STORE_KEY_BYTES_MAX];

	memset(last, UINT8_MAX, sizeof(last));
	range.first = desk_key(desk, STORE_BOOK, (const uint8_t[1]){0}, 1);
	range.last = desk_key(desk, STORE_BOOK, last, sizeof(last));
	return range;
}

struct store_range desk_book_range(const struct desk *desk)
{
	return whole_book(desk);
}

/* More than there may be are not counted: then nothing is added before some are gone. */
void desk_book_loaded(struct desk *desk, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].key.size == ID_BYTES &&
		    count_in(desk, rows->rows[i].key.bytes) != OK)
			return;
}

/* --- what the hub asks ------------------------------------------------------------------ */

static void put_written(struct desk *desk, struct item *item, enum err err,
			uint64_t place)
{
	(void)place;
	say_done(desk_link_by_id(desk, item->link_id), item->token, err);
}

static void removed(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)place;
	if (err == OK)
		count_out(desk, item->rows[0].key.bytes);
	say_done(desk_link_by_id(desk, item->link_id), item->token, err);
}

static bool is_kind(unsigned kind)
{
	return kind > BOOK_NOTHING && kind < BOOK_KIND_COUNT;
}

static enum err put(struct desk *desk, struct desk_link *link,
		    const struct wire_book_put *put, struct item **out_item)
{
	const struct store_key key = key_of(desk, put->id.bytes);
	uint8_t row[ROW_BYTES_MAX];
	enum err err =
		is_kind(put->kind) && !id_is_none(put->id.bytes) && put->body.size > 0
			? OK
			: ERR_FORMAT;

	if (err == OK)
		err = item_create(link, put->token, put_written, out_item);
	if (err == OK)
		err = item_put_row(*out_item, &key, row, lock(desk, put, row));
	if (err == OK)
		err = count_in(desk, put->id.bytes);
	return err;
}

void desk_book_put(struct desk *desk, struct desk_link *link,
		   const struct wire_book_put *message)
{
	struct item *item = NULL;
	const enum err err = put(desk, link, message, &item);

	if (err != OK) {
		item_destroy(item);
		say_done(link, message->token, err);
		return;
	}
	item->has_no_event = true;
	desk_write_take(desk, &item);
}

void desk_book_remove(struct desk *desk, struct desk_link *link,
		      const struct wire_book_remove *message)
{
	const struct store_key key = key_of(desk, message->id.bytes);
	struct item *item = NULL;

	if (item_create(link, message->token, removed, &item) != OK) {
		say_done(link, message->token, ERR_MEMORY);
		return;
	}
	item->has_no_event = true;
	item_clear_row(item, &key);
	desk_write_take(desk, &item);
}

static void job_free(struct job *job)
{
	free(job);
}

static void tell_foreign(struct desk *desk)
{
	log_line("keeper: an entry of the house book is not one of this keeper's");
	desk_incident_open(desk, INCIDENT_FOREIGN_ROW, (struct record_id){{0}}, NULL);
}

static void say_row(struct desk *desk, const struct book_job *job,
		    const struct store_row *row)
{
	uint8_t body[BOOK_BODY_BYTES_MAX];
	struct wire_book_row told = {.token = job->token};
	unsigned kind = 0;
	size_t size = 0;

	if (unlock(desk, row, &kind, body, &size) != OK) {
		tell_foreign(desk);
		return;
	}
	memcpy(told.id.bytes, row->key.bytes, ID_BYTES);
	told.kind = (uint8_t)kind;
	told.body = (struct wire_slice){body, size};
	desk_say(job->job.link, WIRE_book_row, &told);
	seal_wipe(body, sizeof(body));
}

static void get_over(struct book_job *job, enum err err)
{
	struct desk_link *link = job->job.link;
	const uint64_t token = job->token;

	desk_job_end(link);
	say_done(link, token, err);
}

static void got_rows(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct book_job *get = (struct book_job *)job;
	struct store_range range = whole_book(desk);

	for (size_t i = 0; err == OK && i < rows->count; i++)
		say_row(desk, get, &rows->rows[i]);
	if (err != OK || !rows->more || rows->count == 0) {
		get_over(get, err);
		return;
	}
	range.first = rows->rows[rows->count - 1].key;
	must(range.first.size < STORE_KEY_BYTES_MAX);
	range.first.bytes[range.first.size++] = 0;
	err = desk_job_range(desk, job, &range, got_rows);
	if (err != OK)
		get_over(get, err);
}

void desk_book_get(struct desk *desk, struct desk_link *link,
		   const struct wire_book_get *message)
{
	const struct store_range range = whole_book(desk);
	struct book_job *job = NULL;
	enum err err = link->job || desk->state != DESK_READY ? ERR_BUSY : OK;

	if (err == OK && !(job = calloc(1, sizeof(*job))))
		err = ERR_MEMORY;
	if (err != OK) {
		say_done(link, message->token, err);
		return;
	}
	job->job.free_ = job_free;
	job->token = message->token;
	desk_job_begin(link, &job->job);
	err = desk_job_range(desk, &job->job, &range, got_rows);
	if (err != OK)
		get_over(job, err);
}
