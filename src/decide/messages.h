/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messages - what becomes of a voice message's dialogue; used by decide/ only. Pure.
 *
 * Nobody is ever guessed: a recipient is the one contact whose enrolled name was said, all
 * of it and nothing else.
 */
#ifndef DECIDE_MESSAGES_H
#define DECIDE_MESSAGES_H

#include "decide/decide.h"

/* Is a dialogue open in which something is waited for? */
bool messages_wait(const struct decide_input *input);

/* A message was asked for, and may be. */
void messages_begin(const struct decide_input *input, struct decision *decision);

/* Words were said in a dialogue; heard is what stands against them, or NONE. */
void messages_answer(const struct decide_input *input, enum reason heard,
		     struct decision *decision);

/* What the room told, where no words were said. */
void messages_news(const struct decide_input *input, struct decision *decision);

/* The house does not answer here any more (muted, capability gone): the dialogue is over,
 * and what it made is called off. */
void messages_end(const struct decide_input *input, enum reason reason,
		  struct decision *decision);

#endif
