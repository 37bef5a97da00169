/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simulated_room - what a microphone in a box-shaped room hears, for tests and benchmarks.
 *
 * The walls mirror the source (the image method of Allen and Berkley 1979), the loudspeaker
 * is small and distorts, the device plays late, and its clock is not quite the
 * microphone's. Everything is drawn from one seed. Not the real thing: no furniture, no
 * moving people. Pure; one thread per room.
 */
#ifndef CLI_SIMULATED_ROOM_H
#define CLI_SIMULATED_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

struct simulated_room_settings {
	uint64_t seed;     /* draws size, places and all that is left 0 below */
	double rt60_s;     /* 0: 0.2 to 0.6 */
	double delay_ms;   /* device, both ways; 0: 20 to 200 */
	double drift_ppm;  /* the loudspeaker's clock against the microphone's */
	double distortion; /* 0: none; 0.3: a small loudspeaker at its limit */
};

struct simulated_room;

MUST_CHECK enum err simulated_room_create(const struct simulated_room_settings *settings,
					  struct simulated_room **out_room);
void simulated_room_destroy(struct simulated_room *room); /* NULL is fine */

/* What comes of a sound from our loudspeaker, and of one from somebody who speaks: count
 * samples each, added to `to` with that gain. Sound longer than count is cut. */
MUST_CHECK enum err simulated_room_play(const struct simulated_room *room,
					struct audio_span sound, double gain, float *to,
					size_t count);
MUST_CHECK enum err simulated_room_speak(const struct simulated_room *room,
					 struct audio_span sound, double gain, float *to,
					 size_t count);
/* What of the loudspeaker arrives behind a wall: weak, and without its high tones. */
MUST_CHECK enum err simulated_room_leak(const struct simulated_room *room,
					struct audio_span sound, double gain, float *to,
					size_t count);

/* Where the direct sound of the loudspeaker arrives, in samples. */
double simulated_room_delay_samples(const struct simulated_room *room);

/* 64 bit of the generator all of this draws from; equal seeds, equal numbers. */
uint64_t simulated_room_random(uint64_t *state);
double simulated_room_uniform(uint64_t *state, double low, double high);
double simulated_room_normal(uint64_t *state); /* mean 0, deviation 1 */

#endif
