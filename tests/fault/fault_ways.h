/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_ways - from where calls that may fail are made, and which of them are worth failing.
 *
 * A story makes thousands of calls, most of them in the same loops of a library. The way to
 * a call is its whole call stack, with the step of the story at its end. Of each way the last
 * call in a story is chosen; of those that a story before had, which is so of how the keeper
 * starts, every fifth. BEHEST_ALL=1 chooses every single call. One thread.
 */
#ifndef FAULT_FAULT_WAYS_H
#define FAULT_FAULT_WAYS_H

#include <stdbool.h>
#include <stddef.h>

/* Before the first call: it loads what call stacks need. */
void fault_ways_init(void);
/* From now on calls are noted; from then on no more. Returns how many were. */
void fault_ways_begin(void);
size_t fault_ways_end(void);
/* By who makes calls fail: here is one. */
void fault_ways_note(void);

/* Of those that were noted; to be asked for each, once, in order. */
bool fault_ways_choose(size_t n);
/* The story is over, and one of those before. */
void fault_ways_remember(void);
void fault_ways_forget(void); /* all stories before */

#endif
