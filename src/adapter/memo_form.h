/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_form - what a voice message looks like as bytes, checked before a decoder sees them.
 *
 * Bytes that nobody has vouched for enter; the length of the sound they hold leaves, or
 * one line that says what is wrong with them. The form is in docs/FORMATS.md: one stream
 * of Opus in Ogg (RFC 7845), 16 kHz, mono. Pure.
 */
#ifndef ADAPTER_MEMO_FORM_H
#define ADAPTER_MEMO_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/memo.h"

enum {
	/* The encoder keeps to its rate whatever the sound: of twelve kinds the largest
	 * was 376,294 bytes for the full 120 s (a sweep), white noise 370,523. */
	MEMO_FORM_BYTES_MAX = MEMO_BYTES_MAX,
	MEMO_FORM_TAGS_BYTES_MAX = 1024,
};

/* Says how many samples at 16 kHz they hold: 1..MEMO_SAMPLES_MAX. ERR_UNSUPPORTED:
 * something else than a voice message. ERR_FORMAT: empty, cut short or damaged. ERR_LIMIT:
 * too many bytes, or too long. */
MUST_CHECK enum err memo_form_check(const uint8_t *bytes, size_t size,
				    size_t *out_samples, struct err_note *note);

#endif
