/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_filter - see the header.
 *
 * MPD's protocol, "Filter syntax" (checked against 0.23): a value stands in double quotes,
 * inside of which a backslash takes the next character as it is. Invariant: in what is
 * made, every quote and backslash of the name has a backslash before it.
 */
#include "adapter/music_filter.h"

#include <string.h>

#include "base/str.h"

/* What is compared and how, up to the value. */
static const struct {
	enum music_kind kind;
	const char *begin;
} FILTERS[] = {
	{MUSIC_ARTIST, "(artist == "},    {MUSIC_ALBUM, "(album == "},
	{MUSIC_GENRE, "(genre == "},      {MUSIC_ANYTHING, "(any contains "},
	{MUSIC_SEARCH, "(any contains "},
};

static bool quote(const char *name, char to[MUSIC_FILTER_BYTES])
{
	bool fits = str_append(to, MUSIC_FILTER_BYTES, "\"");

	for (const char *at = name; fits && *at; at++)
		fits = str_append(to, MUSIC_FILTER_BYTES,
				  strchr("\"'\\", *at) ? "\\%c" : "%c", *at);
	return fits && str_append(to, MUSIC_FILTER_BYTES, "\")");
}

bool music_filter_make(enum music_kind kind, const char *name,
		       char to[MUSIC_FILTER_BYTES])
{
	for (size_t i = 0; i < STR_COUNT(FILTERS); i++)
		if (FILTERS[i].kind == kind)
			return str_copy(to, MUSIC_FILTER_BYTES, FILTERS[i].begin) &&
			       quote(name, to);
	return false;
}
