/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train_fake - see the header. Sounds differ in pitch and length by their number.
 */
#include "fake/train_fake.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "train/random.h"

enum {
	TONES = 32,
	BLOCK = EMBEDDING_STEP_FRAMES * AUDIO_FRAME_SAMPLES,
	NAME_SAMPLES = AUDIO_HZ * 12 / 10,
	OTHER_SAMPLES = AUDIO_HZ * 6,
};

static const double TWO_PI = 6.283185307179586;

struct file {
	int16_t *samples;
	size_t count;
	size_t at;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A tone that moves from one pitch to another in the middle of the file. */
static void make_sweep(struct file *file, struct random *random, double from, double to,
		       double level)
{
	size_t begin = AUDIO_HZ * 3 / 10;
	size_t size = (size_t)random_range(random, 0.35 * AUDIO_HZ, 0.5 * AUDIO_HZ);
	double scale = random_range(random, 0.93, 1.07);
	double phase = 0;

	for (size_t i = 0; i < file->count; i++)
		file->samples[i] = (int16_t)(20 * random_normal(random) * level);
	for (size_t i = 0; i < size; i++) {
		double share = (double)i / (double)size;

		phase += TWO_PI * scale * (from + (to - from) * share) / AUDIO_HZ;
		file->samples[begin + i] =
			(int16_t)(level * 9000 * sin(TWO_PI / 2 * share) * sin(phase));
	}
}

static void make_other(struct file *file, struct random *random)
{
	size_t at = 0;

	while (at < file->count) {
		size_t size = (size_t)random_range(random, 1000, 9000);
		double step = TWO_PI * random_range(random, 150, 3000) / AUDIO_HZ;
		double level = random_chance(random, 0.3) ? 0 : 8000;

		for (size_t i = 0; i < size && at < file->count; i++, at++)
			file->samples[at] = (int16_t)(level * sin(step * (double)i) +
						      200 * random_normal(random));
	}
}

static enum err open_file(const char *path, void **out_file, struct err_note *note)
{
	const char *name = base_name(path);
	struct random random = random_stream(random_hash(name), 0, 0);
	struct file *file;

	if (str_starts(name, "broken"))
		return err_say(ERR_FORMAT, note, "%s: is broken", path);
	file = calloc(1, sizeof(*file));
	if (!file)
		return ERR_MEMORY;
	file->count = str_starts(name, "other") ? OTHER_SAMPLES : NAME_SAMPLES;
	file->samples = calloc(file->count, sizeof(*file->samples));
	if (!file->samples)
		abort();
	if (str_starts(name, "other") || str_starts(name, "odd"))
		make_other(file, &random);
	else if (str_starts(name, "wrong"))
		make_sweep(file, &random, 2600, 700, 1);
	else
		make_sweep(file, &random, 500, 2000,
			   str_starts(name, "quiet") ? 0.004 : 1);
	*out_file = file;
	return OK;
}

static enum err read_file(void *self, struct audio_frame *out_frame,
			  struct err_note *note)
{
	struct file *file = self;

	(void)note;
	if (file->at + AUDIO_FRAME_SAMPLES > file->count)
		return ERR_CLOSED;
	memcpy(out_frame->samples, file->samples + file->at, sizeof(out_frame->samples));
	file->at += AUDIO_FRAME_SAMPLES;
	return OK;
}

static void close_file(void *self)
{
	struct file *file = self;

	free(file->samples);
	free(file);
}

struct ear {
	float samples[BLOCK];
	size_t count;
	float before[EMBEDDING_SIZE];
};

static enum err open_ear(const void *self, void **out_stream)
{
	(void)self;
	*out_stream = calloc(1, sizeof(struct ear));
	return *out_stream ? OK : ERR_MEMORY;
}

static void reset_ear(void *stream)
{
	memset(stream, 0, sizeof(struct ear));
}

/* Goertzel, of all tones at once: one alone would wait for itself at every sample. Sanitized,
 * this loop took a third of a training's time, and it is no part of what is trained. */
__attribute__((no_sanitize("address", "undefined"))) static void strengths(
	const struct ear *ear, float out_values[TONES])
{
	double turn[TONES];
	double a[TONES] = {0};
	double b[TONES] = {0};

	for (size_t tone = 0; tone < TONES; tone++)
		turn[tone] =
			2 * cos(TWO_PI * 150 * pow(2, (double)tone / 6.8) / AUDIO_HZ);
	for (size_t i = 0; i < BLOCK; i++) {
		for (size_t tone = 0; tone < TONES; tone++) {
			double next =
				(double)ear->samples[i] + turn[tone] * a[tone] - b[tone];

			b[tone] = a[tone];
			a[tone] = next;
		}
	}
	for (size_t i = 0; i < TONES; i++)
		out_values[i] = (float)log(
			1e-4 +
			(a[i] * a[i] + b[i] * b[i] - turn[i] * a[i] * b[i]) / BLOCK);
}

static bool feed_ear(void *stream, const struct audio_frame *frame,
		     float out_values[EMBEDDING_SIZE])
{
	struct ear *ear = stream;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		ear->samples[ear->count++] = (float)frame->samples[i] / 32768;
	if (ear->count < BLOCK)
		return false;
	ear->count = 0;
	memmove(ear->before + TONES, ear->before,
		(EMBEDDING_SIZE - TONES) * sizeof(*ear->before));
	strengths(ear, ear->before);
	memcpy(out_values, ear->before, sizeof(ear->before));
	return true;
}

static void begin_stage(void *self, const char *name, size_t total)
{
	struct train_fake *fake = self;

	(void)name;
	(void)total;
	fake->stages++;
}

static void step(void *self, size_t done)
{
	(void)self;
	(void)done;
}

static void say(void *self, const char *line)
{
	struct train_fake *fake = self;

	(void)str_append(fake->lines, sizeof(fake->lines), "%s\n", line);
}

struct outside train_fake_outside(struct train_fake *fake, size_t jobs)
{
	return (struct outside){
		.reader = {open_file, read_file, close_file},
		.ear = {NULL, open_ear, reset_ear, feed_ear, free},
		.watch = {fake, begin_stage, step, say},
		.jobs = jobs,
	};
}
