/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_broken_off - writes down which routines a hub left in the middle when it died.
 *
 * A hub that begins says so, for then nothing of its own is under way. The journal is read
 * back from there: a routine that was called and has no outcome was broken off, and that is
 * its outcome, with the last of its lines that was begun. What became of each line stands
 * beside it, as it was written then. Nothing is done again, and nobody is told aloud.
 * Invariant: a call has one outcome; who writes it here finds it here the next time.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "domain/action.h"
#include "keeper/looking_back.h"

enum {
	ROWS_BACK_MAX = 4096, /* what was called before is long over */
	CALLS_MAX = 256,
};

/* A turn in which a routine was called, as far as it was read: from its end. */
struct call {
	struct turn_id turn;
	bool is_over;
	int64_t last_line; /* that was begun */
};

struct broken_job {
	struct job job;
	uint64_t below;
	size_t row_count;
	size_t call_count;
	struct call calls[CALLS_MAX];
};

static void free_job(struct job *job)
{
	free(job);
}

/* NULL: there is no room for one more. */
static struct call *call_of(struct broken_job *broken, struct turn_id turn)
{
	for (size_t i = 0; i < broken->call_count; i++)
		if (broken->calls[i].turn.value == turn.value)
			return &broken->calls[i];
	if (broken->call_count == CALLS_MAX)
		return NULL;
	broken->calls[broken->call_count] = (struct call){.turn = turn};
	return &broken->calls[broken->call_count++];
}

/* --- what is written -------------------------------------------------------------------- */

static void written(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	if (err != OK)
		log_line("keeper: that a routine was broken off could not be written: %s",
			 err_words(err));
}

static void write_down(struct desk *desk, const struct call *call,
		       const struct event *called)
{
	char ground[EVENT_FIELD_VALUE_BYTES] = " None of its lines was begun.";
	struct item *item = NULL;

	if (item_create(NULL, 0, written, &item) != OK) {
		log_line("keeper: out of memory: a routine was broken off");
		return;
	}
	if (call->last_line > 0)
		(void)str_format(ground, sizeof(ground),
				 " No line behind line %lld was begun.",
				 (long long)call->last_line);
	event_init(&item->event, EVENT_FAILED, call->turn, called->room.text,
		   clock_wall_ms(&desk->parts.clock));
	event_add(&item->event, "action", action_name(ACTION_RUN_ROUTINE));
	event_add(&item->event, "entity", event_value(called, "entity"));
	event_add(&item->event, "reason", reason_code(REASON_BROKEN_OFF));
	event_add_int(&item->event, "line", call->last_line);
	event_add(&item->event, "ground", ground);
	log_line("keeper: a routine was broken off when the hub died");
	desk_write_take(desk, &item);
}

/* --- what is read ----------------------------------------------------------------------- */

static bool is_of_call(const struct event *event)
{
	return str_equal(event_value(event, "action"), action_name(ACTION_RUN_ROUTINE));
}

/* Of one turn the newest comes first, so that a call's decision comes behind its outcome and
 * its lines. False: there was no room to know that. */
static bool take_event(struct desk *desk, struct broken_job *broken,
		       const struct event *event)
{
	const bool is_line = event_value(event, "line")[0] != '\0';
	int64_t line = 0;

	if (event->kind != EVENT_DECIDED && event->kind != EVENT_DONE &&
	    event->kind != EVENT_FAILED)
		return true;
	if (!is_of_call(event) && !(event->kind == EVENT_DECIDED && is_line))
		return true;
	struct call *call = call_of(broken, event->turn);
	if (!call)
		return false;
	if (event->kind != EVENT_DECIDED)
		call->is_over = true;
	else if (is_line && str_to_int(event_value(event, "line"), 1, INT32_MAX, &line))
		call->last_line = line > call->last_line ? line : call->last_line;
	else if (!call->is_over && str_equal(event_value(event, "decision"), "act"))
		write_down(desk, call, event);
	return true;
}

static void end(struct desk *desk, struct broken_job *broken, enum err err)
{
	if (err != OK && err != ERR_MISSING) {
		log_line(
			"keeper: whether routines were broken off is looked at later: %s",
			err_words(err));
		desk->broken_off.is_asked = true;
	}
	desk_job_end(broken->job.link);
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct broken_job *broken = (struct broken_job *)job;
	bool goes_on = err == OK;

	for (size_t i = 0; goes_on && i < rows->count; i++) {
		struct event event;
		uint64_t place = 0;

		if (looking_back_event(desk, &rows->rows[i], &place, &event))
			goes_on = take_event(desk, broken, &event);
		goes_on = goes_on && ++broken->row_count < ROWS_BACK_MAX;
	}
	if (goes_on)
		err = looking_back_ask(desk, job, &broken->below, got_page);
	if (!goes_on || err != OK)
		end(desk, broken, err);
}

bool desk_broken_off_begin(struct desk *desk)
{
	struct broken_job *broken;
	enum err err;

	if (!desk->broken_off.is_asked)
		return false;
	broken = calloc(1, sizeof(*broken));
	if (!broken)
		return false;
	desk->broken_off.is_asked = false;
	broken->job.free_ = free_job;
	broken->below = desk->broken_off.below;
	desk_job_begin(desk->self, &broken->job);
	err = looking_back_ask(desk, &broken->job, &broken->below, got_page);
	if (err != OK)
		end(desk, broken, err);
	return err == OK;
}

void desk_broken_off_ask(struct desk *desk)
{
	desk->broken_off.is_asked = true;
	desk->broken_off.below = journal_size(desk->journal) + 1;
	desk_chores_tick(desk);
}
