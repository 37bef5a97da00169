/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spoken - somebody who speaks in a house (e2e/house_fixture.h), whose room hears them and
 * itself: both share a sound card made of software.
 *
 * One house at a time. Waits for what must happen, with a limit; fails the test else.
 */
#ifndef E2E_SPOKEN_H
#define E2E_SPOKEN_H

#include "e2e/house_fixture.h"

enum {
	SPOKEN_TONE_MS = 700
}; /* a tone, and what dies away of it: nobody speaks over it */

/* Begins the house, too; it is borrowed until spoken_end, which ends it. */
void spoken_begin(struct house *of);
/* With its hub running: the room, and who is in it. */
void spoken_start_room(void);
void spoken_end(void);

/* Somebody in the room says it, to its end. */
void spoken_say(const char *words);
/* Until the room's light shows that, or that it listens for its name. */
void spoken_wait_light(const char *word);
void spoken_wait_idle(void);
/* The next turn, which must end so. */
void spoken_turn(struct house_turn *turn, const char *decision, const char *reason);

#endif
