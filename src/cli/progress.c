/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws the progress line. Never writes to stdout and never without a terminal.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/terminal.h"

enum { BAR_COLUMNS = 24, PERCENT = 100 };

void progress_begin(struct progress *progress, const char *label, size_t total)
{
	*progress = (struct progress){.label = label,
				      .total = total,
				      .begun_ms = loop_now_ms()};
}

static void bar(char to[BAR_COLUMNS + 1], size_t done, size_t total, int64_t spent_ms)
{
	size_t full = total ? done * BAR_COLUMNS / total : 0;

	memset(to, '.', BAR_COLUMNS);
	if (total)
		memset(to, '#', full);
	else
		to[spent_ms / PROGRESS_EVERY_MS % BAR_COLUMNS] = '#';
	to[BAR_COLUMNS] = '\0';
}

void progress_line(char to[PROGRESS_LINE_BYTES], const char *label, size_t done,
		   size_t total, int64_t spent_ms)
{
	char drawn[BAR_COLUMNS + 1];

	if (done > total && total)
		done = total;
	bar(drawn, done, total, spent_ms);
	str_format(to, PROGRESS_LINE_BYTES, "%.60s  [%s]", label, drawn);
	if (!total) {
		str_append(to, PROGRESS_LINE_BYTES, "  %lld s",
			   (long long)(spent_ms / 1000));
		return;
	}
	str_append(to, PROGRESS_LINE_BYTES, "  %zu %%", done * PERCENT / total);
	if (done > 0)
		str_append(to, PROGRESS_LINE_BYTES, "  %lld s left",
			   (long long)(spent_ms * (int64_t)(total - done) /
				       (int64_t)done / 1000));
}

void progress_step(struct progress *progress, size_t done)
{
	int64_t now_ms = loop_now_ms();
	char line[PROGRESS_LINE_BYTES];

	must(progress->label);
	if (!terminal_is(stderr) || now_ms - progress->begun_ms < PROGRESS_AFTER_MS)
		return;
	if (now_ms - progress->drawn_ms < PROGRESS_EVERY_MS)
		return;
	progress->drawn_ms = now_ms;
	progress_line(line, progress->label, done, progress->total,
		      now_ms - progress->begun_ms);
	terminal_clear_line();
	fputs(line, stderr);
	fflush(stderr);
	terminal_line_drawn(true);
}

void progress_end(struct progress *progress)
{
	must(progress->label);
	terminal_clear_line();
	progress->label = NULL;
}
