/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_erase - recordings that their owner wants destroyed: one, those of a time or a room,
 * or all of them.
 *
 * First it is told which those would be, then it is done, and a receipt follows
 * (keeper/receipt.h). One and some: desk_erasing.c. All: the key that everything is sealed to
 * ends (desk_all.c).
 *
 * Invariants: every key of a row that is destroyed is made of the signed-in owner's id, so
 * that nobody else's can be named; nothing is called deleted before the store has answered.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/erasure.h"
#include "keeper/desk_inner.h"
#include "keeper/receipt.h"
#include "keeper/recorded.h"

struct desk_erase {
	enum erasure_what what;
	bool is_found;
	uint64_t found; /* so many were told */
	struct recorded_set set;
	struct desk_erasing erasing;
};

struct erase_job {
	struct job job;
	struct store_key key; /* of one recording: whose rows are looked for next */
	/* Of the owner's keys the first that was not ended, while what was is not swept away
	 * yet; else 0. */
	uint64_t living;
};

/* --- the link's part -------------------------------------------------------------------- */

void desk_erase_closed(struct desk_link *link)
{
	link->erasing = NULL;
	if (!link->erase)
		return;
	recorded_finish(&link->erase->set);
	free(link->erase);
	link->erase = NULL;
}

static void free_job(struct job *job)
{
	free(job);
}

/* Anew, in place of what was asked for before. */
static enum err begin(struct desk_link *link, enum erasure_what what,
		      struct erase_job **out_job)
{
	struct erase_job *job;

	desk_erase_closed(link);
	link->erase = calloc(1, sizeof(*link->erase));
	job = calloc(1, sizeof(*job));
	if (!link->erase || !job) {
		free(job);
		desk_erase_closed(link);
		return ERR_MEMORY;
	}
	link->erase->what = what;
	job->job.free_ = free_job;
	desk_job_begin(link, &job->job);
	*out_job = job;
	return OK;
}

static void fail(struct desk_link *link, enum desk_refusal why)
{
	desk_job_end(link);
	desk_erase_closed(link);
	desk_refuse(link, why);
}

static void fail_reading(struct desk_link *link, enum err err)
{
	fail(link, err == ERR_MISSING                     ? DESK_REFUSE_UNKNOWN_RECORDING
		   : err == ERR_BUSY || err == ERR_MEMORY ? DESK_REFUSE_TOO_MUCH_WAITS
							  : DESK_REFUSE_DAMAGED);
}

/* --- which those are -------------------------------------------------------------------- */

static void say_found(struct desk_link *link)
{
	struct desk_erase *erase = link->erase;
	const struct recorded_set *set = &erase->set;
	struct wire_erase_found found = {.count = set->count,
					 .unreadable = set->unreadable};

	if (set->is_too_large && erase->what != ERASURE_ALL) {
		fail(link, DESK_REFUSE_ERASE_LIMIT);
		return;
	}
	if (set->count > 0) {
		found.first_ms = set->list[0].at_ms;
		found.last_ms = set->list[set->count - 1].at_ms;
	}
	erase->is_found = true;
	erase->found = set->count;
	desk_job_end(link);
	desk_say(link, WIRE_erase_found, &found);
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct desk_link *link = job->link;
	struct recorded_set *set = &link->erase->set;

	if (err == OK)
		err = recorded_take(desk, set, rows);
	if (err == OK)
		err = recorded_ask(desk, job, set, got_page);
	else if (err == ERR_MISSING)
		err = ERR_IO;
	if (err == ERR_MISSING)
		say_found(link);
	else if (err != OK)
		fail_reading(link, err);
}

static void find_range(struct desk *desk, struct desk_link *link, struct job *job,
		       const struct recorded_filter *filter)
{
	enum err err;

	recorded_begin(desk, filter, &link->erase->set);
	err = recorded_ask(desk, job, &link->erase->set, got_page);
	if (err == ERR_MISSING)
		say_found(link);
	else if (err != OK)
		fail_reading(link, err);
}

/* --- one, by its rows: it is there as long as one of them is ----------------------------- */

static void got_rows(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows);

static enum err ask_rows(struct desk *desk, struct erase_job *job, enum store_space space)
{
	struct store_range range = {.first = job->key, .last = job->key, .limit = 1};

	job->key.space = space;
	range.first.space = space;
	range.last.space = space;
	range.first.bytes[RECORDING_KEY_BYTES - 1] = 0;
	range.last.bytes[RECORDING_KEY_BYTES - 1] = UINT8_MAX;
	return desk_job_range(desk, &job->job, &range, got_rows);
}

static enum err add_one(const struct desk *desk, struct desk_link *link,
			const struct erase_job *job, const struct store_row *row)
{
	struct recorded_set *set = &link->erase->set;
	const struct recorded_filter filter = {.owner = owner_view_id(link->view)};
	struct recording_about about;

	recorded_begin(desk, &filter, set);
	set->list = calloc(1, sizeof(*set->list));
	if (!set->list)
		return ERR_MEMORY;
	set->count = 1;
	set->capacity = 1;
	memcpy(set->list[0].record.bytes, job->key.bytes + ID_BYTES, ID_BYTES);
	/* Nothing in the head was authenticated: it is only shown. */
	if (row->key.space == STORE_RECORD &&
	    recording_peek(row->value, row->size, &about) == OK)
		set->list[0].at_ms = about.at_ms;
	return OK;
}

/* It goes with the sweep: its owner has had everything deleted since it was made. */
static void got_epoch(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	const struct erase_job *erase = (const struct erase_job *)job;
	uint64_t generation = 0;

	(void)desk;
	if (err == OK &&
	    (epoch_peek(rows->rows[0].value, rows->rows[0].size, &generation) != OK ||
	     generation < erase->living))
		err = ERR_MISSING;
	if (err != OK)
		fail_reading(job->link, err);
	else
		say_found(job->link);
}

static void look_at_epoch(struct desk *desk, struct erase_job *job,
			  const struct store_row *row)
{
	struct recording_about about;
	uint8_t bytes[2 * ID_BYTES];
	struct store_key key;
	enum err err;

	if (job->living == 0 || row->key.space != STORE_RECORD ||
	    recording_peek(row->value, row->size, &about) != OK) {
		say_found(job->job.link);
		return;
	}
	memcpy(bytes, row->key.bytes, ID_BYTES);
	memcpy(bytes + ID_BYTES, about.epoch.bytes, ID_BYTES);
	key = desk_key(desk, STORE_EPOCH, bytes, sizeof(bytes));
	err = desk_job_get(desk, &job->job, &key, got_epoch);
	if (err != OK)
		fail_reading(job->job.link, err);
}

static void got_rows(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct erase_job *erase = (struct erase_job *)job;
	struct desk_link *link = job->link;
	const bool is_there = err == OK && rows->count > 0;

	if (is_there)
		err = add_one(desk, link, erase, &rows->rows[0]);
	else if (err == OK && erase->key.space == STORE_RECORD)
		err = ask_rows(desk, erase, STORE_SALT);
	else if (err == OK)
		err = ERR_MISSING;
	if (err != OK)
		fail_reading(link, err);
	else if (is_there)
		look_at_epoch(desk, erase, &rows->rows[0]);
}

static void find_record(struct desk *desk, struct desk_link *link, struct erase_job *job,
			const struct wire_erase_ask *ask)
{
	const size_t owner = desk_owner_index(desk, owner_view_id(link->view));
	uint8_t bytes[RECORDING_KEY_BYTES];
	struct record_id record;
	enum err err;

	must(owner < DESK_OWNERS_MAX); /* they are signed in */
	if (desk->chores[owner].must_sweep)
		job->living = desk->keks[owner].now.generation;
	memcpy(record.bytes, ask->record.bytes, ID_BYTES);
	recording_key(owner_view_id(link->view), record, RECORDING_SOUND, bytes);
	job->key = desk_key(desk, STORE_RECORD, bytes, sizeof(bytes));
	err = ask_rows(desk, job, STORE_RECORD);
	if (err != OK)
		fail_reading(link, err);
}

static bool is_valid(const struct wire_erase_ask *ask)
{
	switch (ask->what) {
	case ERASURE_RECORD:
		return !id_is_none(ask->record.bytes);
	case ERASURE_RANGE:
		return ask->from_ms <= ask->to_ms;
	case ERASURE_ALL:
		return true;
	default: /* a number from outside */
		return false;
	}
}

static void erase_ask(struct desk *desk, struct desk_link *link,
		      const struct wire_erase_ask *ask)
{
	struct recorded_filter filter = {.owner = owner_view_id(link->view),
					 .from_ms = INT64_MIN,
					 .to_ms = INT64_MAX};
	struct erase_job *job = NULL;

	if (!is_valid(ask)) {
		desk_refuse(link, DESK_REFUSE_OUT_OF_RANGE);
		return;
	}
	if (begin(link, (enum erasure_what)ask->what, &job) != OK) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	if (ask->what == ERASURE_RANGE) {
		filter.room = ask->room;
		filter.from_ms = ask->from_ms;
		filter.to_ms = ask->to_ms;
	}
	if (ask->what == ERASURE_RECORD)
		find_record(desk, link, job, ask);
	else
		find_range(desk, link, &job->job, &filter);
}

/* --- doing it --------------------------------------------------------------------------- */

static void say_step(struct desk *desk, struct desk_link *link)
{
	const struct wire_erased erased = {.done = link->erase->erasing.done,
					   .count = link->erase->set.count};

	(void)desk;
	desk_say(link, WIRE_erased, &erased);
}

static void some_over(struct desk *desk, struct desk_link *link)
{
	struct desk_erase *erase = link->erase;
	const struct receipt receipt = {.owner = erase->set.owner,
					.why = erase->erasing.why,
					.count = erase->erasing.done,
					.set = &erase->set};
	const enum err err = erase->erasing.err;

	desk_job_end(link);
	say_step(desk, link);
	desk_receipt(desk, link, err, &receipt);
	desk_erase_closed(link);
}

static void erase_do(struct desk *desk, struct desk_link *link,
		     const struct wire_erase_do *asked)
{
	struct desk_erase *erase = link->erase;
	struct erase_job *job;

	if (!erase || !erase->is_found || asked->count != erase->found) {
		desk_refuse(link, DESK_REFUSE_ERASE_STALE);
		return;
	}
	if (erase->what == ERASURE_ALL) {
		desk_erase_all(desk, link);
		return;
	}
	job = calloc(1, sizeof(*job));
	if (!job) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	job->job.free_ = free_job;
	erase->is_found = false;
	erase->erasing = (struct desk_erasing){.set = &erase->set,
					       .why = "its owner asked for it",
					       .step = say_step,
					       .over = some_over};
	link->erasing = &erase->erasing;
	desk_job_begin(link, &job->job);
	desk_erasing_begin(desk, link);
}

bool desk_erase_receive(struct desk *desk, struct desk_link *link,
			const struct wire_message *message)
{
	if (message->type == WIRE_erase_ask)
		erase_ask(desk, link, &message->erase_ask);
	else if (message->type == WIRE_erase_do)
		erase_do(desk, link, &message->erase_do);
	else if (message->type == WIRE_erase_all)
		desk_erase_all(desk, link);
	else if (message->type == WIRE_receipts_get)
		desk_receipts(desk, link, &message->receipts_get);
	else
		return false;
	return true;
}
