/* SPDX-License-Identifier: Apache-2.0 */
/*
 * one_fault - one call fails of those that a part makes for memory, for a key from words or
 * for a hash: the linker puts ours in their place (--wrap) for what is linked in. Libraries
 * keep theirs.
 *
 * One thread.
 */
#ifndef FAULT_ONE_FAULT_H
#define FAULT_ONE_FAULT_H

#include <stdbool.h>

/* The n-th from now on (the first is 1) fails, and only that; 0: none does. */
void one_fault_at(unsigned long n);
/* No more of it; how many calls there were. */
unsigned long one_fault_end(void);
/* Whether what failed was for memory; a hash needs none. */
bool one_fault_was_memory(void);

#endif
