/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk - speaks into the named pipe that a room listens to, in real time, and hears from
 * the hub of every turn. One thread: the loop's.
 */
#ifndef CLI_TALK_H
#define CLI_TALK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "domain/audio.h"

struct talk;

struct talk_listener {
	void *context;
	void (*turn)(void *context, const char *json); /* a turn is over */
	void (*spoken)(void *context);                 /* the last sample was written */
};

MUST_CHECK enum err talk_create(struct loop *loop, const char *pipe,
				const char *hub_socket,
				const struct talk_listener *listener,
				struct talk **out_talk);
void talk_destroy(struct talk *talk); /* NULL is fine */

/* Speaks the sound, which is copied. ERR_BUSY while another is being spoken. */
MUST_CHECK enum err talk_speak(struct talk *talk, struct audio_span sound);

/* True while the hub tells us of turns. */
bool talk_watches(const struct talk *talk);

#endif
