/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overheard - the music that plays in this room, taken out of what its microphone hears.
 *
 * Beside the reference for our own answers (room/reference.h), because music comes by
 * another way and at another delay. What of it is left is known as ours: it may be
 * answered, and is not obeyed. One thread.
 */
#ifndef ROOM_OVERHEARD_H
#define ROOM_OVERHEARD_H

#include "base/err.h"
#include "domain/audio.h"
#include "listen/echo_path.h"
#include "port/echo.h"
#include "port/wake.h"

struct overheard;

/* path: music_pipe.h. echo is borrowed; NULL: nothing is cancelled. ERR_LIMIT: memory may
 * not be locked, or the path is too long. */
MUST_CHECK enum err overheard_create(const char *path, struct echo *echo,
				     struct overheard **out_overheard);
void overheard_destroy(struct overheard *overheard); /* NULL is fine */

/* As echo_path_use_wake. */
void overheard_use_wake(struct overheard *overheard, struct wake *own);

/* The microphone was closed or away. */
void overheard_reset(struct overheard *overheard);

/* Takes one captured frame; out_rest, which may be the same, is without the music. */
void overheard_feed(struct overheard *overheard, const struct audio_frame *heard,
		    struct audio_frame *out_rest);

/* For listen_use_music; lives as long as overheard. */
const struct echo_path *overheard_path(const struct overheard *overheard);

#endif
