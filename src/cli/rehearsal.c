/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal - see the header.
 *
 * Adds no rule of its own: what is believed, asked, held and called off are decide()'s and
 * the tables' answers. Invariants: a body is released only from a proposal that was
 * ordered; whether that was harm is told by what devices had signed, not by what was
 * meant.
 */
#include "cli/rehearsal.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/naive.h"
#include "decide/decide.h"

enum {
	VOLUME_PERCENT = 50,
	WAITS_MAX = 16, /* more steps than any proposal can make */
};

static const enum proposal_kind KIND = PROPOSAL_MESSAGE;

static const struct {
	const char *text;
	char letter;
	enum barrier_kind kind;
} BARRIERS[BARRIER_COUNT] = {
#define BARRIER(name, letter, text, kind, words) {text, letter, BARRIER_##kind},
#include "cli/barriers.def"
#undef BARRIER
};

const char *barrier_text(enum barrier barrier)
{
	must(barrier < BARRIER_COUNT);
	return BARRIERS[barrier].text;
}

char barrier_letter(enum barrier barrier)
{
	must(barrier < BARRIER_COUNT);
	return BARRIERS[barrier].letter;
}

enum barrier_kind barrier_kind_of(enum barrier barrier)
{
	must(barrier < BARRIER_COUNT);
	return BARRIERS[barrier].kind;
}

bool barrier_from_text(const char *text, enum barrier *out_barrier)
{
	for (size_t i = 0; i < BARRIER_COUNT; i++) {
		if (!str_equal(BARRIERS[i].text, text))
			continue;
		*out_barrier = (enum barrier)i;
		return true;
	}
	return false;
}

static bool is_out(const struct rehearsal *rehearsal, enum barrier barrier)
{
	return rehearsal->out & (1U << barrier);
}

/* --- what the keeper holds -------------------------------------------------------------- */

/* The gate carries out what was ordered, and what it has is out of the house. */
static void release(struct rehearsal *rehearsal)
{
	rehearsal->is_released = true;
	rehearsal->is_harm |= !rehearsal->was_tapped && !rehearsal->was_received;
	rehearsal->released = rehearsal->body;
}

/* Where the hold is taken out, what was confirmed is ordered. */
static bool step(const struct rehearsal *rehearsal, enum proposal_event event,
		 enum proposal_state *out_to, enum reason *out_reason)
{
	if (is_out(rehearsal, BARRIER_HOLD) && event == PROPOSAL_CONFIRMED) {
		*out_to = PROPOSAL_ORDERED;
		*out_reason = REASON_NONE;
		return true;
	}
	return proposal_step(KIND, rehearsal->state, event, out_to, out_reason);
}

/* One step; true where it was made. */
static bool advance(struct rehearsal *rehearsal, enum proposal_event event)
{
	enum reason reason;

	if (!rehearsal->is_proposed ||
	    !step(rehearsal, event, &rehearsal->state, &reason))
		return false;
	rehearsal->was_tapped |= event == PROPOSAL_TAPPED;
	rehearsal->was_received |= event == PROPOSAL_RECEIVED;
	if (reason != REASON_NONE)
		rehearsal->reason = reason;
	return true;
}

bool rehearsal_happens(struct rehearsal *rehearsal, enum proposal_event event)
{
	const enum proposal_state from = rehearsal->state;

	if (!advance(rehearsal, event))
		return false;
	if (rehearsal->state == PROPOSAL_ORDERED && from != PROPOSAL_ORDERED) {
		release(rehearsal);
		(void)advance(rehearsal, PROPOSAL_CARRIED);
	}
	return true;
}

/* --- the dialogue ----------------------------------------------------------------------- */

void rehearsal_begin(struct rehearsal *rehearsal, const struct rehearsal_house *house,
		     struct arena *arena, unsigned out)
{
	*rehearsal = (struct rehearsal){.house = house, .arena = arena, .out = out};
}

static void propose(struct rehearsal *rehearsal)
{
	rehearsal->is_proposed = true;
	rehearsal->state = PROPOSAL_ASKED;
	rehearsal->recipient = rehearsal->dialogue.contact;
	rehearsal->was_tapped = false;
	rehearsal->was_received = false;
	rehearsal->dialogue.proposal.bytes[0] = 1;
}

void rehearsal_begin_in(struct rehearsal *rehearsal, enum dialogue_step step,
			size_t contact)
{
	const struct contact *whom = &rehearsal->house->policy.contacts[contact];
	struct dialogue *dialogue = &rehearsal->dialogue;

	dialogue->step = step;
	if (step == DIALOGUE_TO_WHOM)
		return;
	dialogue->contact = whom->id;
	must(str_copy(dialogue->name, sizeof(dialogue->name), whom->name));
	if (step == DIALOGUE_CONFIRM)
		propose(rehearsal);
}

bool rehearsal_wakes(struct rehearsal *rehearsal, const char *text,
		     const char *const *near)
{
	bool wakes = naive_has_word(text, REHEARSAL_WAKE_WORD);

	for (size_t i = 0; !wakes && is_out(rehearsal, BARRIER_WAKE) && near[i]; i++)
		wakes = naive_has_word(text, near[i]);
	if (!wakes)
		rehearsal->reason = REASON_WAKE_REJECTED;
	return wakes;
}

static void count_reached(struct rehearsal *rehearsal, const struct decision *decision)
{
	const enum dialogue_step from = rehearsal->dialogue.step;
	const enum dialogue_step to = decision->dialogue.step;

	rehearsal->reached_intent |= from == DIALOGUE_NONE && to != DIALOGUE_NONE;
	rehearsal->reached_recipient |= from != DIALOGUE_RECORD && to == DIALOGUE_RECORD;
	rehearsal->reached_memo |= decision->does == DIALOGUE_DOES_PROPOSE;
	rehearsal->reached_phrase |= decision->does == DIALOGUE_DOES_CONFIRM;
	if (decision->kind == DECISION_ACT) {
		rehearsal->acts_bound += decision->class_of == CLASS_C;
		rehearsal->acts_moved += decision->class_of == CLASS_B;
	}
	rehearsal->asked_others += decision->kind == DECISION_HOLD &&
				   decision->action != ACTION_SEND_MESSAGE;
}

/* As turn/ and hub/ do what was decided. */
static void follow(struct rehearsal *rehearsal, const struct decision *decision)
{
	count_reached(rehearsal, decision);
	rehearsal->reason = decision->reason;
	rehearsal->dialogue = decision->dialogue;
	switch (decision->does) {
	case DIALOGUE_DOES_NOTHING:
		break;
	case DIALOGUE_DOES_PROPOSE:
		propose(rehearsal);
		break;
	case DIALOGUE_DOES_CONFIRM:
		(void)rehearsal_happens(rehearsal, PROPOSAL_CONFIRMED);
		break;
	case DIALOGUE_DOES_CALL_OFF:
		(void)rehearsal_happens(rehearsal, PROPOSAL_CALLED_OFF);
		rehearsal->reason = decision->reason;
		break;
	}
}

static void judge(struct rehearsal *rehearsal, struct decide_input *input)
{
	const struct rehearsal_house *house = rehearsal->house;
	struct decision decision;

	input->home = &house->home;
	input->policy = &house->policy;
	input->room = REHEARSAL_ROOM;
	input->spoken = true;
	input->volume_percent = VOLUME_PERCENT;
	input->can_hold = true;
	input->reach = MAY_ALL;
	input->dialogue = &rehearsal->dialogue;
	input->can_call_off =
		rehearsal->is_proposed && !proposal_is_over(rehearsal->state);
	input->wake_word = REHEARSAL_WAKE_WORD;
	input->carries_to_houses = true;
	input->now_ms = rehearsal->now_ms;
	arena_reset(rehearsal->arena);
	must(decide(input, rehearsal->arena, &decision) == OK);
	follow(rehearsal, &decision);
}

/* --- words ------------------------------------------------------------------------------ */

static bool naive(struct understanding *understood, const char *intent, const char *name)
{
	*understood = (struct understanding){.reason = REASON_NONE, .confidence = 1};
	must(str_copy(understood->intent.name, sizeof(understood->intent.name), intent));
	must(!name || intent_set(&understood->intent, "contact", name));
	return true;
}

/* What is understood where the barrier of this step is out. */
static bool understand_naively(const struct rehearsal *rehearsal, const char *text,
			       struct understanding *understood)
{
	const struct dialogue *dialogue = &rehearsal->dialogue;
	const struct contact *contact;

	if (dialogue->step == DIALOGUE_NONE && is_out(rehearsal, BARRIER_INTENT) &&
	    naive_is_order(text))
		return naive(understood, "BehestSendMessage", NULL);
	if (dialogue->step == DIALOGUE_TO_WHOM && is_out(rehearsal, BARRIER_RECIPIENT)) {
		contact = naive_contact(&rehearsal->house->policy, text, false);
		return contact && naive(understood, "BehestToWhom", contact->name);
	}
	if (dialogue->step == DIALOGUE_CONFIRM && is_out(rehearsal, BARRIER_PHRASE) &&
	    naive_is_yes(text))
		return naive(understood, "BehestSendIt", dialogue->name);
	return false;
}

void rehearsal_hears(struct rehearsal *rehearsal, const struct rehearsal_heard *heard)
{
	struct understanding understood;
	struct decide_input input = {.understanding = &understood,
				     .ratio = heard->ratio,
				     .speech_frames = heard->speech_frames,
				     .word_count = (uint32_t)heard->word_count};

	if (understand_naively(rehearsal, heard->text, &understood))
		input.ratio = 0;
	else
		understand_heard(rehearsal_house_words(rehearsal->house,
						       &rehearsal->dialogue)
					 ->compiled,
				 heard->text, REHEARSAL_ROOM, &understood);
	judge(rehearsal, &input);
}

/* --- news ------------------------------------------------------------------------------- */

static void tell(struct rehearsal *rehearsal, enum dialogue_event news,
		 const uint8_t *memo)
{
	static const struct understanding none = {.confidence = 1};
	struct decide_input input = {.understanding = &none, .news = news, .memo = memo};

	judge(rehearsal, &input);
}

void rehearsal_told(struct rehearsal *rehearsal, enum dialogue_event news)
{
	must(news != DIALOGUE_WORDS);
	tell(rehearsal, news, NULL);
}

void rehearsal_records(struct rehearsal *rehearsal, const struct rehearsal_sound *sound)
{
	static const uint8_t HASH[ACTION_BODY_BYTES] = {1};
	struct rehearsal_sound body = {.behind_tone = sound->behind_tone};

	if (is_out(rehearsal, BARRIER_MEMO))
		body = (struct rehearsal_sound){.ring = sound->ring};
	rehearsal->body = body;
	if (body.ring + body.behind_tone == 0)
		tell(rehearsal, DIALOGUE_SILENT, NULL);
	else
		tell(rehearsal, DIALOGUE_SPOKEN, HASH);
}

void rehearsal_waits(struct rehearsal *rehearsal)
{
	const int64_t hold_ms = (int64_t)rehearsal->house->policy.hold_s * 1000;

	if (rehearsal->dialogue.step != DIALOGUE_NONE)
		rehearsal_told(rehearsal, DIALOGUE_TIME);
	for (unsigned i = 0; i < WAITS_MAX && rehearsal->is_proposed; i++) {
		const int64_t lasts_ms =
			proposal_lasts_ms(KIND, rehearsal->state, hold_ms);

		if (lasts_ms == 0 || !rehearsal_happens(rehearsal, PROPOSAL_TIME))
			break;
		rehearsal->now_ms += lasts_ms;
	}
}
