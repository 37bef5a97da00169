/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn - the straight line: understand, decide, write down, act, write down, record,
 * answer.
 * tour 2/10: the only file that knows the order of the stages; next: domain/intent.h.
 *
 * Invariants: nothing is done before the keeper has confirmed the decision; a decision
 * that cannot be written becomes a refusal; every action's outcome is written, later if
 * it must; every spoken word has a parent event. Answers come back by token, in any
 * order, also from inside the call that asked for them.
 */
#include "turn/turn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/must.h"
#include "base/str.h"
#include "decide/decide.h"
#include "decide/floor.h"
#include "domain/skill.h"
#include "record/record.h"
#include "turn/turn_inner.h"
#include "understand/follow.h"

typedef void turn_step_fn(struct turn_line *line);
static turn_step_fn step_understand, step_decide, step_write_decision, step_act,
	step_write_outcome, step_routine, step_record, step_answer;

/* The order of things. A step starts its questions and the line goes on when all of
 * them are answered. */
static const struct {
	const char *name;
	turn_step_fn *run;
} STEPS[TURN_OVER] = {
	[TURN_UNDERSTAND] = {"understand", step_understand},
	[TURN_DECIDE] = {"decide", step_decide},
	[TURN_WRITE_DECISION] = {"write down the decision", step_write_decision},
	[TURN_ACT] = {"act", step_act},
	[TURN_WRITE_OUTCOME] = {"write down the outcome", step_write_outcome},
	[TURN_ROUTINE] = {"go on with the routine", step_routine},
	[TURN_RECORD] = {"record", step_record},
	[TURN_ANSWER] = {"answer", step_answer},
};

const char *turn_stage_text(enum turn_stage stage)
{
	return stage < TURN_OVER ? STEPS[stage].name : "over";
}

enum err turn_line_create(const struct turn_parts *parts, struct turn_line **out_line)
{
	enum err err = ERR_MEMORY;
	struct turn_line *line = calloc(1, sizeof(*line));

	if (!line)
		goto out;
	line->parts = *parts;
	line->sound = calloc(SOUND_SAMPLES, sizeof(*line->sound));
	if (!line->sound)
		goto out;
	(void)mlock(line->sound, SOUND_SAMPLES * sizeof(*line->sound));
	err = arena_create(TURN_ARENA_BYTES, &line->arena);
	if (!err)
		err = arena_create(TURN_ARENA_BYTES, &line->line_arena);
	if (err)
		goto out;
	*out_line = line;
	line = NULL;
out:
	turn_line_destroy(line);
	return err;
}

static void turn_wipe(struct turn_line *line)
{
	explicit_bzero(line->sound, line->sample_count * sizeof(*line->sound));
	line->sample_count = 0;
	explicit_bzero(&line->turn, sizeof(line->turn));
	explicit_bzero(&line->first_said, sizeof(line->first_said));
	explicit_bzero(&line->call, sizeof(line->call));
	explicit_bzero(&line->report, sizeof(line->report));
	line->busy = false;
}

void turn_line_destroy(struct turn_line *line)
{
	if (!line)
		return;
	if (line->sound) {
		turn_wipe(line);
		(void)munlock(line->sound, SOUND_SAMPLES * sizeof(*line->sound));
	}
	free(line->sound);
	arena_destroy(line->arena);
	arena_destroy(line->line_arena);
	free(line);
}

bool turn_line_busy(const struct turn_line *line)
{
	return line->busy;
}

struct turn_id turn_id_make(const struct clock *clock, const struct rand *rand)
{
	uint8_t noise[2];

	rand_fill(rand, noise, sizeof(noise));
	return (struct turn_id){(uint64_t)clock_wall_ms(clock) << 16 |
				(uint64_t)noise[0] << 8 | noise[1]};
}

static double ms_since(const struct turn_line *line, int64_t from_us)
{
	return (double)(clock_now_us(line->parts.clock) - from_us) / 1000.0;
}

/* A fresh event of this turn. */
struct event turn_event(const struct turn_line *line, enum event_kind kind)
{
	struct event event;

	event_init(&event, kind, line->turn.id, line->turn.room,
		   clock_wall_ms(line->parts.clock));
	return event;
}

/* Appends an event that the turn waits for. What cannot be written now is kept for
 * later, except the decision: without it nothing happens. */
enum err turn_write(struct turn_line *line, const struct event *event, unsigned asked)
{
	line->waiting++;
	line->asked[asked] = *event;
	enum err err = keep_append(line->parts.keep, event,
				   line->token_base | (TOKEN_EVENT + asked));
	if (err) {
		line->waiting--;
		if (asked != ASKED_DECIDED)
			line->parts.late(line->parts.context, event);
	}
	return err;
}

/* A line of a routine is nobody's answer. */
static bool turn_is_line(const struct turn_line *line)
{
	return line->in_routine && line->at < line->routine.line_count;
}

/* What is typed is never the answer to what was asked aloud. */
static const struct dialogue *turn_dialogue(const struct turn_line *line)
{
	return line->turn.heard.spoken && line->parts.dialogue && !turn_is_line(line)
		       ? line->parts.dialogue(line->parts.context)
		       : NULL;
}

/* What there is to lean on. In a message's dialogue there is nothing. */
static enum follow_kind turn_follows(const struct turn_line *line)
{
	const struct turn *turn = &line->turn;

	if (!line->parts.follow ||
	    (turn->answers != DIALOGUE_NONE && !dialogue_is_ordinary(turn->answers)))
		return FOLLOW_NOTHING;
	return follow_now(line->parts.follow, !turn->heard.spoken,
			  clock_now_ms(line->parts.clock));
}

/* What may be said: in a dialogue that of its step, else what leans on what was before. */
static enum dialogue_step turn_words(const struct turn_line *line, enum follow_kind kind)
{
	if (line->turn.answers != DIALOGUE_NONE || kind == FOLLOW_NOTHING)
		return line->turn.answers;
	return kind == FOLLOW_QUESTION ? DIALOGUE_WHICH : DIALOGUE_FOLLOW;
}

/* Words that lean become whole, or are no request. */
static void turn_make_whole(struct turn_line *line, enum follow_kind kind)
{
	static const struct follow nothing = {.kind = FOLLOW_NOTHING};
	struct understanding *understood = &line->turn.understanding;
	const bool leans = understand_leans(understood);

	understand_follow(kind == FOLLOW_NOTHING ? &nothing : line->parts.follow,
			  bus_home(line->parts.bus), understood);
	if (leans && understood->leans)
		line->turn.leans_on = line->parts.follow->turn;
}

/* A line is understood by itself: it leans on nothing, and is written as it is meant. */
static void turn_understand_line(struct turn_line *line)
{
	const struct understand *words =
		line->parts.understand(line->parts.context, DIALOGUE_NONE);

	understand_text(words, line->routine.lines[line->at].text, line->turn.room,
			&line->turn.understanding);
}

static void step_understand(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	int64_t from_us = clock_now_us(line->parts.clock);
	const struct dialogue *dialogue = turn_dialogue(line);

	if (turn_is_line(line)) {
		turn_understand_line(line);
		return;
	}
	turn->answers = dialogue ? dialogue->step : DIALOGUE_NONE;
	if (turn->heard.news != DIALOGUE_WORDS) {
		turn->understanding.confidence = 1; /* there is nothing to understand */
		return;
	}
	if (turn->heard.intent) {
		turn->understanding.intent = *turn->heard.intent;
		turn->understanding.confidence = 1;
		turn->heard.intent = NULL; /* borrowed for the beginning alone */
		return;
	}
	const enum follow_kind follows = turn_follows(line);
	const struct understand *words =
		line->parts.understand(line->parts.context, turn_words(line, follows));

	/* What was typed is spelt as it is meant. */
	(turn->heard.spoken ? understand_heard : understand_text)(words, turn->heard.text,
								  turn->room,
								  &turn->understanding);
	turn_make_whole(line, follows);
	turn->times.understand = ms_since(line, from_us);
}

static void step_decide(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	const struct turn_heard *heard = &turn->heard;
	int64_t from_us = clock_now_us(line->parts.clock);
	const bool is_line = turn_is_line(line);

	turn->is_quiet = heard->spoken && line->parts.is_quiet &&
			 line->parts.is_quiet(line->parts.context);
	struct decide_input input = {
		.understanding = &turn->understanding,
		.home = bus_home(line->parts.bus),
		.arranged = line->parts.arranged,
		.policy = keep_policy(line->parts.keep),
		.room = turn->room,
		.spoken = heard->spoken,
		.ratio = heard->ratio,
		.speech_frames = heard->speech_frames,
		.word_count = heard->word_count,
		.said_words = skill_count_words(heard->text),
		.is_quiet = turn->is_quiet,
		.volume_percent = line->parts.volume(line->parts.context),
		.music_percent = line->parts.music
					 ? music_state(line->parts.music)->volume_percent
					 : -1,
		.bus_down = !bus_is_up(line->parts.bus),
		.media_match = heard->media_match,
		.one_sided = heard->one_sided,
		.can_hold = keep_can_propose(line->parts.keep),
		.reach = keep_reach(line->parts.keep),
		.is_answer = heard->is_answer,
		.in_routine = is_line,
		.follow = is_line ? NULL : line->parts.follow,
		.follow_up = line->parts.follow_up && !is_line,
		.dialogue = turn_dialogue(line),
		.news = heard->news,
		.memo = heard->memo,
		.can_call_off = line->parts.can_call_off && !is_line &&
				line->parts.can_call_off(line->parts.context),
		.carries_to_houses = line->parts.carries_to_houses,
		.book = line->parts.book ? line->parts.book->look(line->parts.context)
					 : NULL,
		.wake_word = line->parts.wake_word ? line->parts.wake_word : "",
		.now_ms = clock_now_ms(line->parts.clock),
	};

	if (decide(&input, is_line ? line->line_arena : line->arena, &turn->decision)) {
		memset(&turn->decision, 0, sizeof(turn->decision));
		turn->decision.reason = REASON_NO_ACTION;
	}
	line->floor = floor_for_class(turn->decision.class_of, heard->speech_frames);
	turn->times.decide = ms_since(line, from_us);
}

struct event turn_decision_event(const struct turn_line *line,
				 const struct decision *decision)
{
	const struct turn *turn = &line->turn;
	struct event event = turn_event(line, EVENT_DECIDED);
	struct record_heard heard = {
		.spoken = turn->heard.spoken && turn->heard.news == DIALOGUE_WORDS,
		.is_news = turn->heard.news != DIALOGUE_WORDS,
		.ratio = turn->heard.ratio,
		.floor = line->floor,
		.confidence = turn->understanding.confidence,
		.intent = turn->understanding.intent.name,
		.is_answer = turn->heard.is_answer,
		.answers = turn->answers,
		.leans_on = turn->leans_on,
		.routine_line = turn_is_line(line) ? (unsigned)line->at + 1 : 0,
	};

	record_decided(&event, decision, &heard);
	return event;
}

/* What it would have led to does not happen. */
void turn_leave_dialogue(struct decision *decision)
{
	decision->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
	decision->then = THEN_NOTHING;
}

/* What was decided could not be written down, so it will not be done; that goes into the
 * journal when it is back. */
static void turn_unwritten(struct turn_line *line)
{
	struct decision *decision = &line->turn.decision;

	decision->kind = DECISION_REFUSE;
	decision->reason = REASON_JOURNAL_UNAVAILABLE;
	decision->warrant_count = 0;
	decision->proposed_count = 0;
	decision->left_count = 0;
	decision->said = saying_make(SAYING_NONE);
	turn_leave_dialogue(decision);
	struct event event = turn_decision_event(line, decision);
	line->parts.late(line->parts.context, &event);
}

static void step_write_decision(struct turn_line *line)
{
	const struct decision *decision = &line->turn.decision;
	struct event event = turn_decision_event(line, decision);

	if (turn_write(line, &event, ASKED_DECIDED))
		turn_unwritten(line);
	if (decision->kind != DECISION_ACT || decision->proposed_count == 0)
		return;
	event = turn_held_event(line);
	if (turn_write(line, &event, ASKED_HELD))
		turn_unheld(line);
}

/* What act/ calls where a routine is to be run: its lines follow, one after another, each
 * decided when it is its turn. */
static enum reason turn_run_routine(void *context, const char *name)
{
	struct turn_line *line = context;
	const struct routine *routine = arranged_routine(line->parts.arranged, name);

	if (!routine)
		return REASON_NO_ACTION;
	must(!line->in_routine);
	line->routine = *routine;
	line->in_routine = true;
	line->at = 0;
	return REASON_NONE;
}

static void step_act(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	struct act_ports ports = {
		.clock = line->parts.clock,
		.bus = line->parts.bus,
		.music = line->parts.music,
		.policy = keep_policy(line->parts.keep),
		.recent = line->parts.recent,
		.set_volume = line->parts.set_volume,
		.volume_percent = line->parts.volume(line->parts.context),
		.announce = line->parts.announce,
		.ask_skill = line->parts.ask_skill,
		.agenda = line->parts.agenda ? line->parts.agenda(line->parts.context)
					     : NULL,
		.forecast = keep_forecast(line->parts.keep),
		.has_place = keep_policy(line->parts.keep)->day.place.is_set,
		.turn = turn->id,
		.because = turn->decided,
		.message_count = line->parts.message_count
					 ? line->parts.message_count(line->parts.context)
					 : 0,
		.play_messages = line->parts.play_messages,
		.book = line->parts.book,
		.typed = !turn->heard.spoken,
		.run_routine = turn_run_routine,
		.line = line,
		.context = line->parts.context,
	};
	bool commands = false;

	if (!turn_is_line(line))
		turn->times.journal = ms_since(line, line->begun_us);
	if (turn->decision.kind == DECISION_ACT || turn->decision.kind == DECISION_HOLD)
		must(turn->decided.value != 0);
	turn_propose_all(line);
	if (turn->decision.does == DIALOGUE_DOES_CALL_OFF)
		line->parts.call_off(line->parts.context);
	for (size_t i = 0; i < turn->decision.warrant_count; i++) {
		struct act_result result;
		line->waiting++;
		line->results[i] = REASON_NONE;
		act_begin(turn->decision.warrants[i], &ports, line->token_base | i,
			  &result);
		if (i == 0)
			line->first_said = result.said;
		commands = commands || result.waits;
		if (!result.waits) {
			line->waiting--;
			line->results[i] = result.reason;
		}
	}
	if (commands && turn->heard.spoken)
		turn->times.publish = (double)(clock_now_ms(line->parts.clock) -
					       turn->heard.last_voiced_ms);
}

/* What called a routine is over when its lines are. */
static void step_write_outcome(struct turn_line *line)
{
	if (line->in_routine && line->at == 0 && !line->call.decided.value)
		return;
	turn_write_outcome(line);
}

/* Tokens of before are nobody's any more. */
static void turn_renew_tokens(struct turn_line *line)
{
	uint8_t noise[7];

	rand_fill(line->parts.rand, noise, sizeof(noise));
	line->token_base = 0;
	for (size_t i = 0; i < sizeof(noise); i++)
		line->token_base = (line->token_base | noise[i]) << 8;
}

static void turn_keep_call(struct turn_line *line)
{
	line->call.understanding = line->turn.understanding;
	line->call.decision = line->turn.decision;
	line->call.decided = line->turn.decided;
	line->reports = true;
	report_begin(&line->report, line->routine.name);
}

static void turn_restore_call(struct turn_line *line)
{
	line->turn.understanding = line->call.understanding;
	line->turn.decision = line->call.decision;
	line->turn.decided = line->call.decided;
	turn_write_call(line);
	line->in_routine = false;
}

/* Its next line goes the whole way by itself: understood, decided, written down, done. What
 * became of it stands in the report. */
static void step_routine(struct turn_line *line)
{
	if (!line->in_routine)
		return;
	if (line->call.decided.value == 0)
		turn_keep_call(line);
	else
		line->at++;
	if (line->at == line->routine.line_count) {
		turn_restore_call(line);
		return;
	}
	arena_reset(line->line_arena);
	turn_renew_tokens(line);
	line->turn.decided = (struct event_id){0};
	line->first_said = saying_make(SAYING_NONE);
	line->next = TURN_UNDERSTAND;
}

/* Writes why no recording was kept. */
static void turn_not_sealed(struct turn_line *line, enum reason reason)
{
	struct event event = turn_event(line, EVENT_NOT_RECORDED);

	record_not_sealed(&event, reason);
	(void)turn_write(line, &event, ASKED_NOT_SEALED);
}

/* The sealing goes on while the answer is spoken. */
static void step_record(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	struct keep_recording recording = {
		.turn = turn->id,
		.room = turn->room,
		.at_ms = turn->wall_ms,
		.sound = {line->sound, line->sample_count},
		.transcript = turn->heard.text,
	};

	turn->times.total = ms_since(line, line->begun_us);
	if (!turn->heard.spoken || turn->heard.news != DIALOGUE_WORDS)
		return;
	if (!record_may_keep(&turn->decision)) {
		turn_not_sealed(line, turn->decision.reason);
		return;
	}
	line->sealing = true;
	if (keep_seal(line->parts.keep, &recording, line->token_base | TOKEN_SEALED)) {
		line->sealing = false;
		turn_not_sealed(line, REASON_JOURNAL_UNAVAILABLE);
	}
}

/* What is not said aloud is not answered, and what failed is not followed up. */
static void turn_leave_unasked(struct turn *turn)
{
	const enum dialogue_step step = turn->decision.dialogue.step;

	if (dialogue_is_ordinary(step) &&
	    (turn->said[0] == '\0' ||
	     (step == DIALOGUE_FOLLOW && turn->outcome != REASON_NONE)))
		turn_leave_dialogue(&turn->decision);
}

/* Here the answer gets its words; no stage before knows any. */
static void step_answer(struct turn_line *line)
{
	struct turn *turn = &line->turn;
	struct event_id parent = turn->finished.value ? turn->finished : turn->decided;

	if (!turn->is_quiet)
		turn_put_words(line);
	turn_leave_unasked(turn);
	if (parent.value == 0)
		parent = line->parts.newest(line->parts.context);
	if (line->sealing)
		line->waiting++;
	if (turn->said[0] == '\0' || parent.value == 0)
		return;
	line->waiting++;
	line->speaking = true;
	line->parent = parent;
	line->parts.say(line->parts.context, turn, turn->said, parent);
}

static void turn_finish(struct turn_line *line)
{
	turn_remember(line);
	line->parts.over(line->parts.context, &line->turn);
	turn_wipe(line);
}

/* Runs steps until one has to wait or the line is at its end. */
static void turn_run(struct turn_line *line)
{
	line->running = true;
	while (line->waiting == 0 && line->turn.stage < TURN_OVER) {
		line->next = line->turn.stage + 1;
		STEPS[line->turn.stage].run(line);
		line->turn.stage = line->next;
	}
	line->running = false;
	if (line->waiting == 0 && line->turn.stage == TURN_OVER)
		turn_finish(line);
}

static void turn_answered(struct turn_line *line)
{
	must(line->waiting > 0);
	line->waiting--;
	if (!line->running)
		turn_run(line);
}

enum err turn_begin(struct turn_line *line, struct turn_id id, const char *room,
		    const struct turn_heard *heard, struct audio_span sound)
{
	if (line->busy)
		return ERR_BUSY;
	if (sound.count > SOUND_SAMPLES)
		return ERR_LIMIT;
	arena_reset(line->arena);
	memset(&line->turn, 0, sizeof(line->turn));
	line->turn.id = id;
	line->turn.wall_ms = clock_wall_ms(line->parts.clock) - audio_ms(sound.count);
	line->turn.heard = *heard;
	line->turn.times = (struct turn_times){
		.listen = heard->spoken
				  ? (double)(heard->endpoint_ms - heard->last_voiced_ms)
				  : -1,
		.recognise = heard->spoken ? heard->recognise_ms : -1,
		.act = -1,
		.publish = -1,
	};
	if (!str_copy(line->turn.room, sizeof(line->turn.room), room))
		return ERR_LIMIT;
	if (sound.count > 0)
		memcpy(line->sound, sound.samples, sound.count * sizeof(*line->sound));
	line->sample_count = sound.count;
	turn_renew_tokens(line);
	line->begun_us = clock_now_us(line->parts.clock);
	line->waiting = 0;
	line->sealing = false;
	line->speaking = false;
	line->in_routine = false;
	line->reports = false;
	line->call.decided = (struct event_id){0};
	line->first_said = saying_make(SAYING_NONE);
	line->busy = true;
	turn_run(line);
	return OK;
}

/* True, and what is asked for, when a token is one of this turn's. */
static bool token_is_ours(const struct turn_line *line, uint64_t token,
			  unsigned *out_what)
{
	*out_what = (unsigned)(token & 0xff);
	return line->busy && (token & ~(uint64_t)0xff) == line->token_base;
}

/* One of its actions; NULL: the token is none of theirs. */
static const struct action *action_of(const struct turn_line *line, uint64_t token,
				      unsigned *out_what)
{
	if (!token_is_ours(line, token, out_what) ||
	    *out_what >= line->turn.decision.warrant_count)
		return NULL;
	return warrant_shows(line->turn.decision.warrants[*out_what]);
}

void turn_bus_done(struct turn_line *line, uint64_t token, enum err err)
{
	unsigned what;
	const struct action *action = action_of(line, token, &what);

	if (!action)
		return;
	line->results[what] = act_reason(action, err);
	turn_answered(line);
}

void turn_act_done(struct turn_line *line, uint64_t token, enum reason reason,
		   const struct saying *said)
{
	unsigned what;

	if (!action_of(line, token, &what))
		return;
	line->results[what] = reason;
	if (said && what == 0)
		line->first_said = *said;
	turn_answered(line);
}

/* An event was written, or its answer was lost: then it is written again later, rather
 * twice than not at all; a decision that may not be written is no decision. */
static void turn_written(struct turn_line *line, unsigned asked, enum err err,
			 struct event_id event)
{
	struct turn *turn = &line->turn;

	if (asked == ASKED_DECIDED && err)
		turn_unwritten(line);
	else if (asked == ASKED_HELD && err)
		turn_unheld(line);
	else if (err)
		line->parts.late(line->parts.context, &line->asked[asked]);
	else if (asked == ASKED_DECIDED)
		turn->decided = event;
	else if (asked >= ASKED_OUTCOME)
		turn->finished = event;
}

/* Why the keeper did not keep it. */
static enum reason reason_not_kept(enum err err)
{
	if (err == ERR_UNSUPPORTED)
		return REASON_KEEPS_NOTHING;
	return err == ERR_DENIED ? REASON_CAPABILITY_OFF : REASON_JOURNAL_UNAVAILABLE;
}

static void turn_sealed(struct turn_line *line, enum err err, struct record_id record)
{
	bool answering = line->turn.stage > TURN_ANSWER;

	line->sealing = false;
	if (!err)
		line->turn.record = record;
	else
		turn_not_sealed(line, reason_not_kept(err));
	if (answering)
		turn_answered(line);
}

void turn_keep_done(struct turn_line *line, uint64_t token, enum err err,
		    struct event_id event, struct record_id record)
{
	unsigned what;

	if (!token_is_ours(line, token, &what))
		return;
	if (what == TOKEN_SEALED) {
		turn_sealed(line, err, record);
		return;
	}
	if (what >= TOKEN_PROPOSED &&
	    what < TOKEN_EVENT) { /* the keeper went away over it */
		turn_proposed(line, token, REASON_JOURNAL_UNAVAILABLE,
			      (struct proposal_id){{0}});
		return;
	}
	if (what < TOKEN_EVENT || what >= TOKEN_EVENT + ASKED_COUNT)
		return;
	turn_written(line, what - TOKEN_EVENT, err, event);
	turn_answered(line);
}

void turn_proposed(struct turn_line *line, uint64_t token, enum reason reason,
		   struct proposal_id id)
{
	unsigned what;

	if (!token_is_ours(line, token, &what) || what < TOKEN_PROPOSED ||
	    what >= TOKEN_EVENT)
		return;
	line->held[what - TOKEN_PROPOSED] = reason;
	if (line->turn.decision.does == DIALOGUE_DOES_PROPOSE)
		line->turn.decision.dialogue.proposal = id;
	turn_answered(line);
}

void turn_spoken(struct turn_line *line, struct turn_id turn, int64_t sound_ms)
{
	if (!line->busy || line->turn.id.value != turn.value || !line->speaking)
		return;
	line->speaking = false;
	if (sound_ms > 0) {
		struct event event = turn_event(line, EVENT_SPOKEN);
		record_spoken(&event, line->parent, sound_ms);
		(void)turn_write(line, &event, ASKED_SPOKEN);
	}
	turn_answered(line);
}

double turn_confidence(const struct turn *turn)
{
	/* A logistic curve through one half at the floor; 4 log units are a factor of e. */
	const double scale = 4;
	double floor =
		floor_for_class(turn->decision.class_of, turn->heard.speech_frames);

	if (!turn->heard.spoken)
		return turn->understanding.confidence;
	if (turn->heard.word_count == 0)
		return 0;
	return 1 / (1 + exp(-(turn->heard.ratio - floor) / scale));
}
