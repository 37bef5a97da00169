/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flat - see the header. Keeps one sample and a time, no sound.
 *
 * Invariant: ms never exceeds FLAT_MS.
 */
#include "listen/flat.h"

void flat_init(struct flat *flat)
{
	*flat = (struct flat){.ms = 0};
}

static bool is_all(const struct audio_frame *frame, int16_t value)
{
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		if (frame->samples[i] != value)
			return false;
	}
	return true;
}

bool flat_feed(struct flat *flat, const struct audio_frame *frame)
{
	const int16_t value = frame->samples[0];

	if (!is_all(frame, value)) {
		flat->ms = 0;
		return false;
	}
	if (flat->ms > 0 && value != flat->value)
		flat->ms = 0;
	flat->value = value;
	flat->ms =
		flat->ms + AUDIO_FRAME_MS < FLAT_MS ? flat->ms + AUDIO_FRAME_MS : FLAT_MS;
	return flat->ms == FLAT_MS;
}
