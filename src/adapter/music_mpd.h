/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_mpd - music by MPD on this machine, over libmpdclient's asynchronous part.
 *
 * Runs in the loop, without a thread, and never waits. Connects, and connects again with
 * growing pauses, by itself; nothing of a lost connection is sent on the next one.
 */
#ifndef ADAPTER_MUSIC_MPD_H
#define ADAPTER_MUSIC_MPD_H

#include <stdint.h>

#include "adapter/music_connection.h"
#include "adapter/music_duck.h"
#include "base/err.h"
#include "base/loop.h"
#include "port/music.h"

enum {
	MUSIC_MPD_PASSWORD_BYTES = MUSIC_CONNECTION_PASSWORD_BYTES,
	MUSIC_MPD_REST_MS = 50, /* between looks at what changed */
};

struct music_mpd_settings {
	const char *host; /* music_place_find */
	uint16_t port;
	const char *password; /* "" or NULL: none */
	const struct music_duck
		*duck; /* copied; its descriptor is borrowed; NULL: none */
};

/* Starts connecting in the loop's next round; settings are copied. ERR_DENIED with a note:
 * the host is not this machine. A player that is away is no error: see music_trouble.
 * music_close must not be called from the listener; where
 * the music is softer then, it waits MUSIC_CONNECTION_END_MS at most for the player to take
 * back what it was. */
MUST_CHECK enum err music_mpd_open(struct loop *loop,
				   const struct music_mpd_settings *settings,
				   struct music_listener listener,
				   struct music *out_music, struct err_note *note);

#endif
