/* SPDX-License-Identifier: Apache-2.0 */
/*
 * when - times and spans for a person: the local wall clock, to the second.
 */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEN_BYTES = 32 };

/* "2026-11-22 00:31:05" in the local zone; "?" for a time that is none. */
void when_local(char to[WHEN_BYTES], int64_t wall_ms);
/* "2026-11-22T00:31:05.123Z" for programs. */
void when_utc(char to[WHEN_BYTES], int64_t wall_ms);
/* "4:07", from an hour on "5 h 12 min", from two days on "29 d"; what is over is "0:00". */
void when_span(char to[WHEN_BYTES], int64_t span_ms);

/* From begin_ms on, and before end_ms. */
struct when_range {
	int64_t begin_ms;
	int64_t end_ms;
};
/* What somebody typed, in the local zone: "today", "yesterday", "2026-11-22" (that day),
 * "2026-11-22 14" (that hour), "2026-11-22 14:05" (that minute; a T may stand for the
 * space). False for anything else, also a day that no calendar has. */
bool when_read(const char *text, int64_t now_ms, struct when_range *out_range);

#endif
