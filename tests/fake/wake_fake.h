/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_fake - hears its name where a test put a mark into the sound.
 *
 * wake_fake_mark() writes a score into a frame that sounds like nothing else; feeding
 * that frame reports a candidate with that score. Another word has marks of its own. One
 * thread.
 */
#ifndef FAKE_WAKE_FAKE_H
#define FAKE_WAKE_FAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/wake.h"

enum { WAKE_FAKE_SCORE_MAX = 1000 };

struct wake_fake;

/* Scores are thousandths: floor 500 accepts marks from 500 on. */
MUST_CHECK enum err wake_fake_create(int floor, struct wake_fake **out_fake);
/* It hears this word instead: 1, 2, ... */
void wake_fake_listen_for(struct wake_fake *fake, int word);
void wake_fake_destroy(struct wake_fake *fake); /* NULL is fine */

/* The port. Closing it does not free the fake. */
struct wake wake_fake_port(struct wake_fake *fake);

/* Makes the frame one in which the name ends: with that score (0..1000), having begun
 * back_ms before the frame's end. */
void wake_fake_mark(struct audio_frame *frame, int score, uint32_t back_ms);
void wake_fake_mark_word(struct audio_frame *frame, int word, int score,
			 uint32_t back_ms);

size_t wake_fake_fed(const struct wake_fake *fake); /* frames */
size_t wake_fake_resets(const struct wake_fake *fake);

#endif
