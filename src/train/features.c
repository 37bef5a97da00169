/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features - see the header. The stream is fed as in a room, frame after frame; a stretch
 * keeps one stream over all its files, so that each begins in the middle of life.
 */
#include "train/features.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/must.h"
#include "train/decoy.h"
#include "train/jobs.h"

enum {
	KIND_TAKE = 201,
	KIND_STRETCH,
	STEP_SAMPLES = EMBEDDING_STEP_FRAMES * AUDIO_FRAME_SAMPLES,
	STRETCH_FILES_MAX = 24,
	STRETCHES_WANTED = 32, /* even of a small folder: some are held back */
	STRETCH_BYTES_MAX = 1024 * 1024,
	GAP_SAMPLES = AUDIO_HZ / 2,
	ROWS_FIRST = 64,
};

/* What a worker has of its own. */
struct worker {
	struct augment *augment;
	void *stream;
	struct sound sound;
	int16_t *samples;
};

struct work {
	const struct outside *outside;
	const struct feature_plan *plan;
	const struct examples *examples;
	const struct listing *listing;
	struct takes *takes;
	struct stretches *stretches;
	atomic_size_t rows; /* of all stretches so far */
	struct worker workers[OUTSIDE_JOBS_MAX];
};

static enum err add_row(struct rows *rows, const float values[EMBEDDING_SIZE])
{
	if (rows->count == rows->room) {
		size_t room = rows->room ? 2 * rows->room : ROWS_FIRST;
		float *grown = realloc(rows->values,
				       room * EMBEDDING_SIZE * sizeof(*rows->values));

		if (!grown)
			return ERR_MEMORY;
		rows->values = grown;
		rows->room = room;
	}
	memcpy(rows->values + rows->count * EMBEDDING_SIZE, values,
	       EMBEDDING_SIZE * sizeof(*values));
	rows->count++;
	return OK;
}

/* Gives back what was taken for growing. */
static enum err fit(struct rows *rows)
{
	float *kept;

	if (rows->count == 0)
		return OK;
	kept = realloc(rows->values, rows->count * EMBEDDING_SIZE * sizeof(*kept));
	if (!kept)
		return ERR_MEMORY;
	rows->values = kept;
	rows->room = rows->count;
	return OK;
}

/* Feeds whole frames; what is left of the last one is dropped. */
static enum err hear(const struct work *work, struct worker *worker, struct rows *rows)
{
	float values[EMBEDDING_SIZE];
	struct audio_frame frame;
	enum err err = OK;

	sound_give(&worker->sound, worker->samples);
	for (size_t at = 0; !err && at + AUDIO_FRAME_SAMPLES <= worker->sound.count;
	     at += AUDIO_FRAME_SAMPLES) {
		memcpy(frame.samples, worker->samples + at, sizeof(frame.samples));
		if (work->outside->ear.feed(worker->stream, &frame, values))
			err = add_row(rows, values);
	}
	return err;
}

static void close_workers(struct work *work)
{
	for (size_t i = 0; i < work->outside->jobs; i++) {
		struct worker *worker = &work->workers[i];

		augment_destroy(worker->augment);
		if (worker->stream)
			work->outside->ear.close(worker->stream);
		sound_finish(&worker->sound);
		free(worker->samples);
	}
}

static enum err open_workers(struct work *work)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < work->outside->jobs; i++) {
		struct worker *worker = &work->workers[i];

		err = augment_create(work->plan->around, &worker->augment);
		if (!err)
			err = work->outside->ear.open(work->outside->ear.self,
						      &worker->stream);
		if (!err)
			err = sound_init(&worker->sound, AUGMENT_SAMPLES_MAX);
		if (!err)
			worker->samples =
				calloc(AUGMENT_SAMPLES_MAX, sizeof(*worker->samples));
		if (!err && !worker->samples)
			err = ERR_MEMORY;
	}
	return err;
}

static enum err make_take(void *context, size_t worker_index, size_t index,
			  struct err_note *note)
{
	struct work *work = context;
	struct worker *worker = &work->workers[worker_index];
	struct take *take = &work->takes->all[index];
	const struct example *example = &work->examples->all[take->example];
	struct random random =
		random_stream(work->plan->seed ^ random_hash(example->path), KIND_TAKE,
			      take->copy);
	struct augment_plan plan = augment_draw_name(&random, take->copy);
	size_t half = (size_t)((double)(example->span.end - example->span.begin) /
			       plan.speed / 2);
	size_t end;
	enum err err;

	(void)note;
	augment_name(worker->augment, &plan, &random, &example->sound, example->span,
		     &worker->sound, &end);
	work->outside->ear.reset(worker->stream);
	err = hear(work, worker, &take->rows);
	if (err)
		return err;
	take->first = (end + STEP_SAMPLES - 1) / STEP_SAMPLES - 1;
	take->last = (end + AUDIO_HZ / 1000 * FEATURES_AFTER_MS) / STEP_SAMPLES - 1;
	take->before = (end - half) / STEP_SAMPLES - 1;
	must(take->before + 1 >= HEAD_STEPS && take->before < take->first &&
	     take->last < take->rows.count);
	return OK;
}

static enum err run(struct work *work, struct jobs jobs, struct err_note *note)
{
	enum err err = open_workers(work);

	jobs.stage = work->plan->stage;
	jobs.context = work;
	if (!err)
		err = jobs_run(work->outside, &jobs, note);
	close_workers(work);
	return err;
}

enum err features_takes(const struct outside *outside, const struct feature_plan *plan,
			const struct examples *examples, bool held_back,
			struct takes *out_takes, struct err_note *note)
{
	struct takes made = {.count = 0};
	struct work work = {.outside = outside,
			    .plan = plan,
			    .examples = examples,
			    .takes = &made};
	enum err err = OK;

	must(plan->copies > 0);
	made.all = calloc(examples->count * plan->copies + 1, sizeof(*made.all));
	if (!made.all)
		return ERR_MEMORY;
	for (size_t i = 0; i < examples->count; i++) {
		if (examples->all[i].held_back != held_back ||
		    examples->all[i].suspicious)
			continue;
		for (size_t copy = 0; copy < plan->copies; copy++)
			made.all[made.count++] =
				(struct take){.example = i,
					      .source = examples->all[i].source,
					      .copy = copy};
	}
	err = run(&work, (struct jobs){.count = made.count, .run = make_take}, note);
	if (err)
		takes_finish(&made);
	else
		*out_takes = made;
	return err;
}

void takes_finish(struct takes *takes)
{
	for (size_t i = 0; takes->all && i < takes->count; i++)
		free(takes->all[i].rows.values);
	free(takes->all);
	*takes = (struct takes){.all = NULL};
}

/* ---- other sound ---- */

/* Reads up to a section; ERR_CLOSED when nothing was left. */
static enum err read_section(const struct outside_reader *reader, void *file,
			     struct sound *to, struct err_note *note)
{
	struct audio_frame frame;
	enum err err = OK;

	to->count = 0;
	while (to->count < (size_t)AUGMENT_SECTION_SECONDS * AUDIO_HZ) {
		struct sound rest = {to->samples + to->count, 0, AUDIO_FRAME_SAMPLES};

		err = reader->read(file, &frame, note);
		if (err)
			break;
		sound_take(&rest,
			   (struct audio_span){frame.samples, AUDIO_FRAME_SAMPLES});
		to->count += AUDIO_FRAME_SAMPLES;
	}
	return err == ERR_CLOSED && to->count > 0 ? OK : err;
}

static enum err hear_file(struct work *work, struct worker *worker,
			  struct stretch *stretch, size_t file_index,
			  struct err_note *note)
{
	const char *path = work->listing->files[file_index].path;
	struct random random = random_stream(work->plan->seed ^ random_hash(path),
					     KIND_STRETCH, stretch->copy);
	void *file = NULL;
	enum err err = work->outside->reader.open(path, &file, note);

	while (!err) {
		struct augment_plan plan = augment_draw_section(&random, stretch->copy);

		err = read_section(&work->outside->reader, file, &worker->sound, note);
		if (err)
			break;
		augment_section(worker->augment, &plan, &random, &worker->sound);
		err = hear(work, worker, &stretch->rows);
	}
	if (file)
		work->outside->reader.close(file);
	if (err && err != ERR_CLOSED)
		return err;
	sound_clear(&worker->sound, GAP_SAMPLES);
	return hear(work, worker, &stretch->rows);
}

static enum err make_stretch(void *context, size_t worker_index, size_t index,
			     struct err_note *note)
{
	struct work *work = context;
	struct worker *worker = &work->workers[worker_index];
	struct stretch *stretch = &work->stretches->all[index];

	work->outside->ear.reset(worker->stream);
	for (size_t i = 0; i < stretch->files; i++) {
		struct err_note complaint = {""};
		enum err err =
			hear_file(work, worker, stretch, stretch->file + i, &complaint);

		if (err == ERR_MEMORY)
			return err;
		if (err && stretch->left_out++ == 0)
			stretch->complaint = complaint;
	}
	if (atomic_fetch_add(&work->rows, stretch->rows.count) > FEATURES_ROWS_MAX)
		return err_say(ERR_LIMIT, note,
			       "more than %.0f hours of other sound, copies counted",
			       (double)FEATURES_ROWS_MAX * EMBEDDING_STEP_MS / 3.6e6);
	return fit(&stretch->rows);
}

static size_t file_size(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && about.st_size > 0 ? (size_t)about.st_size : 0;
}

/* How many files from `first` on, of one source, make a stretch. */
static size_t files_of_stretch(const struct listing *listing, size_t first)
{
	size_t few = listing->count / STRETCHES_WANTED + 1;
	size_t most = few < STRETCH_FILES_MAX ? few : STRETCH_FILES_MAX;
	size_t bytes = 0;
	size_t count = 0;

	while (first + count < listing->count && count < most &&
	       bytes < STRETCH_BYTES_MAX &&
	       listing->files[first + count].source == listing->files[first].source)
		bytes += file_size(listing->files[first + count++].path);
	return count;
}

static void lay_stretches(const struct listing *listing, size_t copies,
			  struct stretches *to)
{
	for (size_t copy = 0; copy < copies; copy++) {
		for (size_t at = 0; at < listing->count;) {
			size_t files = files_of_stretch(listing, at);

			to->all[to->count++] =
				(struct stretch){.source = listing->files[at].source,
						 .copy = copy,
						 .file = at,
						 .files = files};
			at += files;
		}
	}
}

static void sum_up(const struct outside *outside, struct stretches *stretches)
{
	for (size_t i = 0; i < stretches->count; i++) {
		const struct stretch *stretch = &stretches->all[i];

		if (stretch->copy > 0)
			continue;
		stretches->seconds +=
			(double)stretch->rows.count * EMBEDDING_STEP_MS / 1000 -
			(double)stretch->files * GAP_SAMPLES / AUDIO_HZ;
		stretches->left_out += stretch->left_out;
		if (stretch->left_out > 0)
			outside_say(outside, "left out: %s%s", stretch->complaint.text,
				    stretch->left_out > 1 ? " (and others beside it)"
							  : "");
	}
}

enum err features_stretches(const struct outside *outside,
			    const struct feature_plan *plan,
			    const struct listing *listing,
			    struct stretches *out_stretches, struct err_note *note)
{
	struct stretches made = {.count = 0};
	struct work work = {.outside = outside,
			    .plan = plan,
			    .listing = listing,
			    .stretches = &made};
	enum err err;

	must(plan->copies > 0);
	made.all = calloc(listing->count * plan->copies + 1, sizeof(*made.all));
	if (!made.all)
		return ERR_MEMORY;
	lay_stretches(listing, plan->copies, &made);
	err = run(&work, (struct jobs){.count = made.count, .run = make_stretch}, note);
	if (err) {
		stretches_finish(&made);
		return err;
	}
	sum_up(outside, &made);
	*out_stretches = made;
	return OK;
}

enum err features_decoys(const struct outside *outside, const struct feature_plan *plan,
			 const struct examples *decoys, struct stretches *stretches,
			 struct err_note *note)
{
	struct takes made = {.all = calloc(decoys->count + 1, sizeof(*made.all))};
	struct work work = {.outside = outside,
			    .plan = plan,
			    .examples = decoys,
			    .takes = &made};
	struct stretch *all = realloc(stretches->all, (stretches->count + decoys->count +
						       1) * sizeof(*all));
	enum err err = made.all && all ? OK : ERR_MEMORY;

	if (all)
		stretches->all = all;
	for (size_t i = 0; !err && i < decoys->count; i++)
		made.all[made.count++] = (struct take){.example = i, .copy = i + 1};
	if (!err)
		err = run(&work, (struct jobs){.count = made.count, .run = make_take},
			  note);
	for (size_t i = 0; !err && i < made.count; i++) {
		stretches->all[stretches->count++] =
			(struct stretch){.rows = made.all[i].rows,
					 .source = DECOY_SOURCE,
					 .copy = 1};
		made.all[i].rows = (struct rows){.values = NULL};
	}
	takes_finish(&made);
	return err;
}

void stretches_finish(struct stretches *stretches)
{
	for (size_t i = 0; stretches->all && i < stretches->count; i++)
		free(stretches->all[i].rows.values);
	free(stretches->all);
	*stretches = (struct stretches){.all = NULL};
}
