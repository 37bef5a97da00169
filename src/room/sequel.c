/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sequel - see the header. Opens nothing and signs nothing.
 *
 * Invariant: `then` is anything but NOTHING only if each piece so far said the same.
 */
#include "room/sequel.h"

bool sequel_add(struct sequel *sequel, uint64_t say, uint64_t turn, const char *then,
		bool last)
{
	const bool begins = sequel->is_complete || sequel->say != say;
	const bool was_bad = sequel->is_bad && !begins;
	enum evidence_then told = THEN_NOTHING;
	bool good = evidence_then_from_text(then, &told);

	if (begins)
		*sequel = (struct sequel){.say = say, .turn = turn, .then = told};
	good = good && told == sequel->then && turn == sequel->turn;
	sequel->is_complete = last;
	sequel->is_bad = was_bad || !good;
	return good || was_bad;
}

void sequel_was_played(struct sequel *sequel, uint64_t say, bool whole)
{
	if (sequel->say == say)
		sequel->was_whole = whole;
}

enum evidence_then sequel_then(const struct sequel *sequel)
{
	return sequel->was_whole && !sequel->is_bad ? sequel->then : THEN_NOTHING;
}

enum evidence_then sequel_due(const struct sequel *sequel, uint64_t turn)
{
	return turn != 0 && turn == sequel->turn ? sequel_then(sequel) : THEN_NOTHING;
}
