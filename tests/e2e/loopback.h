/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loopback - ports of this machine that nobody else reaches.
 *
 * No state; any thread.
 */
#ifndef E2E_LOOPBACK_H
#define E2E_LOOPBACK_H

#include <stdbool.h>
#include <stdint.h>

/* Listens on a free port of 127.0.0.1; the caller closes it. -1: none. */
int loopback_listen(uint16_t *out_port);

/* A port that was free a moment ago; 0: none. */
uint16_t loopback_free_port(void);

/* True when somebody accepts connections there. */
bool loopback_is_listening(uint16_t port);

#endif
