/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intercom - whom an announcement is for, and what becomes of one that is spoken after a
 * tone (the step ANNOUNCE of domain/dialogue.def); used by decide/ only. Pure.
 *
 * Nothing here proposes anything, and nothing here is a message's: it stays in the house.
 */
#ifndef DECIDE_INTERCOM_H
#define DECIDE_INTERCOM_H

#include "decide/decide.h"
#include "decide/plan.h"

/* Puts the one room into the action whose name was said; "" leaves all others. NO_ROOM: it
 * is not known, or the one that it was said in; ROOM_MUTED: it says nothing. */
enum reason intercom_place(const struct decide_input *input, const char *name,
			   struct action *action);

/* Is it an announcement without words, which somebody is to speak? */
bool intercom_is_spoken(const struct plan *plan);

/* It was asked for, and may be: the question that is its prompt. */
void intercom_begin(const struct decide_input *input, const struct plan *plan,
		    struct decision *decision);

/* Is one waited for? */
bool intercom_waits(const struct decide_input *input);

/* What was said or told then; house is what stands against answering here at all. With an
 * action in the plan that is to be permitted; else the decision is whole. */
void intercom_judge(const struct decide_input *input, enum reason house,
		    struct plan *out_plan, struct decision *decision);

#endif
