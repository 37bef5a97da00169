/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header_text - encoded words and dates, without a locale.
 *
 * Invariants: an encoded word holds whole characters and is at most 75 long; what stays
 * plain cannot be taken for one, for an address or for a quoted text.
 */
#include "adapter/header_text.h"

#include <string.h>
#include <time.h>

#include "base/seal.h"
#include "base/str.h"

enum {
	YEAR_MAX = 9999,
	YEAR_ZERO = 1900, /* of struct tm */
};

static const char PLAIN[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -'";

static bool is_plain(const char *text)
{
	const size_t size = strlen(text);

	return size <= HEADER_TEXT_PLAIN_MAX && strspn(text, PLAIN) == size &&
	       (size == 0 || (text[0] != ' ' && text[size - 1] != ' '));
}

/* How many bytes of whole characters one word takes. */
static size_t word_size(const char *text)
{
	size_t size = strnlen(text, HEADER_TEXT_WORD_BYTES);

	while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

bool header_text(char *to, size_t to_size, const char *text, const char *fold)
{
	const char *between = "";

	if (is_plain(text))
		return str_copy(to, to_size, text);
	to[0] = '\0';
	while (*text) {
		const size_t size = word_size(text);
		char base64[SEAL_BASE64_BYTES(HEADER_TEXT_WORD_BYTES)];

		seal_base64(base64, sizeof(base64), (const uint8_t *)text, size);
		if (size == 0 ||
		    !str_append(to, to_size, "%s=?UTF-8?B?%s?=", between, base64)) {
			to[0] = '\0';
			return false;
		}
		between = fold;
		text += size;
	}
	return true;
}

bool header_date(char to[HEADER_DATE_BYTES], int64_t wall_ms)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm at;

	if (wall_ms < 0 || !gmtime_r(&seconds, &at) || at.tm_year > YEAR_MAX - YEAR_ZERO)
		return false;
	return str_format(to, HEADER_DATE_BYTES, "%s, %d %s %d %02d:%02d:%02d +0000",
			  days[at.tm_wday], at.tm_mday, months[at.tm_mon],
			  at.tm_year + YEAR_ZERO, at.tm_hour, at.tm_min, at.tm_sec);
}
