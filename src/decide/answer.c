/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer - see the header. Does not know rooms or leases: a lease for an answer asks for
 * the room's own measurement once more (listen/lease.h).
 */
#include "decide/answer.h"

enum reason answer_reason(const struct answer_prompt *prompt)
{
	if (!prompt->whole)
		return REASON_CANCELLED;
	return prompt->measured && prompt->heard ? REASON_NONE : REASON_PROMPT_NOT_HEARD;
}
