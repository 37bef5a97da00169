/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome - what became of a decision: summed up, written down, put into words.
 *
 * One device is answered for by its own saying, several and the lines of a routine by a
 * report. Invariant: whatever was decided and not done, and whatever waits, has an event
 * and is named in the answer.
 */
#include "base/must.h"
#include "base/str.h"
#include "record/record.h"
#include "turn/turn_inner.h"

static bool is_line(const struct turn_line *line)
{
	return line->in_routine && line->at < line->routine.line_count;
}

/* A part that goes by its device's name, or else by the line's words. */
static struct report_part part_of(const struct turn_line *line, enum report_end end,
				  const char *entity_id, enum reason reason)
{
	const struct entity *entity =
		home_find_const(bus_home(line->parts.bus), entity_id);
	struct report_part part = {.end = end, .reason = reason};
	const char *name = entity_id;

	part.is_words = !entity && is_line(line) && reason != REASON_NO_DEVICE;
	if (!entity && entity_id[0] == '\0')
		part.is_words = is_line(line);
	if (entity)
		name = entity->name;
	else if (part.is_words)
		name = line->routine.lines[line->at].text;
	(void)str_copy(part.name, sizeof(part.name), name);
	if (part.name[0] == '\0') /* too long: as much as fits */
		(void)str_copy_bytes(part.name, sizeof(part.name), name,
				     sizeof(part.name) - 1);
	str_clean(part.name);
	return part;
}

static void add_part(struct turn_line *line, enum report_end end, const char *entity,
		     enum reason reason)
{
	const struct report_part part = part_of(line, end, entity, reason);

	report_add(&line->report, &part);
}

/* Actions, proposals and what was left, into the report. */
static void report_all(struct turn_line *line)
{
	const struct decision *decision = &line->turn.decision;

	for (size_t i = 0; i < decision->warrant_count; i++) {
		if (line->results[i] == REASON_NONE)
			line->report.done++;
		else
			add_part(line, REPORT_FAILED,
				 warrant_shows(decision->warrants[i])->entity,
				 line->results[i]);
	}
	for (size_t i = 0; i < decision->proposed_count; i++)
		add_part(line,
			 line->held[i] == REASON_NEEDS_TAP ? REPORT_WAITS : REPORT_FAILED,
			 decision->proposed[i].entity, line->held[i]);
	for (size_t i = 0; i < decision->left_count; i++)
		add_part(line, REPORT_FAILED, decision->left[i].entity,
			 decision->left[i].reason);
}

/* The first thing that stands against its having been done; NONE: all of it was, or waits. */
static enum reason first_failure(const struct turn_line *line)
{
	const struct decision *decision = &line->turn.decision;

	for (size_t i = 0; i < decision->warrant_count; i++)
		if (line->results[i] != REASON_NONE)
			return line->results[i];
	for (size_t i = 0; i < decision->proposed_count; i++)
		if (line->held[i] != REASON_NEEDS_TAP)
			return line->held[i];
	return decision->left_count > 0 ? decision->left[0].reason : REASON_NONE;
}

static size_t count_waiting(const struct turn_line *line)
{
	size_t count = 0;

	for (size_t i = 0; i < line->turn.decision.proposed_count; i++)
		count += line->held[i] == REASON_NEEDS_TAP;
	return count;
}

static size_t count_done(const struct turn_line *line)
{
	size_t count = 0;

	for (size_t i = 0; i < line->turn.decision.warrant_count; i++)
		count += line->results[i] == REASON_NONE;
	return count;
}

/* What was set to its limit instead of what was said; silence: nothing was. */
static struct saying told_limited(const struct turn_line *line)
{
	const struct decision *decision = &line->turn.decision;
	struct saying said = saying_make(SAYING_NONE);
	size_t count = 0;

	for (size_t i = 0; i < decision->warrant_count; i++) {
		const struct action *action = warrant_shows(decision->warrants[i]);
		const struct entity *entity =
			home_find_const(bus_home(line->parts.bus), action->entity);

		if (!action->is_limited || line->results[i] != REASON_NONE)
			continue;
		if (count++ == 0)
			said = saying_make(SAYING_TOLD_LIMITED);
		saying_add_name(&said, SLOT_NAMES,
				entity ? entity->name : action->entity);
		saying_set_number(&said, SLOT_COUNT_OF, (double)count);
	}
	return said;
}

/* --- a line of a routine --- */

/* What it tells is told; what it does is counted. */
static void report_line_done(struct turn_line *line)
{
	const struct turn *turn = &line->turn;
	const bool tells = turn->decision.class_of == CLASS_A;
	const struct saying *said = turn->decision.said.key != SAYING_NONE
					    ? &turn->decision.said
					    : &line->first_said;

	if (tells && first_failure(line) == REASON_NONE) {
		report_tell(&line->report, said);
		report_tell(&line->report, &turn->decision.adds);
	}
	const struct saying limited = told_limited(line);
	report_tell(&line->report, &limited);
	report_all(line);
}

static void report_line(struct turn_line *line)
{
	const struct turn *turn = &line->turn;
	const enum reason reason = turn->decision.reason;
	const bool is_unclear = turn->understanding.reason != REASON_NONE &&
				reason == turn->understanding.reason;

	if (turn->decision.warrant_count > 0 || turn->decision.proposed_count > 0)
		report_line_done(line);
	else
		add_part(line, is_unclear ? REPORT_UNCLEAR : REPORT_FAILED, "", reason);
}

/* --- a request --- */

/* What an action said of itself at its beginning, and it was that it is not done. */
static bool tells_why(const struct saying *said)
{
	const char *key = saying_key_text(said->key);

	return str_starts(key, "refused.") || str_starts(key, "told.not_") ||
	       str_starts(key, "told.list_");
}

static void sum_up_act(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	struct decision *decision = &turn->decision;
	const struct saying limited = told_limited(line);

	turn->outcome = first_failure(line);
	if (limited.key != SAYING_NONE)
		decision->adds = limited;
	if (decision->warrant_count + decision->proposed_count + decision->left_count >
	    1) {
		line->reports = true;
		report_begin(&line->report, "");
		report_all(line);
		report_tell(&line->report, &limited);
	} else if (turn->outcome != REASON_NONE) {
		turn->answer = tells_why(&line->first_said)
				       ? line->first_said
				       : saying_refusal(turn->outcome);
	} else if (decision->said.key != SAYING_NONE) {
		turn->answer = decision->said;
	} else {
		turn->answer = line->first_said;
	}
}

/* The keeper, which looks by itself, would hold none of it: so it was refused after all. */
static void refuse_held(struct turn_line *line)
{
	struct turn *turn = &line->turn;

	turn->decision.kind = DECISION_REFUSE;
	turn->decision.reason = line->held[0];
	turn->outcome = line->held[0];
	turn->answer = saying_refusal(line->held[0]);
	turn_leave_dialogue(&turn->decision);
	struct event event = turn_decision_event(line, &turn->decision);
	(void)turn_write(line, &event, ASKED_OUTCOME);
}

static void sum_up_hold(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	const struct decision *decision = &turn->decision;
	const bool is_held = decision->does != DIALOGUE_DOES_NOTHING
				     ? line->held[0] == decision->reason
				     : count_waiting(line) > 0;

	if (!is_held && !is_line(line)) {
		refuse_held(line);
		return;
	}
	turn->outcome = decision->reason;
	turn->answer = decision->said.key != SAYING_NONE
			       ? decision->said
			       : saying_refusal(decision->reason);
	if (decision->proposed_count + decision->left_count < 2)
		return;
	line->reports = true;
	report_begin(&line->report, "");
	report_all(line);
}

static void sum_up(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	const struct decision *decision = &turn->decision;

	if (decision->kind == DECISION_ACT) {
		sum_up_act(line);
	} else if (decision->kind == DECISION_HOLD) {
		sum_up_hold(line);
	} else {
		bool tells = decision->said.key != SAYING_NONE;
		turn->outcome = decision->reason;
		turn->answer = tells ? decision->said : saying_refusal(decision->reason);
	}
}

/* --- what is written --- */

static void write_action(struct turn_line *line, const struct action *action,
			 enum reason reason, size_t asked)
{
	struct event event =
		turn_event(line, reason == REASON_NONE ? EVENT_DONE : EVENT_FAILED);

	record_outcome(&event, action, reason);
	(void)turn_write(line, &event, (unsigned)asked);
}

static void write_events(struct turn_line *line)
{
	const struct decision *decision = &line->turn.decision;

	for (size_t i = 0; i < decision->warrant_count; i++)
		write_action(line, warrant_shows(decision->warrants[i]), line->results[i],
			     ASKED_OUTCOME + i);
	for (size_t i = 0; i < decision->proposed_count; i++)
		if (line->held[i] != REASON_NEEDS_TAP &&
		    decision->kind != DECISION_REFUSE &&
		    decision->does == DIALOGUE_DOES_NOTHING)
			write_action(line, &decision->proposed[i], line->held[i],
				     ASKED_NOT_HELD + i);
	for (size_t i = 0; i < decision->left_count; i++) {
		struct action action = {.kind = decision->action};
		(void)str_copy(action.entity, sizeof(action.entity),
			       decision->left[i].entity);
		write_action(line, &action, decision->left[i].reason, ASKED_LEFT + i);
	}
}

void turn_write_outcome(struct turn_line *line)
{
	struct turn *turn = &line->turn;

	if (turn->decision.kind == DECISION_ACT && !is_line(line))
		turn->times.act =
			(double)(clock_now_us(line->parts.clock) - line->begun_us) /
				1000.0 -
			turn->times.journal;
	turn->acted += count_done(line);
	turn->waits +=
		turn->decision.does == DIALOGUE_DOES_NOTHING ? count_waiting(line) : 0;
	if (is_line(line))
		report_line(line);
	else
		sum_up(line);
	write_events(line);
	if (line->reports)
		turn->failed = line->report.failed;
}

void turn_write_call(struct turn_line *line)
{
	struct turn *turn = &line->turn;

	turn->failed = line->report.failed;
	turn->outcome = turn->failed > 0 ? REASON_NOT_ALL_DONE : REASON_NONE;
	turn->times.act =
		(double)(clock_now_us(line->parts.clock) - line->begun_us) / 1000.0 -
		turn->times.journal;
	line->results[0] = turn->outcome;
	write_action(line, warrant_shows(turn->decision.warrants[0]), turn->outcome,
		     ASKED_OUTCOME);
}

static void put_more(struct turn_line *line, const struct saying *adds)
{
	char *said = line->turn.said;
	char text[SAYING_SPOKEN_BYTES];

	if (adds->key == SAYING_NONE)
		return;
	phrasebook_say(line->parts.phrasebook, adds, text);
	(void)str_append(said, SAYING_SPOKEN_BYTES, "%s%s", said[0] ? " " : "", text);
	str_clean(said);
}

void turn_put_words(struct turn_line *line)
{
	struct turn *turn = &line->turn;

	if (line->reports)
		report_say(&line->report, line->parts.phrasebook, turn->said);
	else
		phrasebook_say(line->parts.phrasebook, &turn->answer, turn->said);
	if (!line->reports && turn->decision.kind == DECISION_ACT)
		put_more(line, &turn->decision.adds);
}
