/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_outside - see the header. Knows which adapters there are; the trainer does not.
 */
#include "cli/wake_outside.h"

#include <unistd.h>

#include "adapter/audio_file.h"
#include "adapter/wake_files.h"
#include "base/file.h"
#include "cli/terminal.h"

static enum err open_sound(const char *path, void **out_file, struct err_note *note)
{
	struct audio_file *file = NULL;
	enum err err = audio_file_open(path, &file, note);

	if (!err)
		*out_file = file;
	return err;
}

static enum err read_sound(void *file, struct audio_frame *out_frame,
			   struct err_note *note)
{
	return audio_file_read(file, out_frame, note);
}

static void close_sound(void *file)
{
	audio_file_close(file);
}

static enum err open_ear(const void *self, void **out_stream)
{
	struct embedding *embedding = NULL;
	enum err err = embedding_create(self, &embedding);

	if (!err)
		*out_stream = embedding;
	return err;
}

static void reset_ear(void *stream)
{
	embedding_reset(stream);
}

static bool feed_ear(void *stream, const struct audio_frame *frame,
		     float out_values[EMBEDDING_SIZE])
{
	return embedding_feed(stream, frame, out_values);
}

static void close_ear(void *stream)
{
	embedding_destroy(stream);
}

void wake_outside_quiet(struct wake_outside *outside)
{
	if (outside->in_stage)
		progress_end(&outside->progress);
	outside->in_stage = false;
}

static void show_stage(void *self, const char *name, size_t total)
{
	struct wake_outside *outside = self;

	wake_outside_quiet(outside);
	if (outside->as_lines)
		fprintf(stderr, "%s\n", name);
	progress_begin(&outside->progress, name, total);
	outside->in_stage = true;
}

static void show_step(void *self, size_t done)
{
	struct wake_outside *outside = self;

	if (outside->in_stage)
		progress_step(&outside->progress, done);
}

static void show_line(void *self, const char *line)
{
	(void)self;
	terminal_clear_line();
	fprintf(stderr, "%s\n", line);
}

enum err wake_outside_open(size_t jobs, struct wake_outside *out_outside,
			   struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct embedding_net *net = NULL;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	enum err err = wake_files_find_net(path, sizeof(path), note);

	if (!err)
		err = embedding_net_open(path, &net, note);
	if (err)
		return err;
	if (jobs == 0)
		jobs = processors > 0 ? (size_t)processors : 1;
	*out_outside = (struct wake_outside){
		.outside = {.reader = {open_sound, read_sound, close_sound},
			    .ear = {net, open_ear, reset_ear, feed_ear, close_ear},
			    .watch = {out_outside, show_stage, show_step, show_line},
			    .jobs = jobs < OUTSIDE_JOBS_MAX ? jobs : OUTSIDE_JOBS_MAX},
		.net = net,
		.as_lines = !terminal_is(stderr)};
	return OK;
}

void wake_outside_close(struct wake_outside *outside)
{
	wake_outside_quiet(outside);
	embedding_net_close(outside->net);
	outside->net = NULL;
}

enum err wake_outside_list(const struct args *args, const char *option,
			   struct listing *listing, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < args_count(args, option); i++)
		err = listing_add(listing, args_text_at(args, option, i), note);
	return err;
}
