/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - what the hub may still do once it has read its folder.
 */
#ifndef HUB_CONFINE_H
#define HUB_CONFINE_H

#include <stdint.h>

#include "base/err.h"
#include "domain/settings.h"

/* Makes RUN/hub, where its sockets are to be, and gives up the rest for good. listen_port:
 * where rooms on other machines connect; 0 nowhere. */
MUST_CHECK enum err hub_confine(const struct settings *settings, const char *data,
				const char *run, uint16_t listen_port,
				struct err_note *note);

#endif
