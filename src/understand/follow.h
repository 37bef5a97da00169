/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - words that lean on what was done or asked before become a whole request, or
 * nothing.
 *
 * Four intents lean (docs/INTENTS.md): BehestMore ("warmer", "a bit more"), BehestAgain
 * ("turn it off again"), BehestAlso ("and in the bedroom") on what was done, BehestThat
 * ("the kitchen one") on a question. Everything else is left as it is. Pure.
 */
#ifndef UNDERSTAND_FOLLOW_H
#define UNDERSTAND_FOLLOW_H

#include "domain/follow.h"
#include "domain/home.h"
#include "domain/understanding.h"

/* on: what there is to lean on, kind NOTHING none. What does not fit is NO_MATCH; what
 * does is marked as leaning: it never asks for what binds the household. */
void understand_follow(const struct follow *on, const struct home *home,
		       struct understanding *understanding);

/* True for what can be leaned on; of all else nothing need be kept but that it was. */
bool understand_can_follow(const struct intent *done);

/* True where the words lean, before they were made whole. */
bool understand_leans(const struct understanding *understanding);

#endif
