/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_retention - destroys what is older than its owner wants it kept, and watches the
 * clock that says how old a thing is.
 *
 * A clock that jumps is not believed: nothing is destroyed for its age before the wall clock
 * has run evenly for a day, counted by the monotonic clock and across restarts, and the
 * journal says by how much it was set. The journal is walked by its places. What was written
 * while the clock was off, in the future or before this program was made, is as old as the
 * next entry that bears a time that can be; and no entry is older than one in front of it. So
 * a wrong clock makes a recording stay longer, never shorter.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "keeper/desk_inner.h"
#include "keeper/recorded.h"

enum {
	PAGE = STORE_RANGE_ROWS_MAX,
	AT_ONCE = 1000,
	HOUR_MS = 60 * 60 * 1000,
	EVEN_MS = 24 * HOUR_MS,
	DAY_MS = 24 * HOUR_MS,
	JUMP_MS = 2 * 60 * 1000, /* of the wall clock against the other */
	AWAY_MS =
		7 * 24 * HOUR_MS, /* longer without the keeper: its clock is new to it */
};

/* No recording of ours is older than the year 2026. */
static const int64_t FLOOR_MS = INT64_C(1767225600000);

/* --- the clock -------------------------------------------------------------------------- */

static void watch_written(struct desk *desk, struct item *item, enum err err,
			  uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	if (err != OK)
		log_line("keeper: the state of its clock could not be written down: %s",
			 err_words(err));
}

static void save_watch(struct desk *desk, int64_t jump_ms)
{
	struct item *item = NULL;
	enum err err = item_create(NULL, 0, watch_written, &item);

	if (err == OK)
		err = desk_clock_add(desk, item);
	if (err != OK) {
		item_destroy(item);
		return;
	}
	item->has_no_event = jump_ms == 0;
	if (jump_ms != 0) {
		desk_event(desk, &item->event, EVENT_CLOCK_CHANGED, "");
		event_add_int(&item->event, "by_s", jump_ms / 1000);
	}
	desk->clock_watch.saved_ms = desk->clock_watch.now_ms;
	desk_write_take(desk, &item);
}

/* By how much the wall clock was set since it was looked at last; 0: it ran. */
static int64_t jump_of(const struct desk_clock *watch, int64_t wall_ms, int64_t now_ms)
{
	const int64_t by_ms = wall_ms - watch->wall_ms;
	/* After a restart only the wall clock tells how long nobody looked. */
	const bool is_first = watch->now_ms == 0;
	const int64_t off_ms = is_first ? by_ms : by_ms - (now_ms - watch->now_ms);

	if (is_first)
		return by_ms < -JUMP_MS || by_ms > AWAY_MS ? off_ms : 0;
	return off_ms < -JUMP_MS || off_ms > JUMP_MS ? off_ms : 0;
}

void desk_clock_tick(struct desk *desk)
{
	struct desk_clock *watch = &desk->clock_watch;
	const int64_t wall_ms = clock_wall_ms(&desk->parts.clock);
	const int64_t now_ms = clock_now_ms(&desk->parts.clock) + 1; /* never 0 */
	const bool is_new = watch->wall_ms == 0;
	const int64_t jump_ms = is_new ? 0 : jump_of(watch, wall_ms, now_ms);

	if (jump_ms != 0)
		watch->even_ms = 0;
	else if (!is_new && watch->now_ms != 0)
		watch->even_ms += now_ms - watch->now_ms;
	watch->wall_ms = wall_ms;
	watch->now_ms = now_ms;
	if (jump_ms != 0)
		log_line("keeper: the clock was set by %" PRId64
			 " s; nothing is deleted for "
			 "its age for a day",
			 jump_ms / 1000);
	if (jump_ms != 0 || is_new || now_ms - watch->saved_ms >= HOUR_MS)
		save_watch(desk, jump_ms);
}

/* --- the end of a look ------------------------------------------------------------------ */

struct retention_job {
	struct job job;
	size_t owner;
	int64_t cutoff_ms; /* what is not newer goes */
	int64_t wall_ms;
	uint64_t from; /* the page's first place */
	uint64_t page_end;
	uint64_t last;      /* the journal's when it began */
	uint64_t kept_from; /* as it will be written */
	int64_t kept_ms;
	bool is_full; /* there is more */
	size_t sure;  /* so many of the set are old */
	size_t at;    /* of the set: is it still there? */
	size_t there;
	struct recorded_set set;
	struct desk_erasing erasing;
};

static void free_job(struct job *job)
{
	struct retention_job *retention = (struct retention_job *)job;

	job->link->erasing = NULL;
	recorded_finish(&retention->set);
	free(retention);
}

static void end(struct desk *desk, struct retention_job *retention, enum err err)
{
	struct desk_chores *chores = &desk->chores[retention->owner];

	if (err != OK)
		log_line("keeper: what is old was not deleted: %s", err_words(err));
	else if (retention->is_full)
		chores->looked_ms = 0;
	desk_job_end(retention->job.link);
}

static void cursor_written(struct desk *desk, struct item *item, enum err err,
			   uint64_t place)
{
	const size_t owner = desk_owner_index(desk, item->owner.id);

	(void)place;
	if (owner == DESK_OWNERS_MAX || err != OK)
		return; /* it is looked at again from where it was */
	desk->chores[owner].kept_from = item->token;
	desk->chores[owner].kept_ms = item->kept_ms;
}

static enum err write_cursor(struct desk *desk, const struct retention_job *retention)
{
	struct desk_chores chores = desk->chores[retention->owner];
	struct item *item = NULL;
	enum err err;

	if (retention->kept_from == chores.kept_from)
		return OK;
	err = item_create(NULL, retention->kept_from, cursor_written, &item);
	if (err != OK)
		return err;
	item->has_no_event = true;
	item->owner = desk->owners[retention->owner];
	item->kept_ms = retention->kept_ms;
	chores.kept_from = retention->kept_from;
	chores.kept_ms = retention->kept_ms;
	err = desk_chores_add(desk, item, retention->owner, &chores);
	if (err == OK)
		desk_write_take(desk, &item);
	item_destroy(item);
	return err;
}

static void erasing_over(struct desk *desk, struct desk_link *link)
{
	struct retention_job *retention = (struct retention_job *)link->job;
	enum err err = retention->erasing.err;

	if (retention->erasing.done > 0)
		log_line("keeper: %zu recordings had their time and were deleted",
			 retention->erasing.done);
	if (err == OK)
		err = write_cursor(desk, retention);
	end(desk, retention, err);
}

/* --- those that are still there --------------------------------------------------------- */

static enum err look_for_next(struct desk *desk, struct retention_job *retention);

static void got_salt(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct retention_job *retention = (struct retention_job *)job;

	if (err == OK && rows->count > 0)
		retention->set.list[retention->there++] =
			retention->set.list[retention->at];
	retention->at++;
	if (err == OK)
		err = look_for_next(desk, retention);
	if (err != OK)
		end(desk, retention, err);
}

static enum err look_for_next(struct desk *desk, struct retention_job *retention)
{
	struct recorded_set *set = &retention->set;
	uint8_t bytes[RECORDING_KEY_BYTES];
	struct store_range range = {.limit = 1};

	if (retention->at < retention->sure) {
		recording_key(set->owner, set->list[retention->at].record,
			      RECORDING_SOUND, bytes);
		bytes[RECORDING_KEY_BYTES - 1] = 0;
		range.first = desk_key(desk, STORE_SALT, bytes, sizeof(bytes));
		bytes[RECORDING_KEY_BYTES - 1] = UINT8_MAX;
		range.last = desk_key(desk, STORE_SALT, bytes, sizeof(bytes));
		return desk_job_range(desk, &retention->job, &range, got_salt);
	}
	set->count = retention->there;
	retention->erasing = (struct desk_erasing){.set = set,
						   .why = RECORDED_AGED,
						   .over = erasing_over};
	retention->job.link->erasing = &retention->erasing;
	desk_erasing_begin(desk, retention->job.link);
	return OK;
}

/* --- walking ---------------------------------------------------------------------------- */

static enum err add(struct retention_job *retention, const struct event *event)
{
	struct recorded_set *set = &retention->set;
	struct owner_id owner;
	struct recorded one = {.at_ms = event->at_ms};

	if (!id_from_text(owner.bytes, event_value(event, "owner")) ||
	    !id_equal(owner.bytes, set->owner.bytes) ||
	    !id_from_text(one.record.bytes, event_value(event, "record")))
		return OK;
	/* Those whose age is not known yet may be many. */
	if (set->count == set->capacity) {
		const size_t capacity = set->capacity + AT_ONCE;
		struct recorded *larger =
			realloc(set->list, capacity * sizeof(*set->list));

		if (!larger)
			return ERR_MEMORY;
		set->list = larger;
		set->capacity = capacity;
	}
	set->list[set->count++] = one;
	return OK;
}

/* False: from here on everything is newer, or there is enough. */
static bool take(struct desk *desk, struct retention_job *retention,
		 const struct store_row *row, enum err *out_err)
{
	struct entry_visible visible;
	struct event event;
	uint64_t place = 0;

	if (!desk_number_of(&row->key, &place) ||
	    entry_peek(row->value, row->size, &visible) != OK)
		return true; /* behest verify names it */
	const bool can_be =
		retention->cutoff_ms == INT64_MAX ||
		(visible.at_ms >= FLOOR_MS && visible.at_ms <= retention->wall_ms);
	if (can_be && visible.at_ms > retention->kept_ms)
		retention->kept_ms = visible.at_ms;
	if (can_be && retention->kept_ms > retention->cutoff_ms)
		return false;
	if (strcmp(visible.kind, event_kind_text(EVENT_RECORDED)) == 0 &&
	    journal_read(desk->journal, place, row->value, row->size, &event) == OK)
		*out_err = add(retention, &event);
	if (can_be) {
		retention->sure = retention->set.count;
		retention->kept_from = place + 1;
	}
	retention->is_full = retention->sure >= AT_ONCE;
	return *out_err == OK && !retention->is_full;
}

static enum err ask_page(struct desk *desk, struct retention_job *retention);

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct retention_job *retention = (struct retention_job *)job;
	bool goes_on = err == OK;

	for (size_t i = 0; goes_on && i < rows->count; i++)
		goes_on = take(desk, retention, &rows->rows[i], &err);
	retention->from = retention->page_end + 1;
	if (goes_on && retention->from <= retention->last)
		err = ask_page(desk, retention);
	else if (err == OK)
		err = look_for_next(desk, retention);
	if (err != OK)
		end(desk, retention, err);
}

static enum err ask_page(struct desk *desk, struct retention_job *retention)
{
	struct store_range range = {.limit = PAGE};

	retention->page_end = retention->from + PAGE - 1 < retention->last
				      ? retention->from + PAGE - 1
				      : retention->last;
	range.first = desk_key_number(desk, STORE_JOURNAL, retention->from);
	range.last = desk_key_number(desk, STORE_JOURNAL, retention->page_end);
	return desk_job_range(desk, &retention->job, &range, got_page);
}

/* --- the beginning ---------------------------------------------------------------------- */

static bool is_due(const struct desk *desk, size_t owner, uint32_t days)
{
	const struct desk_chores *chores = &desk->chores[owner];
	const int64_t now_ms = clock_now_ms(&desk->parts.clock) + 1;

	return (days == 0 || desk->clock_watch.even_ms >= EVEN_MS) &&
	       (chores->looked_ms == 0 || chores->looked_days != days ||
		now_ms - chores->looked_ms >= HOUR_MS) &&
	       chores->kept_from <= journal_size(desk->journal);
}

bool desk_retention_begin(struct desk *desk, size_t owner)
{
	struct desk_chores *chores = &desk->chores[owner];
	const uint32_t days =
		policy_retention_days(&desk->policy, desk->owners[owner].id);
	struct retention_job *retention;
	enum err err;

	/* A policy that is not believed says nothing of how long they are to be kept. */
	if (!desk->policy_counts || !is_due(desk, owner, days))
		return false;
	retention = calloc(1, sizeof(*retention));
	if (!retention)
		return false;
	chores->looked_ms = clock_now_ms(&desk->parts.clock) + 1;
	chores->looked_days = days;
	retention->job.free_ = free_job;
	retention->owner = owner;
	retention->set.owner = desk->owners[owner].id;
	retention->wall_ms = clock_wall_ms(&desk->parts.clock);
	retention->cutoff_ms =
		days > 0 ? retention->wall_ms - days * (int64_t)DAY_MS : INT64_MAX;
	retention->from = chores->kept_from > 0 ? chores->kept_from : 1;
	retention->kept_from = chores->kept_from;
	retention->kept_ms = chores->kept_ms;
	retention->last = journal_size(desk->journal);
	retention->set.last = retention->last;
	desk_job_begin(desk->self, &retention->job);
	err = ask_page(desk, retention);
	if (err != OK)
		desk_job_end(desk->self);
	return err == OK;
}
