/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_ask - what became of a question that was asked aloud.
 *
 * The rule is decide/answer.c. A question that was not measured as heard in its room is
 * over, and the journal says so under its turn; a dialogue is told (hub_dialogue.c).
 *
 * Invariant: each question asked aloud is settled once, at the latest ASK_MEASURE_MS
 * after its sound.
 */
#include "base/log.h"
#include "decide/answer.h"
#include "hub/hub.h"
#include "record/record.h"

enum { ASK_MEASURE_MS = 3000 }; /* the room needs about one second, and the way here */

static void settle(struct hub_room *room, const struct answer_prompt *prompt)
{
	const enum reason reason = answer_reason(prompt);
	struct event event;

	loop_cancel(room->hub->loop, room->ask.timer);
	event_init(&event, EVENT_QUESTION_OVER, room->ask.turn, room->name,
		   clock_wall_ms(&room->hub->clock));
	room->ask = (struct hub_ask){.whole = false};
	if (hub_dialogue_is_open(room)) {
		if (reason == REASON_NONE)
			hub_dialogue_heard(room);
		else
			hub_dialogue_news(room, DIALOGUE_NOT_HEARD);
		return;
	}
	if (reason == REASON_NONE)
		return;
	record_question_over(&event, reason);
	late_push(room->hub->late, &event);
}

static void on_time(void *context)
{
	struct hub_room *room = context;

	settle(room, &(struct answer_prompt){.whole = room->ask.whole});
}

void hub_ask_begin(struct hub_room *room, struct turn_id turn)
{
	if (room->ask.turn.value != 0)
		on_time(room);
	room->ask.turn = turn;
	room->ask.whole = true;
}

void hub_ask_sent(struct hub_room *room, uint64_t say)
{
	room->ask.say = say;
}

void hub_ask_said(struct hub_room *room, struct turn_id turn, bool whole)
{
	if (room->ask.turn.value == 0 || room->ask.turn.value != turn.value)
		return;
	room->ask.whole = whole;
	if (!whole ||
	    loop_after(room->hub->loop, ASK_MEASURE_MS, on_time, room, &room->ask.timer))
		on_time(room);
}

void hub_ask_measured(struct hub_room *room, const struct wire_prompt_measured *told)
{
	if (room->ask.turn.value == 0 || room->ask.say == 0 || room->ask.say != told->say)
		return;
	settle(room, &(struct answer_prompt){.whole = room->ask.whole,
					     .measured = true,
					     .heard = told->heard != 0});
}

void hub_ask_drop(struct hub_room *room)
{
	if (room->ask.turn.value != 0)
		on_time(room);
}
