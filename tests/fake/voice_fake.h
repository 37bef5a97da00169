/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voice_fake - speaks in no time and remembers every text.
 *
 * The sound is a quiet tone of VOICE_FAKE_MS_PER_BYTE for each byte of text. The limits
 * are those of the port. One thread.
 */
#ifndef FAKE_VOICE_FAKE_H
#define FAKE_VOICE_FAKE_H

#include <stddef.h>

#include "base/err.h"
#include "port/voice.h"

enum { VOICE_FAKE_MS_PER_BYTE = 60 };

struct voice_fake;

MUST_CHECK enum err voice_fake_create(struct voice_fake **out_fake);
void voice_fake_destroy(struct voice_fake *fake); /* NULL is fine */

/* The port. Closing it does not free the fake, so that a test can look afterwards. */
struct voice voice_fake_port(struct voice_fake *fake);

/* The next count calls fail with err. */
void voice_fake_fail_next(struct voice_fake *fake, size_t count, enum err err);

/* What was spoken, oldest first. */
size_t voice_fake_count(const struct voice_fake *fake);
const char *voice_fake_text(const struct voice_fake *fake, size_t index);
const char *voice_fake_newest(const struct voice_fake *fake); /* "" before the first */

#endif
