/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_address - one e-mail address, and the name beside it, strict enough to be written
 * into a header.
 *
 * Text from outside becomes neither a second recipient nor a second header: an address is
 * of a few ASCII characters, and a name or subject is one line without control
 * characters. Quoted local parts, comments, address literals and non-ASCII addresses are
 * refused, although RFC 5322 and 6531 know them: nobody's contact needs them, and each
 * is read differently somewhere. Pure.
 */
#ifndef DOMAIN_MAIL_ADDRESS_H
#define DOMAIN_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	MAIL_ADDRESS_MAX = 254, /* RFC 5321, 4.5.3.1.3, less its brackets */
	MAIL_LOCAL_MAX = 64,
	MAIL_LABEL_MAX = 63,
	MAIL_NAME_MAX = 64,
};

/* ERR_FORMAT or ERR_LIMIT, with what is wrong; the note does not quote the address. */
MUST_CHECK enum err mail_address_check(const char *address, struct err_note *note);

/* Behind the '@' of an address that was checked; borrowed. */
const char *mail_address_domain(const char *address);

/* One line of well-formed UTF-8 without control characters, of at most size_max bytes.
 * what names it in the note ("the subject"). ERR_FORMAT, ERR_LIMIT. */
MUST_CHECK enum err mail_line_check(const char *line, size_t size_max, const char *what,
				    struct err_note *note);

/* The same for text of many lines: \n and tabs may be in it. */
MUST_CHECK enum err mail_text_check(const char *text, size_t size_max, const char *what,
				    struct err_note *note);

#endif
