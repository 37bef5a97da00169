/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quiet - see the header.
 */
#include "domain/quiet.h"

#include <string.h>

enum { TEXT_LENGTH = 11, HOUR_MINUTES = 60, HOURS = 24 };

/* Two digits below limit; -1: none. */
static int two_digits(const char *at, int limit)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return -1;
	const int value = (at[0] - '0') * 10 + at[1] - '0';

	return value < limit ? value : -1;
}

/* "HH:MM" as minutes; -1: it is none. */
static int minutes_at(const char *at)
{
	const int hour = two_digits(at, HOURS);
	const int minute = two_digits(at + 3, HOUR_MINUTES);

	return hour < 0 || minute < 0 || at[2] != ':' ? -1 : hour * HOUR_MINUTES + minute;
}

enum err quiet_read(const char *text, struct quiet *out_quiet, struct err_note *note)
{
	struct quiet quiet = {.is_set = text[0] != '\0'};

	if (quiet.is_set) {
		const bool fits = strlen(text) == TEXT_LENGTH && text[5] == '-';

		quiet.from = fits ? minutes_at(text) : -1;
		quiet.to = fits ? minutes_at(text + 6) : -1;
		if (quiet.from < 0 || quiet.to < 0 || quiet.from == quiet.to)
			return err_say(
				ERR_FORMAT, note,
				"quiet is '%.32s'; expected two times of day as in "
				"22:00-07:00, or nothing",
				text);
	}
	*out_quiet = quiet;
	return OK;
}

bool quiet_holds(const struct quiet *quiet, int minute)
{
	if (!quiet->is_set)
		return false;
	if (quiet->from < quiet->to)
		return minute >= quiet->from && minute < quiet->to;
	return minute >= quiet->from || minute < quiet->to;
}
