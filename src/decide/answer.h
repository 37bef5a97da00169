/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer - may an answer to our question be listened for?
 *
 * A question that nobody could hear is not a question: whatever is said after it was not
 * said in answer to it. So each prompt must have been said to its end and measured at the
 * room's own microphone; no measurement counts as not heard. Pure.
 */
#ifndef DECIDE_ANSWER_H
#define DECIDE_ANSWER_H

#include <stdbool.h>

#include "domain/reason.h"

struct answer_prompt {
	bool whole;    /* it was said to its end */
	bool measured; /* the room told what it heard of it */
	bool heard;    /* with measured: our voice, above the rest */
};

/* NONE: yes. PROMPT_NOT_HEARD, or CANCELLED when somebody interrupted it: the dialogue is
 * over. */
enum reason answer_reason(const struct answer_prompt *prompt);

#endif
