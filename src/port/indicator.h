/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator - the light and the tone that tell a room what its microphone does.
 */
#ifndef PORT_INDICATOR_H
#define PORT_INDICATOR_H

enum indicator_light {
	INDICATOR_OFF,       /* not running */
	INDICATOR_MUTED,     /* no capture device is open */
	INDICATOR_WAITING,   /* listening for the name only */
	INDICATOR_HELD,      /* the same, and what was asked for here can be called off */
	INDICATOR_MESSAGES,  /* the same, and there are messages for whose room it is */
	INDICATOR_LISTENING, /* a lease is open */
	INDICATOR_THINKING,  /* the lease is closed, the turn goes on */
	INDICATOR_SPEAKING,
	INDICATOR_RECORDING, /* a memo lease is open: a voice message is recorded */
	INDICATOR_RINGING,   /* something is due and rings: "stop" silences it */
	INDICATOR_DONE,      /* for a moment, in the quiet hours: it was done */
	INDICATOR_REFUSED,   /* the same: it was not */
	INDICATOR_DEAF, /* the microphone or the hub is gone: it says so instead of pretending */
};

enum indicator_tone {
	INDICATOR_TONE_WAKE,
	INDICATOR_TONE_DONE,
	INDICATOR_TONE_REFUSED,
	INDICATOR_TONE_RECORD, /* speak after it */
};

struct indicator_ops {
	void (*show)(void *self, enum indicator_light light);
	void (*sound)(void *self, enum indicator_tone tone);
	void (*close)(void *self);
};

struct indicator {
	const struct indicator_ops *ops;
	void *self;
};

static inline void indicator_show(struct indicator *indicator, enum indicator_light light)
{
	indicator->ops->show(indicator->self, light);
}

static inline void indicator_sound(struct indicator *indicator, enum indicator_tone tone)
{
	indicator->ops->sound(indicator->self, tone);
}

static inline void indicator_close(struct indicator *indicator)
{
	if (indicator->ops)
		indicator->ops->close(indicator->self);
	indicator->ops = 0;
}

#endif
