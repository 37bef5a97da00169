/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_verify - walks the whole journal, a window of places at a time, so that the house
 * goes on being written down meanwhile. What is added while it walks is not looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum { WINDOW = STORE_RANGE_ROWS_MAX };

struct verify_job {
	struct job job;
	struct journal_walk walk;
	uint64_t limit; /* the size when it began */
	uint64_t from;  /* the window's first place */
	size_t checkpoint_count;
	struct {
		uint64_t size;
		size_t bytes_size;
		uint8_t *bytes; /* owned */
	} checkpoints[WINDOW];
};

static void ask_checkpoints(struct desk *desk, struct verify_job *verify);

static void drop_checkpoints(struct verify_job *verify)
{
	for (size_t i = 0; i < verify->checkpoint_count; i++)
		free(verify->checkpoints[i].bytes);
	verify->checkpoint_count = 0;
}

static void verify_free(struct job *job)
{
	struct verify_job *verify = (struct verify_job *)job;

	drop_checkpoints(verify);
	free(verify);
}

static void end_verify(struct desk *desk, struct verify_job *verify, enum err err)
{
	struct desk_link *link = verify->job.link;
	struct wire_verified verified = {.entries = verify->walk.tree.size};
	uint8_t root[SEAL_HASH_BYTES];

	if (err == OK) {
		journal_walk_end(&verify->walk, verify->limit);
		err = tree_root(&verify->walk.tree, root);
	}
	if (err == OK) {
		str_to_hex(verified.root, root, sizeof(root));
		verified.whole = !verify->walk.is_wrong;
		must(str_copy(verified.trouble, sizeof(verified.trouble),
			      verify->walk.trouble));
		if (!verified.whole)
			desk_incident_open(desk, INCIDENT_JOURNAL_NOT_WHOLE,
					   (struct record_id){{0}}, NULL);
	} else {
		must(str_format(verified.trouble, sizeof(verified.trouble),
				"the journal cannot be read: %s", err_words(err)));
	}
	desk_job_end(link);
	desk_say(link, WIRE_verified, &verified);
}

static uint64_t window_end(const struct verify_job *verify)
{
	uint64_t left = verify->limit - verify->from;

	return left < WINDOW ? verify->limit : verify->from + WINDOW - 1;
}

/* Checkpoints that belong before the entry at place. */
static void walk_checkpoints(struct verify_job *verify, size_t *next, uint64_t place)
{
	for (;
	     *next < verify->checkpoint_count && verify->checkpoints[*next].size < place;
	     (*next)++)
		journal_walk_checkpoint(&verify->walk, verify->checkpoints[*next].size,
					verify->checkpoints[*next].bytes,
					verify->checkpoints[*next].bytes_size);
}

static void got_entries(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	uint64_t end = window_end(verify);
	size_t next = 0;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		uint64_t place = 0;

		(void)desk_number_of(&rows->rows[i].key,
				     &place); /* else 0: out of order */
		walk_checkpoints(verify, &next, place);
		journal_walk_entry(&verify->walk, place, rows->rows[i].value,
				   rows->rows[i].size);
	}
	walk_checkpoints(verify, &next, end + 1);
	drop_checkpoints(verify);
	if (err != OK || verify->walk.is_wrong || end == verify->limit) {
		end_verify(desk, verify, err);
		return;
	}
	verify->from = end + 1;
	ask_checkpoints(desk, verify);
}

static enum err keep_checkpoints(struct verify_job *verify, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		uint64_t size = 0;
		uint8_t *copy;

		if (!desk_number_of(&row->key, &size))
			return ERR_FORMAT;
		copy = malloc(row->size > 0 ? row->size : 1);
		if (!copy)
			return ERR_MEMORY;
		if (row->size > 0)
			memcpy(copy, row->value, row->size);
		verify->checkpoints[i].size = size;
		verify->checkpoints[i].bytes = copy;
		verify->checkpoints[i].bytes_size = row->size;
		verify->checkpoint_count = i + 1;
	}
	return OK;
}

static struct store_range window_of(struct desk *desk, const struct verify_job *verify,
				    enum store_space space)
{
	return (struct store_range){
		.first = desk_key_number(desk, space, verify->from),
		.last = desk_key_number(desk, space, window_end(verify)),
		.limit = WINDOW,
	};
}

static void got_checkpoints(struct desk *desk, struct job *job, enum err err,
			    const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	struct store_range range = window_of(desk, verify, STORE_JOURNAL);

	if (err == OK)
		err = keep_checkpoints(verify, rows);
	if (err == OK)
		err = desk_job_range(desk, job, &range, got_entries);
	if (err != OK)
		end_verify(desk, verify, err);
}

static void ask_checkpoints(struct desk *desk, struct verify_job *verify)
{
	struct store_range range = window_of(desk, verify, STORE_CHECKPOINT);
	enum err err = desk_job_range(desk, &verify->job, &range, got_checkpoints);

	if (err != OK)
		end_verify(desk, verify, err);
}

void desk_verify(struct desk *desk, struct desk_link *link)
{
	struct verify_job *verify = calloc(1, sizeof(*verify));

	if (!verify) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	verify->job.free_ = verify_free;
	verify->limit = journal_size(desk->journal);
	verify->from = 1;
	journal_walk_begin(&verify->walk, desk->journal);
	desk_job_begin(link, &verify->job);
	if (verify->limit == 0)
		end_verify(desk, verify, OK);
	else
		ask_checkpoints(desk, verify);
}
