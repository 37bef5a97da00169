/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age - encrypts to somebody's own age key (age-encryption.org/v1, X25519 recipients), so that
 * the stock tool `age` opens it. Writes only; it cannot open what it wrote.
 *
 * A file is a header of text, with the file's key sealed to each recipient, then a random
 * nonce and chunks of 64 KiB, the last one marked. One thread.
 */
#ifndef ADAPTER_AGE_H
#define ADAPTER_AGE_H

#include <stddef.h>
#include <stdint.h>

#include "adapter/sink.h"
#include "base/err.h"
#include "base/seal.h"

enum { AGE_RECIPIENTS_MAX = 16 };

struct age_recipient {
	uint8_t key[SEAL_BOX_PUBLIC_BYTES];
};

/* Reads "age1...". The note says what is wrong with it: a secret key, a letter that none has,
 * a wrong check, a key of another kind. ERR_FORMAT. */
MUST_CHECK enum err age_recipient_read(const char *text,
				       struct age_recipient *out_recipient,
				       struct err_note *note);

struct age_writer;

/* Writes the header. sink is borrowed until the end. count 1..AGE_RECIPIENTS_MAX. ERR_AUTH: a
 * recipient's key is no key. */
MUST_CHECK enum err age_writer_create(const struct age_recipient *recipients,
				      size_t count, const struct sink *sink,
				      struct age_writer **out_writer);
MUST_CHECK enum err age_writer_add(struct age_writer *writer, const void *bytes,
				   size_t size);
/* Writes the last chunk; without it no reader takes it for whole. */
MUST_CHECK enum err age_writer_end(struct age_writer *writer);
void age_writer_destroy(struct age_writer *writer); /* wipes; NULL is fine */

#endif
