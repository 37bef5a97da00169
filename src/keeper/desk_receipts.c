/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_receipts - receipts of what was deleted before: also for its age, or by voice, where
 * nobody waited for one. Nothing is kept for that: the journal says what was deleted and when,
 * and a receipt of it can be made as long as there is the journal.
 *
 * Told first: how much was deleted on which day. Invariant: only entries of the signed-in
 * owner are counted or named.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/receipt.h"
#include "keeper/recorded.h"

enum { PAGE = STORE_RANGE_ROWS_MAX, DAYS_MAX = 400, FIRST_CAPACITY = 64 };

/* Ids of records begin with their time since 2026; older ones are random. */
static const int64_t FLOOR_MS = INT64_C(1767225600000);

struct receipts_job {
	struct job job;
	bool is_making;
	int64_t from_ms; /* when it was deleted; both included */
	int64_t to_ms;
	uint64_t from; /* the page's first place */
	uint64_t last;
	struct recorded_set set;
	uint64_t aged;
	size_t day_count; /* the newest DAYS_MAX */
	struct receipts_day {
		int date;
		struct wire_receipt_day told;
	} days[DAYS_MAX];
};

static void free_job(struct job *job)
{
	struct receipts_job *receipts = (struct receipts_job *)job;

	recorded_finish(&receipts->set);
	free(receipts);
}

/* --- one entry -------------------------------------------------------------------------- */

/* 20261123, where this house is. */
static int date_of(int64_t wall_ms)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	if (!localtime_r(&seconds, &parts))
		return 0;
	return (parts.tm_year + 1900) * 10000 + (parts.tm_mon + 1) * 100 + parts.tm_mday;
}

static void count_day(struct receipts_job *receipts, int64_t at_ms, bool is_aged)
{
	const int date = date_of(at_ms);
	struct receipts_day *day = NULL;

	if (receipts->day_count > 0 &&
	    receipts->days[receipts->day_count - 1].date == date)
		day = &receipts->days[receipts->day_count - 1];
	if (!day && receipts->day_count == DAYS_MAX)
		memmove(&receipts->days[0], &receipts->days[1],
			--receipts->day_count * sizeof(receipts->days[0]));
	if (!day) {
		day = &receipts->days[receipts->day_count++];
		*day = (struct receipts_day){.date = date, .told = {.at_ms = at_ms}};
	}
	day->told.count++;
	day->told.aged += is_aged;
}

static int64_t time_of(struct record_id record, int64_t now_ms)
{
	int64_t at_ms = 0;

	for (size_t i = 0; i < 6; i++)
		at_ms = at_ms << 8 | record.bytes[i];
	return at_ms >= FLOOR_MS && at_ms <= now_ms ? at_ms : 0;
}

static enum err add(struct recorded_set *set, const struct recorded *one)
{
	if (set->count == RECORDED_MAX)
		return ERR_LIMIT;
	if (set->count == set->capacity) {
		const size_t wanted =
			set->capacity > 0 ? 2 * set->capacity : FIRST_CAPACITY;
		struct recorded *larger = realloc(set->list, wanted * sizeof(*larger));

		if (!larger)
			return ERR_MEMORY;
		set->list = larger;
		set->capacity = wanted;
	}
	set->list[set->count++] = *one;
	return OK;
}

static enum err take_row(struct desk *desk, struct receipts_job *receipts,
			 const struct store_row *row)
{
	struct entry_visible visible;
	struct recorded one = {.deleted = 0};
	struct owner_id owner;
	struct event event;
	bool is_aged;

	if (!desk_number_of(&row->key, &one.deleted) ||
	    entry_peek(row->value, row->size, &visible) != OK ||
	    !str_equal(visible.kind, event_kind_text(EVENT_DELETED)) ||
	    visible.at_ms < receipts->from_ms || visible.at_ms > receipts->to_ms ||
	    journal_read(desk->journal, one.deleted, row->value, row->size, &event) !=
		    OK ||
	    !id_from_text(owner.bytes, event_value(&event, "owner")) ||
	    !id_equal(owner.bytes, receipts->set.owner.bytes) ||
	    !id_from_text(one.record.bytes, event_value(&event, "record")))
		return OK;
	is_aged = str_equal(event_value(&event, "why"), RECORDED_AGED);
	receipts->aged += is_aged;
	count_day(receipts, visible.at_ms, is_aged);
	one.at_ms = time_of(one.record, clock_wall_ms(&desk->parts.clock));
	return receipts->is_making ? add(&receipts->set, &one) : OK;
}

/* --- the end ---------------------------------------------------------------------------- */

static void say_receipt(struct desk *desk, struct desk_link *link,
			struct receipts_job *receipts)
{
	struct recorded_set set = receipts->set;
	const struct receipt receipt = {.owner = set.owner,
					.why = receipts->aged == set.count
						       ? RECORDED_AGED
						       : "as the journal says of each",
					.count = set.count,
					.set = &set};

	receipts->set = (struct recorded_set){.next = 0};
	desk_job_end(link);
	desk_receipt(desk, link, OK, &receipt);
	recorded_finish(&set);
}

static void over(struct desk *desk, struct receipts_job *receipts, enum err err)
{
	struct desk_link *link = receipts->job.link;

	if (err != OK) {
		desk_job_end(link);
		desk_refuse(link, err == ERR_LIMIT ? DESK_REFUSE_ERASE_LIMIT
						   : DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	for (size_t i = 0; i < receipts->day_count; i++)
		desk_say(link, WIRE_receipt_day, &receipts->days[i].told);
	say_receipt(desk, link, receipts);
}

/* --- walking ---------------------------------------------------------------------------- */

static enum err ask_page(struct desk *desk, struct receipts_job *receipts);

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct receipts_job *receipts = (struct receipts_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = take_row(desk, receipts, &rows->rows[i]);
	receipts->from += PAGE;
	if (err == OK && receipts->from <= receipts->last) {
		err = ask_page(desk, receipts);
		if (err == OK)
			return;
	}
	over(desk, receipts, err);
}

static enum err ask_page(struct desk *desk, struct receipts_job *receipts)
{
	const uint64_t end = receipts->from + PAGE - 1;
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, receipts->from),
		.last = desk_key_number(desk, STORE_JOURNAL,
					end < receipts->last ? end : receipts->last),
		.limit = PAGE,
	};

	return desk_job_range(desk, &receipts->job, &range, got_page);
}

void desk_receipts(struct desk *desk, struct desk_link *link,
		   const struct wire_receipts_get *get)
{
	struct receipts_job *receipts = calloc(1, sizeof(*receipts));
	enum err err;

	if (!receipts) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	receipts->job.free_ = free_job;
	receipts->set.owner = owner_view_id(link->view);
	receipts->is_making = get->make != 0;
	receipts->from_ms = get->from_ms;
	receipts->to_ms = get->to_ms;
	receipts->from = 1;
	receipts->last = journal_size(desk->journal);
	desk_job_begin(link, &receipts->job);
	err = ask_page(desk, receipts);
	if (err != OK)
		over(desk, receipts, err);
}
