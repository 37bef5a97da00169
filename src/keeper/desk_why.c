/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_why - everything the journal holds of one turn, oldest first. Asked for the newest,
 * it first finds the newest turn in which something was decided. Or the newest changes of
 * the policy, whichever turn they are of or none.
 */
#include <stdlib.h>

#include "keeper/looking_back.h"

enum {
	TURN_MS_SHIFT = 16,
	/* Entries this much older than the turn's own time cannot be of it, clocks being
	 * set meanwhile included. */
	SLACK_MS = 3600 * 1000,
	/* So many of them in a row, and there is nothing older of the turn. */
	OLDER_ENTRIES = 64,
	POLICY_ROWS = 64, /* of changes; more are in the journal */
};

struct why_job {
	struct job job;
	bool policy;         /* its changes instead of a turn */
	struct turn_id turn; /* 0: still to be found */
	uint64_t below;
	size_t older; /* entries in a row that are too old */
	size_t count;
	struct {
		uint64_t place;
		struct event event;
	} found[DESK_WHY_ROWS_MAX]; /* newest first */
};

static void why_rows(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows);

static void why_free(struct job *job)
{
	free(job);
}

static void end_why(struct why_job *why, enum err err)
{
	const struct wire_end end = {.err = (uint32_t)err};
	struct desk_link *link = why->job.link;
	struct wire_why_row row;

	for (size_t i = err == OK ? why->count : 0; i > 0; i--) {
		row = (struct wire_why_row){.place = why->found[i - 1].place,
					    .event = why->found[i - 1].event};
		desk_say(link, WIRE_why_row, &row);
	}
	desk_job_end(link);
	desk_say(link, WIRE_end, &end);
}

static void ask_from_the_end(struct desk *desk, struct why_job *why)
{
	enum err err;

	why->below = journal_size(desk->journal) + 1;
	err = looking_back_ask(desk, &why->job, &why->below, why_rows);
	if (err != OK)
		end_why(why, err == ERR_MISSING ? OK : err);
}

static void keep(struct why_job *why, uint64_t place, const struct event *event)
{
	if (why->count == DESK_WHY_ROWS_MAX)
		return;
	why->found[why->count].place = place;
	why->found[why->count].event = *event;
	why->count++;
}

static bool is_of_policy(enum event_kind kind)
{
	return kind == EVENT_CERTIFIED || kind == EVENT_OWNER_ADDED ||
	       kind == EVENT_ROOM_ADDED || kind == EVENT_ROOM_REVOKED ||
	       kind == EVENT_POLICY_CHANGED || kind == EVENT_DEVICE_PAIRED;
}

/* False once nothing older is wanted. */
static bool take_event(struct why_job *why, uint64_t place, const struct event *event)
{
	int64_t turn_ms = (int64_t)(why->turn.value >> TURN_MS_SHIFT);

	if (why->policy) {
		if (is_of_policy(event->kind))
			keep(why, place, event);
		return why->count < POLICY_ROWS;
	}
	if (why->turn.value == 0) {
		if (event->kind == EVENT_DECIDED)
			why->turn = event->turn;
		return why->turn.value == 0;
	}
	if (event->turn.value == why->turn.value)
		keep(why, place, event);
	why->older = event->at_ms < turn_ms - SLACK_MS ? why->older + 1 : 0;
	return why->older < OLDER_ENTRIES;
}

static void why_rows(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct why_job *why = (struct why_job *)job;
	bool was_looking = !why->policy && why->turn.value == 0;
	bool wanted = err == OK;

	for (size_t i = 0; wanted && i < rows->count; i++) {
		struct event event;
		uint64_t place = 0;

		if (looking_back_event(desk, &rows->rows[i], &place, &event) &&
		    looking_back_may_see(desk, job->link, event.room.text))
			wanted = take_event(why, place, &event);
	}
	if (was_looking && why->turn.value != 0) {
		ask_from_the_end(desk, why);
		return;
	}
	if (wanted)
		err = looking_back_ask(desk, job, &why->below, why_rows);
	if (!wanted || err != OK)
		end_why(why, err == ERR_MISSING ? OK : err);
}

void desk_why(struct desk *desk, struct desk_link *link, const struct wire_why_get *get)
{
	struct why_job *why = calloc(1, sizeof(*why));

	if (!why) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	why->job.free_ = why_free;
	why->policy = get->policy != 0;
	why->turn.value = get->turn;
	desk_job_begin(link, &why->job);
	ask_from_the_end(desk, why);
}
