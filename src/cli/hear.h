/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hear - audio files through the live listening code: 20 ms frames, the name, the
 * session, the turn, on a dry house.
 *
 * Faster than real time the recogniser is given time to keep up, so that the words a
 * sentence's end depends on are the ones a live microphone would have had.
 */
#ifndef CLI_HEAR_H
#define CLI_HEAR_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/line.h"

struct hear;

struct hear_listener {
	void *context;
	void (*turn)(void *context, const struct line_answer *answer);
	/* Something sounded like the name, from at_ms on, and was not believed. */
	void (*rejected)(void *context, const char *file, int64_t at_ms, double score,
			 double floor);
};

struct hear_settings {
	const char *word; /* the name; NULL: the whole file is one request */
	bool sequence;    /* the next file goes on where the last one ended */
	bool real_time;
};

MUST_CHECK enum err hear_create(struct line *line, const struct hear_settings *settings,
				const struct hear_listener *listener,
				struct hear **out_hear, struct err_note *note);
void hear_destroy(struct hear *hear); /* NULL is fine */

/* Hears one file to its end. What could be heard of a damaged file is heard before the
 * error is returned. */
MUST_CHECK enum err hear_file(struct hear *hear, const char *path, struct err_note *note);

/* The same for sound that is at hand, whole frames of it; the name stands for a path. */
MUST_CHECK enum err hear_sound(struct hear *hear, const char *name,
			       struct audio_span sound, struct err_note *note);

#endif
