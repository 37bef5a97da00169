/* SPDX-License-Identifier: Apache-2.0 */
/*
 * one_sided - does a sound come through one microphone of two alone?
 *
 * Two microphones of one device stand a hand apart: somebody who speaks in the room comes
 * through both, at nearly one level. Light on one of them, or a tone against its skin,
 * comes through that one, while the other hears the room (Sugawara et al., "Light
 * Commands", USENIX Security 2020, propose to compare them). Each microphone is measured
 * above its own noise, so that one may be more sensitive than the other.
 *
 * Keeps levels and no sound. Pure; one thread. A microphone that gives nothing at all makes every sound
 * one-sided.
 */
#ifndef ADAPTER_ONE_SIDED_H
#define ADAPTER_ONE_SIDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ONE_SIDED_SPAN_MS = 500, /* what is told is of the newest so long */
	ONE_SIDED_BLOCK_MS = 20,
	ONE_SIDED_BLOCKS = ONE_SIDED_SPAN_MS / ONE_SIDED_BLOCK_MS,
	ONE_SIDED_CHANNELS = 2,
};

struct one_sided {
	size_t block_samples; /* of each channel */
	size_t fed;           /* of the block that is under way */
	double last[ONE_SIDED_CHANNELS];
	double energy[ONE_SIDED_CHANNELS];
	double noise[ONE_SIDED_CHANNELS]; /* mean square; below 0: not known yet */
	uint8_t kinds[ONE_SIDED_BLOCKS];  /* a ring */
	size_t next;
};

/* Begins anew, for a device of that rate. */
void one_sided_init(struct one_sided *one, uint32_t hz);

/* Takes count sample frames of so many channels, interleaved; the first two are compared.
 * Of fewer nothing is ever one-sided. */
void one_sided_feed(struct one_sided *one, const int16_t *interleaved, size_t count,
		    uint32_t channels);

/* Of what was loud in the newest ONE_SIDED_SPAN_MS, was more than half in one channel? */
bool one_sided_now(const struct one_sided *one);

#endif
