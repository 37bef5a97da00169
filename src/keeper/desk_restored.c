/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_restored - brings the journal of a restored house and its recordings together.
 *
 * The journal comes with the ciphertext, and may be older than the key table: then it does
 * not know of what was deleted since, and of that there is no key any more. Each recording
 * that it tells of and that is not there is written down as DELETED, then RESTORED. It walks
 * from the newest entry to the oldest, so that what became of a recording is known before it
 * comes. Invariant: nothing else writes meanwhile; the house has no other link yet.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/looking_back.h"
#include "keeper/row_set.h"

enum { PAGE = STORE_RANGE_ROWS_MAX, GROUP = 64, KEY_BYTES = 2 * ID_BYTES };

struct recorded_id {
	uint8_t bytes[KEY_BYTES]; /* owner, record */
};

struct restored_job {
	struct job job;
	struct desk_restored about;
	struct owner_id
		box;    /* whose recordings end with their key, without a word each */
	uint64_t below; /* places that were not looked at yet */
	struct owner_id erased[DESK_OWNERS_MAX];
	size_t erased_count;
	/* Sorted by the record; those that a page brought wait behind them. */
	size_t gone_count;
	size_t gone_capacity;
	struct record_id *gone; /* owned */
	size_t asked;           /* of the page */
	size_t page_count;
	struct recorded_id page[PAGE];
	size_t lost_count;
	size_t lost_capacity;
	struct recorded_id *lost; /* owned */
	size_t written;           /* of the lost */
	size_t waiting;
	enum err err;
};

static void look_back(struct desk *desk, struct restored_job *restored);
static void ask_next(struct desk *desk, struct restored_job *restored);
static void write_lost(struct desk *desk, struct restored_job *restored);

static void restored_free(struct job *job)
{
	struct restored_job *restored = (struct restored_job *)job;

	free(restored->gone);
	free(restored->lost);
	free(restored);
}

static void end(struct restored_job *restored, enum err err)
{
	struct desk_link *link = restored->job.link;
	const struct wire_end told = {.err = (uint32_t)err};

	desk_job_end(link);
	desk_say(link, WIRE_end, &told);
}

/* The list with room for one more of that size, or NULL: it stays as it was. */
static void *grow(void *list, size_t *capacity, size_t count, size_t size)
{
	const size_t wanted = *capacity ? 2 * *capacity : 1024;
	void *more;

	if (count < *capacity)
		return list;
	more = count < ROW_SET_MAX ? realloc(list, wanted * size) : NULL;
	if (more)
		*capacity = wanted;
	return more;
}

static enum err add_gone(struct restored_job *restored, const struct event *event)
{
	struct record_id *gone = grow(restored->gone, &restored->gone_capacity,
				      restored->gone_count, sizeof(restored->gone[0]));

	if (!gone)
		return ERR_MEMORY;
	restored->gone = gone;
	if (id_from_text(gone[restored->gone_count].bytes, event_value(event, "record")))
		restored->gone_count++;
	return OK;
}

static enum err add_lost(struct restored_job *restored, const struct recorded_id *of)
{
	struct recorded_id *lost = grow(restored->lost, &restored->lost_capacity,
					restored->lost_count, sizeof(restored->lost[0]));

	if (!lost)
		return ERR_MEMORY;
	restored->lost = lost;
	lost[restored->lost_count++] = *of;
	return OK;
}

/* --- looking back ------------------------------------------------------------------------ */

static int by_record(const void *one, const void *other)
{
	return memcmp(one, other, ID_BYTES);
}

static bool was_deleted(const struct restored_job *restored, const uint8_t *record)
{
	return restored->gone_count > 0 &&
	       bsearch(record, restored->gone, restored->gone_count,
		       sizeof(restored->gone[0]), by_record) != NULL;
}

static bool was_erased(const struct restored_job *restored, const uint8_t *owner)
{
	for (size_t i = 0; i < restored->erased_count; i++) {
		if (id_equal(restored->erased[i].bytes, owner))
			return true;
	}
	return false;
}

static enum err take_event(struct restored_job *restored, const struct event *event)
{
	struct recorded_id *of = &restored->page[restored->page_count];
	enum err err = OK;

	if (event->kind == EVENT_ERASED && restored->erased_count < DESK_OWNERS_MAX &&
	    id_from_text(of->bytes, event_value(event, "owner")) &&
	    !was_erased(restored, of->bytes))
		memcpy(restored->erased[restored->erased_count++].bytes, of->bytes,
		       ID_BYTES);
	if (event->kind == EVENT_DELETED)
		err = add_gone(restored, event);
	if (event->kind == EVENT_RECORDED &&
	    id_from_text(of->bytes, event_value(event, "owner")) &&
	    id_from_text(of->bytes + ID_BYTES, event_value(event, "record")) &&
	    !id_equal(of->bytes, restored->box.bytes) && !was_erased(restored, of->bytes))
		restored->page_count++;
	return err;
}

static void got_entries(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct restored_job *restored = (struct restored_job *)job;
	uint64_t place = 0;

	restored->page_count = 0;
	restored->asked = 0;
	for (size_t i = 0; err == OK && i < rows->count; i++) {
		struct event event;

		if (looking_back_event(desk, &rows->rows[i], &place, &event))
			err = take_event(restored, &event);
	}
	if (restored->gone_count > 1)
		qsort(restored->gone, restored->gone_count, sizeof(restored->gone[0]),
		      by_record);
	if (err != OK)
		end(restored, err);
	else
		ask_next(desk, restored);
}

static void got_salt(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct restored_job *restored = (struct restored_job *)job;

	(void)rows;
	if (err == ERR_MISSING)
		err = add_lost(restored, &restored->page[restored->asked - 1]);
	if (err != OK)
		end(restored, err);
	else
		ask_next(desk, restored);
}

/* Is the next recording of the page there? */
static void ask_next(struct desk *desk, struct restored_job *restored)
{
	uint8_t bytes[RECORDING_KEY_BYTES];
	struct store_key key;
	enum err err;

	while (restored->asked < restored->page_count &&
	       was_deleted(restored, restored->page[restored->asked].bytes + ID_BYTES))
		restored->asked++;
	if (restored->asked == restored->page_count) {
		look_back(desk, restored);
		return;
	}
	memcpy(bytes, restored->page[restored->asked].bytes, KEY_BYTES);
	bytes[KEY_BYTES] = RECORDING_SOUND;
	restored->asked++;
	key = desk_key(desk, STORE_SALT, bytes, sizeof(bytes));
	err = desk_job_get(desk, &restored->job, &key, got_salt);
	if (err != OK)
		end(restored, err);
}

static void look_back(struct desk *desk, struct restored_job *restored)
{
	enum err err =
		looking_back_ask(desk, &restored->job, &restored->below, got_entries);

	if (err == ERR_MISSING)
		write_lost(desk, restored);
	else if (err != OK)
		end(restored, err);
}

/* --- writing it down --------------------------------------------------------------------- */

static struct restored_job *job_of(struct desk *desk, const struct item *item)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	return link && link->job && link->job->free_ == restored_free
		       ? (struct restored_job *)link->job
		       : NULL;
}

static void written_down(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct restored_job *restored = job_of(desk, item);

	(void)place;
	if (restored)
		end(restored, err);
}

static void say_restored(struct desk *desk, struct restored_job *restored)
{
	struct item *item = NULL;
	char made[24];
	enum err err = item_create(restored->job.link, 0, written_down, &item);

	if (err != OK) {
		end(restored, err);
		return;
	}
	desk_event(desk, &item->event, EVENT_RESTORED, "");
	desk_event_add_id(&item->event, "owner", restored->about.by.bytes);
	must(str_format(made, sizeof(made), "%lld", (long long)restored->about.made_ms));
	event_add(&item->event, "made", made);
	event_add_int(&item->event, "recordings", (int64_t)restored->about.recordings);
	event_add_int(&item->event, "lost", (int64_t)restored->lost_count);
	desk_write_take(desk, &item);
}

static void lost_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct restored_job *restored = job_of(desk, item);

	(void)place;
	if (!restored)
		return;
	if (err != OK)
		restored->err = err;
	restored->waiting--;
	if (restored->waiting == 0 && restored->err != OK)
		end(restored, restored->err);
	else if (restored->waiting == 0)
		write_lost(desk, restored);
}

/* Group by group: the queue takes so many. */
static void write_lost(struct desk *desk, struct restored_job *restored)
{
	struct item *items[GROUP];
	size_t count = 0;

	while (count < GROUP && restored->written < restored->lost_count) {
		const struct recorded_id *lost = &restored->lost[restored->written];

		if (item_create(restored->job.link, 0, lost_written, &items[count]) != OK)
			break;
		desk_event(desk, &items[count]->event, EVENT_DELETED, "");
		desk_event_add_id(&items[count]->event, "record", lost->bytes + ID_BYTES);
		desk_event_add_id(&items[count]->event, "owner", lost->bytes);
		event_add(&items[count]->event, "why", "restored");
		restored->written++;
		count++;
	}
	restored->waiting = count;
	if (count == 0 && restored->written < restored->lost_count)
		end(restored, ERR_MEMORY);
	else if (count == 0)
		say_restored(desk, restored);
	for (size_t i = 0; i < count; i++)
		desk_write_take(desk, &items[i]);
}

void desk_restored(struct desk *desk, struct desk_link *link,
		   const struct desk_restored *about)
{
	struct restored_job *restored = calloc(1, sizeof(*restored));

	if (!restored) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	restored->job.free_ = restored_free;
	restored->about = *about;
	restored->box = desk_box_owner(desk);
	restored->below = journal_size(desk->journal) + 1;
	desk_job_begin(link, &restored->job);
	look_back(desk, restored);
}
