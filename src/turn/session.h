/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session - the sound of one lease: endpoint and recogniser side by side, until the
 * words are final.
 *
 * Frames in, one turn_heard out. Keeps the sound in locked memory for the vault and
 * wipes it with session_finish or the next begin. One per room; one thread.
 */
#ifndef TURN_SESSION_H
#define TURN_SESSION_H

#include <stdbool.h>

#include "domain/audio.h"
#include "listen/endpoint.h"
#include "port/clock.h"
#include "port/recogniser.h"
#include "turn/turn.h"

enum { SESSION_SECONDS_MAX = 28 }; /* three request leases and the pre-wake ring */

enum session_state {
	SESSION_IDLE,
	SESSION_LISTENING, /* wants frames */
	SESSION_WAITING,   /* the end was decided: close the lease */
	SESSION_HEARD,     /* words are final */
	SESSION_NOBODY,    /* nobody spoke */
};

struct session;

MUST_CHECK enum err session_create(const struct clock *clock,
				   struct recogniser *recogniser,
				   struct endpoint_settings settings,
				   struct session **out_session);
void session_destroy(struct session *session); /* NULL is fine */

/* Starts listening; what was kept of the last one is wiped. The recogniser must not be
 * in use by another session. The first lead_ms of sound hold the name (0: there was
 * none): they are recognised, but it is only behind them that somebody must speak. */
MUST_CHECK enum err session_begin(struct session *session, uint32_t lead_ms);

/* One frame of the lease. Returns the state it leads to. */
enum session_state session_feed(struct session *session, const struct audio_frame *frame);

/* The lease is over (time, mute, the room vanished): no more frames will come. */
void session_end(struct session *session);

/* Takes the recogniser's news; call when its fd is readable, or in a loop. */
enum session_state session_poll(struct session *session);

/* With SESSION_HEARD: what was heard, and the sound, borrowed until the next begin. */
void session_result(const struct session *session, struct turn_heard *out_heard,
		    struct audio_span *out_sound);

/* So many frames of its sound were heard. */
size_t session_frames(const struct session *session);

/* Back to idle; wipes the sound. */
void session_finish(struct session *session);

#endif
