/* SPDX-License-Identifier: Apache-2.0 */
/* White noise of a few steps: what a quiet room is after a converter. */
#include "cli/settle.h"

enum { SETTLE_FRAMES = 1500 / AUDIO_FRAME_MS, LEVEL = 8 };

void settle(struct wake *wake)
{
	uint64_t dice = 1;

	wake_reset(wake);
	for (int i = 0; i < SETTLE_FRAMES; i++) {
		struct audio_frame frame;
		struct wake_report report;

		for (size_t k = 0; k < AUDIO_FRAME_SAMPLES; k++) {
			dice = dice * 6364136223846793005U + 1442695040888963407U;
			frame.samples[k] = (int16_t)((int)(dice >> 60) - LEVEL);
		}
		wake_feed(wake, &frame, &report);
	}
}
