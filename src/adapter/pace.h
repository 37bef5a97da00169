/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace - lets frames from a source that has no clock of its own (a file, a pipe) through
 * no faster than a microphone would give them.
 *
 * A frame may come 20 us early each time, so that a real source whose clock is a little
 * fast does not pile up behind it.
 */
#ifndef ADAPTER_PACE_H
#define ADAPTER_PACE_H

#include <stdint.h>

struct pace {
	int64_t due_us; /* when the next frame may leave */
};

/* The first frame is due now. */
void pace_start(struct pace *pace);
/* Milliseconds until the next frame is due, rounded up; 0: now. */
int pace_left_ms(const struct pace *pace);
/* A frame has left. */
void pace_step(struct pace *pace);

#endif
