/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator_terminal - the light as a coloured word in a terminal, as a plain line
 * elsewhere; and no light at all.
 *
 * Tones are the room's business: it plays them on its speaker.
 */
#ifndef ADAPTER_INDICATOR_TERMINAL_H
#define ADAPTER_INDICATOR_TERMINAL_H

#include "base/err.h"
#include "port/indicator.h"

/* Writes to fd, which stays the caller's. In colour when fd is a terminal. */
MUST_CHECK enum err indicator_terminal_create(int fd, const char *room,
					      struct indicator *out_indicator);

MUST_CHECK enum err indicator_none_create(struct indicator *out_indicator);

/* "listening": the word of a light, also for the wire and for status. */
const char *indicator_light_word(enum indicator_light light);

#endif
