/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talker - somebody who speaks in a house (e2e/house_fixture.h), whose room hears them and
 * itself: both share a sound card made of software.
 *
 * One house at a time. Waits for what must happen, with a limit; fails the test else.
 */
#ifndef E2E_TALKER_H
#define E2E_TALKER_H

#include "e2e/house_fixture.h"

enum {
	TALKER_TONE_MS = 700
}; /* a tone, and what dies away of it: nobody speaks over it */

/* Begins the house, too; it is borrowed until talker_end, which ends it. */
void talker_begin(struct house *of);
/* With its hub running: the room, and who is in it. */
void talker_start_room(void);
void talker_end(void);

/* Somebody in the room says it, to its end. */
void talker_say(const char *words);
/* How long somebody spoke since it was counted anew, by what was played into the room; and
 * how long the house did in the turns that were taken, by the same voice. */
void talker_count_anew(void);
void talker_seconds(double *out_person_s, double *out_house_s);
/* Until the room's light shows that, or that it listens for its name. */
void talker_wait_light(const char *word);
void talker_wait_idle(void);
/* The next turn, which must end so. */
void talker_turn(struct house_turn *turn, const char *decision, const char *reason);

#endif
