/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker_fake - a loudspeaker that takes as long as a real one, by the test's clock,
 * and remembers what it played and why.
 *
 * One thread.
 */
#ifndef FAKE_SPEAKER_FAKE_H
#define FAKE_SPEAKER_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "port/clock.h"
#include "port/speaker.h"

struct speaker_fake;

/* One call of play. */
struct speaker_fake_play {
	struct event_id parent;
	int64_t start_ms;
	size_t samples;
	int percent;  /* the volume it was played at */
	bool stopped; /* before its end */
};

/* clock is borrowed and must outlive the fake. */
MUST_CHECK enum err speaker_fake_create(const struct clock *clock,
					struct speaker_fake **out_fake);
void speaker_fake_destroy(struct speaker_fake *fake); /* NULL is fine */

/* The port. Closing it does not free the fake, so that a test can look afterwards. */
struct speaker speaker_fake_port(struct speaker_fake *fake);

/* Plays and polls give ERR_IO until it is plugged in again. */
void speaker_fake_unplug(struct speaker_fake *fake, bool unplugged);

size_t speaker_fake_count(const struct speaker_fake *fake);
struct speaker_fake_play speaker_fake_at(const struct speaker_fake *fake, size_t index);
bool speaker_fake_is_playing(const struct speaker_fake *fake);

#endif
