/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_dialogue - a room's dialogue between its turns: what is waited for, and until when.
 *
 * Decides nothing: whatever the room tells (a prompt that was not heard, a memo, silence)
 * becomes a turn of its own, and decide/ says what follows. A message's memo is passed on
 * to the keeper piece by piece as it comes; its hash is the one that the room signed. An
 * announcement's stays here (hub_intercom.c): the keeper hears nothing of it.
 *
 * Invariants: in a step that waits a timer runs, or a turn of the room does, or the room
 * is listened to; a dialogue that ends calls off what it made and nothing else.
 */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/proposal.h"
#include "hub/hub.h"
#include "record/record.h"

enum {
	AGAIN_MS = 20,       /* the line is busy, or the keeper lacks a signed row */
	AGAIN_MAX_MS = 10000 /* then it has failed */
};

static void on_time(void *context);

static void wait_for(struct hub_room *room, int64_t ms)
{
	struct hub_talk *talk = &room->talk;

	loop_cancel(room->hub->loop, talk->timer);
	talk->timer = 0;
	if (loop_after(room->hub->loop, ms, on_time, room, &talk->timer))
		log_line("dialogue: cannot set a timer room=%s", room->name);
}

bool hub_dialogue_is_open(const struct hub_room *room)
{
	return room->talk.dialogue.step != DIALOGUE_NONE;
}

/* Is it the room's turn still, with a lease to come? */
bool hub_dialogue_keeps_turn(const struct hub_room *room)
{
	const enum dialogue_step step = room->talk.dialogue.step;

	return step == DIALOGUE_TO_WHOM || dialogue_records(step) ||
	       dialogue_is_ordinary(step);
}

bool hub_dialogue_waits(const struct hub *hub)
{
	for (size_t i = 0; i < hub->room_count; i++)
		if (hub_dialogue_is_open(&hub->rooms[i]))
			return true;
	return false;
}

/* --- news become turns ------------------------------------------------------------------ */

/* The keeper judges a memo by what the room signed: that comes first. */
static bool may_begin(const struct hub_room *room)
{
	return !turn_line_busy(room->line) &&
	       (room->talk.news != DIALOGUE_SPOKEN || late_count(room->hub->late) == 0);
}

static void begin_turn(struct hub_room *room)
{
	struct hub_talk *talk = &room->talk;
	struct turn_heard heard = {.spoken = true, .news = talk->news};

	memcpy(heard.memo, talk->memo, sizeof(heard.memo));
	talk->news = DIALOGUE_WORDS;
	talk->has_memo = false;
	if (turn_begin(room->line, talk->turn, room->name, &heard,
		       (struct audio_span){NULL, 0}))
		log_line("dialogue: its turn could not begin room=%s", room->name);
}

/* Somebody is speaking, or what they said is being judged: their words decide. */
static bool is_answering(const struct hub_room *room)
{
	return room->hub->hears == room || room->stands || turn_line_busy(room->line);
}

static void set_news(struct hub_talk *talk, enum dialogue_event news)
{
	talk->news = news;
	talk->news_ms = loop_now_ms();
}

static void on_time(void *context)
{
	struct hub_room *room = context;
	struct hub_talk *talk = &room->talk;

	talk->timer = 0;
	if (!hub_dialogue_is_open(room))
		return;
	if (talk->news == DIALOGUE_WORDS && is_answering(room)) {
		wait_for(room, DIALOGUE_ANSWER_MS);
		return;
	}
	if (talk->news == DIALOGUE_WORDS)
		set_news(talk, DIALOGUE_TIME);
	else if (loop_now_ms() - talk->news_ms > AGAIN_MAX_MS)
		set_news(talk, DIALOGUE_LOST);
	if (may_begin(room))
		begin_turn(room);
	else
		wait_for(room, AGAIN_MS);
}

void hub_dialogue_news(struct hub_room *room, enum dialogue_event news)
{
	if (!hub_dialogue_is_open(room))
		return;
	set_news(&room->talk, news);
	wait_for(room, 0);
}

/* --- what the line and the room say ----------------------------------------------------- */

void hub_dialogue_follow(struct hub_room *room, const struct turn *turn)
{
	struct hub_talk *talk = &room->talk;

	if (!turn->heard.spoken)
		return; /* what is typed is no answer to what was asked aloud */
	if (talk->dialogue.step == DIALOGUE_NONE ||
	    dialogue_is_ordinary(talk->dialogue.step))
		talk->turn = turn->id;
	talk->dialogue = turn->decision.dialogue;
	talk->is_heard = talk->is_leased = false;
	hub_intercom_forget(room);
	if (hub_dialogue_is_open(room))
		wait_for(room, DIALOGUE_MEMO_MS); /* until its prompt was heard */
	else
		loop_cancel(room->hub->loop, talk->timer);
}

void hub_dialogue_heard(struct hub_room *room)
{
	wait_for(room, room->talk.dialogue.step == DIALOGUE_CONFIRM ? DIALOGUE_ANSWER_MS
								    : DIALOGUE_PROMPT_MS);
}

bool hub_dialogue_lease(struct hub_room *room, enum lease_reason reason)
{
	struct hub_talk *talk = &room->talk;
	const bool same = room->turn.value == talk->turn.value;

	if (reason == LEASE_ANSWER)
		return same && (talk->dialogue.step == DIALOGUE_TO_WHOM ||
				dialogue_is_ordinary(talk->dialogue.step));
	if (reason == LEASE_MEMO && same && talk->is_heard) {
		talk->is_leased = true;
		wait_for(room, DIALOGUE_MEMO_MS);
		return true;
	}
	return false;
}

void hub_dialogue_lease_over(struct hub_room *room, struct turn_id turn,
			     const char *cause)
{
	if (!dialogue_records(room->talk.dialogue.step) ||
	    turn.value != room->talk.turn.value)
		return;
	if (str_equal(cause, "nobody spoke"))
		hub_dialogue_news(room, DIALOGUE_SILENT);
	else
		wait_for(room, DIALOGUE_PROMPT_MS);
}

void hub_dialogue_evidence(struct hub_room *room, const struct event *event)
{
	struct hub_talk *talk = &room->talk;

	if (!dialogue_records(talk->dialogue.step) ||
	    event->turn.value != talk->turn.value)
		return;
	if (event->kind == EVENT_PROMPT_HEARD)
		talk->is_heard = str_equal(event_value(event, "then"),
					   evidence_then_text(THEN_MEMO));
	if (talk->is_leased && evidence_memo_hash(event, talk->memo))
		talk->has_memo = true;
}

/* To the keeper, which judges it by itself, or to be played here. */
static enum err take_memo(struct hub_room *room, const struct wire_memo *memo)
{
	const struct hub_talk *talk = &room->talk;
	enum err err;

	if (talk->dialogue.step == DIALOGUE_RECORD)
		return keep_memo(&room->hub->keep, talk->turn, memo->opus.bytes,
				 memo->opus.size, memo->last != 0);
	err = hub_intercom_add(room, memo->opus);
	if (!err && memo->last && !hub_intercom_is_signed(room, talk->memo))
		err = ERR_DENIED;
	if (err)
		hub_intercom_forget(room);
	return err;
}

void hub_dialogue_memo(struct hub_room *room, const struct wire_memo *memo)
{
	const struct hub_talk *talk = &room->talk;
	enum err err;

	if (!dialogue_records(talk->dialogue.step) || memo->turn != talk->turn.value ||
	    !talk->has_memo || talk->news != DIALOGUE_WORDS)
		return;
	err = take_memo(room, memo);
	if (err)
		hub_dialogue_news(room, DIALOGUE_LOST);
	else if (memo->last)
		hub_dialogue_news(room, DIALOGUE_SPOKEN);
}

static void close_dialogue(struct hub_room *room)
{
	struct hub_talk *talk = &room->talk;

	talk->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
	talk->news = DIALOGUE_WORDS;
	talk->is_heard = talk->is_leased = talk->has_memo = false;
	hub_intercom_forget(room);
}

/* --- its end ---------------------------------------------------------------------------- */

static void call_off(struct hub_room *room, struct proposal_id id)
{
	if (keep_call_off(&room->hub->keep, id))
		log_line("dialogue: the keeper could not be told to call it off");
}

void hub_dialogue_drop(struct hub_room *room, enum reason reason)
{
	struct hub_talk *talk = &room->talk;
	struct event event;

	if (!hub_dialogue_is_open(room))
		return;
	loop_cancel(room->hub->loop, talk->timer);
	if (talk->dialogue.step == DIALOGUE_CONFIRM)
		call_off(room, talk->dialogue.proposal);
	event_init(&event, EVENT_QUESTION_OVER, talk->turn, room->name,
		   clock_wall_ms(&room->hub->clock));
	record_question_over(&event, reason);
	if (talk->dialogue.step != DIALOGUE_FOLLOW) /* there nobody asked */
		late_push(room->hub->late, &event);
	close_dialogue(room);
}

/* --- what waits ------------------------------------------------------------------------- */

bool hub_dialogue_can_call_off(const struct hub_room *room)
{
	return room->pending_count > 0;
}

/* In a message's dialogue what it made; else all that was asked for here and waits. */
void hub_dialogue_call_off(struct hub_room *room)
{
	if (room->talk.dialogue.step == DIALOGUE_CONFIRM) {
		call_off(room, room->talk.dialogue.proposal);
		return;
	}
	for (size_t i = 0; i < room->pending_count; i++)
		call_off(room, room->pending[i]);
}

/* The keeper has come (back): it tells what waits. */
void hub_dialogue_forget_pending(struct hub *hub)
{
	for (size_t i = 0; i < hub->room_count; i++) {
		hub->rooms[i].pending_count = 0;
		hub_room_tell_standing(&hub->rooms[i]);
	}
}

static void forget(struct hub_room *room, struct proposal_id id)
{
	for (size_t i = 0; i < room->pending_count; i++) {
		if (!id_equal(room->pending[i].bytes, id.bytes))
			continue;
		room->pending[i] = room->pending[--room->pending_count];
		return;
	}
}

/* A delivered message is recalled on a device, not by a "cancel" that means something else
 * weeks later. */
static bool can_be_called_off(enum proposal_state state)
{
	return state == PROPOSAL_ASKED || state == PROPOSAL_UNRECEIPTED ||
	       state == PROPOSAL_HELD;
}

/* Somebody tapped it, or called it off: the phrase is not waited for any more, and what
 * they decided stands. */
static void leave_to_others(struct hub_room *room, struct proposal_id id)
{
	struct hub_talk *talk = &room->talk;

	if (talk->dialogue.step != DIALOGUE_CONFIRM ||
	    !id_equal(talk->dialogue.proposal.bytes, id.bytes))
		return;
	loop_cancel(room->hub->loop, talk->timer);
	close_dialogue(room);
}

void hub_dialogue_proposed(struct hub *hub, const struct keep_news *news)
{
	enum proposal_state state;
	struct hub_room *room;

	if (!news->action || !proposal_state_from_text(news->state, &state))
		return;
	room = hub_room_find(hub, news->action->room);
	if (!room)
		return;
	forget(room, news->id);
	/* What was deleted is not told of aloud either. */
	if (state == PROPOSAL_DONE && news->action->kind == ACTION_RECORD_ERASE)
		recent_wipe(&room->recent);
	if (state != PROPOSAL_ASKED)
		leave_to_others(room, news->id);
	if (state == PROPOSAL_EXPIRED && news->action->kind == ACTION_SEND_MESSAGE)
		hub_room_count_proposal(room);
	else if (state == PROPOSAL_ORDERED || state == PROPOSAL_SENT)
		fuse_reset(&room->proposals);
	if (can_be_called_off(state) && room->pending_count < HUB_PENDING_MAX)
		room->pending[room->pending_count++] = news->id;
	hub_room_tell_standing(room);
}
