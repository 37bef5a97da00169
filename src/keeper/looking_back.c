/* SPDX-License-Identifier: Apache-2.0 */
/*
 * looking_back - see the header. Passes over rows that do not open: verifying is
 * desk_verify's work, and says so by name.
 */
#include "keeper/looking_back.h"

enum { PAGE = STORE_RANGE_ROWS_MAX };

enum err looking_back_ask(struct desk *desk, struct job *job, uint64_t *below,
			  job_rows_fn *rows)
{
	struct store_range range = {.backwards = true, .limit = PAGE};
	uint64_t first = *below > PAGE ? *below - PAGE : 1;

	if (*below <= 1)
		return ERR_MISSING;
	range.first = desk_key_number(desk, STORE_JOURNAL, first);
	range.last = desk_key_number(desk, STORE_JOURNAL, *below - 1);
	*below = first;
	return desk_job_range(desk, job, &range, rows);
}

static uint64_t middle(const struct looking_back_finding *finding)
{
	return finding->low + (finding->high - finding->low) / 2;
}

enum err looking_back_find(struct desk *desk, struct job *job,
			   struct looking_back_finding *finding,
			   const struct store_rows *rows, job_rows_fn *next)
{
	struct store_range range = {.limit = 1};
	struct entry_visible visible;

	if (rows && (rows->count == 0 ||
		     entry_peek(rows->rows[0].value, rows->rows[0].size, &visible) != OK))
		return ERR_FORMAT;
	if (rows && visible.at_ms >= finding->at_ms)
		finding->high = middle(finding);
	else if (rows)
		finding->low = middle(finding) + 1;
	if (finding->low >= finding->high)
		return ERR_MISSING;
	range.first = desk_key_number(desk, STORE_JOURNAL, middle(finding));
	range.last = range.first;
	return desk_job_range(desk, job, &range, next);
}

bool looking_back_event(struct desk *desk, const struct store_row *row,
			uint64_t *out_place, struct event *out_event)
{
	return desk_number_of(&row->key, out_place) &&
	       journal_read(desk->journal, *out_place, row->value, row->size,
			    out_event) == OK;
}

bool looking_back_may_see(const struct desk *desk, const struct desk_link *link,
			  const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);

	return !room || !room->is_private ||
	       id_equal(room->private_owner.bytes, owner_view_id(link->view).bytes);
}
