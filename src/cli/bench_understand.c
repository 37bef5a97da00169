/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to intent in a home of 300 names: loading, compiling, memory, and how long
 * sentences take that are one and that are none. They are drawn from the grammar; those
 * that are none have a word of another sentence in the place of one of theirs, or are
 * words in any order.
 *
 * Processor time of this thread, for others use the machine too. With --sentences a
 * bundle's own tests are counted: bench_understand_tests; with --requests what people
 * really say: bench_requests.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_names.h"
#include "cli/bench_requests.h"
#include "cli/bench_understand_tests.h"
#include "domain/settings.h"
#include "train/random.h"
#include "understand/understand.h"

enum {
	ROUNDS = 3,
	SENTENCES = 4000,
	WORDS_MAX = 24, /* of a drawn sentence */
	SALAD_WORDS = 60,
	SALADS = 400,
	BYTES_PER_MB = 1024 * 1024,
};

enum { KIND_WALK = 1, KIND_SALAD };

struct work {
	const struct args *args;
	struct home home;
	struct sentences *sentences;
	struct understand *understand;
	struct grammar *grammar;
	size_t *first_arcs; /* of each state, and one behind */
	double *took_us;
};

static double cpu_us(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

static double held_mb(void)
{
	const struct mallinfo2 info = mallinfo2();

	return (double)(info.uordblks + info.hblkhd) / BYTES_PER_MB;
}

/* ---- loading ---- */

static enum err load_sentences(const struct args *args, struct sentences *sentences,
			       struct err_note *note)
{
	const size_t count = args_count(args, "sentences");
	char folder[FILE_PATH_BYTES];
	struct settings settings;
	enum err err = OK;

	settings_init(&settings);
	if (count == 0) {
		err = share_find("lang", settings.house_language, folder, sizeof(folder),
				 note);
		return err ? err : sentence_files_add(sentences, folder, note);
	}
	for (size_t i = 0; i < count && !err; i++)
		err = sentence_files_add(sentences, args_text_at(args, "sentences", i),
					 note);
	return err;
}

static void forget(struct work *work)
{
	grammar_destroy(work->grammar);
	understand_destroy(work->understand);
	sentences_destroy(work->sentences);
	work->grammar = NULL;
	work->understand = NULL;
	work->sentences = NULL;
}

struct load_times {
	double load_ms;    /* files to the text matcher */
	double names_ms;   /* the same sentences for other names, grammar and all */
	double matcher_mb; /* what the loaded sentences and the matcher hold */
};

static enum err load_once(struct work *work, struct load_times *out_times,
			  struct err_note *note)
{
	const double before_mb = held_mb();
	const double begun = cpu_us();
	enum err err;

	forget(work);
	err = sentences_create(&work->sentences);
	if (!err)
		err = load_sentences(work->args, work->sentences, note);
	if (!err)
		err = understand_create(work->sentences, &work->home, &work->understand,
					note);
	out_times->load_ms = (cpu_us() - begun) / 1e3;
	out_times->matcher_mb = held_mb() - before_mb;
	return err;
}

static enum err compile_again(struct work *work, struct load_times *out_times,
			      struct err_note *note)
{
	const double begun = cpu_us();
	struct understand *again = NULL;
	enum err err = understand_create(work->sentences, &work->home, &again, note);

	if (!err)
		err = understand_grammar(again, &work->grammar);
	out_times->names_ms = (cpu_us() - begun) / 1e3;
	understand_destroy(again);
	return err;
}

static enum err measure_load(struct bench_run *run, struct work *work,
			     struct err_note *note)
{
	struct load_times best = {.load_ms = 1e9, .names_ms = 1e9};

	for (int round = 0; round < ROUNDS; round++) {
		struct load_times times = {0};
		enum err err = load_once(work, &times, note);

		if (!err)
			err = compile_again(work, &times, note);
		if (err)
			return err;
		if (round == 0)
			best.matcher_mb = times.matcher_mb;
		best.load_ms =
			times.load_ms < best.load_ms ? times.load_ms : best.load_ms;
		best.names_ms =
			times.names_ms < best.names_ms ? times.names_ms : best.names_ms;
	}
	bench_add(run, "names", (double)work->home.entity_count, 0, "of devices");
	bench_add(run, "load_ms", best.load_ms, 1, "files to matcher; at most 100");
	bench_add(run, "names_ms", best.names_ms, 1,
		  "matcher and grammar for other names; at most 300");
	bench_add(run, "matcher_mb", best.matcher_mb, 1, "at most 20");
	bench_add(run, "grammar_states", (double)work->grammar->state_count, 0, "");
	bench_add(run, "grammar_arcs", (double)work->grammar->arc_count, 0, "");
	return OK;
}

/* ---- sentences ---- */

static enum err index_arcs(struct work *work)
{
	const struct grammar *grammar = work->grammar;
	size_t arc = 0;

	work->first_arcs = calloc(grammar->state_count + 1, sizeof(*work->first_arcs));
	if (!work->first_arcs)
		return ERR_MEMORY;
	for (size_t state = 0; state <= grammar->state_count; state++) {
		while (arc < grammar->arc_count && grammar->arcs[arc].from < state)
			arc++;
		work->first_arcs[state] = arc;
	}
	return OK;
}

static const char *any_word(const struct grammar *grammar, struct random *random)
{
	return grammar->words[random_below(random, grammar->word_count)];
}

static void add_word(char *text, const char *word)
{
	(void)str_append(text, TEXT_BYTES, "%s%s", text[0] ? " " : "", word);
}

/* A walk from the start to some end. swap: the number of the word that becomes another;
 * SIZE_MAX none. True when it is a whole sentence. */
static bool draw_sentence(const struct work *work, struct random *random, size_t swap,
			  char text[TEXT_BYTES])
{
	const struct grammar *grammar = work->grammar;
	size_t state = 0;

	text[0] = '\0';
	for (size_t i = 0; i < WORDS_MAX; i++) {
		const size_t first = work->first_arcs[state];
		const size_t ways = work->first_arcs[state + 1] - first;
		size_t way;

		if (ways == 0 || (grammar->finals[state] && random_chance(random, 0.5)))
			break;
		way = first + random_below(random, ways);
		add_word(text, i == swap ? any_word(grammar, random)
					 : grammar->words[grammar->arcs[way].word]);
		state = grammar->arcs[way].to;
	}
	return grammar->finals[state];
}

static double understand_us(const struct work *work, const char *text,
			    struct understanding *out)
{
	const double begun = cpu_us();

	understand_text(work->understand, text, BENCH_NAMES_ROOM, out);
	return cpu_us() - begun;
}

static void add_times(struct bench_run *run, const struct work *work, const char *name,
		      size_t count)
{
	char figure[BENCH_NAME_BYTES];
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += work->took_us[i];
	must(str_format(figure, sizeof(figure), "%s_per_second", name));
	bench_add(run, figure, sum > 0 ? 1e6 * (double)count / sum : 0, 0, "on one core");
	must(str_format(figure, sizeof(figure), "%s_p99_ms", name));
	bench_add(run, figure, bench_percentile(work->took_us, count, 99) / 1e3, 3, "");
	must(str_format(figure, sizeof(figure), "%s_worst_ms", name));
	bench_add(run, figure, bench_percentile(work->took_us, count, 100) / 1e3, 3, "");
}

static void measure_sentences(struct bench_run *run, const struct work *work)
{
	struct random random = random_stream(1, KIND_WALK, 0);
	size_t count = 0;
	size_t understood = 0;

	while (count < SENTENCES) {
		char text[TEXT_BYTES];
		struct understanding out;

		if (!draw_sentence(work, &random, SIZE_MAX, text))
			continue;
		work->took_us[count++] = understand_us(work, text, &out);
		understood += out.reason == REASON_NONE || out.reason == REASON_AMBIGUOUS;
	}
	add_times(run, work, "sentences", count);
	bench_add_share(run, "sentences_understood_percent", (unsigned)understood,
			(unsigned)count);
	for (count = 0; count < SENTENCES; count++) {
		char text[TEXT_BYTES];
		struct understanding out;

		(void)draw_sentence(work, &random, random_below(&random, WORDS_MAX / 4),
				    text);
		work->took_us[count] = understand_us(work, text, &out);
	}
	add_times(run, work, "near_misses", count);
}

static void measure_salads(struct bench_run *run, const struct work *work)
{
	struct random random = random_stream(1, KIND_SALAD, 0);
	size_t count;

	for (count = 0; count < SALADS; count++) {
		char text[TEXT_BYTES] = "";
		struct understanding out;

		for (size_t i = 0; i < SALAD_WORDS; i++)
			add_word(text, any_word(work->grammar, &random));
		work->took_us[count] = understand_us(work, text, &out);
	}
	add_times(run, work, "word_salads", count);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work work = {.args = run->args};
	const char *requests = args_text(run->args, "requests", NULL);
	enum err err;

	if (args_count(run->args, "requests") > 1)
		return err_say(ERR_RANGE, note, "understand takes one file of requests");
	home_init(&work.home);
	err = bench_names_fill(&work.home);

	if (!err)
		err = measure_load(run, &work, note);
	if (!err)
		err = index_arcs(&work);
	work.took_us = calloc(SENTENCES, sizeof(*work.took_us));
	if (!err && !work.took_us)
		err = ERR_MEMORY;
	if (!err) {
		measure_sentences(run, &work);
		measure_salads(run, &work);
		err = bench_understand_tests(run, work.sentences, note);
	}
	if (!err && requests)
		err = bench_requests(run, requests, work.understand, BENCH_NAMES_ROOM,
				     note);
	free(work.took_us);
	free(work.first_arcs);
	forget(&work);
	home_finish(&work.home);
	return err;
}

static const char *const takes[] = {"requests", "sentences", NULL};

const struct bench bench_understand = {
	.name = "understand",
	.summary = "text to intent in a home of 300 names, and a bundle's own tests",
	.takes = takes,
	.run = run,
};
