/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_clips - see the header. Workers take the next clip's number from one counter.
 *
 * Invariants: a result is written by one worker and read after all were joined; the
 * first error stops everybody.
 */
#include "cli/bench_clips.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/progress.h"
#include "decide/floor.h"

enum { WORKERS_MAX = 16, LOOK_MS = 100 };

const struct bench_condition bench_conditions[BENCH_CONDITIONS] = {
	{"clean", {CLIPS_CLEAN, 0, 0}},
	{"noise", {CLIPS_BY_LOUDEST, 18, 0}},
	{"noise_mean", {CLIPS_BY_MEAN, 18, 0}},
};

struct result {
	struct turn_heard heard;
	double sound_ms;
	bool right;
};

struct crew {
	const struct bench_listening *listening;
	bool verbose;
	size_t count;
	struct result *results; /* [count] */
	atomic_size_t next;
	atomic_size_t done;
	atomic_int err;
	pthread_mutex_t note_lock;
	struct err_note *note;
};

static size_t places_of(const struct bench_listening *listening)
{
	return listening->places ? listening->places : 1;
}

static enum err listen_to(struct crew *crew, struct ear *ear, struct clips *clips,
			  size_t at, struct err_note *note)
{
	const struct bench_listening *listening = crew->listening;
	const size_t index = at / places_of(listening);
	struct clips_noise noise = listening->condition->noise;
	struct result *result = &crew->results[at];
	struct intent intent;
	struct audio_span sound;

	if (listening->places)
		noise.place = at % listening->places + 1;
	enum err err = clips_load(clips, index, noise, &sound, note);

	if (!err)
		err = ear_hear(ear, listening->way, sound, &result->heard);
	if (err)
		return err;
	ear_understand(ear, result->heard.text, &intent);
	result->sound_ms = (double)audio_ms(sound.count);
	result->right = clips_right(clips, index, &intent);
	return OK;
}

static void fail(struct crew *crew, enum err err, const struct err_note *note)
{
	must(pthread_mutex_lock(&crew->note_lock) == 0);
	if (atomic_load(&crew->err) == OK) {
		atomic_store(&crew->err, (int)err);
		if (crew->note)
			*crew->note = *note;
	}
	must(pthread_mutex_unlock(&crew->note_lock) == 0);
}

static void *work(void *context)
{
	struct crew *crew = context;
	struct err_note note = {""};
	struct clips *clips = NULL;
	struct ear *ear = NULL;
	enum err err = clips_open(&clips, &note);

	if (!err && crew->listening->noise)
		err = clips_use_noise(clips, crew->listening->noise, &note);
	if (!err)
		err = ear_open(&crew->listening->ear, &ear, &note);
	while (!err && atomic_load(&crew->err) == OK) {
		size_t index = atomic_fetch_add(&crew->next, 1);
		if (index >= crew->count)
			break;
		err = listen_to(crew, ear, clips, index, &note);
		atomic_fetch_add(&crew->done, 1);
	}
	if (err)
		fail(crew, err, &note);
	ear_close(ear);
	clips_close(clips);
	return NULL;
}

static size_t worker_count(const struct crew *crew)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = processors > 0 ? (size_t)processors : 1;

	if (crew->listening->way == EAR_REAL_TIME)
		return 1; /* a second would be measured with it */
	if (count > WORKERS_MAX)
		count = WORKERS_MAX;
	return count < crew->count ? count : crew->count;
}

static void watch(struct crew *crew)
{
	struct progress progress;

	progress_begin(&progress, crew->listening->condition->name, crew->count);
	while (atomic_load(&crew->done) < crew->count && atomic_load(&crew->err) == OK) {
		nanosleep(&(struct timespec){0, LOOK_MS * 1000000L}, NULL);
		progress_step(&progress, atomic_load(&crew->done));
	}
	progress_end(&progress);
}

static enum err listen_to_all(struct crew *crew)
{
	pthread_t workers[WORKERS_MAX];
	size_t wanted = worker_count(crew);
	size_t count = 0;

	while (count < wanted && pthread_create(&workers[count], NULL, work, crew) == 0)
		count++;
	if (count == 0)
		return ERR_LIMIT;
	watch(crew);
	for (size_t i = 0; i < count; i++)
		must(pthread_join(workers[i], NULL) == 0);
	return (enum err)atomic_load(&crew->err);
}

static void count_one(struct bench_tally *tally, const struct result *result)
{
	const struct turn_heard *heard = &result->heard;
	bool believed =
		heard->text[0] && heard->ratio >= floor_addressed(heard->speech_frames);

	tally->clips++;
	tally->right += result->right;
	tally->kept += result->right && believed;
	tally->believed += believed;
	tally->sound_ms += result->sound_ms;
	tally->cpu_ms += heard->decode_ms;
	if (heard->text[0])
		tally->wait_ms[tally->waits++] = heard->recognise_ms;
}

static void tell_wrong(const struct crew *crew, const struct clips *clips)
{
	for (size_t i = 0; i < crew->count; i++) {
		const struct result *result = &crew->results[i];
		if (!result->right)
			fprintf(stderr, "%s %s %.1f \"%s\"\n",
				crew->listening->condition->name,
				clips_name(clips, i / places_of(crew->listening)),
				result->heard.ratio, result->heard.text);
	}
}

enum err bench_clips_listen(const struct bench_run *run,
			    const struct bench_listening *listening,
			    struct bench_tally *out_tally, struct err_note *note)
{
	struct clips *clips = NULL;
	struct crew crew = {.listening = listening,
			    .note = note,
			    .note_lock = PTHREAD_MUTEX_INITIALIZER};
	enum err err = clips_open(&clips, note);

	memset(out_tally, 0, sizeof(*out_tally));
	if (err)
		goto out;
	crew.count = clips_count(clips);
	if (listening->clips_max && crew.count > listening->clips_max)
		crew.count = listening->clips_max;
	out_tally->each = crew.count;
	must(listening->places <= BENCH_PLACES_MAX && crew.count <= CLIPS_MAX);
	crew.count *= places_of(listening);
	crew.results = calloc(crew.count ? crew.count : 1, sizeof(*crew.results));
	err = crew.results ? listen_to_all(&crew) : ERR_MEMORY;
	for (size_t i = 0; !err && i < crew.count; i++) {
		count_one(out_tally, &crew.results[i]);
		out_tally->right_of[i / places_of(listening)] += crew.results[i].right;
	}
	if (!err && run->verbose)
		tell_wrong(&crew, clips);
out:
	free(crew.results);
	clips_close(clips);
	return err;
}

void bench_clips_add(struct bench_run *run, const struct bench_condition *condition,
		     const char *name, double value, int decimals, const char *words)
{
	char full[BENCH_NAME_BYTES];

	must(str_format(full, sizeof(full), "%s_%s", condition->name, name));
	bench_add(run, full, value, decimals, words);
}

void bench_clips_add_share(struct bench_run *run, const struct bench_condition *condition,
			   const char *name, size_t part, size_t of, const char *words)
{
	char with[BENCH_WORDS_BYTES];
	double low;
	double high;

	bench_interval(part, of, &low, &high);
	(void)str_format(with, sizeof(with),
			 "%zu of %zu, 95 %% between %.1f and %.1f; %s", part, of, low,
			 high, words);
	bench_clips_add(run, condition, name, of ? 100.0 * (double)part / (double)of : 0,
			1, with);
}

/* The mean of the clips' own values, and how far it may be off. */
static double mean_of(const double *values, size_t count, double *out_off)
{
	double sum = 0;
	double squares = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	const double mean = count ? sum / (double)count : NAN;
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	*out_off = count > 1 ? 1.96 * sqrt(squares / (double)(count - 1) / (double)count)
			     : NAN;
	return mean;
}

static double percent_right(const struct bench_tally *tally, size_t clip)
{
	const double places = (double)tally->clips / (double)tally->each;

	return 100.0 * tally->right_of[clip] / places;
}

static void add_mean(struct bench_run *run, const struct bench_condition *condition,
		     const char *name, const double *values, size_t count,
		     const char *words)
{
	char full[BENCH_NAME_BYTES];
	double off;
	const double mean = mean_of(values, count, &off);

	must(str_format(full, sizeof(full), "%s_%s", condition->name, name));
	bench_add_range(run, full, mean, mean - off, mean + off, 1, words);
}

void bench_clips_add_places(struct bench_run *run,
			    const struct bench_condition *condition, const char *name,
			    const struct bench_tally *tally, const char *words)
{
	double values[CLIPS_MAX];

	for (size_t i = 0; i < tally->each; i++)
		values[i] = percent_right(tally, i);
	add_mean(run, condition, name, values, tally->each, words);
}

void bench_clips_add_gain(struct bench_run *run, const struct bench_condition *condition,
			  const char *name, const struct bench_tally *tally,
			  const struct bench_tally *than, const char *words)
{
	double values[CLIPS_MAX];

	must(tally->each == than->each);
	for (size_t i = 0; i < tally->each; i++)
		values[i] = percent_right(tally, i) - percent_right(than, i);
	add_mean(run, condition, name, values, tally->each, words);
}
