/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jokes - a sample skill: laughs when it is asked to, and says first that it will; tells a
 * joke about what was named.
 */
#include "../../behest_skill.h"

static const struct {
	const char *subject; /* "" any */
	const char *words;
} JOKES[] = {
	{"cats", "My cat has a clock of its own. It is always five minutes past dinner."},
	{"clocks", "I asked the clock for advice. It took its time."},
	{"houses",
	 "I know every house in the street. Most of them keep their doors shut."},
	{"", "I would tell you a joke about silence, but it goes without saying."},
};

static void joke(struct behest_question *question)
{
	char subject[BEHEST_WORD_BYTES] = "";
	size_t at = 0;

	(void)behest_slot(question, "subject", subject, sizeof(subject));
	while (JOKES[at].subject[0] && strcmp(JOKES[at].subject, subject) != 0)
		at++;
	behest_say_with(question, JOKES[at].words, "drum");
}

static void answer(struct behest_question *question)
{
	if (strcmp(question->intent, "Laugh") == 0)
		behest_say_with(question, "Sure, I can laugh.", "laugh");
	else
		joke(question);
}

int main(void)
{
	return behest_skill_run(answer);
}
