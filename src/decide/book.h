/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - what is asked of the house book: which entry is meant, and whether what it is to say
 * or count lies within its limits; used by decide/ only. Pure.
 *
 * When something is due is for act/ to say, which has a clock; here nothing is due.
 */
#ifndef DECIDE_BOOK_H
#define DECIDE_BOOK_H

#include "decide/decide.h"
#include "decide/plan.h"

typedef enum reason book_fill(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said);

book_fill book_fill_alarm;     /* to be set */
book_fill book_fill_list;      /* the list that is meant */
book_fill book_fill_of_alarm;  /* the one that is meant */
book_fill book_fill_of_alarms; /* of all, to tell */
book_fill book_fill_of_list;   /* a thing, and its list */
book_fill book_fill_of_reminder;
book_fill book_fill_of_reminders;
book_fill book_fill_of_timer;
book_fill book_fill_of_timers;
book_fill book_fill_fewer; /* minutes of the one that is meant */
book_fill book_fill_more;
book_fill book_fill_reminder;
book_fill book_fill_timer;

/* Of "all": the one action of the plan becomes one for each entry that is meant. */
enum reason book_plan_all(const struct decide_input *input, struct plan *plan);

#endif
