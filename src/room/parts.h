/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts - the devices of a room, picked by their names in the settings.
 */
#ifndef ROOM_PARTS_H
#define ROOM_PARTS_H

#include "adapter/ears.h"
#include "base/err.h"
#include "domain/settings.h"
#include "port/echo.h"
#include "port/indicator.h"
#include "port/mic.h"
#include "port/speaker.h"

struct parts {
	struct mic mic; /* ops NULL: this room has none */
	struct speaker speaker;
	struct indicator indicator;
	struct echo echo;
	struct ears ears; /* wake.ops NULL: push to talk */
};

/* Opens all of them but the microphone, which waits for its lease. Note: one line. Some
 * may be open after a failure: parts_close. */
MUST_CHECK enum err parts_open(const struct settings *settings, const char *room,
			       struct parts *parts, struct err_note *note);
void parts_close(struct parts *parts);

#endif
