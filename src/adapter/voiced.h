/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voiced - in noise, lets pass only the cepstra near a voice. What a kitchen adds before,
 * between and after the words would only become words, and costs as much to search as
 * speech.
 *
 * Judges by c0 of the library's own cepstra, never of cleaned ones, against the floor and
 * the peak so far. Plain memory; one thread.
 */
#ifndef ADAPTER_VOICED_H
#define ADAPTER_VOICED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/front.h"

enum {
	VOICED_BEFORE = 30, /* 10 ms frames kept before a voice */
	VOICED_AFTER = 25,  /* and after it */
	VOICED_AT_ONCE_MAX = VOICED_BEFORE + 1,
};

struct voiced {
	uint32_t taken;
	double smooth;
	double floor;
	double peak;
	uint32_t run;   /* voiced frames in a row */
	uint32_t after; /* frames still kept */
	uint32_t held_count;
	/* the newest that were not kept, a ring */
	struct front_frame held[VOICED_BEFORE];
};

void voiced_init(struct voiced *voiced); /* also: forgets everything */

/* Takes a frame, and writes those that are now known to be kept, oldest first: at most
 * VOICED_AT_ONCE_MAX. Returns how many. */
size_t voiced_take(struct voiced *voiced, const struct front_frame *frame,
		   struct front_frame *to);

/* True while there is a voice, and VOICED_AFTER frames longer. */
bool voiced_now(const struct voiced *voiced);

/* True when the voice so far does not stand far above the room. */
bool voiced_in_noise(const struct voiced *voiced);

#endif
