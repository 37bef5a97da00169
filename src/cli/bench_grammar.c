/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What many names cost the recogniser: all the household's sentences over a home of 300
 * names beside the toy home's few. How long new names take until they are listened for,
 * what they hold in memory, what a decode costs, and how many words the larger grammar
 * gets wrong (another meaning: "turn out" is "turn off"): commands by flite at three
 * pitches in both homes, and people's orders to a coffee shop alone and to one that is
 * also such a household.
 *
 * All in one thread and sentence by sentence, so that what is compared was measured
 * beside each other; orders on all processors.
 */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_clips.h"
#include "cli/bench_grammar_alone.h"
#include "cli/bench_names.h"
#include "cli/home_file.h"
#include "cli/progress.h"
#include "cli/takes.h"
#include "understand/understand.h"

enum { ROUNDS = 3 };

static const double PITCHES[] = {0.9, 1, 1.15};
static const enum takes_set SETS[] = {TAKES_COMMANDS, TAKES_OPEN};

/* The ears that each sentence is played to. */
enum ear_kind { FEW, MANY, MANY_LIVE, FEW_DEFAULT, MANY_DEFAULT, EAR_KINDS };

static const struct {
	const char *name;
	bool many; /* names */
	bool at_once;
	bool plain;
	enum ear_way way;
	const char *words; /* of its figures */
} KINDS[EAR_KINDS] = {
	[FEW] = {"few", false, true, false, EAR_WHOLE, "toy home, decoded at once"},
	[MANY] = {"many", true, true, false, EAR_WHOLE, "300 names, decoded at once"},
	[MANY_LIVE] = {"many_live", true, false, false, EAR_LIVE, "300 names, live"},
	[FEW_DEFAULT] = {"few_default", false, false, true, EAR_WHOLE,
			 "toy home, the library's settings, no phone loop"},
	[MANY_DEFAULT] = {"many_default", true, false, true, EAR_WHOLE,
			  "300 names, the library's settings, no phone loop"},
};

struct tally {
	size_t right;
	size_t count;
	double cpu_ms;
};

struct work {
	bool verbose;
	struct home home; /* the toy home's, and 300 more */
	struct sentences *sentences;
	struct understand *understand;
	struct grammar *grammar;
	struct recogniser recogniser;
	struct ear *ears[EAR_KINDS];
	struct alone *alone;
	struct takes *takes;
	double sound_ms;
	struct tally tallies[EAR_KINDS];
	struct alone_cost alone_cost;
};

static double now_ms(clockid_t clock)
{
	struct timespec now;

	must(clock_gettime(clock, &now) == 0);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* What this process holds in memory now. */
static double held_mib(void)
{
	char text[4096] = "";
	FILE *file;
	size_t size;
	const char *line;

	(void)malloc_trim(0);
	file = fopen("/proc/self/status", "re");
	size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file)
		fclose(file);
	text[size] = '\0';
	line = strstr(text, "VmRSS:");
	return line ? strtod(line + 6, NULL) / 1024 : NAN;
}

/* ---- loading ---- */

static enum err open_home(struct work *work, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = share_find("home", "toy.json", path, sizeof(path), note);

	if (!err)
		err = home_file_read(path, &work->home, note);
	return err ? err : bench_names_fill(&work->home);
}

static enum err open_sentences(struct work *work, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = share_find("lang", "en", path, sizeof(path), note);

	if (!err)
		err = sentences_create(&work->sentences);
	return err ? err : sentence_files_add(work->sentences, path, note);
}

struct load_cost {
	double compile_ms; /* names to a matcher and a grammar */
	double words_ms;   /* the grammar into the recogniser */
	double ready_ms;   /* both, by the clock */
};

/* What the hub does when the home has other names. */
static enum err load_names(struct work *work, struct load_cost *out_cost,
			   struct err_note *note)
{
	const double begun_ms = now_ms(CLOCK_MONOTONIC);
	const double begun = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	double compiled;
	enum err err;

	grammar_destroy(work->grammar);
	understand_destroy(work->understand);
	work->grammar = NULL;
	work->understand = NULL;
	err = understand_create(work->sentences, &work->home, &work->understand, note);
	if (!err)
		err = understand_grammar(work->understand, &work->grammar);
	compiled = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	if (!err)
		err = recogniser_load(&work->recogniser, work->grammar, "", note);
	*out_cost = (struct load_cost){compiled - begun,
				       now_ms(CLOCK_PROCESS_CPUTIME_ID) - compiled,
				       now_ms(CLOCK_MONOTONIC) - begun_ms};
	return err;
}

static enum err measure_load(struct bench_run *run, struct work *work,
			     struct err_note *note)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct load_cost best = {INFINITY, INFINITY, INFINITY};
	double before_mib;
	enum err err;

	settings.lockstep = true; /* load returns when the grammar is in use */
	err = recogniser_pocketsphinx_create(&settings, &work->recogniser, note);
	before_mib = held_mib();
	for (int round = 0; round < ROUNDS && !err; round++) {
		struct load_cost cost;

		err = load_names(work, &cost, note);
		if (round == 0)
			bench_add(run, "held_mib", held_mib() - before_mib, 1,
				  "more with matcher and grammar; at most 100");
		best.compile_ms = fmin(best.compile_ms, cost.compile_ms);
		best.words_ms = fmin(best.words_ms, cost.words_ms);
		best.ready_ms = fmin(best.ready_ms, cost.ready_ms);
	}
	if (err)
		return err;
	bench_add(run, "names", (double)work->home.entity_count, 0, "of devices");
	bench_add(run, "states", (double)work->grammar->state_count, 0, "");
	bench_add(run, "arcs", (double)work->grammar->arc_count, 0, "");
	bench_add(run, "words", (double)work->grammar->word_count, 0, "");
	bench_add(run, "load_ms", best.compile_ms + best.words_ms, 1,
		  "CPU, new names until they are listened for; at most 300");
	bench_add(run, "load_compile_ms", best.compile_ms, 1, "of it matcher, grammar");
	bench_add(run, "load_recogniser_ms", best.words_ms, 1, "of it words, search");
	bench_add(run, "load_clock_ms", best.ready_ms, 1, "the same by the clock");
	recogniser_close(&work->recogniser);
	return OK;
}

/* ---- commands ---- */

static enum err open_ears(struct work *work, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; i < EAR_KINDS && !err; i++) {
		const struct ear_settings settings = {
			.folder = "lang",
			.name = "en",
			.home = KINDS[i].many ? &work->home : NULL,
			.lockstep = true,
			.at_once = KINDS[i].at_once,
			.plain = KINDS[i].plain,
		};
		err = ear_open(&settings, &work->ears[i], note);
	}
	if (!err)
		err = alone_open(work->grammar, &work->alone, note);
	return err ? err : takes_create(&work->takes, note);
}

static enum err play(struct work *work, const char *words, struct audio_span sound)
{
	struct alone_cost cost;
	enum err err = OK;

	for (size_t i = 0; i < EAR_KINDS && !err; i++) {
		struct tally *tally = &work->tallies[i];
		struct turn_heard heard;

		err = ear_hear(work->ears[i], KINDS[i].way, sound, &heard);
		if (err)
			return err;
		const bool right = ear_same(work->ears[i], words, heard.text);
		tally->count++;
		tally->right += right;
		tally->cpu_ms += heard.decode_ms;
		if (work->verbose && !right)
			fprintf(stderr, "%s: \"%s\" for \"%s\"\n", KINDS[i].name,
				heard.text, words);
	}
	if (!err)
		err = alone_decode(work->alone, sound, &cost);
	if (err)
		return err;
	work->alone_cost.cepstra += cost.cepstra;
	work->alone_cost.grammar += cost.grammar;
	work->alone_cost.phones += cost.phones;
	work->sound_ms += (double)audio_ms(sound.count);
	return OK;
}

static enum err play_set(struct work *work, enum takes_set set, double pitch,
			 struct progress *progress, size_t *done, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; i < takes_count(work->takes, set) && !err; i++) {
		const struct takes_wanted wanted = {.set = set,
						    .item = i,
						    .factor = pitch,
						    .noise = {CLIPS_CLEAN, 0, 0}};
		struct take *take;
		struct audio_span sound;

		/* The toy home has not all that these sentences speak of. */
		if (!ear_same(work->ears[FEW], takes_words(set, i), takes_words(set, i)))
			continue;
		err = takes_make(work->takes, &wanted, &take, note);
		if (err)
			break;
		sound.samples = take_samples(take, &sound.count);
		err = play(work, takes_words(set, i), sound);
		progress_step(progress, ++*done);
	}
	return err;
}

static enum err play_all(struct work *work, struct err_note *note)
{
	struct progress progress;
	size_t total = 0;
	size_t done = 0;
	enum err err = OK;

	for (size_t i = 0; i < STR_COUNT(SETS); i++)
		total += STR_COUNT(PITCHES) * takes_count(work->takes, SETS[i]);
	progress_begin(&progress, "commands", total);
	for (size_t i = 0; i < STR_COUNT(SETS) * STR_COUNT(PITCHES) && !err; i++)
		err = play_set(work, SETS[i % STR_COUNT(SETS)],
			       PITCHES[i / STR_COUNT(SETS)], &progress, &done, note);
	progress_end(&progress);
	return err;
}

static void add(struct bench_run *run, const char *of, const char *what, double value,
		int decimals, const char *words)
{
	char name[BENCH_NAME_BYTES];

	must(str_format(name, sizeof(name), "%s_%s", of, what));
	bench_add(run, name, value, decimals, words);
}

static void add_commands(struct bench_run *run, const struct work *work)
{
	const double base_ms = work->tallies[FEW_DEFAULT].cpu_ms;
	const struct alone_cost *alone = &work->alone_cost;

	for (size_t i = 0; i < EAR_KINDS; i++) {
		const struct tally *tally = &work->tallies[i];
		char name[BENCH_NAME_BYTES];

		must(str_format(name, sizeof(name), "%s_words_percent", KINDS[i].name));
		bench_add_share(run, name, (unsigned)tally->right,
				(unsigned)tally->count);
		add(run, KINDS[i].name, "rtf", tally->cpu_ms / work->sound_ms, 4,
		    KINDS[i].words);
		add(run, KINDS[i].name, "times_default", tally->cpu_ms / base_ms, 2,
		    "CPU beside one default decode for the toy home");
	}
	bench_add(run, "grammar_rtf", (alone->cepstra + alone->grammar) / work->sound_ms,
		  4, "300 names, one decode over the grammar alone; at most 0.1");
	bench_add(run, "grammar_times_default",
		  (alone->cepstra + alone->grammar) / base_ms, 2, "");
	bench_add(run, "phones_rtf", alone->phones / work->sound_ms, 4,
		  "one decode over the phone loop");
}

/* ---- orders ---- */

static enum err listen(struct bench_run *run, const struct ear_settings *ear,
		       const char *name, struct bench_tally *tally, struct err_note *note)
{
	const struct bench_condition condition = {name, {CLIPS_CLEAN, 0, 0}};
	const struct bench_listening listening = {.condition = &condition,
						  .ear = *ear,
						  .way = EAR_WHOLE};
	enum err err = bench_clips_listen(run, &listening, tally, note);

	if (err)
		return err;
	bench_clips_add_share(run, &condition, "words_percent", tally->right,
			      tally->clips, "people's orders");
	bench_clips_add_share(run, &condition, "right_percent", tally->kept, tally->clips,
			      "and believed");
	bench_clips_add(run, &condition, "rtf", tally->cpu_ms / tally->sound_ms, 4, "");
	return OK;
}

static enum err measure_orders(struct bench_run *run, const struct work *work,
			       struct err_note *note)
{
	char coffee[FILE_PATH_BYTES];
	char household[FILE_PATH_BYTES];
	const char *const both[] = {coffee, household, NULL};
	struct ear_settings ear = {.folder = "examples",
				   .name = "coffee.yaml",
				   .lockstep = true,
				   .at_once = true};
	struct bench_tally *tally = calloc(1, sizeof(*tally));
	enum err err = tally ? OK : ERR_MEMORY;

	if (!err)
		err = share_find("examples", "coffee.yaml", coffee, sizeof(coffee), note);
	if (!err)
		err = share_find("lang", "en", household, sizeof(household), note);
	if (!err)
		err = listen(run, &ear, "orders_alone", tally, note);
	ear.paths = both;
	ear.home = &work->home;
	if (!err)
		err = listen(run, &ear, "orders_among_many", tally, note);
	free(tally);
	if (err == ERR_MISSING)
		bench_add(run, "recordings", 0, 0,
			  "people skipped: no ../shared (or set BEHEST_AUDIO)");
	return err == ERR_MISSING ? OK : err;
}

static void close_all(struct work *work)
{
	for (size_t i = 0; i < EAR_KINDS; i++)
		ear_close(work->ears[i]);
	alone_close(work->alone);
	takes_destroy(work->takes);
	recogniser_close(&work->recogniser);
	grammar_destroy(work->grammar);
	understand_destroy(work->understand);
	sentences_destroy(work->sentences);
	home_finish(&work->home);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work work = {.verbose = run->verbose};
	enum err err;

	home_init(&work.home);
	err = open_home(&work, note);
	if (!err)
		err = open_sentences(&work, note);
	if (!err)
		err = measure_load(run, &work, note);
	if (!err)
		err = open_ears(&work, note);
	if (!err)
		err = play_all(&work, note);
	if (!err) {
		add_commands(run, &work);
		err = measure_orders(run, &work, note);
	}
	close_all(&work);
	return err;
}

const struct bench bench_grammar = {
	.name = "grammar",
	.summary = "the recogniser over the household's sentences and 300 names",
	.run = run,
};
