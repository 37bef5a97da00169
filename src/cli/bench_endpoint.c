/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long after the true end of speech a sentence is found to be over, and how often
 * somebody who pauses is cut off, at the same settings. In the sound's own time, so the
 * figures are the same every time; what the recogniser needs on top is bench latency's.
 *
 * The true end is found in the sound before noise is added (cli/take.h). Cut off: the
 * end was decided more than CUT_MS before it; what is softer and later is a last breath.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/ear.h"
#include "cli/takes.h"
#include "cli/trials.h"

enum { TRIES_MAX = 6000, PLACES_MAX = 8, CUT_MS = 100 };

static const struct ear_settings EARS[] = {
	{.folder = "lang", .name = "en", .lockstep = true},
	{.folder = "examples", .name = "coffee.yaml", .lockstep = true},
};

enum { EAR_HOUSE, EAR_COFFEE, EAR_COUNT };

#define SET(name) (1U << TAKES_##name)
enum { SPOKEN = SET(COMMANDS) | SET(OPEN), ORDERS = SET(FULL_ORDERS) | SET(ORDERS) };

/* What is measured together. */
static const struct group {
	const char *name;
	unsigned sets;
	double factor; /* of pitch and speed */
	bool noise;    /* kitchen, 18 dB by the loudest moments */
	size_t places; /* pauses in each sentence, one at a time; 0: without */
	size_t every;  /* the how manieth of each set */
	const char *words;
} GROUPS[] = {
	{"commands", SET(COMMANDS), 1, false, 0, 1, "nothing can follow"},
	{"open_commands", SET(OPEN), 1, false, 0, 1, "whole, but could go on"},
	{"short", SET(SHORT), 1, false, 0, 1, "stop, cancel and the like"},
	{"full_orders", SET(FULL_ORDERS), 1, false, 0, 1, "people, nothing can follow"},
	{"orders", SET(ORDERS), 1, false, 0, 1, "people, something can be added"},
	{"noise_commands", SET(COMMANDS), 1, true, 0, 1, ""},
	{"noise_open_commands", SET(OPEN), 1, true, 0, 1, ""},
	{"noise_short", SET(SHORT), 1, true, 0, 1, ""},
	{"noise_full_orders", SET(FULL_ORDERS), 1, true, 0, 1, ""},
	{"pause_commands", SPOKEN, 1, false, PLACES_MAX, 1, "between any two words"},
	{"pause_orders", ORDERS, 1, false, 2, 1, "people, at quiet places"},
	{"pause_noise_commands", SPOKEN, 1, true, PLACES_MAX, 1, ""},
	{"pause_noise_orders", ORDERS, 1, true, 1, 1, ""},
	{"pitch_80", SET(FULL_ORDERS), 0.8, false, 0, 1, "people, pitch and speed x 0.8"},
	{"pitch_90", SET(FULL_ORDERS), 0.9, false, 0, 1, ""},
	{"pitch_115", SET(FULL_ORDERS), 1.15, false, 0, 1, ""},
	{"pitch_130", SET(FULL_ORDERS), 1.3, false, 0, 1, "x 1.3: a child"},
	{"pause_pitch_80", ORDERS, 0.8, false, 1, 4, ""},
	{"pause_pitch_90", ORDERS, 0.9, false, 1, 4, ""},
	{"pause_pitch_115", ORDERS, 1.15, false, 1, 4, ""},
	{"pause_pitch_130", ORDERS, 1.3, false, 1, 4, ""},
};

/* Several of them together. */
static const struct group SUMS[] = {
	{"sentences", SPOKEN | SET(FULL_ORDERS), 1, false, 0, 1,
	 "whole; at most 350 asked for"},
	{"noise_sentences", SPOKEN | SET(FULL_ORDERS), 1, true, 0, 1, ""},
};

static const int64_t PAUSES_MS[] = {300, 450, 600, 800, 350, 700, 500, 750};

struct trial {
	size_t group;
	struct takes_wanted wanted;
	/* the result */
	bool made;
	bool cut;
	double delay_ms;
};

struct endpoint_bench {
	bool verbose;
	pthread_mutex_t lock; /* flite is for one thread at a time */
	struct takes *takes;
	size_t count;
	struct trial trials[TRIES_MAX];
};

struct worker {
	struct ear *ears[EAR_COUNT];
	size_t count;
	size_t end; /* of the speech */
	int16_t samples[TAKE_SECONDS_MAX * AUDIO_HZ];
};

static void add_item(struct endpoint_bench *bench, size_t at, enum takes_set set,
		     size_t item)
{
	const struct group *group = &GROUPS[at];
	struct trial trial = {.group = at};

	trial.wanted = (struct takes_wanted){.set = set,
					     .item = item,
					     .factor = group->factor,
					     .noise = {CLIPS_CLEAN, 0, 0}};
	if (group->noise)
		trial.wanted.noise = (struct clips_noise){CLIPS_BY_LOUDEST, 18, 0};
	for (size_t i = 0; i < group->places || i == 0; i++) {
		if (group->places > 0)
			trial.wanted.pause_ms =
				PAUSES_MS[(item * 3 + i) % STR_COUNT(PAUSES_MS)];
		trial.wanted.place = i;
		must(bench->count < TRIES_MAX);
		bench->trials[bench->count++] = trial;
	}
}

/* part: the group to try alone, or NULL. */
static void list_trials(struct endpoint_bench *bench, const char *part)
{
	const struct takes *takes = bench->takes;

	for (size_t at = 0; at < STR_COUNT(GROUPS); at++) {
		if (GROUPS[at].noise && !takes_have_recordings(takes))
			continue;
		if (part && !str_equal(GROUPS[at].name, part))
			continue;
		for (unsigned set = 0; set < TAKES_SETS; set++) {
			if (!(GROUPS[at].sets & 1U << set))
				continue;
			size_t count = takes_count(takes, (enum takes_set)set);
			for (size_t i = 0; i < count; i += GROUPS[at].every)
				add_item(bench, at, (enum takes_set)set, i);
		}
	}
}

static void close_worker(void *context)
{
	struct worker *worker = context;

	if (!worker)
		return;
	for (size_t i = 0; i < EAR_COUNT; i++)
		ear_close(worker->ears[i]);
	free(worker);
}

static enum err open_worker(void *shared, void **out_worker, struct err_note *note)
{
	struct worker *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	(void)shared;
	if (!made)
		goto out;
	err = OK;
	for (size_t i = 0; i < EAR_COUNT && !err; i++)
		err = ear_open(&EARS[i], &made->ears[i], note);
	if (err)
		goto out;
	*out_worker = made;
	made = NULL;
out:
	close_worker(made);
	return err;
}

static struct ear *ear_for(const struct worker *worker, enum takes_set set)
{
	return worker->ears[ORDERS & 1U << set ? EAR_COFFEE : EAR_HOUSE];
}

/* ERR_MISSING: the sentence has fewer places for pauses. */
static enum err make_sound(struct endpoint_bench *bench, const struct trial *trial,
			   struct worker *worker, struct err_note *note)
{
	struct take *take;

	must(pthread_mutex_lock(&bench->lock) == 0);
	enum err err = takes_make(bench->takes, &trial->wanted, &take, note);
	if (!err) {
		const int16_t *samples = take_samples(take, &worker->count);
		must(worker->count <= STR_COUNT(worker->samples));
		memcpy(worker->samples, samples, worker->count * sizeof(*samples));
		worker->end = take_end(take);
	}
	must(pthread_mutex_unlock(&bench->lock) == 0);
	return err;
}

static enum err try_one(void *shared, void *context, size_t index, struct err_note *note)
{
	struct endpoint_bench *bench = shared;
	struct worker *worker = context;
	struct trial *trial = &bench->trials[index];
	struct turn_heard heard;
	enum err err = make_sound(bench, trial, worker, note);

	if (err)
		return err == ERR_MISSING ? OK : err;
	err = ear_hear(ear_for(worker, trial->wanted.set), EAR_ROOM,
		       (struct audio_span){worker->samples, worker->count}, &heard);
	if (err)
		return err;
	trial->made = true;
	trial->delay_ms = (double)(heard.endpoint_ms - audio_ms(worker->end));
	trial->cut = trial->delay_ms < -CUT_MS;
	if (bench->verbose)
		fprintf(stderr, "%s %zu.%zu %.0f ms%s \"%s\"\n",
			GROUPS[trial->group].name, trial->wanted.item,
			trial->wanted.place, trial->delay_ms, trial->cut ? " cut" : "",
			heard.text);
	return OK;
}

static void add(struct bench_run *run, const char *of, const char *what, double value,
		const char *words)
{
	char name[BENCH_NAME_BYTES];

	must(str_format(name, sizeof(name), "%s_%s", of, what));
	bench_add(run, name, value, 1, words);
}

/* Of one group, or of several that add up. */
struct tally {
	size_t made;
	size_t cut;
	size_t count;
	double delays[TRIES_MAX]; /* [count], of those not cut off */
};

static bool counts(const struct trial *trial, const struct group *group)
{
	const struct group *of = &GROUPS[trial->group];

	return trial->made && group->sets & 1U << trial->wanted.set &&
	       of->noise == group->noise && of->places == group->places &&
	       fabs(of->factor - group->factor) < 1e-9;
}

static void count_trials(const struct endpoint_bench *bench, const struct group *group,
			 struct tally *tally)
{
	tally->made = tally->cut = tally->count = 0;
	for (size_t i = 0; i < bench->count; i++) {
		const struct trial *trial = &bench->trials[i];
		if (!counts(trial, group))
			continue;
		tally->made++;
		tally->cut += trial->cut;
		if (!trial->cut)
			tally->delays[tally->count++] = trial->delay_ms;
	}
}

static void add_cut(struct bench_run *run, const char *name, const struct tally *tally)
{
	char words[BENCH_WORDS_BYTES];
	double low;
	double high;

	bench_interval(tally->cut, tally->made, &low, &high);
	(void)str_format(words, sizeof(words), "%zu of %zu, 95 %% between %.1f and %.1f",
			 tally->cut, tally->made, low, high);
	add(run, name, "cut_percent", 100.0 * (double)tally->cut / (double)tally->made,
	    words);
}

static void add_delays(struct bench_run *run, const char *name, struct tally *tally,
		       const char *what)
{
	char words[BENCH_WORDS_BYTES];

	(void)str_format(words, sizeof(words), "%zu, %zu cut off%s%s", tally->made,
			 tally->cut, what[0] ? "; " : "", what);
	add(run, name, "p50_ms", bench_percentile(tally->delays, tally->count, 50),
	    words);
	add(run, name, "p95_ms", bench_percentile(tally->delays, tally->count, 95), "");
}

static void add_figures(struct bench_run *run, const struct endpoint_bench *bench,
			const struct group *groups, size_t count)
{
	static struct tally tally;

	for (size_t i = 0; i < count; i++) {
		count_trials(bench, &groups[i], &tally);
		if (tally.made > 0 && groups[i].places > 0)
			add_cut(run, groups[i].name, &tally);
		else if (tally.made > 0)
			add_delays(run, groups[i].name, &tally, groups[i].words);
	}
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct endpoint_bench *bench = calloc(1, sizeof(*bench));
	struct trials trials = {.name = "sentences",
				.shared = bench,
				.open = open_worker,
				.try_one = try_one,
				.close = close_worker};
	const char *part = args_text(run->args, "part", NULL);
	enum err err = ERR_MEMORY;

	if (!bench)
		goto out;
	bench->verbose = run->verbose;
	must(pthread_mutex_init(&bench->lock, NULL) == 0);
	err = takes_create(&bench->takes, note);
	if (err)
		goto out;
	list_trials(bench, part);
	if (!bench->count) {
		err = err_say(
			ERR_UNSUPPORTED, note,
			"no part \"%.40s\": commands, open_commands, orders and the "
			"like, as the figures are called",
			part ? part : "");
		goto out;
	}
	trials.count = bench->count;
	err = trials_run(&trials, note);
	if (!err) {
		add_figures(run, bench, SUMS, STR_COUNT(SUMS));
		add_figures(run, bench, GROUPS, STR_COUNT(GROUPS));
	}
	if (!err && !takes_have_recordings(bench->takes))
		bench_add(run, "recordings", 0, 0,
			  "people and noise skipped: no ../shared (or set BEHEST_AUDIO)");
out:
	if (bench)
		takes_destroy(bench->takes);
	free(bench);
	return err;
}

static const char *const options[] = {"part", NULL};

const struct bench bench_endpoint = {
	.name = "endpoint",
	.summary = "end of speech to its decision, and who is cut off in a pause",
	.takes = options,
	.run = run,
};
