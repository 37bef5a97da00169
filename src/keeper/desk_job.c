/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_job - requests that read the store: one per link, one question to the store at a
 * time. A job whose link closes is forgotten, and late answers with it.
 */
#include <stdlib.h>

#include "base/must.h"
#include "keeper/desk_inner.h"

void desk_job_begin(struct desk_link *link, struct job *job)
{
	must(!link->job && job->free_);
	job->link = link;
	link->job = job;
}

void desk_job_end(struct desk_link *link)
{
	struct job *job = link->job;

	link->job = NULL;
	if (job)
		job->free_(job);
}

enum err desk_job_get(struct desk *desk, struct job *job, const struct store_key *key,
		      job_rows_fn *rows)
{
	job->rows = rows;
	job->request = desk_next_id(desk);
	return store_get(&desk->store, key, job->request);
}

enum err desk_job_range(struct desk *desk, struct job *job,
			const struct store_range *range, job_rows_fn *rows)
{
	job->rows = rows;
	job->request = desk_next_id(desk);
	return store_range_get(&desk->store, range, job->request);
}
