/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording - counts loud and quiet frames. Decides nothing by words; the lease's own end
 * and mute are listen's to see.
 *
 * Invariants: has_speech never becomes false again; quiet_ms is the time since the last
 * loud frame, or since the beginning.
 */
#include "listen/recording.h"

#include "domain/audio.h"

void recording_init(struct recording *recording)
{
	*recording = (struct recording){0};
}

void recording_feed(struct recording *recording, bool is_loud)
{
	recording->ms += AUDIO_FRAME_MS;
	if (!is_loud || recording->ms <= RECORDING_SETTLE_MS) {
		recording->quiet_ms += AUDIO_FRAME_MS;
		if (recording->quiet_ms >= RECORDING_END_MS)
			recording->loud_ms = 0;
		return;
	}
	recording->quiet_ms = 0;
	recording->loud_ms += AUDIO_FRAME_MS;
	if (recording->loud_ms >= RECORDING_SPEECH_MS)
		recording->has_speech = true;
}

enum recording_state recording_state(const struct recording *recording)
{
	if (recording->has_speech)
		return recording->quiet_ms >= RECORDING_END_MS ? RECORDING_SPOKEN
							       : RECORDING_GOES_ON;
	/* Who begins in the last moment is not cut off. */
	if (recording->ms >= RECORDING_START_MS &&
	    recording->quiet_ms >= RECORDING_KEEP_MS)
		return RECORDING_EMPTY;
	return RECORDING_GOES_ON;
}

uint32_t recording_excess_ms(const struct recording *recording)
{
	return recording->quiet_ms > RECORDING_KEEP_MS
		       ? recording->quiet_ms - RECORDING_KEEP_MS
		       : 0;
}
