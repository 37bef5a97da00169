/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home_file - a home written down as JSON, for `--home` and `understand --batch`.
 *
 *   {"entities": [{"name", "domain", "area"?, "state"?, "aliases"?, "attributes"?}],
 *    "areas": [{"name", "floor"?, "aliases"?}], "floors": [{"name"}], "timers": [...],
 *    "media": [...], "people": [...], "contacts": [...], "here": "an area"}
 *
 * Every key may be missing. People and contacts are texts or {"name"}. Timers and media
 * are checked to be lists and otherwise left alone: no intent speaks of them yet.
 */
#ifndef CLI_HOME_FILE_H
#define CLI_HOME_FILE_H

#include "base/err.h"
#include "base/json.h"
#include "domain/home.h"

enum { HOME_FILE_BYTES_MAX = 4 * 1024 * 1024 };

/* Fills out_home (initialised here; the caller finishes it, also after failure). The
 * note reads "name: entities[3].domain: expected text". */
MUST_CHECK enum err home_file_read(const char *path, struct home *out_home,
				   struct err_note *note);
MUST_CHECK enum err home_file_parse(const char *name, const struct json_value *root,
				    struct home *out_home, struct err_note *note);

#endif
