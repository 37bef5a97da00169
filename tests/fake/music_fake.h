/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_fake - a music player in memory, for stories.
 *
 * The test says what its library and outputs are. Orders are carried out when
 * music_fake_step is called, oldest first; one that is never stepped waits. Remembers how
 * loud it sounds, which is softer than what state tells while it is ducked.
 */
#ifndef FAKE_MUSIC_FAKE_H
#define FAKE_MUSIC_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "port/music.h"

enum { MUSIC_FAKE_PIECES_MAX = 32 };

struct music_fake_piece {
	const char *artist;
	const char *album;
	const char *genre;
	const char *title;
};

struct music_fake;

/* Up, at a volume of 60, without music or outputs. */
MUST_CHECK enum err music_fake_create(struct music_listener listener,
				      struct music_fake **out_fake);
void music_fake_destroy(struct music_fake *fake); /* NULL is fine */

/* The port. music_close on it leaves the fake to its test. */
struct music music_fake_music(struct music_fake *fake);

/* Borrowed as long as the fake lives. Both tell the listener. */
void music_fake_add(struct music_fake *fake, const struct music_fake_piece *piece);
void music_fake_add_output(struct music_fake *fake, const char *name, bool on);

/* Carries out what waits. */
void music_fake_step(struct music_fake *fake);
/* Down: what waits ends with ERR_CLOSED, and new orders are refused with it. */
void music_fake_set_up(struct music_fake *fake, bool up);

int music_fake_loudness(const struct music_fake *fake);
/* The address that plays; "" none. */
const char *music_fake_url(const struct music_fake *fake);
bool music_fake_is_on(const struct music_fake *fake, const char *output);

#endif
