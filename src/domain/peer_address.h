/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_address - where another house answers, as people write it.
 *
 * HOST:PORT or [IPV6]:PORT, and behind it "/KEY" where that is a relay, whose key it is
 * (base/key_text.h). Looks nothing up. Pure.
 */
#ifndef DOMAIN_PEER_ADDRESS_H
#define DOMAIN_PEER_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"

/* ERR_FORMAT or ERR_LIMIT (more than a contact holds), with what was expected where; the
 * note does not quote the address. */
MUST_CHECK enum err peer_address_check(const char *address, struct err_note *note);

/* Of one that was checked: its host is none that anybody could reach, but stands for all of
 * this machine's (0.0.0.0, [::]). */
bool peer_address_is_unspecified(const char *address);

#endif
