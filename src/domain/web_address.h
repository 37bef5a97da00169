/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_address - whether something of the house may be told to that address of the web.
 *
 * https://HOST[:PORT]/PATH; plain http only to this machine, written as a number
 * (127.x.x.x or [::1]), because what a name means is answered by somebody else. Without what
 * a URL may also hold and ours do not need: a user, a query, a fragment, escapes. Pure.
 */
#ifndef DOMAIN_WEB_ADDRESS_H
#define DOMAIN_WEB_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { WEB_ADDRESS_BYTES = 512 };

/* ERR_FORMAT, ERR_DENIED (plain, and not to this machine), ERR_LIMIT; what names it in the
 * note: "the weather service's address". */
MUST_CHECK enum err web_address_check(const char *address, const char *what,
				      struct err_note *note);
/* Of one that was checked. */
bool web_address_is_plain(const char *address);
uint16_t web_address_port(const char *address);

#endif
