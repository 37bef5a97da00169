/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - see the header. Understands nothing: understand/follow.c does.
 */
#include "domain/follow.h"

#include <string.h>

void follow_did(struct follow *follow, struct turn_id turn, const struct intent *intent,
		int64_t now_ms)
{
	follow_forget(follow);
	follow->kind = FOLLOW_DONE;
	follow->turn = turn;
	follow->at_ms = now_ms;
	follow->intent = *intent;
}

void follow_asked(struct follow *follow, struct turn_id turn, const struct intent *intent,
		  const struct saying *question, bool is_typed, int64_t now_ms)
{
	follow_forget(follow);
	follow->kind = FOLLOW_QUESTION;
	follow->turn = turn;
	follow->at_ms = now_ms;
	follow->is_typed = is_typed;
	follow->intent = *intent;
	follow->question = *question;
}

void follow_forget(struct follow *follow)
{
	explicit_bzero(follow, sizeof(*follow));
}

enum follow_kind follow_now(struct follow *follow, bool is_typed, int64_t now_ms)
{
	if (follow->kind != FOLLOW_NOTHING && now_ms - follow->at_ms > FOLLOW_KEEP_MS)
		follow_forget(follow);
	/* What is typed is never the answer to what was asked aloud, nor the other way
	 * round. */
	if (follow->kind == FOLLOW_QUESTION && follow->is_typed != is_typed)
		return FOLLOW_NOTHING;
	return follow->kind;
}
