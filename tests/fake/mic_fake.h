/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_fake - a microphone that hears what a test pushed into it.
 *
 * Never waits: without a frame it is ERR_TIMEOUT at once. Counts how often it was open,
 * so that a test can say "no capture device is open". One thread.
 */
#ifndef FAKE_MIC_FAKE_H
#define FAKE_MIC_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "port/clock.h"
#include "port/mic.h"

struct mic_fake;

/* clock says when a lease is over; borrowed, must outlive the fake. */
MUST_CHECK enum err mic_fake_create(const struct clock *clock,
				    struct mic_fake **out_fake);
void mic_fake_destroy(struct mic_fake *fake); /* NULL is fine */

/* The port. Closing it does not free the fake, so that a test can look afterwards. */
struct mic mic_fake_port(struct mic_fake *fake);

/* What is heard next. What does not fill a frame is filled up with silence. */
void mic_fake_push(struct mic_fake *fake, struct audio_span sound);
void mic_fake_push_silence(struct mic_fake *fake, size_t frames);

/* The cable is pulled: reads and opens give ERR_IO until it is plugged in again. */
void mic_fake_unplug(struct mic_fake *fake, bool unplugged);
/* After what was pushed, reads give ERR_CLOSED. */
void mic_fake_end(struct mic_fake *fake);

bool mic_fake_is_open(const struct mic_fake *fake);
size_t mic_fake_open_count(const struct mic_fake *fake);
size_t mic_fake_waiting(const struct mic_fake *fake); /* frames not yet read */

#endif
