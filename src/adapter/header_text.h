/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header_text - checked text and times in the form that headers have (RFC 2047, 5322).
 *
 * Takes what domain/mail_address.h has let pass; gives ASCII without line ends, or with
 * those that fold a header. Pure.
 */
#ifndef ADAPTER_HEADER_TEXT_H
#define ADAPTER_HEADER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HEADER_TEXT_PLAIN_MAX = 60,  /* longer text is written as encoded words */
	HEADER_TEXT_WORD_BYTES = 45, /* of text in one encoded word of 75 characters */
	HEADER_DATE_BYTES = 40,
};

/* How many bytes `size` bytes of text may need. */
#define HEADER_TEXT_BYTES(size) (((size) / (HEADER_TEXT_WORD_BYTES - 3) + 1) * 80)

/* Letters, digits and a little punctuation stay; everything else becomes encoded words of
 * UTF-8, between which `fold` stands ("\r\n " in mail, " " where headers may not be
 * folded). False when it does not fit, with *to "". */
bool header_text(char *to, size_t to_size, const char *text, const char *fold);

/* "Mon, 23 Nov 2026 01:33:07 +0000". False for times outside of the years 1970..9999. */
bool header_date(char to[HEADER_DATE_BYTES], int64_t wall_ms);

#endif
