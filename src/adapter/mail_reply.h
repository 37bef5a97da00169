/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_reply - what an SMTP server said, read once it is over.
 *
 * Takes all of its lines as they came, in order, and finds the one that decides. Knows
 * no library and sends nothing. Pure.
 */
#ifndef ADAPTER_MAIL_REPLY_H
#define ADAPTER_MAIL_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum { MAIL_REPLY_LINE_BYTES = 200 };

struct mail_reply {
	bool has_begun; /* it said 354: the message itself may have been sent */
	/* The answer to the message; before that, to what came last. 0: none. */
	unsigned code;
	char line[MAIL_REPLY_LINE_BYTES]; /* that answer, code and all, clean */
};

/* Whatever bytes it is given. */
void mail_reply_read(const char *bytes, size_t size, struct mail_reply *out_reply);

/* True when nothing that may still come changes what was read. */
bool mail_reply_is_over(const char *bytes, size_t size);

#endif
