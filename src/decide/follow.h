/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - what may be said without the name of the house; used by decide/ only. Pure.
 *
 * An answer to a question of ours, or what follows a reply, is a request of class A or B
 * that was heard with the margin of class B; what binds takes the name and the whole
 * request.
 */
#ifndef DECIDE_FOLLOW_H
#define DECIDE_FOLLOW_H

#include "decide/plan.h"

/* Does the room wait for such words? */
bool follow_waits(const struct decide_input *input);

/* True where the dialogue's steps settled what was said or told in it; false: it is to be
 * judged as a request, which it ends in. heard is what stands against the words, or NONE;
 * question what would be asked back then. scratch is overwritten. */
bool follow_judge(const struct decide_input *input, enum reason heard,
		  const struct saying *question, struct plan *scratch,
		  struct decision *decision);

/* What is asked back may be answered without the name. */
void follow_question(const struct decide_input *input, struct decision *decision);
/* What was done may be followed up without it, where the house wants that. */
void follow_reply(const struct decide_input *input, struct decision *decision);

#endif
