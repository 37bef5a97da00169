/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_reply - looks for the last line of each answer: three digits, then no '-'.
 *
 * Invariant: the first answer after 354 stands, whatever follows. A goodbye (221) is an
 * answer to QUIT, which the library sends also after a refusal, and decides nothing.
 */
#include "adapter/mail_reply.h"

#include <string.h>

#include "base/str.h"

enum {
	CODE_DIGITS = 3,
	CODE_MIN = 200,
	CODE_MAX = 599,
	CODE_GOODBYE = 221,
	CODE_GO_AHEAD = 354,
	CODE_BAD = 400, /* from here on: not now, or never */
};

/* 0 for a line that ends no answer. */
static unsigned line_code(const char *line, size_t size)
{
	char digits[CODE_DIGITS + 1];
	int64_t code = 0;

	if (size < CODE_DIGITS || (size > CODE_DIGITS && line[CODE_DIGITS] != ' ') ||
	    !str_copy_bytes(digits, sizeof(digits), line, CODE_DIGITS) ||
	    !str_to_int(digits, CODE_MIN, CODE_MAX, &code))
		return 0;
	return (unsigned)code;
}

static void keep_line(struct mail_reply *reply, unsigned code, const char *line,
		      size_t size)
{
	const size_t kept = size < sizeof(reply->line) ? size : sizeof(reply->line) - 1;

	reply->code = code;
	memcpy(reply->line, line, kept);
	reply->line[kept] = '\0';
	str_clean(reply->line);
	str_trim(reply->line);
}

static void read_line(struct mail_reply *reply, const char *line, size_t size)
{
	const unsigned code = line_code(line, size);

	if (code == 0 || code == CODE_GOODBYE || (reply->has_begun && reply->code > 0))
		return;
	if (code == CODE_GO_AHEAD) {
		*reply = (struct mail_reply){.has_begun = true};
		return;
	}
	keep_line(reply, code, line, size);
}

void mail_reply_read(const char *bytes, size_t size, struct mail_reply *out_reply)
{
	struct mail_reply reply = {.has_begun = false};

	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		const size_t step = end ? (size_t)(end - bytes) + 1 : size;
		size_t length = end ? step - 1 : step;

		if (length > 0 && bytes[length - 1] == '\r')
			length--;
		read_line(&reply, bytes, length);
		bytes += step;
		size -= step;
	}
	*out_reply = reply;
}

bool mail_reply_is_over(const char *bytes, size_t size)
{
	struct mail_reply reply;

	mail_reply_read(bytes, size, &reply);
	return reply.code >= CODE_BAD || (reply.has_begun && reply.code > 0);
}
