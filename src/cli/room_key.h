/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room_key - public keys of this machine's rooms and hub, as text.
 */
#ifndef CLI_ROOM_KEY_H
#define CLI_ROOM_KEY_H

#include "base/err.h"
#include "base/key_text.h"
#include "cli/paths.h"

/* The key of this machine's room of that name, or of its hub for NULL; made when new. */
MUST_CHECK enum err room_key_local(const struct paths *paths, const char *name,
				   char to[KEY_TEXT_BYTES], struct err_note *note);

/* The fingerprint of a key as text; "" for what is no key. */
void room_key_fingerprint(const char *key, char to[KEY_FINGERPRINT_BYTES]);

#endif
