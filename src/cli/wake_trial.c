/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_trial - see the header. Decides nothing about what it hears; counting is
 * wake_tally's.
 */
#include "cli/wake_trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/wake_second.h"
#include "listen/wake_net.h"
#include "train/examples.h"
#include "train/jobs.h"
#include "train/random.h"

enum { SILENT_FRAMES = 1000 / AUDIO_FRAME_MS, NOISE_SECONDS_MAX = 300 };

struct wake_trial {
	struct wake_outside *outside; /* borrowed */
	struct head *head;
	struct wake wakes[OUTSIDE_JOBS_MAX];
	struct wake_second *seconds[OUTSIDE_JOBS_MAX];
	/* what is being heard, and as what */
	const struct listing *listing;
	const struct wake_noise *noise;
	bool are_names;
	struct wake_heard *heard;
};

/* ---- one file ---- */

struct ear_pair {
	struct wake *wake;
	struct wake_second *second;
};

static enum err hear_frame(struct ear_pair ears, const struct audio_frame *frame,
			   struct wake_heard *heard)
{
	struct wake_report report;
	bool passed = false;
	double ratio = 0;

	wake_feed(ears.wake, frame, &report);
	wake_second_feed(ears.second, frame);
	heard->seconds += AUDIO_FRAME_MS / 1000.0;
	heard->max_score = fmax(heard->max_score, report.score);
	if (!report.candidate)
		return OK;
	heard->sure += report.accepted;
	heard->doubtful += !report.accepted;
	if (!report.accepted)
		passed = wake_second_passes(ears.second, &report, &ratio);
	heard->passed += passed;
	if (!heard->accepts)
		heard->accepts = calloc(WAKE_ACCEPTS_MAX, sizeof(*heard->accepts));
	if (!heard->accepts)
		return ERR_MEMORY;
	if (heard->count < WAKE_ACCEPTS_MAX)
		heard->accepts[heard->count++] =
			(struct wake_accept){llround(heard->seconds * 1000), report.score,
					     report.accepted, passed, ratio};
	return OK;
}

static enum err hear_silence(struct ear_pair ears, struct wake_heard *heard)
{
	static const struct audio_frame SILENCE;
	enum err err = OK;

	for (int i = 0; !err && i < SILENT_FRAMES; i++)
		err = hear_frame(ears, &SILENCE, heard);
	heard->seconds -= 1; /* not of the file */
	return err;
}

static enum err hear_other(struct wake_trial *trial, struct ear_pair ears,
			   const char *path, struct wake_heard *heard)
{
	const struct outside_reader *reader = &trial->outside->outside.reader;
	struct audio_frame frame;
	void *file = NULL;
	enum err err = reader->open(path, &file, &heard->complaint);

	while (!err) {
		err = reader->read(file, &frame, &heard->complaint);
		if (!err)
			err = hear_frame(ears, &frame, heard);
	}
	if (file)
		reader->close(file);
	return err == ERR_CLOSED ? hear_silence(ears, heard) : err;
}

/* Lays the noise over a clip with a second before and after it. */
static void add_noise(const struct wake_trial *trial, const char *path,
		      struct sound *sound, size_t begin, size_t count)
{
	const char *slash = strrchr(path, '/');
	struct random random = random_stream(random_hash(slash ? slash + 1 : path), 0, 0);
	size_t room = trial->noise->sound.count > sound->count
			      ? trial->noise->sound.count - sound->count
			      : 1;
	size_t at = random_below(&random, room);
	double own = sound_power(sound->samples + begin, count);
	double over = sound_power(trial->noise->sound.samples + at,
				  trial->noise->sound.count - at < sound->count
					  ? trial->noise->sound.count - at
					  : sound->count);

	if (own > 0 && over > 0)
		sound_mix(sound, 0, trial->noise->sound.samples + at,
			  trial->noise->sound.count - at,
			  (float)sqrt(own / over * pow(10, -trial->noise->snr_db / 10)));
}

static enum err hear_name(struct wake_trial *trial, struct ear_pair ears,
			  const char *path, struct wake_heard *heard)
{
	struct sound clip = {.samples = NULL};
	struct sound whole = {.samples = NULL};
	int16_t samples[AUDIO_FRAME_SAMPLES];
	struct audio_frame frame;
	enum err err = sound_init(&clip, (size_t)EXAMPLE_SECONDS_MAX * AUDIO_HZ);

	if (!err)
		err = examples_read(&trial->outside->outside.reader, path, &clip,
				    &heard->complaint);
	if (!err)
		err = sound_init(&whole, clip.count + 2 * (size_t)AUDIO_HZ);
	if (!err) {
		sound_clear(&whole, whole.room);
		sound_mix(&whole, AUDIO_HZ, clip.samples, clip.count, 1);
		if (trial->noise && trial->noise->sound.count > 0)
			add_noise(trial, path, &whole, AUDIO_HZ, clip.count);
	}
	for (size_t at = 0; !err && at + AUDIO_FRAME_SAMPLES <= whole.count;
	     at += AUDIO_FRAME_SAMPLES) {
		struct sound part = {whole.samples + at, AUDIO_FRAME_SAMPLES,
				     AUDIO_FRAME_SAMPLES};

		sound_give(&part, samples);
		memcpy(frame.samples, samples, sizeof(samples));
		err = hear_frame(ears, &frame, heard);
	}
	sound_finish(&clip);
	sound_finish(&whole);
	return err;
}

static enum err hear_one(void *context, size_t worker, size_t index,
			 struct err_note *note)
{
	struct wake_trial *trial = context;
	const struct ear_pair ears = {&trial->wakes[worker], trial->seconds[worker]};
	const char *path = trial->listing->files[index].path;
	struct wake_heard *heard = &trial->heard[index];
	enum err err;

	(void)note;
	wake_reset(ears.wake);
	wake_second_reset(ears.second);
	heard->max_score = -INFINITY;
	err = trial->are_names ? hear_name(trial, ears, path, heard)
			       : hear_other(trial, ears, path, heard);
	return err == ERR_MEMORY ? err : OK; /* a bad file has its complaint */
}

static enum err hear_all(struct wake_trial *trial, const struct listing *listing,
			 const char *stage, struct wake_heard **out_heard,
			 struct err_note *note)
{
	const struct jobs jobs = {stage, listing->count, 0, trial, hear_one};
	struct wake_heard *heard = calloc(listing->count + 1, sizeof(*heard));

	if (!heard)
		return ERR_MEMORY;
	*out_heard = heard;
	trial->listing = listing;
	trial->heard = heard;
	return jobs_run(&trial->outside->outside, &jobs, note);
}

enum err wake_trial_names(struct wake_trial *trial, const struct listing *listing,
			  const struct wake_noise *noise, const char *stage,
			  struct wake_heard **out_heard, struct err_note *note)
{
	trial->are_names = true;
	trial->noise = noise;
	return hear_all(trial, listing, stage, out_heard, note);
}

enum err wake_trial_others(struct wake_trial *trial, const struct listing *listing,
			   const char *stage, struct wake_heard **out_heard,
			   struct err_note *note)
{
	trial->are_names = false;
	trial->noise = NULL;
	return hear_all(trial, listing, stage, out_heard, note);
}

void wake_heard_free(struct wake_heard *heard, size_t count)
{
	for (size_t i = 0; heard && i < count; i++)
		free(heard[i].accepts);
	free(heard);
}

/* ---- opening ---- */

enum err wake_noise_read(const struct wake_outside *outside, const char *path,
			 double snr_db, struct wake_noise *out_noise,
			 struct err_note *note)
{
	enum err err;

	*out_noise = (struct wake_noise){.snr_db = snr_db};
	if (!path)
		return OK;
	err = sound_init(&out_noise->sound, (size_t)NOISE_SECONDS_MAX * AUDIO_HZ);
	return err ? err
		   : examples_read(&outside->outside.reader, path, &out_noise->sound,
				   note);
}

void wake_noise_finish(struct wake_noise *noise)
{
	sound_finish(&noise->sound);
}

enum err wake_trial_open(struct wake_outside *outside, const char *head_path,
			 struct wake_trial **out_trial, struct err_note *note)
{
	struct wake_trial *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		return err;
	made->outside = outside;
	err = head_open(head_path, &made->head, note);
	for (size_t i = 0; !err && i < outside->outside.jobs; i++) {
		err = wake_net_create(outside->net, made->head, &made->wakes[i]);
		if (!err)
			err = wake_second_create(head_info(made->head)->name,
						 &made->seconds[i], note);
	}
	if (err) {
		wake_trial_close(made);
		return err;
	}
	*out_trial = made;
	return OK;
}

void wake_trial_close(struct wake_trial *trial)
{
	if (!trial)
		return;
	for (size_t i = 0; i < OUTSIDE_JOBS_MAX; i++) {
		wake_close(&trial->wakes[i]);
		wake_second_destroy(trial->seconds[i]);
	}
	head_close(trial->head);
	free(trial);
}

const struct head_info *wake_trial_info(const struct wake_trial *trial)
{
	return head_info(trial->head);
}
