/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialogue - reads the table of dialogue.def; adds nothing to it but the one retry. Pure.
 */
#include "domain/dialogue.h"

#include <stddef.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	enum evidence_then then;
} STEPS[DIALOGUE_STEP_COUNT] = {
#define STEP(name, text, then) [DIALOGUE_##name] = {text, THEN_##then},
#define GO(from, event, to, says, does, reason)
#include "domain/dialogue.def"
#undef STEP
#undef GO
};

static const struct {
	enum dialogue_step from;
	enum dialogue_event event;
	enum dialogue_step to;
	enum saying_key says;
	enum dialogue_does does;
	enum reason reason;
} GOES[] = {
#define STEP(name, text, then)
#define GO(from, event, to, says, does, reason)                \
	{DIALOGUE_##from, DIALOGUE_##event,     DIALOGUE_##to, \
	 SAYING_##says,   DIALOGUE_DOES_##does, REASON_##reason},
#include "domain/dialogue.def"
#undef STEP
#undef GO
};

bool dialogue_go(struct dialogue *dialogue, enum dialogue_event event,
		 struct dialogue_went *out_went)
{
	if (event == DIALOGUE_UNCLEAR && dialogue->asked_again)
		event = DIALOGUE_UNCLEAR_AGAIN;
	for (size_t i = 0; i < STR_COUNT(GOES); i++) {
		if (GOES[i].from != dialogue->step || GOES[i].event != event)
			continue;
		dialogue->asked_again = event == DIALOGUE_UNCLEAR;
		dialogue->step = GOES[i].to;
		*out_went = (struct dialogue_went){.says = GOES[i].says,
						   .does = GOES[i].does,
						   .then = STEPS[GOES[i].to].then,
						   .reason = GOES[i].reason};
		return true;
	}
	return false;
}

bool dialogue_records(enum dialogue_step step)
{
	must(step < DIALOGUE_STEP_COUNT);
	return STEPS[step].then == THEN_MEMO;
}

bool dialogue_is_ordinary(enum dialogue_step step)
{
	return step == DIALOGUE_WHICH || step == DIALOGUE_FOLLOW;
}

const char *dialogue_step_text(enum dialogue_step step)
{
	must(step < DIALOGUE_STEP_COUNT);
	return STEPS[step].text;
}
