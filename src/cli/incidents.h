/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incidents - the keeper's rows of what went wrong, step by step, for the commands that show
 * them or do something about one.
 */
#ifndef CLI_INCIDENTS_H
#define CLI_INCIDENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/client.h"
#include "domain/incident.h"

enum { INCIDENTS_ROWS_MAX = 100000 };

/* The steps of one stand together, oldest first. */
struct incidents {
	size_t count;
	size_t capacity;
	struct wire_incident_row *rows; /* owned */
	bool is_spoilt;                 /* a row was no row of this keeper's */
};

/* One of them: rows[first .. first + count). */
struct incident_view {
	const struct wire_incident_row *rows; /* borrowed */
	size_t count;
};

/* What anybody may see who is signed in. requests: those for disclosure instead. */
MUST_CHECK enum err incidents_get(struct link_client *client, bool requests,
				  struct incidents *out_incidents, struct err_note *note);
void incidents_finish(struct incidents *incidents);

/* The one that begins at row at, which moves behind it; false: there is none. */
bool incidents_next(const struct incidents *incidents, size_t *at,
		    struct incident_view *out_view);
/* The one whose id begins with these digits. lists: the command that shows the ids. */
MUST_CHECK enum err incidents_find(const struct incidents *incidents, const char *digits,
				   const char *lists, struct incident_view *out_view,
				   struct err_note *note);

/* The step of that kind, or NULL. */
const struct wire_incident_row *incident_step(const struct incident_view *view,
					      enum incident_kind kind);
bool incident_is_open(const struct incident_view *view);
/* When the authority is to be told; 0: it need not be, or was. */
int64_t incident_due_ms(const struct incident_view *view);
/* The words of its cause, or of a code that this program does not know: that code. */
const char *incident_view_cause(const struct incident_view *view);

#endif
