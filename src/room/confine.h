/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - what a room's program may still do once its parts are open.
 */
#ifndef ROOM_CONFINE_H
#define ROOM_CONFINE_H

#include "base/err.h"
#include "domain/settings.h"

/* Cannot be undone. hub_port: of a hub on another machine, else 0; a socket of this one
 * takes no rule. */
MUST_CHECK enum err confine(const struct settings *settings, uint16_t hub_port,
			    struct err_note *note);

#endif
