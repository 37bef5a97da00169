/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recogniser_fake - hears what a test told it, whatever sound it is fed.
 *
 * Each begin() takes the next scripted utterance; without one it hears nothing (text "",
 * as the real one does after noise). Partials appear once enough sound was fed, the
 * final result at end() or when the test lets it go. fd works as the real one's. One
 * thread.
 */
#ifndef FAKE_RECOGNISER_FAKE_H
#define FAKE_RECOGNISER_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/recogniser.h"

enum { RECOGNISER_FAKE_UTTERANCES_MAX = 64, RECOGNISER_FAKE_PARTIALS_MAX = 8 };

/* What "very sure" looks like: above every floor. */
enum { RECOGNISER_FAKE_SURE = -2, RECOGNISER_FAKE_FRAMES = 150 };

struct recogniser_fake;

MUST_CHECK enum err recogniser_fake_create(struct recogniser_fake **out_fake);
void recogniser_fake_destroy(struct recogniser_fake *fake); /* NULL is fine */

/* The port. Closing it does not free the fake. */
struct recogniser recogniser_fake_port(struct recogniser_fake *fake);

/* Scripts one more utterance: its final words (RECOGNISER_FAKE_SURE and _FRAMES suit a
 * clear command). The result is complete unless text is "". */
void recogniser_fake_say(struct recogniser_fake *fake, const char *text, double ratio,
			 uint32_t speech_frames);

/* Adds a partial to the utterance scripted last: reported once after_ms of sound were
 * fed. In rising order. */
void recogniser_fake_partial(struct recogniser_fake *fake, uint32_t after_ms,
			     const char *text, bool complete,
			     enum recogniser_follow follow);

/* While held, end() gives no final result; letting go gives it. */
void recogniser_fake_hold(struct recogniser_fake *fake, bool held);

/* The next call of begin, feed or end (not load) fails with err. */
void recogniser_fake_fail_next(struct recogniser_fake *fake, enum err err);

/* What was asked of it. */
size_t recogniser_fake_loads(const struct recogniser_fake *fake);
size_t recogniser_fake_begun(const struct recogniser_fake *fake);
size_t recogniser_fake_ended(const struct recogniser_fake *fake);
size_t recogniser_fake_frames(const struct recogniser_fake *fake);   /* fed since begin */
size_t recogniser_fake_suspects(const struct recogniser_fake *fake); /* since begin */
size_t recogniser_fake_resumes(const struct recogniser_fake *fake);  /* since begin */
const char *recogniser_fake_wake_word(const struct recogniser_fake *fake);

#endif
