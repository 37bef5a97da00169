/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_speex - see the header.
 *
 * The library works best on 10 to 20 ms at a time with a power of two, so a frame of 320
 * samples is given whole: its transform takes any even size.
 */
#include "adapter/echo_speex.h"

#include <speex/speex_echo.h>
#include <stdlib.h>

enum { TAIL_SAMPLES = AUDIO_HZ / 1000 * ECHO_TAIL_MS };

static void speex_cancel(void *self, const struct audio_frame *heard,
			 const struct audio_frame *reference, struct audio_frame *out)
{
	struct audio_frame made; /* the library's own may not lie on its input */

	speex_echo_cancellation(self, heard->samples, reference->samples, made.samples);
	*out = made;
}

static void speex_reset(void *self)
{
	speex_echo_state_reset(self);
}

static void speex_close(void *self)
{
	speex_echo_state_reset(self); /* no sound is left in freed memory */
	speex_echo_state_destroy(self);
}

static const struct echo_ops OPS = {speex_cancel, speex_reset, speex_close};

enum err echo_speex_create(struct echo *out_echo)
{
	int hz = AUDIO_HZ;
	SpeexEchoState *state = speex_echo_state_init(AUDIO_FRAME_SAMPLES, TAIL_SAMPLES);

	if (!state)
		return ERR_MEMORY;
	(void)speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &hz);
	*out_echo = (struct echo){&OPS, state};
	return OK;
}
