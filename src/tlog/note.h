/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note - what all C2SP signed notes share: key ids and signature lines. Pure.
 *
 * A signature line is "— <name> <base64 of key id (4) and signature>" and a newline.
 */
#ifndef TLOG_NOTE_H
#define TLOG_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"

enum {
	NOTE_KEY_ID_BYTES = 4,
	NOTE_NAME_BYTES = 128,
	NOTE_SIGNATURE_BYTES_MAX = 80, /* without the key id */
	NOTE_LINE_BYTES = 272,
};

/* What kind of signature, in the key id. */
enum note_type { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };

MUST_CHECK enum err note_key_id(const char *name, enum note_type type,
				const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				uint8_t out_id[NOTE_KEY_ID_BYTES]);

/* Whose signature of what kind. */
struct note_key {
	const char *name; /* without spaces */
	enum note_type type;
	const uint8_t *public_key;
};
MUST_CHECK enum err note_write_line(const struct note_key *key, const uint8_t *signature,
				    size_t size, char to[NOTE_LINE_BYTES]);
/* The signature of size bytes in a whole line, its newline included. ERR_AUTH: another
 * key's line. ERR_FORMAT: not to the letter as note_write_line writes it. */
MUST_CHECK enum err note_read_line(const struct note_key *key, const char *line,
				   size_t line_size, uint8_t *out_signature, size_t size);

#endif
