/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take - a spoken sentence made ready for measuring an endpoint: another pitch, a pause
 * within, a room around it, and where its speech truly ends.
 *
 * Nothing is ever digital silence: pauses and surroundings are filled with the sound's
 * own quietest stretch, or with a faint hiss where it has none. The same calls give the
 * same samples. One thread.
 */
#ifndef CLI_TAKE_H
#define CLI_TAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

enum { TAKE_SECONDS_MAX = 60, TAKE_PLACES_MAX = 3 };

struct take;

MUST_CHECK enum err take_create(struct take **out_take);
void take_destroy(struct take *take); /* NULL is fine */

/* Starts anew with nothing. */
void take_clear(struct take *take);

/* Appends speech played faster by that factor (0.5..2), pitch and speed alike. ERR_LIMIT
 * when it does not fit. */
MUST_CHECK enum err take_add(struct take *take, struct audio_span sound, double factor);

/* Finds where the speech begins and ends, and what the room sounds like: call once all
 * is added. The ends are the first and the last 10 ms within 35 dB of the loudest and
 * 10 dB above the room; a click that comes later is none. */
void take_measure(struct take *take);

/* Drops what is behind the measured end. */
void take_cut_end(struct take *take);
/* Drops the silence that follows that sample, up to where speech is again. */
void take_cut_silence(struct take *take, size_t from);

/* The quietest places between the measured begin and end, not in the outer fifths, 300
 * ms apart, quietest first. Returns how many. */
size_t take_places(const struct take *take, size_t places[TAKE_PLACES_MAX]);

/* A pause of the room at that sample; what comes later moves. */
MUST_CHECK enum err take_pause(struct take *take, size_t place, int64_t ms);

/* The room before and behind what is there. */
MUST_CHECK enum err take_surround(struct take *take, int64_t before_ms, int64_t after_ms);

/* Of the measured speech, in samples; they move with what is put before them. */
size_t take_begin(const struct take *take);
size_t take_end(const struct take *take);

/* Room for noise to be added in place; valid until the next call that adds. */
int16_t *take_samples(struct take *take, size_t *out_count);

#endif
