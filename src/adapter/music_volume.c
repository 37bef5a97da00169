/* SPDX-License-Identifier: Apache-2.0 */
/* music_volume - see the header. */
#include "adapter/music_volume.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/must.h"
#include "port/music.h"

enum { MIXER_STEP = 3 }; /* percent: a sound card rounds what it is told */

static int low_of(int percent)
{
	return percent * MUSIC_DUCK_PERCENT / 100;
}

enum music_volume_step music_volume_next(const struct music_volume *volume,
					 const struct music_state *state, bool plays)
{
	const bool should = volume->is_to_duck && plays;

	if (volume->is_refused || state->volume_percent < 0)
		return MUSIC_VOLUME_NONE;
	if (volume->duck.is_ducked && !should)
		return MUSIC_VOLUME_RESTORES;
	if (!volume->duck.is_ducked && should && state->volume_percent > 0)
		return MUSIC_VOLUME_LOWERS;
	return volume->is_uneven ? MUSIC_VOLUME_EVENS : MUSIC_VOLUME_NONE;
}

/* Remembered before it is done. */
static int lower(struct music_volume *volume, int now)
{
	const int low = low_of(now);

	if (!music_duck_set(&volume->duck, now, low))
		log_line("music: how loud it was cannot be remembered");
	return low;
}

int music_volume_begin(struct music_volume *volume, enum music_volume_step step,
		       struct music_state *state)
{
	must(step != MUSIC_VOLUME_NONE && state->volume_percent >= 0);
	volume->step = step;
	volume->is_uneven = false; /* each of them sets all outputs that are on */
	if (step == MUSIC_VOLUME_LOWERS)
		state->volume_percent = lower(volume, state->volume_percent);
	if (step == MUSIC_VOLUME_RESTORES)
		state->volume_percent = volume->duck.restore_percent;
	if (step == MUSIC_VOLUME_EVENS && volume->duck.is_ducked)
		state->volume_percent = volume->duck.low_percent;
	return state->volume_percent;
}

/* Nothing was made softer where the player refused that. What it refused to put back may be
 * put back later: the output is off, and will be on again. */
bool music_volume_end(struct music_volume *volume, bool was_set)
{
	const bool forget = volume->step == MUSIC_VOLUME_LOWERS     ? !was_set
			    : volume->step == MUSIC_VOLUME_RESTORES ? was_set
								    : false;

	volume->step = MUSIC_VOLUME_NONE;
	volume->is_refused = !was_set;
	if (forget)
		music_duck_clear(&volume->duck);
	return was_set;
}

void music_volume_lost(struct music_volume *volume)
{
	volume->step = MUSIC_VOLUME_NONE;
	volume->is_refused = false;
}

int music_volume_set(struct music_volume *volume, int percent)
{
	if (!volume->duck.is_ducked)
		return percent;
	(void)music_duck_set(&volume->duck, percent, low_of(percent));
	return low_of(percent);
}

/* While an output waits to be set anew, what the player says is of several mixers. */
void music_volume_follow(struct music_volume *volume, int percent)
{
	if (volume->duck.is_ducked && !volume->is_uneven && percent >= 0 &&
	    abs(percent - volume->duck.low_percent) > MIXER_STEP)
		(void)music_duck_set(&volume->duck, percent, percent);
}

int music_volume_told(const struct music_volume *volume, int percent)
{
	return volume->duck.is_ducked && percent >= 0 ? volume->duck.restore_percent
						      : percent;
}
