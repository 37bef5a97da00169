/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress - one line on stderr for anything that takes longer than two seconds.
 *
 * Drawn only on a terminal; without one every call does nothing. One at a time.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_AFTER_MS = 2000, PROGRESS_EVERY_MS = 100, PROGRESS_LINE_BYTES = 160 };

struct progress {
	const char *label; /* borrowed */
	size_t total;      /* 0: not known; a moving mark instead of a bar */
	int64_t begun_ms;
	int64_t drawn_ms;
};

void progress_begin(struct progress *progress, const char *label, size_t total);
void progress_step(struct progress *progress, size_t done);
void progress_end(struct progress *progress);

/* The line itself, apart from any terminal: "label  [#####.....]  40 %  3 s left". */
void progress_line(char to[PROGRESS_LINE_BYTES], const char *label, size_t done,
		   size_t total, int64_t spent_ms);

#endif
