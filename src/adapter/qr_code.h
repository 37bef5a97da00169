/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qr_code - a text as the square of dark and light modules that a camera reads.
 *
 * In goes text, out comes the square without its quiet zone; nothing is drawn here.
 * Error correction is level M: up to about 15 % of the square may be damaged. Bytes
 * beyond ASCII are put in as they are, with no mark of their encoding: readers guess
 * UTF-8, so what has to be read by all is ASCII. Any thread.
 */
#ifndef ADAPTER_QR_CODE_H
#define ADAPTER_QR_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	QR_CODE_TEXT_MAX = 512, /* bytes, without the NUL */
	QR_CODE_SIDE_MAX = 89,  /* version 18: at level M 560 bytes of any kind */
	QR_CODE_BITS_BYTES = (QR_CODE_SIDE_MAX * QR_CODE_SIDE_MAX + 7) / 8,
};

/* Says the same as its text: who encodes a secret wipes it. */
struct qr_code {
	size_t side; /* modules; odd, 21 at least */
	/* Row by row without gaps, the first module in a byte's highest bit; 1 is dark. */
	uint8_t bits[QR_CODE_BITS_BYTES];
};

/* The smallest square that holds the text. ERR_RANGE: it is empty; ERR_LIMIT: it has more
 * than QR_CODE_TEXT_MAX bytes; ERR_MEMORY. */
MUST_CHECK enum err qr_code_make(const char *text, struct qr_code *out_code);

/* column and row below side, else a bug. */
bool qr_code_is_dark(const struct qr_code *code, size_t column, size_t row);

void qr_code_wipe(struct qr_code *code);

#endif
