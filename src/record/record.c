/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - fills journal events and applies the rule of what sound may be kept. Pure:
 * the caller has started each event with its turn, room and time.
 *
 * Invariant: no spoken word enters an event. Devices appear by id, sentences by intent.
 */
#include "record/record.h"

#include <string.h>

#include "base/str.h"
#include "domain/action.h"
#include "domain/evidence.h"
#include "domain/warrant.h"

void record_wake(struct event *event, const struct record_wake *wake)
{
	event_add_number(event, "score", wake->score);
	event_add_number(event, "floor", wake->floor);
	event_add_number(event, "level", wake->level_db);
	event_add(event, "accepted", wake->accepted ? "yes" : "no");
	if (wake->ratio != 0.0)
		event_add_number(event, "ratio", wake->ratio);
	if (wake->why[0] != '\0')
		event_add(event, "why", wake->why);
}

void record_lease_opened(struct event *event, enum lease_reason reason)
{
	evidence_lease_opened(event, reason);
}

void record_lease_closed(struct event *event, int64_t used_ms, const char *cause)
{
	evidence_lease_closed(event, used_ms, cause);
}

static const char *source_of(const struct record_heard *heard)
{
	if (heard->is_news)
		return "the room";
	return heard->spoken ? "spoken" : "typed";
}

/* Behind the sentence: what made the words a request. */
static void add_ground(struct event *event, const struct record_heard *heard)
{
	char turn[ID_TEXT_BYTES] = "";
	char words[EVENT_FIELD_VALUE_BYTES];
	const bool is_answer = heard->is_answer && !heard->is_news;
	const bool was_asked = is_answer && heard->answers != DIALOGUE_FOLLOW;

	if (heard->answers != DIALOGUE_NONE && heard->routine_line == 0)
		event_add(event, "step", dialogue_step_text(heard->answers));
	if (heard->routine_line != 0) {
		(void)str_format(words, sizeof(words),
				 " It is line %u of the routine that was called.",
				 heard->routine_line);
		event_add_int(event, "line", heard->routine_line);
		event_add(event, "ground", words);
		return;
	}
	if (heard->leans_on.value != 0)
		turn_id_to_text(turn, heard->leans_on);
	if (!is_answer && turn[0] == '\0')
		return;
	(void)str_format(words, sizeof(words), " It was said%s%s%s%s.",
			 is_answer ? " without the name" : "",
			 was_asked ? ", in answer to our question" : "",
			 turn[0] ? ", and leans on " : "", turn);
	event_add(event, "ground", words);
}

void record_decided(struct event *event, const struct decision *decision,
		    const struct record_heard *heard)
{
	bool has_action = decision->reason != REASON_NO_MATCH &&
			  decision->reason != REASON_NO_ACTION &&
			  (heard->intent[0] != '\0' || heard->is_news);

	event_add(event, "decision", decision_kind_text(decision->kind));
	event_add(event, "reason", reason_code(decision->reason));
	event_add(event, "because", reason_explained(decision->reason));
	event_add(event, "intent", heard->intent);
	event_add(event, "action",
		  has_action ? action_name(decision->action) : "nothing");
	event_add(event, "class", action_class_text(decision->class_of));
	event_add(event, "source", source_of(heard));
	if (decision->then != THEN_NOTHING)
		event_add(event, "then", evidence_then_text(decision->then));
	event_add_number(event, "confidence", heard->confidence);
	if (heard->spoken) {
		event_add_number(event, "ratio", heard->ratio);
		event_add_number(event, "floor", heard->floor);
	}
	add_ground(event, heard);
	event_add_int(event, "actions", (int64_t)decision->warrant_count);
	if (decision->warrant_count > 0)
		event_add(event, "entity", warrant_shows(decision->warrants[0])->entity);
	else if (decision->proposed_count > 0 && decision->proposed[0].entity[0] != '\0')
		event_add(event, "entity", decision->proposed[0].entity);
}

static const char *where(const struct action *action)
{
	if (action->entity[0])
		return action->entity;
	return action->kind == ACTION_ANNOUNCE ? "the other rooms" : "the room";
}

/* What was spoken for it goes by its hash, as the room signed it. */
static void add_body(struct event *event, const struct action *action)
{
	static const uint8_t none[ACTION_BODY_BYTES];
	char text[2 * ACTION_BODY_BYTES + 1];

	if (memcmp(action->body, none, sizeof(none)) == 0)
		return;
	str_to_hex(text, action->body, sizeof(action->body));
	event_add(event, "sha256", text);
}

void record_outcome(struct event *event, const struct action *action, enum reason reason)
{
	event_add(event, "action", action_name(action->kind));
	event_add(event, "entity", where(action));
	event_add(event, "reason", reason_code(reason));
	add_body(event, action);
}

void record_spoken(struct event *event, struct event_id parent, int64_t sound_ms)
{
	event_add_int(event, "parent", (int64_t)parent.value);
	event_add_int(event, "ms", sound_ms);
}

void record_not_sealed(struct event *event, enum reason reason)
{
	event_add(event, "reason", reason_code(reason));
}

void record_fuse_blown(struct event *event, const char *what)
{
	event_add(event, "what", what);
}

void record_question_over(struct event *event, enum reason reason)
{
	event_add(event, "reason", reason_code(reason));
	event_add(event, "because", reason_explained(reason));
}

void record_announcement_refused(struct event *event, const char *topic, const char *why)
{
	event_add(event, "topic", topic);
	event_add(event, "why", why);
}

void record_skill(struct event *event, const char *skill, const char *state,
		  const char *why)
{
	char words[EVENT_FIELD_VALUE_BYTES] = "";

	if (why[0])
		(void)str_format(words, sizeof(words), ": it %s", why);
	event_add(event, "skill", skill);
	event_add(event, "state", state);
	event_add(event, "why", words);
}

bool record_may_keep(const struct decision *decision)
{
	switch (decision->reason) {
	case REASON_FUSE_BLOWN:
	case REASON_KEEPS_NOTHING:
	case REASON_LEASE_OVER:
	case REASON_LOW_CONFIDENCE:
	case REASON_MEDIA_MATCH:
	case REASON_MEMO_EMPTY:
	case REASON_MUTED:
	case REASON_NOTHING_HEARD:
	case REASON_NOT_ADDRESSED:
	case REASON_NO_OWNER:
	case REASON_UNTRUSTED_SOURCE:
	case REASON_WAKE_REJECTED:
		return false;
	case REASON_NONE:
	case REASON_ALARM_UNREACHABLE:
	case REASON_AMBIGUOUS:
	case REASON_BROKEN_OFF:
	case REASON_CANCELLED:
	case REASON_CAPABILITY_OFF:
	case REASON_DEVICE_CANNOT:
	case REASON_DEVICE_UNREACHABLE:
	case REASON_EXPIRED:
	case REASON_JOURNAL_UNAVAILABLE:
	case REASON_MEMO_LOST:
	case REASON_MUSIC_AWAY:
	case REASON_NAME_NEEDED:
	case REASON_NEEDS_TAP:
	case REASON_NOTHING_RECORDED:
	case REASON_NOTHING_SET:
	case REASON_NOT_ALL_DONE:
	case REASON_NOT_ANSWERED:
	case REASON_NOT_CONFIRMED:
	case REASON_NOT_DELIVERED:
	case REASON_NOT_FOR_SALE:
	case REASON_NOT_IN_ROUTINE:
	case REASON_NOT_PRIVATE:
	case REASON_NOT_SPOKEN:
	case REASON_NO_ACTION:
	case REASON_NO_APPROVER:
	case REASON_NO_CALENDAR:
	case REASON_NO_DEVICE:
	case REASON_NO_FORECAST:
	case REASON_NO_MATCH:
	case REASON_NO_MUSIC:
	case REASON_NO_MUSIC_ROOM:
	case REASON_NO_PLACE:
	case REASON_NO_ROOM:
	case REASON_NO_WAY:
	case REASON_OUT_OF_RANGE:
	case REASON_PROMPT_NOT_HEARD:
	case REASON_QUIET_HOURS:
	case REASON_READ_ONLY:
	case REASON_ROOM_IN_USE:
	case REASON_ROOM_MUTED:
	case REASON_SHOP_OFF:
	case REASON_SPENT:
	case REASON_SKILL_CHANGED:
	case REASON_SKILL_FAILED:
	case REASON_SKILL_SUSPENDED:
	case REASON_THIN_ROOM:
	case REASON_TOO_DEAR:
	case REASON_TOO_FAR_AHEAD:
	case REASON_TOO_MANY:
	case REASON_TOO_SHORT:
	case REASON_UNEXPLAINED_WORDS:
	case REASON_UNKNOWN_RECIPIENT:
		return true;
	case REASON_COUNT:
		break;
	}
	return false;
}

void record_rang(struct event *event, const char *kind, struct event_id parent)
{
	event_add(event, "kind", kind);
	event_add_int(event, "parent", (int64_t)parent.value);
}

void record_ring_over(struct event *event, int64_t sounded_ms, const char *cause)
{
	event_add_int(event, "ms", sounded_ms);
	event_add(event, "cause", cause);
}

void record_ring_missed(struct event *event, const char *kind, const char *cause)
{
	event_add(event, "kind", kind);
	event_add(event, "cause", cause);
}
