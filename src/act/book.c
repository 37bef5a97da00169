/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - writes into the house book and tells what is in it. What is set is acknowledged only
 * once it is durable: the turn waits for the keeper.
 *
 * Where nobody keeps a book (a dry run) nothing is kept, and the answer is what it would be.
 * Invariant: no entry is due before it is set.
 */
#include "domain/book.h"

#include <string.h>

#include "act/actions.h"
#include "act/local.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/book_when.h"

enum { MS = 1000, LISTED_MAX = 12 };

static const struct book NO_BOOK = {.count = 0};

static const struct book *book_of(const struct act_ports *ports)
{
	const struct book *book =
		ports->book ? ports->book->look(ports->context) : &NO_BOOK;

	return book ? book : &NO_BOOK;
}

static int64_t now_of(const struct act_ports *ports)
{
	return ports->book ? ports->book->now_ms(ports->context)
			   : clock_wall_ms(ports->clock);
}

static enum reason reason_of(enum err err)
{
	if (err == OK)
		return REASON_NONE;
	return err == ERR_LIMIT ? REASON_OUT_OF_RANGE : REASON_JOURNAL_UNAVAILABLE;
}

static void put(const struct act_ports *ports, const struct book_entry *entry,
		uint64_t token, struct act_result *result)
{
	if (!ports->book)
		return;
	result->reason = reason_of(ports->book->put(ports->context, entry, token));
	result->waits = result->reason == REASON_NONE;
}

static void take_out(const struct act_ports *ports, struct book_id id, uint64_t token,
		     struct act_result *result)
{
	if (!ports->book)
		return;
	result->reason = reason_of(ports->book->remove(ports->context, id, token));
	result->waits = result->reason == REASON_NONE;
}

static void refuse(struct act_result *result, enum reason reason, enum saying_key key)
{
	result->reason = reason;
	result->said = saying_make(key);
}

/* NULL, and the result says so: it is gone since it was decided. */
static const struct book_entry *entry_of(const struct action *action,
					 const struct act_ports *ports,
					 struct act_result *result)
{
	const struct book_entry *entry = book_look(book_of(ports), action->book.id);

	if (!entry)
		result->reason = REASON_NOTHING_SET;
	return entry;
}

static struct book_entry entry_new(const struct action *action,
				   const struct act_ports *ports)
{
	struct book_entry entry = {
		.kind = action->book.kind,
		.created_ms = now_of(ports),
		.turn = ports->turn,
		.because = ports->because,
	};

	must(str_copy(entry.text, sizeof(entry.text), action->book.text));
	must(str_copy(entry.list, sizeof(entry.list), action->book.list));
	must(str_copy(entry.room, sizeof(entry.room), action->room));
	return entry;
}

/* --- when that is, to be said ----------------------------------------------------------- */

static unsigned only_bit(unsigned days)
{
	unsigned bit = 0;

	while (bit < 6 && !(days & (1U << bit)))
		bit++;
	return bit;
}

static enum saying_day day_of(const struct book_entry *entry, int64_t due_ms,
			      int64_t now_ms)
{
	const struct book_zone zone = act_zone();
	const struct book_local due = book_local_of(&zone, due_ms / MS);
	const struct book_local now = book_local_of(&zone, now_ms / MS);
	const int64_t ahead = book_day_number(due.date) - book_day_number(now.date);

	if (entry->days == BOOK_EVERY_DAY)
		return SAYING_DAY_EVERY;
	if (entry->days == BOOK_WEEKDAYS)
		return SAYING_DAY_WEEKDAYS;
	if (entry->days == BOOK_WEEKENDS)
		return SAYING_DAY_WEEKENDS;
	if (entry->days != 0)
		return (enum saying_day)(SAYING_DAY_EACH + only_bit(entry->days));
	if (ahead <= 0)
		return SAYING_DAY_TODAY;
	return ahead == 1 ? SAYING_DAY_TOMORROW : (enum saying_day)due.weekday;
}

static int64_t due_of(const struct book_entry *entry, int64_t now_ms)
{
	const struct book_zone zone = act_zone();

	return book_due_ms(entry, &zone, now_ms);
}

static void say_when(const struct book_entry *entry, int64_t now_ms, struct saying *said)
{
	const struct book_zone zone = act_zone();
	int64_t due_ms = book_due_ms(entry, &zone, now_ms);

	if (due_ms == INT64_MAX)
		due_ms = now_ms;
	const int64_t due_s = due_ms / MS;
	saying_set_number(said, SLOT_TIME, book_local_of(&zone, due_s).minute);
	for (size_t i = 0; i < SAYING_SLOTS_MAX; i++)
		if (saying_slot_at(said->key, i) == SLOT_WHEN)
			saying_set_number(said, SLOT_WHEN, day_of(entry, due_ms, now_ms));
}

/* In whole seconds, and never less than nothing. */
static double left_s(const struct book_entry *entry, int64_t now_ms)
{
	const int64_t left_ms =
		entry->is_paused ? entry->rest_ms : entry->due_ms - now_ms;

	const int64_t whole_s = (left_ms + MS - 1) / MS;

	return left_ms > 0 ? (double)whole_s : 0;
}

static struct saying say_duration(enum saying_key key, double seconds)
{
	struct saying said = saying_make(key);

	saying_set_number(&said, SLOT_DURATION, seconds);
	return said;
}

static struct saying say_words(enum saying_key key, const char *words)
{
	struct saying said = saying_make(key);

	saying_set_text(&said, SLOT_WORDS, words);
	return said;
}

static struct saying say_count(enum saying_key key, size_t count)
{
	struct saying said = saying_make(key);

	saying_set_number(&said, SLOT_COUNT_OF, (double)count);
	return said;
}

/* --- timers, alarm clocks, reminders: set ----------------------------------------------- */

static struct saying say_set(const struct book_entry *entry, int64_t now_ms)
{
	struct saying said;

	if (entry->kind == BOOK_TIMER && entry->text[0]) {
		said = say_duration(SAYING_DONE_TIMER_NAMED, left_s(entry, now_ms));
		saying_set_text(&said, SLOT_NAME, entry->text);
		return said;
	}
	if (entry->kind == BOOK_TIMER)
		return say_duration(SAYING_DONE_TIMER, left_s(entry, now_ms));
	if (entry->kind == BOOK_REMINDER && entry->is_span)
		return say_duration(SAYING_DONE_REMINDER_IN, left_s(entry, now_ms));
	said = saying_make(entry->kind == BOOK_ALARM ? SAYING_DONE_ALARM
						     : SAYING_DONE_REMINDER);
	say_when(entry, now_ms, &said);
	return said;
}

void act_book_set(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	const struct book_zone zone = act_zone();
	const int64_t now_ms = now_of(ports);
	struct book_entry entry = entry_new(action, ports);

	if (book_when_set(&action->book.when, &zone, now_ms, &entry)) {
		refuse(result, REASON_OUT_OF_RANGE, SAYING_REFUSED_OVER);
		return;
	}
	result->said = say_set(&entry, now_ms);
	put(ports, &entry, token, result);
}

/* --- and what becomes of them ----------------------------------------------------------- */

/* Of the day that was asked about, if one was; of what comes again one of its days is. */
static bool is_of_day(const struct book_entry *entry, enum book_day day, int64_t now_ms)
{
	const struct book_zone zone = act_zone();
	const int64_t due_ms = due_of(entry, now_ms);

	if (day == BOOK_DAY_NONE || day >= BOOK_DAY_EVERY || due_ms == INT64_MAX)
		return day == BOOK_DAY_NONE || day >= BOOK_DAY_EVERY;
	const struct book_local due = book_local_of(&zone, due_ms / MS);
	const struct book_local now = book_local_of(&zone, now_ms / MS);
	const int64_t ahead = book_day_number(due.date) - book_day_number(now.date);

	if (day == BOOK_DAY_TODAY || day == BOOK_DAY_TONIGHT)
		return ahead == 0;
	const int weekday = day == BOOK_DAY_TOMORROW ? (now.weekday + 1) % 7 : (int)day;
	if (entry->days != 0)
		return (entry->days & (1U << weekday)) != 0;
	return day == BOOK_DAY_TOMORROW ? ahead == 1
					: due.weekday == weekday && ahead < 7;
}

/* A day by its name was looked at when it was decided. */
static bool is_of_its_day(const struct book_entry *entry, const struct action *action,
			  int64_t now_ms)
{
	const enum book_day day = action->book.when.day;

	return entry->is_span || entry->rang_ms != 0 || day < BOOK_DAY_TODAY ||
	       is_of_day(entry, day, now_ms);
}

void act_book_cancel(const struct action *action, const struct act_ports *ports,
		     uint64_t token, struct act_result *result)
{
	const struct book_entry *entry = entry_of(action, ports, result);

	if (!entry)
		return;
	if (!is_of_its_day(entry, action, now_of(ports))) {
		refuse(result, REASON_NOTHING_SET,
		       entry->kind == BOOK_ALARM ? SAYING_TOLD_NO_ALARMS
						 : SAYING_TOLD_NO_REMINDERS);
		return;
	}
	if (entry->kind == BOOK_ALARM) {
		result->said = saying_make(SAYING_DONE_ALARM_CANCELLED);
		say_when(entry, now_of(ports), &result->said);
	} else {
		result->said = saying_make(entry->kind == BOOK_TIMER
						   ? SAYING_DONE_TIMER_CANCELLED
						   : SAYING_DONE_REMINDER_CANCELLED);
	}
	take_out(ports, entry->id, token, result);
}

void act_timer_pause(const struct action *action, const struct act_ports *ports,
		     uint64_t token, struct act_result *result)
{
	const struct book_entry *entry = entry_of(action, ports, result);
	const int64_t now_ms = now_of(ports);

	if (!entry)
		return;
	struct book_entry paused = *entry;
	if (!entry->is_paused)
		paused.rest_ms = entry->due_ms > now_ms ? entry->due_ms - now_ms : 0;
	paused.is_paused = true;
	paused.rang_ms = 0;
	result->said = say_duration(SAYING_DONE_TIMER_PAUSED, left_s(&paused, now_ms));
	put(ports, &paused, token, result);
}

void act_timer_resume(const struct action *action, const struct act_ports *ports,
		      uint64_t token, struct act_result *result)
{
	const struct book_entry *entry = entry_of(action, ports, result);
	const int64_t now_ms = now_of(ports);

	if (!entry)
		return;
	struct book_entry runs = *entry;
	if (entry->is_paused)
		runs.due_ms = now_ms + entry->rest_ms;
	runs.is_paused = false;
	runs.rest_ms = 0;
	result->said = say_duration(SAYING_DONE_TIMER_RUNS, left_s(&runs, now_ms));
	put(ports, &runs, token, result);
}

/* Of one that rings it is so long from now. False: nothing would be left, or too much. */
static bool change(struct book_entry *entry, int64_t by_ms, int64_t now_ms)
{
	const int64_t left_ms = entry->is_paused         ? entry->rest_ms
				: entry->due_ms > now_ms ? entry->due_ms - now_ms
							 : 0;
	const int64_t new_ms = left_ms + by_ms;

	if (new_ms <= 0 || new_ms > (int64_t)BOOK_SPAN_MAX_S * MS)
		return false;
	if (entry->is_paused)
		entry->rest_ms = new_ms;
	else
		entry->due_ms = now_ms + new_ms;
	entry->span_ms += by_ms;
	if (entry->span_ms < new_ms)
		entry->span_ms = new_ms;
	if (entry->span_ms > (int64_t)BOOK_SPAN_MAX_S * MS)
		entry->span_ms = (int64_t)BOOK_SPAN_MAX_S * MS;
	entry->rang_ms = 0;
	return true;
}

void act_timer_add(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	const struct book_entry *entry = entry_of(action, ports, result);
	const int64_t now_ms = now_of(ports);

	if (!entry)
		return;
	struct book_entry changed = *entry;
	if (!change(&changed, action->book.when.span_s * MS, now_ms)) {
		refuse(result, REASON_OUT_OF_RANGE,
		       action->book.when.span_s < 0 ? SAYING_REFUSED_OVER
						    : SAYING_REFUSED_TIMER);
		if (action->book.when.span_s >= 0)
			saying_set_number(&result->said, SLOT_DURATION, BOOK_SPAN_MAX_S);
		return;
	}
	result->said = say_duration(SAYING_DONE_TIMER_RUNS, left_s(&changed, now_ms));
	put(ports, &changed, token, result);
}

/* --- telling ---------------------------------------------------------------------------- */

/* When an entry comes, among others; what stands comes last. */
static int64_t order_of(const struct book_entry *entry, int64_t now_ms)
{
	if (entry->rang_ms != 0)
		return INT64_MIN;
	return entry->is_paused ? INT64_MAX - 1 : due_of(entry, now_ms);
}

/* The words of a reminder that was asked for in a private room are its owner's. */
static bool is_hidden(const struct book_entry *entry, const struct action *action,
		      const struct act_ports *ports)
{
	return entry->kind == BOOK_REMINDER && !ports->typed &&
	       !policy_may_say_of(ports->policy, action->room, entry->room);
}

/* The next of a kind, or of those the one that was named. */
static const struct book_entry *next_of(const struct action *action,
					const struct act_ports *ports, size_t *out_count)
{
	const struct book *book = book_of(ports);
	const int64_t now_ms = now_of(ports);
	const struct book_entry *next = NULL;

	*out_count = 0;
	for (size_t i = 0; i < book->count; i++) {
		const struct book_entry *entry = &book->entries[i];

		if (entry->kind != action->book.kind || is_hidden(entry, action, ports) ||
		    !is_of_day(entry, action->book.when.day, now_ms) ||
		    (!action->book.is_all && !book_id_equal(entry->id, action->book.id)))
			continue;
		(*out_count)++;
		if (!next || order_of(entry, now_ms) < order_of(next, now_ms))
			next = entry;
	}
	return next;
}

static struct saying say_timer(const struct book_entry *entry, int64_t now_ms)
{
	struct saying said;

	if (entry->rang_ms != 0)
		return saying_make(SAYING_TOLD_TIMER_RINGS);
	if (entry->is_paused)
		return say_duration(SAYING_TOLD_STANDING, left_s(entry, now_ms));
	if (entry->text[0] == '\0')
		return say_duration(SAYING_TOLD_TIMER, left_s(entry, now_ms));
	said = say_duration(SAYING_TOLD_TIMER_NAMED, left_s(entry, now_ms));
	saying_set_text(&said, SLOT_NAME, entry->text);
	return said;
}

void act_timer_tell(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const int64_t now_ms = now_of(ports);
	size_t count = 0;
	const struct book_entry *next = next_of(action, ports, &count);

	(void)token;
	if (!next) {
		result->said = saying_make(SAYING_TOLD_NO_TIMERS);
	} else if (count == 1 || next->rang_ms != 0 || next->is_paused) {
		result->said = say_timer(next, now_ms);
	} else {
		result->said = say_duration(SAYING_TOLD_TIMERS, left_s(next, now_ms));
		saying_set_number(&result->said, SLOT_COUNT_OF, (double)count);
	}
}

void act_wake_tell(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	size_t count = 0;
	const struct book_entry *next = next_of(action, ports, &count);

	(void)token;
	if (!next) {
		result->said = saying_make(SAYING_TOLD_NO_ALARMS);
		return;
	}
	result->said = count == 1 ? saying_make(SAYING_TOLD_ALARM)
				  : say_count(SAYING_TOLD_ALARMS, count);
	say_when(next, now_of(ports), &result->said);
}

static bool hides_any(const struct action *action, const struct act_ports *ports)
{
	const struct book *book = book_of(ports);

	for (size_t i = 0; i < book->count; i++)
		if (is_hidden(&book->entries[i], action, ports) &&
		    is_of_day(&book->entries[i], action->book.when.day, now_of(ports)))
			return true;
	return false;
}

void act_remind_tell(const struct action *action, const struct act_ports *ports,
		     uint64_t token, struct act_result *result)
{
	size_t count = 0;
	const struct book_entry *next = next_of(action, ports, &count);

	(void)token;
	if (!next) {
		result->said = saying_make(hides_any(action, ports)
						   ? SAYING_TOLD_REMIND_ELSEWHERE
						   : SAYING_TOLD_NO_REMINDERS);
		return;
	}
	result->said = count == 1 ? saying_make(SAYING_TOLD_REMINDER)
				  : say_count(SAYING_TOLD_REMINDERS, count);
	saying_set_text(&result->said, SLOT_WORDS, next->text);
	say_when(next, now_of(ports), &result->said);
}

/* --- lists ------------------------------------------------------------------------------ */

static const struct book_entry *thing_of(const struct action *action,
					 const struct act_ports *ports)
{
	const struct book *book = book_of(ports);

	for (size_t i = 0; i < book->count; i++)
		if (book_is_on_list(book, &book->entries[i], action->book.list) &&
		    str_equal_folded(book->entries[i].text, action->book.text))
			return &book->entries[i];
	return NULL;
}

static size_t count_things(const struct book *book, const char *list)
{
	size_t count = 0;

	for (size_t i = 0; i < book->count; i++)
		count += book_is_on_list(book, &book->entries[i], list);
	return count;
}

void act_list_add(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	const struct book_entry entry = entry_new(action, ports);

	if (thing_of(action, ports)) {
		result->said = say_words(SAYING_TOLD_LISTED, action->book.text);
		return;
	}
	result->said = say_words(SAYING_DONE_LISTED, action->book.text);
	put(ports, &entry, token, result);
}

void act_list_tick(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	const struct book_entry *thing = thing_of(action, ports);

	if (!thing) {
		refuse(result, REASON_NOTHING_SET, SAYING_TOLD_NOT_LISTED);
		saying_set_text(&result->said, SLOT_WORDS, action->book.text);
		return;
	}
	struct book_entry ticked = *thing;
	ticked.is_ticked = true;
	ticked.ended_ms = now_of(ports);
	result->said = say_words(SAYING_DONE_TICKED, thing->text);
	put(ports, &ticked, token, result);
}

/* Nothing is taken away: what is older than this row is off the list, all of it at once. */
void act_list_clear(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const size_t count = count_things(book_of(ports), action->book.list);
	struct book_entry cleared = entry_new(action, ports);

	if (count == 0) {
		result->said = saying_make(SAYING_TOLD_LIST_EMPTY);
		return;
	}
	cleared.kind = BOOK_CLEARED;
	cleared.ended_ms = now_of(ports);
	result->said = say_count(SAYING_DONE_LIST_CLEARED, count);
	put(ports, &cleared, token, result);
}

static const struct book_entry *last_cleared(const struct book *book, const char *list)
{
	const struct book_entry *last = NULL;

	for (size_t i = 0; i < book->count; i++) {
		const struct book_entry *entry = &book->entries[i];

		if (entry->kind == BOOK_CLEARED && str_equal_folded(entry->list, list) &&
		    (!last || entry->number > last->number))
			last = entry;
	}
	return last;
}

/* So many things come back with it. */
static size_t count_behind(const struct book *book, const struct book_entry *cleared)
{
	uint64_t before = 0;
	size_t count = 0;

	for (size_t i = 0; i < book->count; i++)
		if (book->entries[i].kind == BOOK_CLEARED &&
		    str_equal_folded(book->entries[i].list, cleared->list) &&
		    book->entries[i].number < cleared->number &&
		    book->entries[i].number > before)
			before = book->entries[i].number;
	for (size_t i = 0; i < book->count; i++) {
		const struct book_entry *entry = &book->entries[i];

		count += entry->kind == BOOK_ITEM && !entry->is_ticked &&
			 str_equal_folded(entry->list, cleared->list) &&
			 entry->number > before && entry->number < cleared->number;
	}
	return count;
}

void act_list_restore(const struct action *action, const struct act_ports *ports,
		      uint64_t token, struct act_result *result)
{
	const struct book *book = book_of(ports);
	const struct book_entry *cleared = last_cleared(book, action->book.list);

	if (!cleared) {
		refuse(result, REASON_NOTHING_SET, SAYING_TOLD_LIST_EMPTY);
		return;
	}
	result->said = say_count(SAYING_DONE_LIST_RESTORED, count_behind(book, cleared));
	take_out(ports, cleared->id, token, result);
}

/* As many as are said in one breath, the oldest first. */
static size_t join_things(const struct book *book, const char *list, char to[TEXT_BYTES])
{
	size_t count = 0;

	to[0] = '\0';
	for (size_t i = 0; i < book->count && count < LISTED_MAX; i++)
		if (book_is_on_list(book, &book->entries[i], list) &&
		    str_append(to, TEXT_BYTES, "%s%s", count > 0 ? ", " : "",
			       book->entries[i].text))
			count++;
	return count;
}

void act_list_tell(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	const struct book *book = book_of(ports);
	const size_t all = count_things(book, action->book.list);
	char words[TEXT_BYTES];

	(void)token;
	if (action->book.text[0]) {
		result->said = say_words(thing_of(action, ports) ? SAYING_TOLD_LISTED
								 : SAYING_TOLD_NOT_LISTED,
					 action->book.text);
		return;
	}
	const size_t told = join_things(book, action->book.list, words);
	if (all == 0) {
		result->said = saying_make(SAYING_TOLD_LIST_EMPTY);
	} else if (told == all) {
		result->said = say_words(SAYING_TOLD_LIST, words);
	} else {
		result->said = say_words(SAYING_TOLD_LIST_MORE, words);
		saying_set_number(&result->said, SLOT_COUNT_OF, (double)(all - told));
	}
	explicit_bzero(words, sizeof(words));
}
