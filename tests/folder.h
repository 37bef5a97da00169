/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder - what a test leaves on the disk, taken away; and whether the data is here that a
 * test cannot do without.
 *
 * Any thread; no state.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <stdbool.h>

/* Removes the folder and all below it, links as links. 0, or -1 with errno: what a cmocka
 * teardown returns. */
int folder_remove(const char *path);

/* True when tools/setup has made the networks under every head. Says on stdout what to do
 * when not: main then returns FOLDER_SKIPPED. */
bool folder_has_net(void);

enum { FOLDER_SKIPPED = 77 };

#endif
