/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside - what training needs from the program it runs in, as tables of functions: sound
 * files, ears, and somebody who watches. Filled in by the command line and by tests.
 */
#ifndef TRAIN_OUTSIDE_H
#define TRAIN_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/audio.h"
#include "listen/embedding.h"

/* Sound files, whatever their kind, as frames. Several threads may have files open. */
struct outside_reader {
	enum err (*open)(const char *path, void **out_file, struct err_note *note);
	/* ERR_CLOSED at the end, as in adapter/audio_file.h. */
	enum err (*read)(void *file, struct audio_frame *out_frame,
			 struct err_note *note);
	void (*close)(void *file);
};

/* Sound into embeddings (listen/embedding.h). One stream per thread. */
struct outside_ear {
	const void *self;
	enum err (*open)(const void *self, void **out_stream);
	void (*reset)(void *stream);
	bool (*feed)(void *stream, const struct audio_frame *frame,
		     float out_values[EMBEDDING_SIZE]);
	void (*close)(void *stream);
};

/* Called from the thread that called the trainer, never from others. */
struct outside_watch {
	void *self;
	void (*stage)(void *self, const char *name, size_t total);
	void (*step)(void *self, size_t done);
	/* One line for a person: what was left out and why, what was found. */
	void (*say)(void *self, const char *line);
};

struct outside {
	struct outside_reader reader;
	struct outside_ear ear;
	struct outside_watch watch;
	size_t jobs; /* threads, 1..OUTSIDE_JOBS_MAX */
};

enum { OUTSIDE_JOBS_MAX = 16 };

/* watch.say with a format; cut at the length of a note. */
void outside_say(const struct outside *outside, const char *format, ...)
	PRINTF_LIKE(2, 3);

#endif
