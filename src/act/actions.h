/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actions - the functions behind the table in act.c; for act/ alone.
 */
#ifndef ACT_ACTIONS_H
#define ACT_ACTIONS_H

#include "act/act.h"

/* Does the action; the result starts as "done, silent". */
typedef void act_fn(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result);

act_fn act_announce;
act_fn act_book_cancel;
act_fn act_book_set;
act_fn act_list_add;
act_fn act_list_clear;
act_fn act_list_restore;
act_fn act_list_tell;
act_fn act_list_tick;
act_fn act_move; /* everything that is one command on the bus */
act_fn act_music_pause;
act_fn act_music_play;
act_fn act_music_resume;
act_fn act_music_step;
act_fn act_music_volume;
act_fn act_play_messages;
act_fn act_remind_tell;
act_fn act_run_routine;
act_fn act_skill;
act_fn act_stop;
act_fn act_tell_calendar;
act_fn act_tell_date;
act_fn act_tell_examples;
act_fn act_tell_heard;
act_fn act_tell_heat;
act_fn act_tell_playing;
act_fn act_tell_spelling;
act_fn act_tell_state;
act_fn act_tell_sum;
act_fn act_tell_survey;
act_fn act_tell_time;
act_fn act_tell_units;
act_fn act_tell_weather;
act_fn act_tell_why;
act_fn act_timer_add;
act_fn act_timer_pause;
act_fn act_timer_resume;
act_fn act_timer_tell;
act_fn act_volume;
act_fn act_wake_tell;

#endif
