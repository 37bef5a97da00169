/* SPDX-License-Identifier: Apache-2.0 */
/* incidents - fetches rows and finds steps among them. Decides nothing. */
#include "cli/incidents.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/id_prefix.h"

enum { ROWS_FIRST = 64 };

static enum err keep(struct incidents *incidents, const struct wire_incident_row *row,
		     struct err_note *note)
{
	struct wire_incident_row *more;
	size_t capacity = incidents->capacity;

	if (incidents->count == INCIDENTS_ROWS_MAX)
		return err_say(ERR_LIMIT, note, "there are more than %d steps",
			       INCIDENTS_ROWS_MAX);
	if (incidents->count == capacity) {
		capacity = capacity > 0 ? 2 * capacity : ROWS_FIRST;
		more = realloc(incidents->rows, capacity * sizeof(*more));
		if (!more)
			return ERR_MEMORY;
		incidents->rows = more;
		incidents->capacity = capacity;
	}
	incidents->rows[incidents->count++] = *row;
	return OK;
}

static enum err take_rows(struct link_client *client, struct incidents *incidents,
			  struct err_note *note)
{
	const struct wire_message *message = NULL;

	for (;;) {
		enum err err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);

		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (message->type == WIRE_end) {
			incidents->is_spoilt = message->end.err == ERR_AUTH;
			return message->end.err && !incidents->is_spoilt
				       ? err_say(ERR_IO, note, "the list broke off")
				       : OK;
		}
		if (message->type != WIRE_incident_row)
			return client_other(message, note);
		err = keep(incidents, &message->incident_row, note);
		if (err)
			return err;
	}
}

enum err incidents_get(struct link_client *client, bool requests,
		       struct incidents *out_incidents, struct err_note *note)
{
	const struct wire_incident_get get = {.requests = requests};
	struct incidents incidents = {.count = 0};
	enum err err = link_client_send_incident_get(client, &get, note);

	if (!err)
		err = take_rows(client, &incidents, note);
	if (err)
		incidents_finish(&incidents);
	else
		*out_incidents = incidents;
	return err;
}

void incidents_finish(struct incidents *incidents)
{
	if (incidents->rows)
		explicit_bzero(incidents->rows,
			       incidents->count * sizeof(*incidents->rows));
	free(incidents->rows);
	*incidents = (struct incidents){.count = 0};
}

bool incidents_next(const struct incidents *incidents, size_t *at,
		    struct incident_view *out_view)
{
	const struct wire_incident_row *first = &incidents->rows[*at];
	size_t count = 0;

	if (*at >= incidents->count)
		return false;
	while (*at + count < incidents->count &&
	       id_equal(incidents->rows[*at + count].id.bytes, first->id.bytes))
		count++;
	*out_view = (struct incident_view){first, count};
	*at += count;
	return true;
}

/* --- finding one ------------------------------------------------------------------------ */

struct found {
	const struct incidents *incidents;
	size_t *starts; /* [count] */
};

static const uint8_t *id_at(const void *context, size_t at)
{
	const struct found *found = context;

	return found->incidents->rows[found->starts[at]].id.bytes;
}

enum err incidents_find(const struct incidents *incidents, const char *digits,
			const char *lists, struct incident_view *out_view,
			struct err_note *note)
{
	struct found found = {.incidents = incidents};
	struct id_prefix_list list = {.lists = lists,
				      .none = "none begins so",
				      .context = &found,
				      .id_at = id_at};
	struct incident_view view;
	size_t at = 0;
	enum err err;

	found.starts = calloc(incidents->count + 1, sizeof(*found.starts));
	if (!found.starts)
		return ERR_MEMORY;
	found.starts[0] = 0;
	while (incidents_next(incidents, &at, &view))
		found.starts[++list.count] = at;
	err = id_prefix_find(&list, digits, &at, note);
	if (!err) {
		at = found.starts[at];
		must(incidents_next(incidents, &at, out_view));
	}
	free(found.starts);
	return err;
}

/* --- what it says ----------------------------------------------------------------------- */

const struct wire_incident_row *incident_step(const struct incident_view *view,
					      enum incident_kind kind)
{
	for (size_t i = 0; i < view->count; i++)
		if (str_equal(view->rows[i].kind, incident_kind_text(kind)))
			return &view->rows[i];
	return NULL;
}

bool incident_is_open(const struct incident_view *view)
{
	return !incident_step(view, INCIDENT_CLOSED);
}

int64_t incident_due_ms(const struct incident_view *view)
{
	if (!incident_step(view, INCIDENT_CLOCK) ||
	    incident_step(view, INCIDENT_NOTIFIED) || !incident_is_open(view))
		return 0;
	return view->rows[0].at_ms + INCIDENT_CLOCK_MS;
}

const char *incident_view_cause(const struct incident_view *view)
{
	enum incident_cause cause;

	return incident_cause_from_text(view->rows[0].cause, &cause)
		       ? incident_cause_words(cause)
		       : view->rows[0].cause;
}
