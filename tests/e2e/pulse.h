/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pulse - a sound card made of software: a PulseAudio server of the test's own, with one
 * null sink, and ALSA's names for it.
 *
 * "behest_speaker" plays into the sink, "behest_mic" hears what was played. Unplugging is
 * taking the sink away. Everything lives in a temporary folder; works as root and without
 * a desktop. Sets ALSA_CONFIG_PATH and the like for this process and its children.
 */
#ifndef E2E_PULSE_H
#define E2E_PULSE_H

#include <stdbool.h>

#define PULSE_SPEAKER "behest_speaker"
#define PULSE_MIC "behest_mic"

struct pulse;

/* Starts the server and waits until it answers. Fails the test when that cannot be. */
struct pulse *pulse_start(void);
void pulse_stop(struct pulse *pulse); /* NULL is fine */

void pulse_plug(struct pulse *pulse, bool plugged);
void pulse_mute(struct pulse *pulse, bool muted);

#endif
