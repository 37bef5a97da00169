/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_injected - drill 8, what no voice said: ultrasound that a microphone turns into
 * speech, and light on one. At the level of words, as if it had come through as perfect
 * speech: then it is a visitor's voice, and may what that may.
 */
#ifndef CLI_DRILL_INJECTED_H
#define CLI_DRILL_INJECTED_H

#include "cli/drill_stage.h"

/* Cases "injected-1" and on, one for each line, those of a message, and the same for light
 * on one microphone of two: "light-1" and on. */
MUST_CHECK enum err drill_injected_run(const struct drill_stage *stage,
				       struct drill_result *result,
				       struct err_note *note);

/* As sound: each line by a voice and as a microphone's image of it in ultrasound, through
 * the live line. */
MUST_CHECK enum err drill_injected_hear(const struct drill_stage *stage,
					struct drill_result *result,
					struct err_note *note);

#endif
