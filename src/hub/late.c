/* SPDX-License-Identifier: Apache-2.0 */
/*
 * late - the hub's own events on their way to the journal, first in, first out.
 *
 * Holds what the keeper has not confirmed, so that a keeper that dies and comes back
 * gets every event once or, if its answer was lost, twice; never not at all. The oldest
 * are dropped, with a line in the log, only beyond LATE_EVENTS_MAX.
 */
#include <stdlib.h>

#include "base/log.h"
#include "hub/hub.h"

static const uint64_t LATE_TOKEN = 0xff; /* no turn's token ends in this byte */

struct late {
	struct keep *keep;
	size_t first;
	size_t count;
	bool asked; /* the first one's answer is out */
	struct event events[LATE_EVENTS_MAX];
};

enum err late_create(struct keep *keep, struct late **out_late)
{
	struct late *late = calloc(1, sizeof(*late));

	if (!late)
		return ERR_MEMORY;
	late->keep = keep;
	*out_late = late;
	return OK;
}

void late_destroy(struct late *late)
{
	if (late && late->count > 0)
		log_line("late: events lost at the end count=%zu", late->count);
	free(late);
}

static void late_drop_first(struct late *late)
{
	late->first = (late->first + 1) % LATE_EVENTS_MAX;
	late->count--;
	late->asked = false;
}

void late_flush(struct late *late)
{
	if (late->count == 0 || late->asked || !keep_is_up(late->keep))
		return;
	late->asked =
		keep_append(late->keep, &late->events[late->first], LATE_TOKEN) == OK;
}

void late_push(struct late *late, const struct event *event)
{
	if (late->count == LATE_EVENTS_MAX) {
		log_line("late: the keeper is away too long, dropped event=%s",
			 event_kind_text(late->events[late->first].kind));
		late_drop_first(late);
	}
	late->events[(late->first + late->count) % LATE_EVENTS_MAX] = *event;
	late->count++;
	late_flush(late);
}

/* Trouble that passes; anything else would come again for ever. */
static bool is_passing(enum err err)
{
	return err == ERR_CLOSED || err == ERR_TIMEOUT || err == ERR_BUSY ||
	       err == ERR_IO || err == ERR_MEMORY;
}

bool late_done(struct late *late, uint64_t token, enum err err)
{
	if (token != LATE_TOKEN)
		return false;
	if (late->asked && err && !is_passing(err))
		log_line("late: the keeper refused event=%s err=\"%s\"",
			 event_kind_text(late->events[late->first].kind), err_words(err));
	if (late->asked && !is_passing(err))
		late_drop_first(late);
	late->asked = false;
	if (!err)
		late_flush(late);
	return true;
}

size_t late_count(const struct late *late)
{
	return late->count;
}
