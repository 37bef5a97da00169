/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle - a wake detector as it is in a room: it has heard it for a while.
 *
 * A file begins with its first word, which no microphone that is always open does; without
 * this a name at once scores lower than the same name later.
 */
#ifndef CLI_SETTLE_H
#define CLI_SETTLE_H

#include "port/wake.h"

/* Forgets the stream and hears a second and a half of a quiet room, always the same. */
void settle(struct wake *wake);

#endif
