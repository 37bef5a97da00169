/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_sweep - clears away what was erased: rows whose key has ended, which nobody can open.
 *
 * First the epochs, then what the journal tells of as recorded before the ERASED, a page of
 * it at a time. How far it has come is a row, so that it goes on after a restart; at its end
 * the journal says SWEPT. Carried by the desk's own link.
 *
 * Invariant: no recording of behind the ERASED is touched.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "keeper/desk_inner.h"

enum { PAGE = STORE_RANGE_ROWS_MAX };

struct sweep_job {
	struct job job;
	size_t owner;
	struct owner_id id;
	uint64_t from;   /* the first place of the page that is read */
	uint64_t erased; /* the place of ERASED; 0: it is being looked for */
	uint64_t page_end;
	uint64_t count; /* of the page */
	size_t under_way;
	bool is_taking;
	enum err err;
};

static void free_job(struct job *job)
{
	free(job);
}

static void got_search(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows);
static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows);

/* It is begun again by the next tick. */
static void give_up(struct desk *desk, struct sweep_job *sweep, enum err err)
{
	log_line("keeper: what was erased is not swept away yet: %s", err_words(err));
	desk->chores[sweep->owner].is_sweeping = false;
	desk_job_end(sweep->job.link);
}

static enum err ask(struct desk *desk, struct sweep_job *sweep, uint64_t last,
		    job_rows_fn *rows)
{
	struct store_range range = {.limit = PAGE};

	sweep->page_end = sweep->from + PAGE - 1 < last ? sweep->from + PAGE - 1 : last;
	range.first = desk_key_number(desk, STORE_JOURNAL, sweep->from);
	range.last = desk_key_number(desk, STORE_JOURNAL, sweep->page_end);
	return desk_job_range(desk, &sweep->job, &range, rows);
}

/* Whether the row is of that kind and owner. */
static bool is_of(struct desk *desk, const struct sweep_job *sweep,
		  const struct store_row *row, enum event_kind kind, uint64_t *out_place,
		  struct event *out_event)
{
	struct entry_visible visible;
	struct owner_id owner;

	return desk_number_of(&row->key, out_place) &&
	       entry_peek(row->value, row->size, &visible) == OK &&
	       strcmp(visible.kind, event_kind_text(kind)) == 0 &&
	       journal_read(desk->journal, *out_place, row->value, row->size,
			    out_event) == OK &&
	       id_from_text(owner.bytes, event_value(out_event, "owner")) &&
	       id_equal(owner.bytes, sweep->id.bytes);
}

/* --- the end ---------------------------------------------------------------------------- */

static void swept(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	const size_t owner = desk_owner_index(desk, item->owner.id);

	(void)place;
	if (owner == DESK_OWNERS_MAX)
		return;
	desk->chores[owner].is_sweeping = false;
	if (err == OK) {
		desk->chores[owner].must_sweep = false;
		desk->chores[owner].swept = 0;
	}
}

static void write_end(struct desk *desk, struct sweep_job *sweep)
{
	struct desk_chores done = desk->chores[sweep->owner];
	struct item *item = NULL;
	/* Another ERASED may be on its way, whose row says that there is more to be done. */
	enum err err = desk->keks[sweep->owner].is_changing
			       ? ERR_BUSY
			       : item_create(NULL, 0, swept, &item);

	if (err == OK) {
		item->owner = desk->owners[sweep->owner];
		desk_event(desk, &item->event, EVENT_SWEPT, "");
		desk_event_add_id(&item->event, "owner", sweep->id.bytes);
		event_add_int(&item->event, "count", (int64_t)done.swept);
		done.must_sweep = false;
		done.swept = 0;
		err = desk_chores_add(desk, item, sweep->owner, &done);
	}
	if (err != OK) {
		item_destroy(item);
		give_up(desk, sweep, err);
		return;
	}
	desk_job_end(sweep->job.link);
	desk_write_take(desk, &item);
}

/* --- looking for ERASED ----------------------------------------------------------------- */

static enum err search(struct desk *desk, struct sweep_job *sweep)
{
	const uint64_t last = journal_size(desk->journal);

	if (sweep->from > last) {
		write_end(desk, sweep);
		return OK;
	}
	return ask(desk, sweep, last, got_search);
}

static void got_search(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct sweep_job *sweep = (struct sweep_job *)job;
	struct event event;
	uint64_t place = 0;

	for (size_t i = 0; err == OK && sweep->erased == 0 && i < rows->count; i++) {
		if (is_of(desk, sweep, &rows->rows[i], EVENT_ERASED, &place, &event))
			sweep->erased = place;
	}
	if (err == OK && sweep->erased == 0) {
		sweep->from = sweep->page_end + 1;
		err = search(desk, sweep);
	} else if (err == OK) {
		sweep->from = desk->chores[sweep->owner].sweep_from;
		err = ask(desk, sweep, sweep->erased, got_page);
	}
	if (err != OK)
		give_up(desk, sweep, err);
}

/* --- a page of what was recorded -------------------------------------------------------- */

static void page_written(struct desk *desk, struct sweep_job *sweep)
{
	struct desk_chores *chores = &desk->chores[sweep->owner];
	enum err err = sweep->err;

	if (err == OK) {
		chores->swept += sweep->count;
		sweep->from = sweep->page_end + 1;
		chores->sweep_from = sweep->from;
		if (sweep->page_end == sweep->erased) {
			/* There may be another one. */
			chores->sweep_size = sweep->erased;
			sweep->erased = 0;
			err = search(desk, sweep);
		} else {
			err = ask(desk, sweep, sweep->erased, got_page);
		}
	}
	if (err != OK)
		give_up(desk, sweep, err);
}

static void row_cleared(struct desk *desk, struct item *item, enum err err,
			uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct sweep_job *sweep;

	(void)place;
	if (!link || !link->job || link->job->free_ != free_job)
		return;
	sweep = (struct sweep_job *)link->job;
	sweep->under_way--;
	if (err != OK)
		sweep->err = err;
	if (sweep->under_way == 0 && !sweep->is_taking)
		page_written(desk, sweep);
}

static enum err take(struct desk *desk, struct sweep_job *sweep, struct item *item)
{
	item->has_no_event = true;
	sweep->under_way++;
	desk_write_take(desk, &item);
	return sweep->err;
}

static enum err clear_one(struct desk *desk, struct sweep_job *sweep,
			  const struct event *event)
{
	struct record_id record;
	struct item *item = NULL;
	enum err err;

	if (!id_from_text(record.bytes, event_value(event, "record")))
		return OK;
	err = item_create(sweep->job.link, 0, row_cleared, &item);
	if (err != OK)
		return err;
	sweep->count++;
	desk_erasing_add_rows(desk, item, sweep->id, record);
	return take(desk, sweep, item);
}

static enum err add_progress(struct desk *desk, struct sweep_job *sweep)
{
	struct desk_chores chores = desk->chores[sweep->owner];
	struct item *item = NULL;
	enum err err = item_create(sweep->job.link, 0, row_cleared, &item);

	if (err != OK)
		return err;
	chores.sweep_from = sweep->page_end + 1;
	chores.swept += sweep->count;
	err = desk_chores_add(desk, item, sweep->owner, &chores);
	if (err != OK) {
		item_destroy(item);
		return err;
	}
	return take(desk, sweep, item);
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct sweep_job *sweep = (struct sweep_job *)job;
	struct event event;
	uint64_t place = 0;

	sweep->err = err;
	sweep->count = 0;
	sweep->is_taking = true;
	for (size_t i = 0; sweep->err == OK && i < rows->count; i++) {
		if (!is_of(desk, sweep, &rows->rows[i], EVENT_RECORDED, &place, &event))
			continue;
		err = clear_one(desk, sweep, &event);
		if (err != OK)
			sweep->err = err;
	}
	if (sweep->err == OK && sweep->count > 0)
		sweep->err = add_progress(desk, sweep);
	sweep->is_taking = false;
	if (sweep->under_way == 0)
		page_written(desk, sweep);
}

/* --- the beginning ---------------------------------------------------------------------- */

static void epochs_over(struct desk *desk, struct desk_link *link, enum err err)
{
	const size_t owner = desk->sweep_owner;
	struct sweep_job *sweep = calloc(1, sizeof(*sweep));

	if (!sweep) {
		desk->chores[owner].is_sweeping = false;
		return;
	}
	sweep->job.free_ = free_job;
	sweep->owner = owner;
	sweep->id = desk->owners[owner].id;
	sweep->from = desk->chores[owner].sweep_size + 1;
	desk_job_begin(link, &sweep->job);
	if (err == OK)
		err = search(desk, sweep);
	if (err != OK)
		give_up(desk, sweep, err);
}

bool desk_sweep_begin(struct desk *desk, size_t owner)
{
	const struct desk_kek *kek = &desk->keks[owner];
	struct desk_chores *chores = &desk->chores[owner];

	/* Who was removed has no key any more: then no epoch is of a living one. */
	if (!chores->must_sweep || chores->is_sweeping || kek->is_changing ||
	    (!kek->is_known && !kek->is_over))
		return false;
	chores->is_sweeping = true;
	desk->sweep_owner = owner;
	if (chores->sweep_from == 0)
		chores->sweep_from = 1;
	if (desk_epochs_clear(desk, desk->self, desk->owners[owner].id,
			      kek->is_known ? kek->now.generation : UINT64_MAX,
			      epochs_over) != OK)
		chores->is_sweeping = false;
	return chores->is_sweeping;
}
