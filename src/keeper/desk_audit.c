/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_audit - once after each start, walks the journal and looks whether each incident that
 * it tells of as open is open here: somebody with a SQL prompt may have taken its rows away.
 *
 * A chore, page by page, so that a house with a long journal is ready at once. No archive
 * leaves meanwhile without the same look: an export walks the journal itself (desk_export.c).
 */
#include <stdlib.h>

#include "base/log.h"
#include "keeper/desk_inner.h"

enum { PAGE = STORE_RANGE_ROWS_MAX };

struct audit_job {
	struct job job;
	uint64_t from; /* the page's first place */
	uint64_t last; /* the journal's when it began */
	struct desk_incident_audit audit;
};

static void free_job(struct job *job)
{
	free(job);
}

static enum err ask_page(struct desk *desk, struct audit_job *audit);

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct audit_job *audit = (struct audit_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		desk_incident_audit_row(desk, &audit->audit, &rows->rows[i]);
	audit->from += PAGE;
	if (err == OK && audit->from <= audit->last) {
		err = ask_page(desk, audit);
		if (err == OK)
			return;
	}
	if (err == OK) {
		desk->is_audited = true;
		desk_incident_audit_end(desk, &audit->audit);
	} else {
		log_line("keeper: whether incidents are missing is looked at later: %s",
			 err_words(err));
	}
	desk_job_end(desk->self);
}

static enum err ask_page(struct desk *desk, struct audit_job *audit)
{
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, audit->from),
		.last = desk_key_number(desk, STORE_JOURNAL, audit->from + PAGE - 1),
		.limit = PAGE,
	};

	return desk_job_range(desk, &audit->job, &range, got_page);
}

bool desk_audit_begin(struct desk *desk)
{
	struct audit_job *audit;

	if (desk->is_audited)
		return false;
	audit = calloc(1, sizeof(*audit));
	if (!audit)
		return false;
	audit->job.free_ = free_job;
	audit->from = 1;
	audit->last = journal_size(desk->journal);
	desk_incident_audit_begin(desk, &audit->audit);
	desk_job_begin(desk->self, &audit->job);
	if (ask_page(desk, audit) == OK)
		return true;
	desk_job_end(desk->self);
	return false;
}
