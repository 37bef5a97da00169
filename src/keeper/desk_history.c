/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_history - the newest turns, as the journal tells of them, with the words of those
 * that this owner's key opens.
 *
 * First looks back through the journal until enough turns are together, then opens their
 * transcripts one by one and sends each row as it is done. Invariant: a turn recorded for
 * another owner, or in another owner's private room, makes no row.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/looking_back.h"
#include "keeper/opening.h"

enum {
	/* Turns in several rooms overlap: so many foreign entries later the oldest turn
	 * that was asked for is complete. */
	OVERLAP_ENTRIES = 64,
	WORD_BYTES = 40,
	TURN_MS_SHIFT = 16,
};

struct told_turn {
	struct turn_id turn;
	struct room_name room;
	struct record_id record; /* none: a row without sound */
	bool is_foreign;
	uint32_t sound_ms;
	char decision[WORD_BYTES];
	char action[WORD_BYTES];
	char reason[WORD_BYTES];
	bool failed;
};

struct history_job {
	struct opening_job opening; /* first: opening_of() finds it there */
	int64_t before_ms;
	size_t limit;
	uint64_t below; /* the next page ends before this place */
	size_t overlap; /* entries of other turns since the last turn was full */
	size_t count;
	struct told_turn *turns; /* owned; [limit], newest first */
	size_t next;             /* the next to be sent */
	bool is_sending;         /* send_rows is on the stack */
};

static void history_free(struct job *job)
{
	struct history_job *history = (struct history_job *)job;

	opening_finish(&history->opening.opening);
	free(history->turns);
	free(history);
}

static void end_history(struct history_job *history, enum err err)
{
	const struct wire_end end = {.err = (uint32_t)err};
	struct desk_link *link = history->opening.job.link;

	desk_job_end(link);
	desk_say(link, WIRE_end, &end);
}

/* --- sending ---------------------------------------------------------------------------- */

static void write_outcome(const struct told_turn *turn, char to[128])
{
	if (turn->decision[0])
		(void)str_format(to, 128, "%s %s: %s", turn->decision, turn->action,
				 turn->reason);
	else if (turn->reason[0])
		(void)str_format(to, 128, "refuse: %s", turn->reason);
	else
		(void)str_copy(to, 128, "no request");
}

static void say_row(struct history_job *history)
{
	const struct told_turn *turn = &history->turns[history->next];
	struct opening *opening = &history->opening.opening;
	struct wire_history_row row = {
		.turn = turn->turn.value,
		.at_ms = (int64_t)(turn->turn.value >> TURN_MS_SHIFT),
		.sound_ms = turn->sound_ms,
	};

	memcpy(row.record.bytes, turn->record.bytes, ID_BYTES);
	must(str_copy(row.room, sizeof(row.room), turn->room.text));
	write_outcome(turn, row.outcome);
	if (!id_is_none(turn->record.bytes) && opening->err != OK)
		(void)str_append(row.outcome, sizeof(row.outcome),
				 "; it does not open: %s", err_words(opening->err));
	if (!id_is_none(turn->record.bytes) && opening->err == OK && opening->plain) {
		const char *words = (const char *)secret_view(opening->plain);

		(void)str_copy_bytes(row.transcript, sizeof(row.transcript), words,
				     strnlen(words, secret_size(opening->plain)));
	}
	secret_destroy(opening->plain);
	opening->plain = NULL;
	desk_say(history->opening.job.link, WIRE_history_row, &row);
	seal_wipe(&row, sizeof(row));
	history->next++;
}

static void send_rows(struct desk *desk, struct history_job *history);

static void transcript_over(struct desk *desk, struct job *job)
{
	struct history_job *history = (struct history_job *)job;

	if (history->is_sending) /* it failed at once; the loop sees it */
		return;
	say_row(history);
	send_rows(desk, history);
}

static void send_rows(struct desk *desk, struct history_job *history)
{
	struct opening *opening = &history->opening.opening;

	history->is_sending = true;
	while (history->next < history->count) {
		const struct told_turn *turn = &history->turns[history->next];

		if (turn->is_foreign) {
			history->next++;
			continue;
		}
		if (!id_is_none(turn->record.bytes)) {
			opening_begin(desk, &history->opening.job, turn->record,
				      RECORDING_TRANSCRIPT, transcript_over);
			if (!opening->is_over) {
				history->is_sending = false;
				return;
			}
		}
		say_row(history);
	}
	history->is_sending = false;
	end_history(history, OK);
}

/* --- looking back ----------------------------------------------------------------------- */

static struct told_turn *find_turn(struct history_job *history, struct turn_id turn)
{
	for (size_t i = history->count; i > 0; i--) {
		if (history->turns[i - 1].turn.value == turn.value)
			return &history->turns[i - 1];
	}
	return NULL;
}

static void tell_recorded(const struct desk_link *link, struct told_turn *turn,
			  const struct event *event)
{
	struct owner_id owner;
	int64_t sound_ms = 0;

	turn->is_foreign = !id_from_text(owner.bytes, event_value(event, "owner")) ||
			   !id_equal(owner.bytes, owner_view_id(link->view).bytes);
	if (turn->is_foreign ||
	    !id_from_text(turn->record.bytes, event_value(event, "record")))
		return;
	if (str_to_int(event_value(event, "ms"), 0, UINT32_MAX, &sound_ms))
		turn->sound_ms = (uint32_t)sound_ms;
}

static void tell(const struct desk_link *link, struct told_turn *turn,
		 const struct event *event)
{
	const char *reason = event_value(event, "reason");

	if (event->kind == EVENT_RECORDED) {
		tell_recorded(link, turn, event);
	} else if (event->kind == EVENT_DECIDED) {
		(void)str_copy(turn->decision, WORD_BYTES,
			       event_value(event, "decision"));
		(void)str_copy(turn->action, WORD_BYTES, event_value(event, "action"));
		if (!turn->failed)
			(void)str_copy(turn->reason, WORD_BYTES, reason);
	} else if (event->kind == EVENT_FAILED) {
		turn->failed = true;
		(void)str_copy(turn->reason, WORD_BYTES, reason);
	} else if (event->kind == EVENT_WAKE_REJECTED && !turn->reason[0]) {
		(void)str_copy(turn->reason, WORD_BYTES, "WAKE_REJECTED");
	} else if (event->kind == EVENT_STOPPED && !turn->reason[0]) {
		(void)str_copy(turn->reason, WORD_BYTES, "STOPPED");
	} else if (event->kind == EVENT_STOP_REJECTED && !turn->reason[0]) {
		(void)str_copy(turn->reason, WORD_BYTES, "STOP_REJECTED");
	}
}

/* False once nothing older is wanted. */
static bool take_event(struct desk *desk, struct history_job *history,
		       const struct event *event)
{
	const struct desk_link *link = history->opening.job.link;
	struct told_turn *turn;

	/* PLAYED is written long after its turn. */
	if (event->turn.value == 0 || event->kind == EVENT_PLAYED ||
	    (int64_t)(event->turn.value >> TURN_MS_SHIFT) >= history->before_ms ||
	    !looking_back_may_see(desk, link, event->room.text))
		return true;
	turn = find_turn(history, event->turn);
	if (!turn && history->count == history->limit) {
		history->overlap++;
		return history->overlap < OVERLAP_ENTRIES;
	}
	if (!turn) {
		turn = &history->turns[history->count];
		turn->turn = event->turn;
		turn->room = event->room;
		history->count++;
	}
	tell(link, turn, event);
	return true;
}

static void history_rows(struct desk *desk, struct job *job, enum err err,
			 const struct store_rows *rows)
{
	struct history_job *history = (struct history_job *)job;
	bool wanted = err == OK;

	for (size_t i = 0; wanted && i < rows->count; i++) {
		struct event event;
		uint64_t place = 0;

		if (looking_back_event(desk, &rows->rows[i], &place, &event))
			wanted = take_event(desk, history, &event);
	}
	if (wanted)
		err = looking_back_ask(desk, job, &history->below, history_rows);
	if (wanted && err == OK)
		return;
	if (err != OK && err != ERR_MISSING)
		end_history(history, err);
	else
		send_rows(desk, history);
}

void desk_history(struct desk *desk, struct desk_link *link,
		  const struct wire_history_get *get)
{
	struct history_job *history = calloc(1, sizeof(*history));
	size_t limit =
		get->limit < DESK_HISTORY_ROWS_MAX ? get->limit : DESK_HISTORY_ROWS_MAX;
	enum err err = ERR_MEMORY;

	if (history)
		history->turns = calloc(limit > 0 ? limit : 1, sizeof(*history->turns));
	if (!history || !history->turns) {
		free(history);
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	history->opening.job.free_ = history_free;
	history->before_ms = get->before_ms;
	history->limit = limit;
	history->below = journal_size(desk->journal) + 1;
	desk_job_begin(link, &history->opening.job);
	err = limit > 0 ? looking_back_ask(desk, &history->opening.job, &history->below,
					   history_rows)
			: ERR_MISSING;
	if (err == ERR_MISSING)
		end_history(history, OK);
	else if (err != OK)
		end_history(history, err);
}
