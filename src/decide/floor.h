/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor - below which ratio words are not believed.
 *
 * A closed grammar maps any talk to some sentence; the ratio against a loop of phones
 * tells how well the sound really fits. Short sentences carry little evidence, and what
 * moves something needs more than what tells something.
 */
#ifndef DECIDE_FLOOR_H
#define DECIDE_FLOOR_H

#include <stdint.h>

#include "domain/action.h"

/* The lowest ratio at which a sentence of that many 10 ms speech frames is believed to
 * be addressed to us at all. */
double floor_addressed(uint32_t speech_frames);

/* The lowest ratio at which an action of that class is done without asking back. */
double floor_for_class(enum action_class class_of, uint32_t speech_frames);

#endif
