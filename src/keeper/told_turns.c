/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told_turns - see the header. Invariant: no turn comes out twice while it is among the
 * last TOLD_TURNS_DONE_MAX.
 */
#include "keeper/told_turns.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	/* Rooms number turns by the hub's clock as they were told it. */
	SLACK_MS = 2000,
};

void told_turns_init(struct told_turns *turns)
{
	memset(turns, 0, sizeof(*turns));
	turns->at_ms = INT64_MAX;
}

/* --- what events tell of a turn --------------------------------------------------------- */

static void copy_word(char to[TOLD_WORD_BYTES], const struct event *event,
		      const char *field)
{
	(void)str_copy(to, TOLD_WORD_BYTES, event_value(event, field));
}

static void tell_recorded(struct told_turn *turn, const struct event *event)
{
	int64_t sound_ms = 0;

	if (!id_from_text(turn->owner.bytes, event_value(event, "owner")) ||
	    !id_from_text(turn->record.bytes, event_value(event, "record"))) {
		turn->owner = (struct owner_id){{0}};
		turn->record = (struct record_id){{0}};
		return;
	}
	copy_word(turn->by, event, "by");
	if (str_to_int(event_value(event, "ms"), 0, UINT32_MAX, &sound_ms))
		turn->sound_ms = (uint32_t)sound_ms;
}

static void tell_decided(struct told_turn *turn, const struct event *event)
{
	copy_word(turn->decision, event, "decision");
	copy_word(turn->action, event, "action");
	if (!turn->has_failed)
		copy_word(turn->reason, event, "reason");
}

static void tell_failed(struct told_turn *turn, const struct event *event)
{
	turn->has_failed = true;
	copy_word(turn->reason, event, "reason");
}

static void tell_proposal(struct told_turn *turn, const struct event *event)
{
	if (!turn->device[0])
		copy_word(turn->device, event, "device");
}

/* Each once; what does not fit is cut. */
static void tell_opened(struct told_turn *turn, const struct event *event)
{
	const char *name = event_value(event, "name");

	if (strstr(turn->opened, name))
		return;
	(void)str_append(turn->opened, sizeof(turn->opened), "%s%.40s",
			 turn->opened[0] ? ", " : "", name);
	str_clean(turn->opened);
}

/* What else a turn without a request can be. */
static void tell_word(struct told_turn *turn, const char *word)
{
	if (!turn->reason[0])
		must(str_copy(turn->reason, sizeof(turn->reason), word));
}

static void tell(struct told_turn *turn, const struct event *event)
{
	if (event->kind == EVENT_RECORDED)
		tell_recorded(turn, event);
	else if (event->kind == EVENT_DECIDED)
		tell_decided(turn, event);
	else if (event->kind == EVENT_FAILED)
		tell_failed(turn, event);
	else if (event->kind == EVENT_PROPOSAL)
		tell_proposal(turn, event);
	else if (event->kind == EVENT_BOX_OPENED)
		tell_opened(turn, event);
	else if (event->kind == EVENT_WAKE_REJECTED)
		tell_word(turn, "WAKE_REJECTED");
	else if (event->kind == EVENT_STOPPED)
		tell_word(turn, "STOPPED");
	else if (event->kind == EVENT_STOP_REJECTED)
		tell_word(turn, "STOP_REJECTED");
}

/* --- open turns ------------------------------------------------------------------------- */

static struct told_turn *find_open(struct told_turns *turns, struct turn_id turn)
{
	for (size_t i = 0; i < turns->open_count; i++)
		if (turns->open[i].turn.value == turn.value)
			return &turns->open[i];
	return NULL;
}

static bool is_done(const struct told_turns *turns, struct turn_id turn)
{
	const size_t known = turns->done_count < TOLD_TURNS_DONE_MAX
				     ? turns->done_count
				     : TOLD_TURNS_DONE_MAX;

	for (size_t i = 0; i < known; i++)
		if (turns->done[i].value == turn.value)
			return true;
	return false;
}

void told_turns_take(struct told_turns *turns, const struct event *event)
{
	struct told_turn *turn;

	turns->at_ms = event->at_ms;
	/* PLAYED is of a turn and no part of it. */
	if (event->turn.value == 0 || event->kind == EVENT_PLAYED ||
	    is_done(turns, event->turn))
		return;
	turn = find_open(turns, event->turn);
	if (!turn) {
		must(turns->open_count < TOLD_TURNS_OPEN_MAX);
		turn = &turns->open[turns->open_count++];
		*turn = (struct told_turn){.turn = event->turn};
	}
	if (!turn->room.text[0])
		turn->room = event->room;
	tell(turn, event);
}

void told_turns_deleted(struct told_turns *turns, const struct event *event,
			const struct ended_end *end)
{
	struct told_turn *turn = find_open(turns, event->turn);

	if (turn)
		turn->deleted = *end;
}

void told_turns_end(struct told_turns *turns)
{
	turns->is_over = true;
}

static bool is_whole(const struct told_turns *turns, const struct told_turn *turn)
{
	return turns->is_over || turns->open_count == TOLD_TURNS_OPEN_MAX ||
	       turn_id_ms(turn->turn) > turns->at_ms + SLACK_MS;
}

bool told_turns_next(struct told_turns *turns, struct told_turn *out_turn)
{
	size_t newest = 0;

	if (turns->open_count == 0)
		return false;
	for (size_t i = 1; i < turns->open_count; i++)
		if (turns->open[i].turn.value > turns->open[newest].turn.value)
			newest = i;
	if (!is_whole(turns, &turns->open[newest]))
		return false;
	*out_turn = turns->open[newest];
	turns->done[turns->done_count % TOLD_TURNS_DONE_MAX] = out_turn->turn;
	turns->done_count++;
	turns->open_count--;
	turns->open[newest] = turns->open[turns->open_count];
	return true;
}

/* --- what became of it ------------------------------------------------------------------ */

void told_turn_outcome(const struct told_turn *turn, char *to, size_t size)
{
	if (turn->decision[0])
		(void)str_format(to, size, "%s %s: %s", turn->decision, turn->action,
				 turn->reason);
	else if (turn->reason[0])
		(void)str_format(to, size, "refuse: %s", turn->reason);
	else
		(void)str_copy(to, size, "no request");
}

bool told_turn_became(const struct told_turn *turn, const char *word)
{
	if (!word[0])
		return true;
	if (str_equal_folded(word, "kept"))
		return !id_is_none(turn->record.bytes);
	if (str_equal_folded(word, "refuse") && !turn->decision[0])
		return turn->reason[0] != '\0';
	return str_equal_folded(word, turn->decision) ||
	       str_equal_folded(word, turn->action) ||
	       str_equal_folded(word, turn->reason);
}
