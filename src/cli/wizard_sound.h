/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wizard_sound - tries the microphones and speakers of a first run.
 */
#ifndef CLI_WIZARD_SOUND_H
#define CLI_WIZARD_SOUND_H

#include "cli/wizard.h"

/* Chooses a microphone that gives sound and a speaker that opens, asking where somebody
 * answers. What does not work is told and left out; it never fails. */
void wizard_try_sound(struct wizard *wizard);

#endif
