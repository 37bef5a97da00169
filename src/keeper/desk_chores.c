/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_chores - what the desk does without being asked, one thing at a time, over a link of
 * its own that hears nothing.
 *
 * How far each has come is a row of each owner (chores_row.h), read before the first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "keeper/chores_row.h"
#include "keeper/desk_inner.h"

static const uint8_t CLOCK_KEY[ID_BYTES] = {0}; /* no owner has that id */

/* --- the rows --------------------------------------------------------------------------- */

enum err desk_chores_add(const struct desk *desk, struct item *item, size_t owner,
			 const struct desk_chores *chores)
{
	const struct store_key key =
		desk_key(desk, STORE_RETENTION, desk->owners[owner].id.bytes, ID_BYTES);
	uint8_t row[CHORES_ROW_BYTES];

	chores_row_write(chores, row);
	return item_put_row(item, &key, row, sizeof(row));
}

enum err desk_clock_add(const struct desk *desk, struct item *item)
{
	const struct store_key key =
		desk_key(desk, STORE_RETENTION, CLOCK_KEY, sizeof(CLOCK_KEY));
	uint8_t row[CHORES_CLOCK_ROW_BYTES];

	chores_row_write_clock(&desk->clock_watch, row);
	return item_put_row(item, &key, row, sizeof(row));
}

/* Of a row that cannot be read everything is looked at anew. */
static void take_row(struct desk *desk, const struct store_row *row)
{
	struct owner_id id;
	size_t owner;

	if (row->key.size != ID_BYTES)
		return;
	memcpy(id.bytes, row->key.bytes, ID_BYTES);
	if (id_is_none(id.bytes)) {
		if (chores_row_read_clock(row->value, row->size, &desk->clock_watch) !=
		    OK)
			log_line("keeper: how long its clock ran evenly is not known");
		return;
	}
	owner = desk_owner_index(desk, id);
	if (owner == DESK_OWNERS_MAX)
		return;
	if (chores_row_read(row->value, row->size, journal_size(desk->journal),
			    &desk->chores[owner]) == OK)
		return;
	log_line("keeper: how far it had come with what is old or erased is not known; "
		 "it looks again");
	desk->chores[owner] = (struct desk_chores){.must_sweep = true, .sweep_from = 1};
}

struct read_job {
	struct job job;
};

static void free_job(struct job *job)
{
	free(job);
}

static void got_rows(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	desk_job_end(job->link);
	if (err != OK)
		return; /* the next tick asks again */
	for (size_t i = 0; i < rows->count; i++)
		take_row(desk, &rows->rows[i]);
	desk->chores_known = true;
	desk_chores_tick(desk);
}

static void read_rows(struct desk *desk)
{
	struct read_job *read = calloc(1, sizeof(*read));
	uint8_t last[ID_BYTES];
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};

	if (!read)
		return;
	memset(last, UINT8_MAX, sizeof(last));
	range.first = desk_key(desk, STORE_RETENTION, CLOCK_KEY, sizeof(CLOCK_KEY));
	range.last = desk_key(desk, STORE_RETENTION, last, sizeof(last));
	read->job.free_ = free_job;
	desk_job_begin(desk->self, &read->job);
	if (desk_job_range(desk, &read->job, &range, got_rows) != OK)
		desk_job_end(desk->self);
}

/* --- one after the other ---------------------------------------------------------------- */

void desk_chores_tick(struct desk *desk)
{
	if (desk->state != DESK_READY || desk->self->job || desk->self->erasing)
		return;
	if (!desk->chores_known) {
		read_rows(desk);
		return;
	}
	desk_clock_tick(desk);
	if (desk_broken_off_begin(desk))
		return;
	for (size_t i = 0; i < desk->owner_count; i++)
		if (desk_sweep_begin(desk, i) || desk_retention_begin(desk, i))
			return;
	if (!desk_box_sweep_begin(desk))
		(void)desk_audit_begin(desk);
}
