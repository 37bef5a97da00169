/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairing - what a house offers to a new device: where it is, by which key it is known, and
 * a code that lets one device in, as one line of text for a camera or the clipboard:
 *
 *   behest-pair:1?hub=ADDRESS&key=KEY&code=CODE&name=NAME
 *
 * All four fields, in this order, each in its only form; so one offer has one text. Refused
 * with the byte (from 1) and what was expected there are other fields, doubled ones, and
 * whatever is not exactly this. Notes never hold what the text said. Pure.
 */
#ifndef DOMAIN_PAIRING_H
#define DOMAIN_PAIRING_H

#include <stdint.h>

#include "base/err.h"
#include "base/key_text.h"

/* Sizes of texts are with the NUL. */
enum {
	PAIRING_ADDRESS_BYTES = 192,
	PAIRING_CODE_BYTES = 20,
	PAIRING_HOUSE_BYTES = 64,
	PAIRING_TEXT_BYTES = 498,          /* with all fields at their longest */
	PAIRING_LASTS_MS = 10 * 60 * 1000, /* of a code, from the asking */
};

struct pairing_offer {
	/* HOST:PORT, [IPV6]:PORT or "unix" for this machine's own socket; ports from 1.
	 * Whether such a host exists is not looked at. */
	char address[PAIRING_ADDRESS_BYTES];
	uint8_t key[KEY_TEXT_KEY_BYTES]; /* public */
	/* Secret: four groups of four of 0123456789ABCDEFGHJKMNPQRSTVWXYZ, '-' between. */
	char code[PAIRING_CODE_BYTES];
	/* For people: 1 to 63 bytes of UTF-8 without control characters. In the text, all
	 * but letters, digits, '-', '.', '_' and '~' stand as %XX. */
	char house[PAIRING_HOUSE_BYTES];
};

/* An offer that pairing_offer_read would not take is refused as it would refuse it;
 * then *to is "". The text holds the code: the caller wipes it. */
MUST_CHECK enum err pairing_offer_write(const struct pairing_offer *offer,
					char to[PAIRING_TEXT_BYTES],
					struct err_note *note);

/* ERR_FORMAT; ERR_LIMIT: a field is too long; ERR_VERSION: another than 1; ERR_AUTH: the
 * key's check differs; ERR_MEMORY. */
MUST_CHECK enum err pairing_offer_read(const char *text, struct pairing_offer *out_offer,
				       struct err_note *note);

void pairing_offer_wipe(struct pairing_offer *offer);

#endif
