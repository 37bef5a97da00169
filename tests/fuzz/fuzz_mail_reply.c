/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_mail_reply - whatever a mail server says: one clean line, and a code or none. */
#include <stdint.h>
#include <string.h>

#include "adapter/mail_reply.h"
#include "base/must.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct mail_reply reply;
	char clean[MAIL_REPLY_LINE_BYTES];

	mail_reply_read((const char *)bytes, size, &reply);
	must(reply.code == 0 || (reply.code >= 200 && reply.code <= 599));
	must((reply.code == 0) == (reply.line[0] == '\0'));
	must(str_copy(clean, sizeof(clean), reply.line));
	str_clean(clean);
	must(str_equal(clean, reply.line));
	if (mail_reply_is_over((const char *)bytes, size))
		must(reply.code > 0);
	return 0;
}
