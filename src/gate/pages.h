/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages - fetches pages for skills: from the hosts that an owner saw when approving one, and
 * for that one alone.
 *
 * The keeper says which hosts those are. https only, no redirects, no address of this house
 * or of this machine whatever a name is said to have, and so much in an hour. Not there
 * unless the setting [skills] fetch is yes.
 */
#ifndef GATE_PAGES_H
#define GATE_PAGES_H

#include <stdbool.h>

#include "adapter/sandbox_linux.h"
#include "base/err.h"
#include "base/loop.h"
#include "domain/settings.h"
#include "wire/wire.h"

enum {
	PAGES_AT_ONCE = 4,
	PAGES_PER_HOUR = 120, /* of one skill */
	PAGES_BYTES_MAX = 128 * 1024,
	PAGES_CONNECT_MS = 5000,
	PAGES_WHOLE_MS = 9000,
};

struct pages;

bool pages_is_set(const struct settings *settings);
/* What the sandbox has to let through. ERR_IO: the folder of its socket. */
MUST_CHECK enum err pages_allow(const struct settings *settings, const char *run,
				struct sandbox_rules *rules, struct err_note *note);

MUST_CHECK enum err pages_open(struct loop *loop, const struct settings *settings,
			       const char *run, struct pages **out_pages,
			       struct err_note *note);
void pages_close(struct pages *pages); /* NULL is fine */

/* What the keeper says. */
void pages_hosts(struct pages *pages, const struct wire_skill_hosts *hosts);

#endif
