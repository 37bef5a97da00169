/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_history - the turns that an owner asks for, newest first, with the words of those
 * that this owner's key opens.
 *
 * Looks back through the journal and puts turns together (told_turns); of those that fit
 * what was asked for it opens the transcripts, a few dozen at a time, and sends each row as
 * it is done; then it looks back further, until there are enough. What was destroyed is said
 * to be, with when and why: that lies behind it in the journal, and is gathered on the way;
 * where it was begun to look back in the middle, the rest is read when it is needed.
 * Invariant: a turn
 * recorded for another owner, or in another owner's private room, makes no row; and nothing
 * of the household's box is opened here.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/key_text.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/ended.h"
#include "keeper/looking_back.h"
#include "keeper/opening.h"
#include "keeper/told_turns.h"

enum {
	FOUND_MAX = 64, /* turns whose transcripts are opened in one go */
	/* What is decided of a turn is written within this time of its beginning. */
	TURN_LASTS_MS = 10 * 60 * 1000,
	SEARCHED_EACH = 65536, /* entries between two words of how far it is */
	LATER_PAGE = STORE_RANGE_ROWS_MAX,
};

struct history_job {
	struct opening_job opening; /* first: opening_of() finds it there */
	struct wire_history_get get;
	struct looking_back_finding finding;
	uint64_t below; /* the next page ends before this place */
	uint64_t begun; /* where it was at first */
	uint64_t told;  /* where it was when that was last said */
	struct told_turns turns;
	struct ended ended;  /* seen on the way */
	struct ended later;  /* behind where it began */
	uint64_t later_from; /* the next place to be read for that */
	uint64_t later_last;
	size_t count;
	struct told_turn found[FOUND_MAX]; /* newest first */
	size_t next;                       /* the next of them to be sent */
	uint32_t sent;
	bool is_found;   /* these are being sent */
	bool is_sending; /* send_found is on the stack */
};

static void history_free(struct job *job)
{
	struct history_job *history = (struct history_job *)job;

	opening_finish(&history->opening.opening);
	ended_finish(&history->ended);
	ended_finish(&history->later);
	seal_wipe(history, sizeof(*history)); /* what was looked for */
	free(history);
}

static void end_history(struct history_job *history, enum err err)
{
	const struct wire_end end = {.err = (uint32_t)err};
	struct desk_link *link = history->opening.job.link;

	desk_job_end(link);
	desk_say(link, WIRE_end, &end);
}

/* --- what was asked for ----------------------------------------------------------------- */

/* Does a word of the text begin with the first size bytes of what? */
static bool has_word(const char *text, const char *what, size_t size)
{
	for (const char *at = text; *at; at++)
		if ((at == text || at[-1] == ' ') && strncasecmp(at, what, size) == 0)
			return true;
	return false;
}

/* Each word looked for begins a word of the text. */
static bool has_words(const char *text, const char *words)
{
	while (*words) {
		size_t size = strcspn(words, " ");

		if (size > 0 && !has_word(text, words, size))
			return false;
		words += size + (words[size] == ' ');
	}
	return true;
}

/* The person of the device that took part; "" when none did, or is known no more. */
static const char *person_of(const struct desk *desk, const struct told_turn *turn)
{
	const struct policy *policy = &desk->policy;

	for (size_t i = 0; turn->device[0] && i < policy->device_count; i++) {
		char fingerprint[KEY_FINGERPRINT_BYTES] = "";
		const struct person *person;

		if (key_fingerprint(policy->devices[i].key, fingerprint) != OK ||
		    !str_equal(fingerprint, turn->device))
			continue;
		person = policy_person(policy, policy->devices[i].person);
		return person ? person->name : "";
	}
	return "";
}

static bool is_mine(const struct history_job *history, const struct told_turn *turn)
{
	const struct owner_view *view = history->opening.job.link->view;

	return id_equal(turn->owner.bytes, owner_view_id(view).bytes);
}

static bool is_of_box(const struct desk *desk, const struct told_turn *turn)
{
	return id_equal(turn->owner.bytes, desk_box_owner(desk).bytes);
}

static bool fits_person(const struct desk *desk, const struct history_job *history,
			const struct told_turn *turn)
{
	const char *name = history->get.person;
	const struct owner_view *view = history->opening.job.link->view;

	return !name[0] || str_equal_folded(name, person_of(desk, turn)) ||
	       (is_mine(history, turn) && str_equal_folded(name, owner_view_name(view)));
}

static bool is_asked_for(const struct desk *desk, const struct history_job *history,
			 const struct told_turn *turn)
{
	const struct wire_history_get *get = &history->get;
	const int64_t at_ms = turn_id_ms(turn->turn);
	const bool has_owner = !id_is_none(turn->owner.bytes);

	if (at_ms < get->since_ms || at_ms >= get->before_ms ||
	    !looking_back_may_see(desk, history->opening.job.link, turn->room.text))
		return false;
	if (has_owner && !is_mine(history, turn) && !is_of_box(desk, turn))
		return false;
	if (get->words[0] && !is_mine(history, turn))
		return false;
	if (get->room[0] && !str_equal_folded(get->room, turn->room.text))
		return false;
	return told_turn_became(turn, get->outcome) && fits_person(desk, history, turn);
}

/* --- sending ---------------------------------------------------------------------------- */

/* False for a row that was not asked for, by its words. */
static bool take_words(struct history_job *history, struct wire_history_row *row)
{
	struct opening *opening = &history->opening.opening;

	if (row->deleted_ms != 0)
		return has_words("", history->get.words);
	if (opening->err == ERR_MISSING)
		row->is_gone = 1;
	else if (opening->err != OK)
		(void)str_append(row->outcome, sizeof(row->outcome),
				 "; it does not open: %s", err_words(opening->err));
	if (opening->err == OK && opening->plain) {
		const char *words = (const char *)secret_view(opening->plain);

		(void)str_copy_bytes(row->transcript, sizeof(row->transcript), words,
				     strnlen(words, secret_size(opening->plain)));
	}
	secret_destroy(opening->plain);
	opening->plain = NULL;
	return has_words(row->transcript, history->get.words);
}

/* Its transcript was looked for, and is not there. */
static bool is_missing(const struct history_job *history)
{
	const struct told_turn *turn = &history->found[history->next];

	return is_mine(history, turn) && turn->deleted.at_ms == 0 &&
	       history->opening.opening.err == ERR_MISSING;
}

static void say_row(struct desk *desk, struct history_job *history)
{
	struct told_turn *turn = &history->found[history->next];
	struct wire_history_row row = {
		.turn = turn->turn.value,
		.at_ms = turn_id_ms(turn->turn),
		.sound_ms = turn->sound_ms,
	};
	bool is_wanted = true;

	if (turn->deleted.at_ms == 0 && is_missing(history))
		(void)ended_find(&history->later, turn->record, &turn->deleted);
	row.deleted_ms = turn->deleted.at_ms;
	(void)str_copy(row.deleted_why, sizeof(row.deleted_why), turn->deleted.why);
	memcpy(row.record.bytes, turn->record.bytes, ID_BYTES);
	must(str_copy(row.room, sizeof(row.room), turn->room.text));
	(void)str_copy(row.by, sizeof(row.by), turn->by);
	must(str_copy(row.person, sizeof(row.person), person_of(desk, turn)));
	(void)str_copy(row.opened, sizeof(row.opened), turn->opened);
	told_turn_outcome(turn, row.outcome, sizeof(row.outcome));
	if (is_mine(history, turn))
		is_wanted = take_words(history, &row);
	if (is_wanted) {
		desk_say(history->opening.job.link, WIRE_history_row, &row);
		history->sent++;
	}
	seal_wipe(&row, sizeof(row));
	history->next++;
}

static void go_on(struct desk *desk, struct history_job *history);

/* Asks for the next page behind where it was begun to look back. ERR_MISSING: there is none. */
static enum err ask_later(struct desk *desk, struct history_job *history);

static void later_rows(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct history_job *history = (struct history_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		struct entry_visible visible;
		struct event event;
		uint64_t place = 0;

		if (entry_peek(row->value, row->size, &visible) == OK &&
		    ended_is_of_interest(visible.kind) &&
		    looking_back_event(desk, row, &place, &event))
			err = ended_take(&history->later, &event);
	}
	if (err == OK)
		err = ask_later(desk, history);
	if (err == OK)
		return;
	if (err != ERR_MISSING) {
		end_history(history, err);
		return;
	}
	say_row(desk, history);
	go_on(desk, history);
}

static enum err ask_later(struct desk *desk, struct history_job *history)
{
	struct store_range range = {.limit = LATER_PAGE};
	uint64_t end = history->later_from + LATER_PAGE - 1;

	if (history->later_from > history->later_last)
		return ERR_MISSING;
	if (end > history->later_last)
		end = history->later_last;
	range.first = desk_key_number(desk, STORE_JOURNAL, history->later_from);
	range.last = desk_key_number(desk, STORE_JOURNAL, end);
	history->later_from = end + 1;
	return desk_job_range(desk, &history->opening.job, &range, later_rows);
}

/* False: its end is being looked for, once for all, and it goes on when that is read. */
static bool is_told(struct desk *desk, struct history_job *history)
{
	return !is_missing(history) || ask_later(desk, history) != OK;
}

static void transcript_over(struct desk *desk, struct job *job)
{
	struct history_job *history = (struct history_job *)job;

	if (history->is_sending) /* it failed at once; the loop sees it */
		return;
	if (!is_told(desk, history))
		return;
	say_row(desk, history);
	go_on(desk, history);
}

/* Opens the transcripts of what was found, one after the other. False: the store was asked
 * for one, and it goes on when that has come. */
static bool send_found(struct desk *desk, struct history_job *history)
{
	struct opening *opening = &history->opening.opening;

	history->is_sending = true;
	while (history->next < history->count && history->sent < history->get.limit) {
		const struct told_turn *turn = &history->found[history->next];

		if (is_mine(history, turn) && turn->deleted.at_ms == 0) {
			opening_begin(desk, &history->opening.job, turn->record,
				      RECORDING_TRANSCRIPT, transcript_over);
			if (!opening->is_over || !is_told(desk, history)) {
				history->is_sending = false;
				return false;
			}
		}
		say_row(desk, history);
	}
	history->is_sending = false;
	history->is_found = false;
	history->count = 0;
	history->next = 0;
	return true;
}

/* What ended on the way is known before what was recorded there. */
static enum err take_ended(struct history_job *history, const struct event *event)
{
	struct ended_end end;
	struct record_id record;
	struct owner_id owner;

	if (event->kind == EVENT_RECORDED &&
	    id_from_text(record.bytes, event_value(event, "record")) &&
	    id_from_text(owner.bytes, event_value(event, "owner")) &&
	    id_equal(owner.bytes, history->ended.owner.bytes) &&
	    ended_find(&history->ended, record, &end))
		told_turns_deleted(&history->turns, event, &end);
	return ended_take(&history->ended, event);
}

/* --- looking back ----------------------------------------------------------------------- */

/* Moves what is whole and was asked for to what is found. */
static void gather(const struct desk *desk, struct history_job *history)
{
	struct told_turn *turn = &history->found[history->count];

	while (history->count < FOUND_MAX && told_turns_next(&history->turns, turn)) {
		if (!is_asked_for(desk, history, turn))
			continue;
		history->count++;
		turn = &history->found[history->count];
	}
}

/* True when so much is found that it is sent before it is looked back further. */
static bool has_enough(const struct history_job *history)
{
	return history->count == FOUND_MAX ||
	       history->sent + history->count >= history->get.limit;
}

static void say_searched(struct history_job *history)
{
	const struct wire_searched searched = {.done = history->begun - history->below,
					       .all = history->begun};

	if (history->told - history->below < SEARCHED_EACH)
		return;
	history->told = history->below;
	desk_say(history->opening.job.link, WIRE_searched, &searched);
}

static void history_rows(struct desk *desk, struct job *job, enum err err,
			 const struct store_rows *rows)
{
	struct history_job *history = (struct history_job *)job;

	for (size_t i = 0; err == OK && i < rows->count && !has_enough(history); i++) {
		struct event event;
		uint64_t place = 0;

		if (!desk_number_of(&rows->rows[i].key, &place))
			continue;
		history->below = place; /* should it stop in the page */
		if (!looking_back_event(desk, &rows->rows[i], &place, &event))
			continue;
		told_turns_take(&history->turns, &event);
		err = take_ended(history, &event);
		gather(desk, history);
	}
	if (err != OK) {
		end_history(history, err);
		return;
	}
	say_searched(history);
	go_on(desk, history);
}

/* Nothing older can be of a turn that was asked for. */
static bool is_past(const struct history_job *history)
{
	return history->turns.at_ms < history->get.since_ms;
}

static bool is_wanting(const struct history_job *history)
{
	return !has_enough(history) && !is_past(history) && !history->turns.is_over;
}

/* Asks for the next page, where more is wanted. ERR_MISSING: what is found is all there is. */
static enum err look_back(struct desk *desk, struct history_job *history)
{
	enum err err = ERR_MISSING;

	gather(desk, history);
	if (is_wanting(history))
		err = looking_back_ask(desk, &history->opening.job, &history->below,
				       history_rows);
	if (err == ERR_MISSING && !history->turns.is_over && !has_enough(history)) {
		told_turns_end(&history->turns);
		gather(desk, history);
	}
	return err;
}

/* As far as it goes without the store's next answer. */
static void go_on(struct desk *desk, struct history_job *history)
{
	enum err err = ERR_MISSING;

	while (err == ERR_MISSING) {
		if (history->is_found && !send_found(desk, history))
			return;
		err = look_back(desk, history);
		history->is_found = err == ERR_MISSING && history->count > 0 &&
				    history->sent < history->get.limit;
		if (err == ERR_MISSING && !history->is_found)
			break;
	}
	if (err != OK)
		end_history(history, err == ERR_MISSING ? OK : err);
}

static void begin_below(struct desk *desk, struct history_job *history, uint64_t below)
{
	history->below = below;
	history->begun = below;
	history->told = below;
	history->later_from = below;
	history->later_last = journal_size(desk->journal);
	go_on(desk, history);
}

/* Halves the places in which what is older than the turns that were asked for begins. */
static void found_rows(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct history_job *history = (struct history_job *)job;

	if (err == OK)
		err = looking_back_find(desk, job, &history->finding, rows, found_rows);
	if (err == ERR_MISSING)
		begin_below(desk, history, history->finding.low);
	else if (err != OK)
		end_history(history, err);
}

/* What is decided of a turn may be written a while after it began. */
static int64_t written_before(int64_t before_ms)
{
	return before_ms > INT64_MAX - TURN_LASTS_MS ? INT64_MAX
						     : before_ms + TURN_LASTS_MS;
}

void desk_history(struct desk *desk, struct desk_link *link,
		  const struct wire_history_get *get)
{
	struct history_job *history = calloc(1, sizeof(*history));
	const uint64_t end = journal_size(desk->journal) + 1;
	enum err err;

	if (!history) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	history->opening.job.free_ = history_free;
	history->get = *get;
	if (history->get.limit > DESK_HISTORY_ROWS_MAX)
		history->get.limit = DESK_HISTORY_ROWS_MAX;
	told_turns_init(&history->turns);
	ended_begin(owner_view_id(link->view), false, &history->ended);
	ended_begin(owner_view_id(link->view), true, &history->later);
	desk_job_begin(link, &history->opening.job);
	history->finding =
		(struct looking_back_finding){.low = 1,
					      .high = end,
					      .at_ms = written_before(get->before_ms)};
	if (history->finding.at_ms == INT64_MAX)
		history->finding.low = end;
	err = looking_back_find(desk, &history->opening.job, &history->finding, NULL,
				found_rows);
	if (err == ERR_MISSING)
		begin_below(desk, history, history->finding.low);
	else if (err != OK)
		end_history(history, err);
}
