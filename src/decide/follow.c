/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - see the header. The steps are WHICH and FOLLOW of domain/dialogue.def.
 *
 * Invariants: nothing of class C comes out of words that were said without the name; what
 * is doubted is asked about once more and then left; after a reply nothing is asked.
 */
#include "decide/follow.h"

#include "base/str.h"
#include "decide/floor.h"

bool follow_waits(const struct decide_input *input)
{
	return input->dialogue && dialogue_is_ordinary(input->dialogue->step);
}

static struct saying say(const struct decide_input *input, const struct saying *question,
			 const struct dialogue_went *went, bool *out_repeats)
{
	if (went->says == SAYING_REFUSED)
		return saying_refusal(went->reason);
	if (went->says != SAYING_ASK_WHICH)
		return saying_make(went->says);
	/* Another one, where the answer itself is asked back about. */
	if (question->key != SAYING_NONE || !input->follow)
		return *question;
	*out_repeats = true;
	return input->follow->question;
}

static void go(const struct decide_input *input, enum dialogue_event event,
	       const struct saying *question, struct decision *decision)
{
	struct dialogue dialogue = *input->dialogue;
	struct dialogue_went went;

	decision->kind = DECISION_REFUSE;
	decision->reason = REASON_NO_ACTION;
	if (!dialogue_go(&dialogue, event, &went))
		return;
	if (dialogue.step != DIALOGUE_NONE)
		decision->kind = DECISION_ASK;
	decision->reason = went.reason;
	decision->then = went.then;
	decision->said = say(input, question, &went, &decision->repeats);
	decision->dialogue = dialogue;
}

/* The house does not answer here any more. */
static void end(enum reason reason, struct decision *decision)
{
	decision->kind = DECISION_REFUSE;
	decision->reason = reason;
}

static bool is_house(enum reason reason)
{
	return reason == REASON_NO_OWNER || reason == REASON_MUTED ||
	       reason == REASON_CAPABILITY_OFF;
}

/* Of words that were believed. After a reply only a request that is understood but for
 * which thing it means is worth a question. WORDS: a request like others. */
static enum dialogue_event event_of_words(const struct decide_input *input,
					  enum reason heard,
					  const struct saying *question,
					  struct plan *scratch)
{
	if (heard != REASON_NONE && question->key == SAYING_NONE)
		return DIALOGUE_UNCLEAR;
	(void)plan_make(input, scratch);
	if (scratch->class_of == CLASS_C)
		return DIALOGUE_BINDS;
	if (heard == REASON_AMBIGUOUS && input->dialogue->step == DIALOGUE_FOLLOW)
		return DIALOGUE_ASKED;
	return heard == REASON_NONE ? DIALOGUE_WORDS : DIALOGUE_UNCLEAR;
}

/* The question is gone where something was typed meanwhile. */
static bool can_be_asked(const struct decide_input *input, const struct saying *question)
{
	return input->dialogue->step != DIALOGUE_WHICH || question->key != SAYING_NONE ||
	       (input->follow && input->follow->kind == FOLLOW_QUESTION);
}

static bool is_believed(const struct decide_input *input)
{
	return input->ratio >= floor_for_class(CLASS_B, input->speech_frames);
}

/* After a reply "cancel" is for what was asked for here and is not over. */
static bool calls_off_more(const struct decide_input *input)
{
	return input->dialogue->step == DIALOGUE_FOLLOW && input->can_call_off;
}

/* Wrong in the direction of calling off alone. */
static enum dialogue_event event_of(const struct decide_input *input, enum reason heard,
				    const struct saying *question, struct plan *scratch)
{
	if (input->media_match)
		return DIALOGUE_OWN_VOICE;
	if (input->one_sided)
		return DIALOGUE_ONE_SIDED;
	if (str_equal(input->understanding->intent.name, "HassNevermind"))
		return calls_off_more(input) ? DIALOGUE_WORDS : DIALOGUE_CALLED_OFF;
	return is_believed(input) ? event_of_words(input, heard, question, scratch)
				  : DIALOGUE_UNCLEAR;
}

/* What the refusal is about; of words that were not believed nothing is told. */
static void tell_what(const struct plan *plan, enum dialogue_event event,
		      struct decision *decision)
{
	if (event != DIALOGUE_BINDS)
		return;
	decision->action = plan->kind;
	decision->class_of = plan->class_of;
}

bool follow_judge(const struct decide_input *input, enum reason heard,
		  const struct saying *question, struct plan *scratch,
		  struct decision *decision)
{
	static const struct saying silence = {.key = SAYING_NONE};
	enum dialogue_event event = input->news;

	if (is_house(heard)) {
		end(heard, decision);
		return true;
	}
	if (event == DIALOGUE_WORDS && !input->is_answer)
		return false; /* with the name: a request like others */
	if (event == DIALOGUE_WORDS)
		event = event_of(input, heard, question, scratch);
	if (event == DIALOGUE_WORDS)
		return false;
	if (event == DIALOGUE_UNCLEAR && !can_be_asked(input, question))
		event = DIALOGUE_UNCLEAR_AGAIN;
	go(input, event, is_believed(input) ? question : &silence, decision);
	tell_what(scratch, event, decision);
	return true;
}

static void begin(enum dialogue_event event, struct decision *decision)
{
	struct dialogue dialogue = {.step = DIALOGUE_NONE};
	struct dialogue_went went;

	if (!dialogue_go(&dialogue, event, &went))
		return;
	decision->dialogue = dialogue;
	decision->then = went.then;
}

/* Typed ones, too: they are answered by what is typed next. */
void follow_question(const struct decide_input *input, struct decision *decision)
{
	const bool repeats = follow_waits(input) && input->is_answer;

	if (!input->follow || decision->kind != DECISION_ASK ||
	    decision->class_of == CLASS_C || decision->dialogue.step != DIALOGUE_NONE)
		return;
	begin(DIALOGUE_ASKED, decision);
	decision->dialogue.asked_again = repeats;
}

/* Who stops it does not want to be listened to. */
void follow_reply(const struct decide_input *input, struct decision *decision)
{
	if (!input->follow || !input->follow_up || !input->spoken ||
	    decision->kind != DECISION_ACT || decision->class_of == CLASS_C ||
	    decision->action == ACTION_STOP || decision->action == ACTION_PLAY_MESSAGES ||
	    decision->action == ACTION_SKILL) /* which never leads to a microphone */
		return;
	begin(DIALOGUE_DONE, decision);
}
