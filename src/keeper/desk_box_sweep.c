/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_box_sweep - clears away what lay in the household's box under keys that have ended: a
 * chore after each start, and whenever a key of it ends.
 *
 * First the epochs of such keys, then the recordings whose epoch is not there any more. A
 * recording is written in one batch with its epoch, or behind it: whoever reads the first and
 * does not find the second has found a dead one.
 *
 * Invariant: nothing is touched whose epoch is there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "keeper/desk_inner.h"

enum { PAGE = 32 };

struct box_job {
	struct job job;
	struct store_key next; /* the first of the next page */
	bool is_last;          /* this was the last page */
	size_t count;          /* of the page */
	size_t at;
	struct {
		struct record_id record;
		struct epoch_id epoch;
	} rows[PAGE];
	bool is_known; /* whether this epoch is there: */
	struct epoch_id known;
	bool is_there;
	size_t under_way;
	bool is_taking;
	enum err err;
};

static void free_job(struct job *job)
{
	free(job);
}

static void end(struct desk *desk, enum err err)
{
	if (err != OK) {
		log_line(
			"keeper: what lay in the household's box is not cleared away yet: "
			"%s",
			err_words(err));
		desk->box.must_sweep = true;
	}
	desk_job_end(desk->self);
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows);
static void look(struct desk *desk, struct box_job *sweep);

static enum err ask_page(struct desk *desk, struct box_job *sweep)
{
	uint8_t last[RECORDING_KEY_BYTES];
	struct store_range range = {.first = sweep->next, .limit = PAGE};

	memset(last, UINT8_MAX, sizeof(last));
	memcpy(last, desk_box_owner(desk).bytes, ID_BYTES);
	range.last = desk_key(desk, STORE_RECORD, last, sizeof(last));
	return desk_job_range(desk, &sweep->job, &range, got_page);
}

static void page_over(struct desk *desk, struct box_job *sweep)
{
	enum err err = sweep->err;

	if (err == OK && !sweep->is_last)
		err = ask_page(desk, sweep);
	if (err != OK || sweep->is_last)
		end(desk, err);
}

/* --- one of them ------------------------------------------------------------------------ */

static void cleared(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct box_job *sweep = (struct box_job *)desk->self->job;

	(void)place;
	(void)item;
	if (!sweep || sweep->job.free_ != free_job)
		return;
	sweep->under_way--;
	if (err != OK)
		sweep->err = err;
	if (sweep->under_way == 0 && !sweep->is_taking)
		page_over(desk, sweep);
}

static enum err clear_one(struct desk *desk, struct box_job *sweep,
			  struct record_id record)
{
	struct item *item = NULL;
	enum err err = item_create(NULL, 0, cleared, &item);

	if (err != OK)
		return err;
	item->has_no_event = true;
	desk_erasing_add_rows(desk, item, desk_box_owner(desk), record);
	sweep->under_way++;
	desk_write_take(desk, &item);
	return sweep->err;
}

static void got_epoch(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	struct box_job *sweep = (struct box_job *)job;

	(void)rows;
	sweep->is_known = err == OK || err == ERR_MISSING;
	sweep->known = sweep->rows[sweep->at].epoch;
	sweep->is_there = err == OK;
	if (!sweep->is_known)
		sweep->err = err;
	look(desk, sweep);
}

static enum err ask_epoch(struct desk *desk, struct box_job *sweep)
{
	uint8_t bytes[2 * ID_BYTES];
	struct store_key key;

	memcpy(bytes, desk_box_owner(desk).bytes, ID_BYTES);
	memcpy(bytes + ID_BYTES, sweep->rows[sweep->at].epoch.bytes, ID_BYTES);
	key = desk_key(desk, STORE_EPOCH, bytes, sizeof(bytes));
	return desk_job_get(desk, &sweep->job, &key, got_epoch);
}

/* Those of the page, until one's epoch has to be asked for. */
static void look(struct desk *desk, struct box_job *sweep)
{
	sweep->is_taking = true;
	for (; sweep->err == OK && sweep->at < sweep->count; sweep->at++) {
		const struct epoch_id epoch = sweep->rows[sweep->at].epoch;

		if (!sweep->is_known || !id_equal(epoch.bytes, sweep->known.bytes)) {
			sweep->err = ask_epoch(desk, sweep);
			if (sweep->err == OK)
				return; /* still taking */
		} else if (!sweep->is_there) {
			sweep->err =
				clear_one(desk, sweep, sweep->rows[sweep->at].record);
		}
	}
	sweep->is_taking = false;
	if (sweep->under_way == 0)
		page_over(desk, sweep);
}

/* Both rows of a recording name it: once is enough. One that cannot be read is left. */
static void take_row(struct box_job *sweep, const struct store_row *row)
{
	struct recording_about about;
	size_t at = sweep->count;

	if (row->key.size != RECORDING_KEY_BYTES ||
	    recording_peek(row->value, row->size, &about) != OK ||
	    memcmp(row->key.bytes + ID_BYTES, about.record.bytes, ID_BYTES) != 0)
		return;
	if (at > 0 && id_equal(sweep->rows[at - 1].record.bytes, about.record.bytes))
		return;
	sweep->rows[at].record = about.record;
	sweep->rows[at].epoch = about.epoch;
	sweep->count++;
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct box_job *sweep = (struct box_job *)job;

	if (err != OK) {
		end(desk, err);
		return;
	}
	sweep->is_last = !rows->more || rows->count == 0;
	if (rows->count > 0) {
		sweep->next = rows->rows[rows->count - 1].key;
		must(sweep->next.size < STORE_KEY_BYTES_MAX);
		sweep->next.bytes[sweep->next.size++] = 0;
	}
	sweep->count = 0;
	sweep->at = 0;
	for (size_t i = 0; i < rows->count && i < PAGE; i++)
		take_row(sweep, &rows->rows[i]);
	look(desk, sweep);
}

/* --- the beginning ---------------------------------------------------------------------- */

static void epochs_over(struct desk *desk, struct desk_link *link, enum err err)
{
	struct box_job *sweep = calloc(1, sizeof(*sweep));
	uint8_t first[RECORDING_KEY_BYTES] = {0};

	if (err == OK)
		desk_box_cleared(desk);
	if (!sweep) {
		desk->box.must_sweep = true;
		return;
	}
	sweep->job.free_ = free_job;
	memcpy(first, desk_box_owner(desk).bytes, ID_BYTES);
	sweep->next = desk_key(desk, STORE_RECORD, first, sizeof(first));
	desk_job_begin(link, &sweep->job);
	if (err == OK)
		err = ask_page(desk, sweep);
	if (err != OK)
		end(desk, err);
}

bool desk_box_sweep_begin(struct desk *desk)
{
	if (!desk->box.must_sweep || desk->box.is_changing)
		return false;
	desk->box.must_sweep = desk_epochs_clear_box(desk, desk->self, epochs_over) != OK;
	return !desk->box.must_sweep;
}
