/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_epochs - destroys the rows of epochs whose key has ended, some at a time, without an
 * entry in the journal for each: what they opened is gone, or goes with them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "keeper/desk_inner.h"

struct epochs_job {
	struct job job;
	struct owner_id owner;
	uint64_t generation;
	bool is_box; /* then those whose key is none that the box has */
	desk_epochs_over *over;
	struct store_key next; /* the first of the next page */
	bool is_last;          /* this was the last page */
	size_t under_way;
	bool is_taking;
	enum err err;
};

static void free_job(struct job *job)
{
	free(job);
}

static void got_epochs(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows);

static void end(struct desk *desk, struct epochs_job *epochs, enum err err)
{
	struct desk_link *link = epochs->job.link;
	desk_epochs_over *over = epochs->over;

	desk_job_end(link);
	over(desk, link, err);
}

static enum err ask_page(struct desk *desk, struct epochs_job *epochs)
{
	uint8_t last[2 * ID_BYTES];
	struct store_range range = {.first = epochs->next, .limit = STORE_RANGE_ROWS_MAX};

	memset(last, UINT8_MAX, sizeof(last));
	memcpy(last, epochs->owner.bytes, ID_BYTES);
	range.last = desk_key(desk, STORE_EPOCH, last, sizeof(last));
	return desk_job_range(desk, &epochs->job, &range, got_epochs);
}

static void page_over(struct desk *desk, struct epochs_job *epochs)
{
	enum err err = epochs->err;

	if (err == OK && !epochs->is_last)
		err = ask_page(desk, epochs);
	if (err != OK || epochs->is_last)
		end(desk, epochs, err);
}

static void cleared(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct epochs_job *epochs;

	(void)place;
	if (!link || !link->job || link->job->free_ != free_job)
		return;
	epochs = (struct epochs_job *)link->job;
	epochs->under_way--;
	if (err != OK)
		epochs->err = err;
	if (epochs->under_way == 0 && !epochs->is_taking)
		page_over(desk, epochs);
}

static bool is_dead(const struct desk *desk, const struct epochs_job *epochs,
		    uint64_t generation)
{
	return epochs->is_box ? !desk_box_has_key(desk, generation)
			      : generation < epochs->generation;
}

/* As many of the rows from *at on as fit one item. */
static enum err take_some(struct desk *desk, struct epochs_job *epochs,
			  const struct store_rows *rows, size_t *at)
{
	struct item *item = NULL;
	enum err err = item_create(epochs->job.link, 0, cleared, &item);

	if (err != OK)
		return err;
	item->has_no_event = true;
	for (; *at < rows->count && item->row_count < ITEM_ROWS_MAX; (*at)++) {
		const struct store_row *row = &rows->rows[*at];
		uint64_t generation = 0;

		/* One that cannot be read opens nothing. */
		if (epoch_peek(row->value, row->size, &generation) != OK ||
		    is_dead(desk, epochs, generation))
			item_clear_row(item, &row->key);
	}
	if (item->row_count == 0) {
		item_destroy(item);
		return OK;
	}
	epochs->under_way++;
	desk_write_take(desk, &item);
	return OK;
}

static void got_epochs(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct epochs_job *epochs = (struct epochs_job *)job;
	size_t at = 0;

	if (err != OK) {
		end(desk, epochs, err);
		return;
	}
	epochs->is_last = !rows->more || rows->count == 0;
	if (rows->count > 0) {
		epochs->next = rows->rows[rows->count - 1].key;
		must(epochs->next.size < STORE_KEY_BYTES_MAX);
		epochs->next.bytes[epochs->next.size++] = 0;
	}
	epochs->is_taking = true;
	while (epochs->err == OK && at < rows->count)
		epochs->err = take_some(desk, epochs, rows, &at);
	epochs->is_taking = false;
	if (epochs->under_way == 0)
		page_over(desk, epochs);
}

static enum err begin(struct desk *desk, struct desk_link *link,
		      const struct epochs_job *asked)
{
	struct epochs_job *epochs = malloc(sizeof(*epochs));
	uint8_t first[2 * ID_BYTES] = {0};
	enum err err;

	if (!epochs)
		return ERR_MEMORY;
	*epochs = *asked;
	epochs->job.free_ = free_job;
	memcpy(first, epochs->owner.bytes, ID_BYTES);
	epochs->next = desk_key(desk, STORE_EPOCH, first, sizeof(first));
	desk_job_begin(link, &epochs->job);
	err = ask_page(desk, epochs);
	if (err != OK)
		desk_job_end(link);
	return err;
}

enum err desk_epochs_clear(struct desk *desk, struct desk_link *link,
			   struct owner_id owner, uint64_t generation,
			   desk_epochs_over *over)
{
	const struct epochs_job asked = {.owner = owner,
					 .generation = generation,
					 .over = over};

	return begin(desk, link, &asked);
}

enum err desk_epochs_clear_box(struct desk *desk, struct desk_link *link,
			       desk_epochs_over *over)
{
	const struct epochs_job asked = {.owner = desk_box_owner(desk),
					 .is_box = true,
					 .over = over};

	return begin(desk, link, &asked);
}
