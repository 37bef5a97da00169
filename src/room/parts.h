/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts - the devices of a room, picked by their names in the settings.
 */
#ifndef ROOM_PARTS_H
#define ROOM_PARTS_H

#include <stdbool.h>

#include "adapter/ears.h"
#include "base/err.h"
#include "domain/settings.h"
#include "port/echo.h"
#include "port/indicator.h"
#include "port/mic.h"
#include "port/speaker.h"

struct parts {
	struct mic mic;   /* ops NULL: this room has none */
	bool mic_is_live; /* it hears a room, whose air is never quite still */
	struct speaker speaker;
	struct indicator indicator;
	struct echo echo;
	struct echo music_echo;
	const char *music; /* the pipe in which it comes; "" none; borrowed */
	struct ears ears;  /* wake.ops NULL: push to talk */
	struct err_note
		deaf; /* why nothing hears the name, and nobody should listen; "" */
};

/* Opens all of them but the microphone, which waits for its lease. Note: one line. Some
 * may be open after a failure: parts_close. Ears that cannot be opened are no failure:
 * the room is there, says that it is deaf, and why. */
MUST_CHECK enum err parts_open(const struct settings *settings, const char *room,
			       struct parts *parts, struct err_note *note);
void parts_close(struct parts *parts);

#endif
