/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_text - a public key as people copy and compare it.
 *
 * The text is 56 letters of Crockford's base32 in eight groups of seven: 32 bytes of key
 * and the first 3 bytes of their SHA-256. The fingerprint is for reading aloud: the first
 * 10 bytes of the SHA-256 of "behest key fingerprint v1", NUL and the key, in hexadecimal
 * groups of four. Both say nothing that is secret.
 */
#ifndef BASE_KEY_TEXT_H
#define BASE_KEY_TEXT_H

#include <stdint.h>

#include "base/err.h"

enum {
	KEY_TEXT_KEY_BYTES = 32,
	KEY_TEXT_BYTES = 64,        /* with the NUL */
	KEY_FINGERPRINT_BYTES = 25, /* with the NUL */
};

/* ERR_MEMORY only; *to is "" then. */
MUST_CHECK enum err key_to_text(const uint8_t key[KEY_TEXT_KEY_BYTES],
				char to[KEY_TEXT_BYTES]);

/* Reads it back as people write it: small letters, spaces, O for 0, I and L for 1.
 * ERR_FORMAT: a wrong letter or length; ERR_AUTH: the check differs (a typing error). */
MUST_CHECK enum err key_from_text(const char *text, uint8_t out_key[KEY_TEXT_KEY_BYTES]);

MUST_CHECK enum err key_fingerprint(const uint8_t key[KEY_TEXT_KEY_BYTES],
				    char to[KEY_FINGERPRINT_BYTES]);

#endif
