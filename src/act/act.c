/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act - the table of what the house can do, and the one way in: a warrant.
 * tour 6/10: a warrant becomes a command or a sentence; next: record/record.h.
 *
 * Invariant: no row runs without a warrant that was redeemed a line before. Rows of
 * class C are empty: what binds the household is carried out by another program.
 */
#include "act/act.h"

#include "act/actions.h"
#include "base/str.h"

static act_fn *const ACTS[ACTION_KIND_COUNT] = {
	[ACTION_ANNOUNCE] = act_announce,
	[ACTION_ARM_ALARM] = act_move,
	[ACTION_CLOSE_COVER] = act_move,
	[ACTION_DISARM_ALARM] = NULL,
	[ACTION_LIGHT_COLOUR] = act_move,
	[ACTION_LIGHT_DIM] = act_move,
	[ACTION_LIST_ADD] = act_list_add,
	[ACTION_LIST_CLEAR] = act_list_clear,
	[ACTION_LIST_RESTORE] = act_list_restore,
	[ACTION_LIST_TELL] = act_list_tell,
	[ACTION_LIST_TICK] = act_list_tick,
	[ACTION_LOCK] = act_move,
	[ACTION_MUSIC_NEXT] = act_music_step,
	[ACTION_MUSIC_PAUSE] = act_music_pause,
	[ACTION_MUSIC_PLAY] = act_music_play,
	[ACTION_MUSIC_PREVIOUS] = act_music_step,
	[ACTION_MUSIC_RESUME] = act_music_resume,
	[ACTION_MUSIC_VOLUME] = act_music_volume,
	[ACTION_OPEN_COVER] = act_move,
	[ACTION_ORDER] = NULL,
	[ACTION_PLAY_MESSAGES] = act_play_messages,
	[ACTION_PRESS] = NULL,
	[ACTION_RECORD_ERASE] = NULL,
	[ACTION_REMIND_CANCEL] = act_book_cancel,
	[ACTION_REMIND_SET] = act_book_set,
	[ACTION_REMIND_TELL] = act_remind_tell,
	[ACTION_ROOM_ALLOW] = NULL,
	[ACTION_ROOM_FORBID] = NULL,
	[ACTION_RUN_ROUTINE] = act_run_routine,
	[ACTION_SEND_MESSAGE] = NULL,
	[ACTION_SET_HEAT] = act_move,
	[ACTION_SET_HUMIDITY] = act_move,
	[ACTION_SET_MODE] = act_move,
	[ACTION_SET_POSITION] = act_move,
	[ACTION_SET_SPEED] = act_move,
	[ACTION_SET_TILT] = act_move,
	[ACTION_SET_VOLUME] = act_volume,
	[ACTION_SKILL] = act_skill,
	[ACTION_STOP] = act_stop,
	[ACTION_STOP_COVER] = act_move,
	[ACTION_TELL_CALENDAR] = act_tell_calendar,
	[ACTION_TELL_DATE] = act_tell_date,
	[ACTION_TELL_EXAMPLES] = act_tell_examples,
	[ACTION_TELL_HEARD] = act_tell_heard,
	[ACTION_TELL_HEAT] = act_tell_heat,
	[ACTION_TELL_PLAYING] = act_tell_playing,
	[ACTION_TELL_SPELLING] = act_tell_spelling,
	[ACTION_TELL_STATE] = act_tell_state,
	[ACTION_TELL_SUM] = act_tell_sum,
	[ACTION_TELL_SURVEY] = act_tell_survey,
	[ACTION_TELL_TIME] = act_tell_time,
	[ACTION_TELL_UNITS] = act_tell_units,
	[ACTION_TELL_WEATHER] = act_tell_weather,
	[ACTION_TELL_WHY] = act_tell_why,
	[ACTION_TIMER_ADD] = act_timer_add,
	[ACTION_TIMER_CANCEL] = act_book_cancel,
	[ACTION_TIMER_PAUSE] = act_timer_pause,
	[ACTION_TIMER_RESUME] = act_timer_resume,
	[ACTION_TIMER_SET] = act_book_set,
	[ACTION_TIMER_TELL] = act_timer_tell,
	[ACTION_TURN_OFF] = act_move,
	[ACTION_TURN_ON] = act_move,
	[ACTION_UNLOCK] = NULL,
	[ACTION_VACUUM_DOCK] = act_move,
	[ACTION_VACUUM_START] = act_move,
	[ACTION_WAKE_CANCEL] = act_book_cancel,
	[ACTION_WAKE_SET] = act_book_set,
	[ACTION_WAKE_TELL] = act_wake_tell,
};

void act_begin(struct warrant *warrant, const struct act_ports *ports, uint64_t token,
	       struct act_result *out_result)
{
	*out_result = (struct act_result){.reason = REASON_NONE};
	const struct action *action = warrant_redeem(warrant, clock_now_ms(ports->clock));
	if (!action) {
		out_result->reason = REASON_EXPIRED;
		return;
	}
	act_fn *act = ACTS[action->kind];
	if (!act) {
		out_result->reason = REASON_NEEDS_TAP;
		return;
	}
	act(action, ports, token, out_result);
}

enum reason act_reason(const struct action *action, enum err err)
{
	if (!err)
		return REASON_NONE;
	if (err == ERR_UNSUPPORTED)
		return REASON_DEVICE_CANNOT;
	if (err == ERR_MISSING)
		return REASON_NO_DEVICE;
	if (err == ERR_BUSY)
		return REASON_NOT_CONFIRMED;
	return action->kind == ACTION_ARM_ALARM ? REASON_ALARM_UNREACHABLE
						: REASON_DEVICE_UNREACHABLE;
}
