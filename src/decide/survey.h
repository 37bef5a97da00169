/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey - answers questions over several devices: "are any windows open", "how warm is it
 * upstairs". Pure; used by decide/ only. Moves nothing.
 */
#ifndef DECIDE_SURVEY_H
#define DECIDE_SURVEY_H

#include "decide/plan.h"

/* Puts the answer into the plan: `said`, and what could not be told in `adds`. NO_DEVICE:
 * the house has nothing that could tell. NO_ACTION: nobody knows what is asked about. */
enum reason survey_answer(const struct decide_input *input, struct plan *plan);

#endif
