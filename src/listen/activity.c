/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity - level against a floor that falls at once and rises slowly.
 *
 * A frame is loud when it is 9 dB above the floor and above what a silent line can do.
 */
#include "listen/activity.h"

enum { SPEECH_FRAMES = 25 };

static const double FLOOR_RISE = 1.01;      /* per frame: about 4 dB a second */
static const double LOUD_RATIO = 8.0;       /* 9 dB */
static const double LOUD_MIN = 60.0 * 60.0; /* -55 dBFS */
static const double FLOOR_START = 1.0e6;    /* -30 dBFS: falls within a frame of quiet */

void activity_init(struct activity *activity)
{
	*activity =
		(struct activity){.floor = FLOOR_START, .quiet_frames = SPEECH_FRAMES};
}

/* Of what is left when a cheap sound card's offset is taken away. */
static double mean_square(const struct audio_frame *frame)
{
	double sum = 0.0;
	double squares = 0.0;

	for (unsigned i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		sum += frame->samples[i];
		squares += (double)frame->samples[i] * frame->samples[i];
	}
	return squares / AUDIO_FRAME_SAMPLES -
	       sum / AUDIO_FRAME_SAMPLES * sum / AUDIO_FRAME_SAMPLES;
}

void activity_feed(struct activity *activity, const struct audio_frame *frame)
{
	const double level = mean_square(frame);

	if (level > LOUD_MIN && level > activity->floor * LOUD_RATIO)
		activity->quiet_frames = 0;
	else if (activity->quiet_frames < SPEECH_FRAMES)
		activity->quiet_frames++;
	activity->floor *= FLOOR_RISE;
	if (level < activity->floor)
		activity->floor = level > 1.0 ? level : 1.0;
}

bool activity_is_loud(const struct activity *activity)
{
	return activity->quiet_frames == 0;
}

bool activity_is_speech(const struct activity *activity)
{
	return activity->quiet_frames < SPEECH_FRAMES;
}
