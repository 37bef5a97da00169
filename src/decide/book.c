/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - see the header. Of several entries that fit none is guessed: what was asked for in
 * this room goes before what was asked for elsewhere, what rings before what does not, and
 * then it is asked back.
 *
 * Invariant: an action names an entry that is in the book, or one that is to be made.
 */
#include "decide/book.h"

#include <string.h>

#include "base/str.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 24 * 3600, HALF = BOOK_MINUTES_OF_DAY / 2 };

_Static_assert((int)BOOK_TIMERS_MAX <= (int)DECISION_WARRANTS_MAX &&
		       (int)BOOK_ALARMS_MAX <= (int)DECISION_WARRANTS_MAX &&
		       (int)BOOK_REMINDERS_MAX <= (int)DECISION_WARRANTS_MAX,
	       "all of a kind are all of them");

/* --- what was said ---------------------------------------------------------------------- */

static double number_of(const struct intent *intent, const char *name)
{
	const struct slot *slot = intent_slot(intent, name);

	return slot && slot->is_number ? slot->number : 0;
}

/* As long as it was said to be; what is beyond all limits is beyond them here as well. */
static int64_t span_of(const struct intent *intent)
{
	const double largest = 1e12;
	const double sum =
		number_of(intent, "years") * 365 * DAY_S +
		number_of(intent, "weeks") * 7 * DAY_S +
		number_of(intent, "days") * DAY_S + number_of(intent, "hours") * HOUR_S +
		number_of(intent, "minutes") * MINUTE_S + number_of(intent, "seconds");

	return sum >= 0 && sum < largest ? (int64_t)sum : (int64_t)largest;
}

/* -1: it is none of a day's. */
static int minute_within(double minute)
{
	return minute >= 0 && minute < BOOK_MINUTES_OF_DAY ? (int)minute : -1;
}

/* "Quarter past seven": minutes past, or before, the hour. */
static int minute_of(const struct intent *intent)
{
	return minute_within(number_of(intent, "hour") * 60 +
			     number_of(intent, "minute") - number_of(intent, "before"));
}

static void add_half(const char *half, struct book_when *when)
{
	if (half[0] == '\0')
		return;
	when->minute = when->minute % HALF + (str_equal(half, "pm") ? HALF : 0);
	when->has_half = true;
}

static struct book_when when_of(const struct intent *intent)
{
	struct book_when when = book_when_none();
	const char *day = intent_value(intent, "day", "");

	when.span_s = span_of(intent);
	when.is_again = str_equal(intent_value(intent, "again", ""), "yes");
	(void)book_day_from_text(day, &when.day);
	if (intent_slot(intent, "clock")) { /* minutes since midnight */
		when.minute = minute_within(number_of(intent, "clock"));
		when.has_half = true;
	} else if (intent_slot(intent, "hour")) {
		when.minute = minute_of(intent);
		add_half(intent_value(intent, "half", ""), &when);
	}
	return when;
}

static enum reason refuse_count(enum saying_key key, double count, struct saying *said)
{
	*said = saying_make(key);
	saying_set_number(said,
			  key == SAYING_REFUSED_TIMER ? SLOT_DURATION : SLOT_COUNT_OF,
			  count);
	return REASON_OUT_OF_RANGE;
}

static enum reason check_room(const struct decide_input *input, enum book_kind kind,
			      struct saying *said)
{
	const size_t most = book_kind_max(kind);

	if (!input->book || book_count(input->book, kind) < most)
		return REASON_NONE;
	return refuse_count(SAYING_REFUSED_TOO_MANY, (double)most, said);
}

static enum reason ask(enum saying_key key, struct saying *said)
{
	*said = saying_make(key);
	return REASON_AMBIGUOUS;
}

/* --- setting something ------------------------------------------------------------------ */

static enum reason set_name(const struct decide_input *input, const char *slot,
			    struct action *action)
{
	const char *name = intent_value(&input->understanding->intent, slot, "");

	return str_copy(action->book.text, sizeof(action->book.text), name)
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}

/* The room that was named rings, or this one. */
static enum reason set_room(const struct decide_input *input, struct action *action)
{
	const char *area = intent_value(&input->understanding->intent, "area", "");
	const struct room_policy *room = policy_room(input->policy, area);

	if (area[0] == '\0')
		return REASON_NONE;
	if (!room)
		return REASON_NO_ROOM;
	return str_copy(action->room, sizeof(action->room), room->room.text)
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}

static enum reason check_span(const struct book_when *when, struct saying *said)
{
	return when->span_s > BOOK_SPAN_MAX_S
		       ? refuse_count(SAYING_REFUSED_TIMER, BOOK_SPAN_MAX_S, said)
		       : REASON_NONE;
}

static enum reason check_set(const struct decide_input *input, struct action *action,
			     struct saying *said)
{
	enum reason reason = set_room(input, action);

	if (reason == REASON_NONE)
		reason = check_room(input, action->book.kind, said);
	return reason == REASON_NONE ? check_span(&action->book.when, said) : reason;
}

enum reason book_fill_timer(const struct decide_input *input, const struct slot *slot,
			    const struct entity *entity, struct action *action,
			    struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;
	enum reason reason;

	(void)slot;
	(void)entity;
	action->book.kind = BOOK_TIMER;
	action->book.when = when_of(intent);
	if (action->book.when.span_s == 0)
		return intent_slot(intent, "seconds")
			       ? refuse_count(SAYING_REFUSED_TIMER, BOOK_SPAN_MAX_S, said)
			       : ask(SAYING_ASK_HOW_LONG, said);
	reason = set_name(input, "name", action);
	return reason == REASON_NONE ? check_set(input, action, said) : reason;
}

enum reason book_fill_alarm(const struct decide_input *input, const struct slot *slot,
			    const struct entity *entity, struct action *action,
			    struct saying *said)
{
	enum reason reason;

	(void)slot;
	(void)entity;
	action->book.kind = BOOK_ALARM;
	action->book.when = when_of(&input->understanding->intent);
	if (action->book.when.minute < 0 && action->book.when.span_s == 0)
		return ask(SAYING_ASK_WHEN, said);
	reason = set_name(input, "name", action);
	return reason == REASON_NONE ? check_set(input, action, said) : reason;
}

/* Free words may end with the time: "call bob tomorrow at 5". */
static void cut_time(struct book_ask *asked)
{
	for (char *at = strchr(asked->text, ' '); at; at = strchr(at + 1, ' ')) {
		struct book_when when;

		if (at == asked->text || book_when_read(at + 1, &when) != OK)
			continue;
		*at = '\0';
		asked->when = when;
		return;
	}
}

enum reason book_fill_reminder(const struct decide_input *input, const struct slot *slot,
			       const struct entity *entity, struct action *action,
			       struct saying *said)
{
	struct book_when *when = &action->book.when;
	enum reason reason = set_name(input, "what", action);

	(void)slot;
	(void)entity;
	action->book.kind = BOOK_REMINDER;
	*when = when_of(&input->understanding->intent);
	if (reason != REASON_NONE)
		return reason;
	if (when->minute < 0 && when->span_s == 0 && when->day == BOOK_DAY_NONE)
		cut_time(&action->book);
	if (action->book.text[0] == '\0')
		return REASON_NO_ACTION;
	if (when->minute < 0 && when->span_s == 0)
		return ask(SAYING_ASK_WHEN, said);
	return check_set(input, action, said);
}

/* --- which is meant --------------------------------------------------------------------- */

/* What an entry has to be. */
struct wanted {
	enum book_kind kind;
	const char *id;
	const char *text;
	int64_t span_s; /* 0: any */
	int minute;     /* -1: any */
	bool has_half;
	enum book_day day;
	const char *room; /* NULL: any */
	bool rings;
};

static struct wanted wanted_of(const struct decide_input *input, enum book_kind kind)
{
	const struct intent *intent = &input->understanding->intent;
	const struct book_when when = when_of(intent);
	const char *text = intent_value(intent, "name", "");

	return (struct wanted){
		.kind = kind,
		.id = intent_value(intent, "id", ""),
		.text = text[0] ? text : intent_value(intent, "what", ""),
		.span_s = when.span_s,
		.minute = when.minute,
		.has_half = when.has_half,
		.day = when.day,
	};
}

static bool is_of_day(const struct book_entry *entry, enum book_day day)
{
	if (day == BOOK_DAY_EVERY)
		return entry->days == BOOK_EVERY_DAY;
	if (day > BOOK_DAY_SATURDAY)
		return true; /* a clock would have to say which that is */
	const int weekday = book_weekday_of_day(book_day_number(entry->date));
	return entry->days ? (entry->days & (1U << day)) != 0 : weekday == (int)day;
}

static bool is_at(const struct book_entry *entry, const struct wanted *wanted)
{
	if (wanted->minute < 0)
		return true;
	return wanted->has_half ? entry->minute == wanted->minute
				: entry->minute % HALF == wanted->minute % HALF;
}

static bool fits(const struct book_entry *entry, const struct wanted *wanted)
{
	char id[ID_TEXT_BYTES];

	if (entry->kind != wanted->kind)
		return false;
	id_to_text(id, entry->id.bytes);
	return (wanted->id[0] == '\0' || str_starts(id, wanted->id)) &&
	       (wanted->text[0] == '\0' || str_equal_folded(entry->text, wanted->text)) &&
	       (wanted->span_s == 0 || entry->span_ms == wanted->span_s * 1000) &&
	       (entry->is_span ||
		(is_at(entry, wanted) && is_of_day(entry, wanted->day))) &&
	       (!wanted->room || str_equal_folded(entry->room, wanted->room)) &&
	       (!wanted->rings || entry->rang_ms != 0);
}

static size_t find_all(const struct book *book, const struct wanted *wanted,
		       const struct book_entry *found[DECISION_WARRANTS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; book && i < book->count; i++)
		if (count < DECISION_WARRANTS_MAX && fits(&book->entries[i], wanted))
			found[count++] = &book->entries[i];
	return count;
}

static enum saying_key nothing_of(enum book_kind kind)
{
	if (kind == BOOK_TIMER)
		return SAYING_TOLD_NO_TIMERS;
	return kind == BOOK_ALARM ? SAYING_TOLD_NO_ALARMS : SAYING_TOLD_NO_REMINDERS;
}

/* What rings goes before what does not, and this room before others. */
static enum reason find_one(const struct decide_input *input, struct wanted wanted,
			    struct action *action, struct saying *said)
{
	const struct book_entry *found[DECISION_WARRANTS_MAX];
	const size_t count = find_all(input->book, &wanted, found);

	for (unsigned way = 0; count > 1 && way < 2; way++) {
		const struct book_entry *best[DECISION_WARRANTS_MAX];

		wanted.rings = way == 0;
		wanted.room = way == 0 ? NULL : input->room;
		if (find_all(input->book, &wanted, best) != 1)
			continue;
		action->book.id = best[0]->id;
		return REASON_NONE;
	}
	if (count > 1) {
		*said = saying_make(SAYING_ASK_WHICH_SET);
		saying_set_number(said, SLOT_COUNT_OF, (double)count);
		return REASON_AMBIGUOUS;
	}
	if (count == 0) {
		*said = saying_make(nothing_of(wanted.kind));
		return REASON_NOTHING_SET;
	}
	action->book.id = found[0]->id;
	return REASON_NONE;
}

static enum reason fill_of(const struct decide_input *input, enum book_kind kind,
			   struct action *action, struct saying *said)
{
	const struct wanted wanted = wanted_of(input, kind);
	const struct intent *intent = &input->understanding->intent;

	action->book.kind = kind;
	action->book.when.day = wanted.day; /* act/ has a clock, and looks at it again */
	action->book.is_all = str_equal(intent_value(intent, "all", ""), "yes") ||
			      str_equal(intent->name, "HassCancelAllTimers");
	if (!action->book.is_all)
		return find_one(input, wanted, action, said);
	return REASON_NONE;
}

enum reason book_fill_of_timer(const struct decide_input *input, const struct slot *slot,
			       const struct entity *entity, struct action *action,
			       struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_of(input, BOOK_TIMER, action, said);
}

enum reason book_fill_of_alarm(const struct decide_input *input, const struct slot *slot,
			       const struct entity *entity, struct action *action,
			       struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_of(input, BOOK_ALARM, action, said);
}

enum reason book_fill_of_reminder(const struct decide_input *input,
				  const struct slot *slot, const struct entity *entity,
				  struct action *action, struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_of(input, BOOK_REMINDER, action, said);
}

/* How much more or less; the minutes are no part of which one is meant. */
static enum reason fill_change(const struct decide_input *input, int sign,
			       struct action *action, struct saying *said)
{
	struct wanted wanted = wanted_of(input, BOOK_TIMER);
	const int64_t span_s = wanted.span_s;

	action->book.kind = BOOK_TIMER;
	action->book.when = book_when_none();
	action->book.when.span_s = sign * span_s;
	if (span_s == 0)
		return ask(SAYING_ASK_HOW_LONG, said);
	if (span_s > BOOK_SPAN_MAX_S)
		return refuse_count(SAYING_REFUSED_TIMER, BOOK_SPAN_MAX_S, said);
	wanted.span_s = 0;
	return find_one(input, wanted, action, said);
}

enum reason book_fill_more(const struct decide_input *input, const struct slot *slot,
			   const struct entity *entity, struct action *action,
			   struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_change(input, 1, action, said);
}

enum reason book_fill_fewer(const struct decide_input *input, const struct slot *slot,
			    const struct entity *entity, struct action *action,
			    struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_change(input, -1, action, said);
}

enum reason book_plan_all(const struct decide_input *input, struct plan *plan)
{
	const struct book_entry *found[DECISION_WARRANTS_MAX];
	const struct action first = plan->actions[0];
	const struct wanted wanted = wanted_of(input, first.book.kind);
	const size_t count = find_all(input->book, &wanted, found);

	plan->action_count = count;
	if (count == 0) {
		plan->said = saying_make(nothing_of(first.book.kind));
		return REASON_NOTHING_SET;
	}
	for (size_t i = 0; i < count; i++) {
		plan->actions[i] = first;
		plan->actions[i].book.id = found[i]->id;
		plan->classes[i] = plan->class_of;
	}
	return REASON_NONE;
}

/* --- telling ---------------------------------------------------------------------------- */

/* One that was named must be there; else it is all of them. */
static enum reason fill_tell(const struct decide_input *input, enum book_kind kind,
			     struct action *action, struct saying *said)
{
	const struct wanted wanted = wanted_of(input, kind);

	action->book.kind = kind;
	action->book.when = when_of(&input->understanding->intent);
	action->book.is_all = wanted.text[0] == '\0';
	if (action->book.is_all)
		return REASON_NONE;
	return find_one(input, wanted, action, said);
}

enum reason book_fill_of_timers(const struct decide_input *input, const struct slot *slot,
				const struct entity *entity, struct action *action,
				struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_tell(input, BOOK_TIMER, action, said);
}

enum reason book_fill_of_alarms(const struct decide_input *input, const struct slot *slot,
				const struct entity *entity, struct action *action,
				struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_tell(input, BOOK_ALARM, action, said);
}

enum reason book_fill_of_reminders(const struct decide_input *input,
				   const struct slot *slot, const struct entity *entity,
				   struct action *action, struct saying *said)
{
	(void)slot;
	(void)entity;
	return fill_tell(input, BOOK_REMINDER, action, said);
}

/* --- lists ------------------------------------------------------------------------------ */

/* "" is the shopping list, whatever it is called. */
enum reason book_fill_list(const struct decide_input *input, const struct slot *slot,
			   const struct entity *entity, struct action *action,
			   struct saying *said)
{
	const char *list =
		book_list_name(intent_value(&input->understanding->intent, "list", ""));

	(void)slot;
	(void)entity;
	(void)said;
	action->book.kind = BOOK_ITEM;
	return str_copy(action->book.list, sizeof(action->book.list), list)
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}

static bool is_listed(const struct book *book, const struct book_ask *asked)
{
	for (size_t i = 0; i < book->count; i++)
		if (book_is_on_list(book, &book->entries[i], asked->list) &&
		    str_equal_folded(book->entries[i].text, asked->text))
			return true;
	return false;
}

static enum reason refuse_unlisted(const struct book_ask *asked, struct saying *said)
{
	*said = saying_make(SAYING_TOLD_NOT_LISTED);
	saying_set_text(said, SLOT_WORDS, asked->text);
	return REASON_NOTHING_SET;
}

enum reason book_fill_of_list(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	enum reason reason = book_fill_list(input, slot, entity, action, said);

	if (reason == REASON_NONE)
		reason = set_name(input, "item", action);
	if (reason == REASON_NONE && action->kind == ACTION_LIST_ADD)
		reason = check_room(input, BOOK_ITEM, said);
	if (reason == REASON_NONE && action->kind == ACTION_LIST_TICK && input->book &&
	    !is_listed(input->book, &action->book))
		reason = refuse_unlisted(&action->book, said);
	return reason;
}
