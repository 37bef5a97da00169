/* SPDX-License-Identifier: Apache-2.0 */
/*
 * radio - internet stations of the household: a name to say, and the address that it
 * stands for.
 *
 * The owner names them; nobody says an address. An address is http or https, printable
 * ASCII without blanks, quotes or a user name, so it is one word to every player. Pure.
 */
#ifndef DOMAIN_RADIO_H
#define DOMAIN_RADIO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/music.h"

enum {
	RADIO_STATIONS_MAX = 64,
	RADIO_URL_BYTES = 512,
	RADIO_FILE_BYTES_MAX = 128 * 1024,
};

#define RADIO_FILE "radio.yaml" /* in the data folder */

struct station {
	char name[MUSIC_NAME_BYTES];
	char url[RADIO_URL_BYTES];
};

struct radio {
	size_t count;
	struct station stations[RADIO_STATIONS_MAX];
};

/* ERR_FORMAT or ERR_LIMIT, with what is wrong. */
MUST_CHECK enum err radio_check_name(const char *name, struct err_note *note);
MUST_CHECK enum err radio_check_url(const char *url, struct err_note *note);

/* ASCII case does not matter. NULL: none of that name. */
const struct station *radio_find(const struct radio *radio, const char *name);
/* Adds it, or gives the one of that name its new address. */
MUST_CHECK enum err radio_set(struct radio *radio, const char *name, const char *url,
			      struct err_note *note);
/* False: there is none of that name. */
bool radio_remove(struct radio *radio, const char *name);

/* A list of maps with `name` and `url`. file names it in the note. Nothing is taken unless
 * all of it is well. */
MUST_CHECK enum err radio_read(const char *file, const char *bytes, size_t size,
			       struct radio *out_radio, struct err_note *note);
MUST_CHECK enum err radio_write(const struct radio *radio, struct buf *to);

#endif
