/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair_show - shows an offer to pair, and waits until a device has taken it up.
 *
 * In goes an owner's link on which a code was asked for. The code is void when the link
 * closes, so whoever interrupts this takes the offer back.
 */
#ifndef CLI_PAIR_SHOW_H
#define CLI_PAIR_SHOW_H

#include "cli/client.h"

/* The picture and the text below it; as JSON one object with the text. */
MUST_CHECK enum err pair_show(const struct wire_pair_offer *offer, const char *house,
			      bool as_json, struct err_note *note);

/* With a line that counts down, on a terminal. ERR_TIMEOUT: the code is over. */
MUST_CHECK enum err pair_wait(struct link_client *owner, struct err_note *note);

#endif
