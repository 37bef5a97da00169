/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wake test: how often a finished head misses its name and how often it wakes
 * without it, heard by the very detector that a room runs, first stage and second. Changes
 * nothing.
 *
 * Each file is a stream of its own with silence before and after it. With --noise and
 * --snr the clips of the name are heard in noise: mean power of the clip over mean power
 * of the noise, from a place in it that the clip's name decides.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/wake_files.h"
#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/wake_outside.h"
#include "cli/wake_second.h"
#include "cli/wake_verb.h"
#include "listen/wake_net.h"
#include "train/examples.h"
#include "train/interval.h"
#include "train/jobs.h"
#include "train/random.h"

enum {
	SILENT_FRAMES = 1000 / AUDIO_FRAME_MS,
	NOISE_SECONDS_MAX = 300,
	ACCEPTS_MAX = 64, /* of one file that are kept with their places */
	ACCEPTS_SHOWN = 20,
	ANSWER_BYTES_MAX = 64 * 1024 * 1024,
	PERCENT = 100,
};

struct accept {
	int64_t end_ms;
	double score;
	bool sure;
	bool passed;  /* doubtful, and believed by the second stage */
	double ratio; /* the second stage's, 0 where it was not asked */
};

struct heard {
	size_t sure;
	size_t doubtful;
	size_t passed;
	double seconds;
	double max_score;
	size_t count;
	struct accept *accepts; /* owned, ACCEPTS_MAX, or NULL */
	struct err_note complaint;
};

struct test {
	struct wake_outside outside;
	struct head *head;
	struct listing positive;
	struct listing negative;
	struct sound noise; /* empty: none */
	double snr_db;
	struct wake wakes[OUTSIDE_JOBS_MAX];
	struct wake_second *seconds[OUTSIDE_JOBS_MAX];
	const struct listing *listing; /* that is being heard */
	struct heard *heard;           /* of it */
	struct heard *names;
	struct heard *others;
};

/* ---- one file ---- */

struct ear_pair {
	struct wake *wake;
	struct wake_second *second;
};

static enum err hear_frame(struct ear_pair ears, const struct audio_frame *frame,
			   struct heard *heard)
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
		heard->accepts = calloc(ACCEPTS_MAX, sizeof(*heard->accepts));
	if (!heard->accepts)
		return ERR_MEMORY;
	if (heard->count < ACCEPTS_MAX)
		heard->accepts[heard->count++] =
			(struct accept){llround(heard->seconds * 1000), report.score,
					report.accepted, passed, ratio};
	return OK;
}

static enum err hear_silence(struct ear_pair ears, struct heard *heard)
{
	static const struct audio_frame SILENCE;
	enum err err = OK;

	for (int i = 0; !err && i < SILENT_FRAMES; i++)
		err = hear_frame(ears, &SILENCE, heard);
	heard->seconds -= 1; /* not of the file */
	return err;
}

static enum err hear_other(struct test *test, struct ear_pair ears, const char *path,
			   struct heard *heard)
{
	const struct outside_reader *reader = &test->outside.outside.reader;
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
static void add_noise(const struct test *test, const char *path, struct sound *sound,
		      size_t begin, size_t count)
{
	const char *slash = strrchr(path, '/');
	struct random random = random_stream(random_hash(slash ? slash + 1 : path), 0, 0);
	size_t room =
		test->noise.count > sound->count ? test->noise.count - sound->count : 1;
	size_t at = random_below(&random, room);
	double own = sound_power(sound->samples + begin, count);
	double over =
		sound_power(test->noise.samples + at,
			    test->noise.count - at < sound->count ? test->noise.count - at
								  : sound->count);

	if (own > 0 && over > 0)
		sound_mix(sound, 0, test->noise.samples + at, test->noise.count - at,
			  (float)sqrt(own / over * pow(10, -test->snr_db / 10)));
}

static enum err hear_name(struct test *test, struct ear_pair ears, const char *path,
			  struct heard *heard)
{
	struct sound clip = {.samples = NULL};
	struct sound whole = {.samples = NULL};
	int16_t samples[AUDIO_FRAME_SAMPLES];
	struct audio_frame frame;
	enum err err = sound_init(&clip, (size_t)EXAMPLE_SECONDS_MAX * AUDIO_HZ);

	if (!err)
		err = examples_read(&test->outside.outside.reader, path, &clip,
				    &heard->complaint);
	if (!err)
		err = sound_init(&whole, clip.count + 2 * (size_t)AUDIO_HZ);
	if (!err) {
		sound_clear(&whole, whole.room);
		sound_mix(&whole, AUDIO_HZ, clip.samples, clip.count, 1);
		if (test->noise.count > 0)
			add_noise(test, path, &whole, AUDIO_HZ, clip.count);
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
	struct test *test = context;
	const struct ear_pair ears = {&test->wakes[worker], test->seconds[worker]};
	const char *path = test->listing->files[index].path;
	struct heard *heard = &test->heard[index];
	enum err err;

	(void)note;
	wake_reset(ears.wake);
	wake_second_reset(ears.second);
	heard->max_score = -INFINITY;
	err = test->heard == test->names ? hear_name(test, ears, path, heard)
					 : hear_other(test, ears, path, heard);
	return err == ERR_MEMORY ? err : OK; /* a bad file has its complaint */
}

static enum err hear_all(struct test *test, const struct listing *listing,
			 const char *stage, struct heard **out_heard,
			 struct err_note *note)
{
	const struct jobs jobs = {stage, listing->count, 0, test, hear_one};
	struct heard *heard = calloc(listing->count + 1, sizeof(*heard));

	if (!heard)
		return ERR_MEMORY;
	*out_heard = heard;
	test->listing = listing;
	test->heard = heard;
	return jobs_run(&test->outside.outside, &jobs, note);
}

/* ---- opening ---- */

static enum err read_noise(struct test *test, const struct args *args,
			   struct err_note *note)
{
	const char *path = args_text(args, "noise", NULL);
	enum err err;

	test->snr_db = (double)args_number(args, "snr", 10);
	if (!path)
		return OK;
	if (args_count(args, "noise") > 1)
		return err_say(ERR_FORMAT, note, "test: one --noise file, not several");
	err = sound_init(&test->noise, (size_t)NOISE_SECONDS_MAX * AUDIO_HZ);
	return err ? err
		   : examples_read(&test->outside.outside.reader, path, &test->noise,
				   note);
}

static enum err open_head(struct test *test, const struct args *args,
			  struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const char *model = args_text(args, "model", NULL);
	enum err err = OK;

	if (!model)
		err = wake_files_find_head(args_text(args, "word", "jarvis"), path,
					   sizeof(path), note);
	return err ? err : head_open(model ? model : path, &test->head, note);
}

static enum err open_test(struct test *test, const struct args *args,
			  struct err_note *note)
{
	enum err err = wake_outside_list(args, "positive", &test->positive, note);

	if (!err)
		err = wake_outside_list(args, "negative", &test->negative, note);
	if (!err)
		err = wake_outside_open((size_t)args_number(args, "jobs", 0),
					&test->outside, note);
	if (!err)
		err = read_noise(test, args, note);
	if (!err)
		err = open_head(test, args, note);
	for (size_t i = 0; !err && i < test->outside.outside.jobs; i++) {
		err = wake_net_create(test->outside.net, test->head, &test->wakes[i]);
		if (!err)
			err = wake_second_create(head_info(test->head)->name,
						 &test->seconds[i], note);
	}
	return err;
}

static void close_heard(struct heard *heard, size_t count)
{
	for (size_t i = 0; heard && i < count; i++)
		free(heard[i].accepts);
	free(heard);
}

static void close_test(struct test *test)
{
	for (size_t i = 0; i < OUTSIDE_JOBS_MAX; i++) {
		wake_close(&test->wakes[i]);
		wake_second_destroy(test->seconds[i]);
	}
	close_heard(test->names, test->positive.count);
	close_heard(test->others, test->negative.count);
	head_close(test->head);
	sound_finish(&test->noise);
	wake_outside_close(&test->outside);
	listing_finish(&test->positive);
	listing_finish(&test->negative);
}

/* ---- the answer ---- */

struct tally {
	size_t files;
	size_t unread;
	size_t missed;        /* not sure */
	size_t missed_all;    /* not even doubtful */
	size_t missed_second; /* nor believed by the second stage */
	size_t passed;
	size_t sure;
	size_t doubtful;
	double hours;
};

/* The files of one source, or of all. */
static struct tally count(const struct listing *listing, const struct heard *heard,
			  size_t first, size_t files)
{
	struct tally tally = {.files = files};

	must(first + files <= listing->count);
	for (size_t i = first; i < first + files; i++) {
		if (heard[i].complaint.text[0]) {
			tally.unread++;
			continue;
		}
		tally.missed += heard[i].sure == 0;
		tally.missed_all += heard[i].sure + heard[i].doubtful == 0;
		tally.missed_second += heard[i].sure + heard[i].passed == 0;
		tally.passed += heard[i].passed;
		tally.sure += heard[i].sure;
		tally.doubtful += heard[i].doubtful;
		tally.hours += heard[i].seconds / 3600;
	}
	return tally;
}

static void add_share(struct json_write *write, const char *key, size_t part, size_t of)
{
	struct interval interval = interval_share(part, of);

	json_open_object(write, key);
	json_add_int(write, "count", (int64_t)part);
	json_add_double(write, "percent", of ? PERCENT * (double)part / (double)of : NAN,
			2);
	json_add_double(write, "low", PERCENT * interval.low, 2);
	json_add_double(write, "high", PERCENT * interval.high, 2);
	json_close(write, '}');
}

static void add_rate(struct json_write *write, const char *key, size_t events,
		     double hours)
{
	struct interval interval = interval_count(events);

	json_open_object(write, key);
	json_add_int(write, "count", (int64_t)events);
	json_add_double(write, "per_hour", (double)events / hours, 3);
	json_add_double(write, "low", interval.low / hours, 3);
	json_add_double(write, "high", interval.high / hours, 3);
	json_close(write, '}');
}

static void add_names(struct json_write *write, const struct test *test)
{
	struct tally tally = count(&test->positive, test->names, 0, test->positive.count);

	json_open_object(write, "name");
	json_add_int(write, "clips", (int64_t)(tally.files - tally.unread));
	json_add_int(write, "unread", (int64_t)tally.unread);
	add_share(write, "missed", tally.missed, tally.files - tally.unread);
	add_share(write, "missed_by_both", tally.missed_all, tally.files - tally.unread);
	add_share(write, "missed_after_second", tally.missed_second,
		  tally.files - tally.unread);
	json_open_array(write, "scores");
	for (size_t i = 0; i < test->positive.count; i++) {
		json_open_object(write, NULL);
		json_add_text(write, "file", test->positive.files[i].path);
		json_add_double(write, "max_score", test->names[i].max_score, 3);
		json_add_bool(write, "sure", test->names[i].sure > 0);
		if (test->names[i].count > 0)
			json_add_double(write, "ratio", test->names[i].accepts[0].ratio,
					1);
		json_close(write, '}');
	}
	json_close(write, ']');
	json_close(write, '}');
}

static void add_accepts(struct json_write *write, const struct test *test)
{
	json_open_array(write, "events");
	for (size_t i = 0; i < test->negative.count; i++) {
		for (size_t j = 0; j < test->others[i].count; j++) {
			const struct accept *accept = &test->others[i].accepts[j];

			json_open_object(write, NULL);
			json_add_text(write, "file", test->negative.files[i].path);
			json_add_int(write, "end_ms", accept->end_ms);
			json_add_double(write, "score", accept->score, 3);
			json_add_bool(write, "sure", accept->sure);
			json_add_bool(write, "passed", accept->passed);
			json_add_double(write, "ratio", accept->ratio, 1);
			json_close(write, '}');
		}
	}
	json_close(write, ']');
}

static void add_tally(struct json_write *write, const struct tally *tally)
{
	json_add_double(write, "hours", tally->hours, 3);
	json_add_int(write, "unread", (int64_t)tally->unread);
	add_rate(write, "false_accepts", tally->sure, tally->hours);
	add_rate(write, "doubtful", tally->doubtful, tally->hours);
	add_rate(write, "false_accepts_after_second", tally->sure + tally->passed,
		 tally->hours);
}

static void add_others(struct json_write *write, const struct test *test)
{
	struct tally tally =
		count(&test->negative, test->others, 0, test->negative.count);

	json_open_object(write, "other");
	add_tally(write, &tally);
	json_open_array(write, "sources");
	for (size_t i = 0; i < test->negative.source_count; i++) {
		const struct listing_source *source = &test->negative.sources[i];

		tally = count(&test->negative, test->others, source->first,
			      source->count);
		json_open_object(write, NULL);
		json_add_text(write, "source", source->label);
		add_tally(write, &tally);
		json_close(write, '}');
	}
	json_close(write, ']');
	add_accepts(write, test);
	json_close(write, '}');
}

static enum err print_json(const struct test *test)
{
	const struct head_info *info = head_info(test->head);
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, ANSWER_BYTES_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "word", info->name);
	json_add_double(&write, "sure", (double)info->sure, 3);
	json_add_double(&write, "doubtful", (double)info->doubtful, 3);
	if (test->noise.count > 0)
		json_add_double(&write, "snr_db", test->snr_db, 1);
	if (test->positive.count > 0)
		add_names(&write, test);
	if (test->negative.count > 0)
		add_others(&write, test);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_share(const char *words, size_t part, size_t of)
{
	struct interval interval = interval_share(part, of);

	printf("  %s: %zu of %zu, %.2f %% (%.2f - %.2f)\n", words, part, of,
	       of ? PERCENT * (double)part / (double)of : 0, PERCENT * interval.low,
	       PERCENT * interval.high);
}

static void print_rate(const char *words, size_t events, double hours)
{
	struct interval interval = interval_count(events);

	printf("  %s: %zu in %.2f h, %.2f an hour (%.2f - %.2f)\n", words, events, hours,
	       (double)events / hours, interval.low / hours, interval.high / hours);
}

static void print_accepts(const struct test *test)
{
	size_t shown = 0;

	for (size_t i = 0; i < test->negative.count; i++) {
		for (size_t j = 0; j < test->others[i].count; j++) {
			const struct accept *accept = &test->others[i].accepts[j];

			if (!accept->sure || shown++ >= ACCEPTS_SHOWN)
				continue;
			printf("  woke: %s at %.1f s (score %.2f)\n",
			       test->negative.files[i].path,
			       (double)accept->end_ms / 1000.0, accept->score);
		}
	}
	if (shown > ACCEPTS_SHOWN)
		printf("  woke: and %zu times more\n", shown - ACCEPTS_SHOWN);
}

static void print_words(const struct test *test)
{
	struct tally tally = count(&test->positive, test->names, 0, test->positive.count);
	size_t clips = tally.files - tally.unread;

	printf("%s (sure from %.2f, doubtful from %.2f; in brackets 95 %% intervals)\n",
	       head_info(test->head)->name, (double)head_info(test->head)->sure,
	       (double)head_info(test->head)->doubtful);
	if (test->positive.count > 0) {
		print_share("missed", tally.missed, clips);
		print_share("missed, and not even doubtful", tally.missed_all, clips);
		print_share("missed by first and second stage", tally.missed_second,
			    clips);
	}
	if (test->negative.count == 0)
		return;
	tally = count(&test->negative, test->others, 0, test->negative.count);
	print_rate("false accepts", tally.sure, tally.hours);
	print_rate("doubtful", tally.doubtful, tally.hours);
	print_rate("false accepts of both stages", tally.sure + tally.passed,
		   tally.hours);
	print_accepts(test);
}

/* Every file that could not be read, in a line. */
static bool complain(const struct listing *listing, const struct heard *heard)
{
	bool any = false;

	for (size_t i = 0; i < listing->count; i++) {
		if (!heard[i].complaint.text[0])
			continue;
		(void)command_fail(CLI_FAILED, "%s", heard[i].complaint.text);
		any = true;
	}
	return any;
}

static enum cli_exit run(const struct args *args, const char *const *rest,
			 size_t rest_count)
{
	struct test test = {.head = NULL};
	struct err_note note = {""};
	bool bad = false;
	enum err err;

	(void)rest;
	must(rest_count == 0);
	if (args_count(args, "positive") + args_count(args, "negative") == 0)
		return command_fail(CLI_USAGE, "test: expected --positive or --negative");
	err = open_test(&test, args, &note);
	if (!err)
		err = hear_all(&test, &test.positive, "hearing the name", &test.names,
			       &note);
	if (!err)
		err = hear_all(&test, &test.negative, "hearing other sound", &test.others,
			       &note);
	wake_outside_quiet(&test.outside);
	if (!err && args_flag(args, "json"))
		err = print_json(&test);
	else if (!err)
		print_words(&test);
	if (!err)
		bad = complain(&test.positive, test.names);
	if (!err && complain(&test.negative, test.others))
		bad = true;
	close_test(&test);
	if (err)
		return command_fail_err(err, &note, "testing");
	return bad ? CLI_FAILED : CLI_DONE;
}

const struct wake_verb wake_verb_test = {
	.name = "test",
	.operands = "",
	.takes = {"jobs", "json", "model", "negative", "noise", "positive", "snr",
		  "word"},
	.needs = {NULL},
	.run = run,
};
