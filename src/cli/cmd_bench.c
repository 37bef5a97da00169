/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest bench: runs the benchmarks of the table and prints their figures. What a
 * benchmark needs and does not find makes it skipped, never passed.
 */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_clips.h"
#include "cli/command.h"
#include "train/outside.h"

enum { BENCH_JSON_BYTES = 65536 };

static const double Z_95 = 1.959964;

static const struct option options[] = {
	{.name = "clips",
	 .kind = OPTION_FOLDER,
	 .argument = "DIR",
	 .words = "wake: a folder of clips for each word, DIR/jarvis, DIR/computer, ..."},
	{.name = "dialogues",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "portland: that begin at the name (default: 1000000)",
	 .smallest = 1,
	 .largest = BENCH_DIALOGUES_MAX},
	{.name = "forced",
	 .kind = OPTION_NUMBER,
	 .argument = "PERCENT",
	 .words = "portland: of what is said, onto the sentence that sounds nearest "
		  "(default: 10)",
	 .smallest = 0,
	 .largest = 100},
	{.name = "head",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "echo: this head instead of the one that comes along"},
	{.name = "jobs",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "wake: threads (default: one for each processor)",
	 .smallest = 1,
	 .largest = OUTSIDE_JOBS_MAX},
	COMMAND_OPTION_JSON,
	{.name = "kernels",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "wake: avx512, avx2, sse2, neon or scalar instead of the fastest that "
		  "this machine has"},
	{.name = "noise",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "wake: hear the clips in this noise too; noise: instead of the "
		  "kitchen"},
	{.name = "part",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "echo: hour (of our own voice) or misses alone; endpoint: one "
		  "group of figures"},
	{.name = "places",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "noise: places in the noise for each clip (default: 1)",
	 .smallest = 1,
	 .largest = BENCH_PLACES_MAX},
	{.name = "recordings",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "vault: a history of so many (default: 22000); erase: against so "
		  "many (default: 100000)",
	 .smallest = 1000,
	 .largest = 10000000},
	{.name = "requests",
	 .kind = OPTION_FILE,
	 .repeats = true,
	 .argument = "FILE|DIR",
	 .words = "portland, understand: what people really say, one JSON object a line "
		  "with text (understand, a file: and scenario and action)"},
	{.name = "rows",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "reject: keep what was heard, for behest calibrate --from"},
	{.name = "seed",
	 .kind = OPTION_NUMBER,
	 .argument = "S",
	 .words = "portland: of all luck (default: 2018)",
	 .smallest = 0,
	 .largest = INT32_MAX},
	{.name = "sentences",
	 .kind = OPTION_FILE,
	 .repeats = true,
	 .argument = "FILE|DIR",
	 .words = "understand: these instead of the household's own; the tests of a "
		  "bundle are counted"},
	{.name = "snr",
	 .kind = OPTION_NUMBER,
	 .argument = "DB",
	 .words = "wake: the clips over the noise (default: 10)",
	 .smallest = -20,
	 .largest = 60},
	{.name = "speech",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR",
	 .words = "wake, reject: sound without the words; DIR, LABEL=DIR, or @FILE "
		  "with a path on each line"},
	{.name = "verbose",
	 .kind = OPTION_FLAG,
	 .words = "name what came out wrong, on stderr"},
	{.name = "without",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "BARRIER",
	 .words = "portland: take out intent, recipient, phrase, hold or memo"},
	{.name = "word",
	 .kind = OPTION_TEXT,
	 .argument = "WORD",
	 .words = "echo: this name, or stop (default: jarvis)"},
	{.name = "words",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "portland: how often each word is said, instead of the list that "
		  "tools/fetch-data fetches"},
};

static const struct bench *const benches[] = {
#define BENCH(name) &bench_##name,
#include "cli/benches.def"
#undef BENCH
};

static const char choices[] =
#define BENCH(name) #name "|"
#include "cli/benches.def"
#undef BENCH
	"";

void bench_add(struct bench_run *run, const char *name, double value, int decimals,
	       const char *words)
{
	struct bench_figure *figure = &run->figures[run->count];

	must(run->count < BENCH_FIGURES_MAX);
	run->count++;
	figure->value = value;
	figure->decimals = decimals;
	must(str_copy(figure->name, sizeof(figure->name), name));
	(void)str_copy(figure->words, sizeof(figure->words), words);
}

void bench_add_range(struct bench_run *run, const char *name, double value, double low,
		     double high, int decimals, const char *words)
{
	struct bench_figure *figure = &run->figures[run->count];

	bench_add(run, name, value, decimals, words);
	figure->has_range = true;
	figure->low = low;
	figure->high = high;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

double bench_percentile(double *values, size_t count, double percent)
{
	size_t rank;

	if (count == 0)
		return NAN;
	qsort(values, count, sizeof(*values), compare);
	rank = (size_t)ceil(percent / 100.0 * (double)count);
	return values[rank > 0 ? rank - 1 : 0];
}

void bench_interval(size_t right, size_t count, double *out_low, double *out_high)
{
	double n = (double)count;
	double share = count ? (double)right / n : 0;
	double scale = count ? 1 / (1 + Z_95 * Z_95 / n) : 0;
	double middle = count ? scale * (share + Z_95 * Z_95 / (2 * n)) : 0;
	double reach =
		count ? scale * Z_95 *
				sqrt(share * (1 - share) / n + Z_95 * Z_95 / (4 * n * n))
		      : 0;

	*out_low = 100 * (middle - reach);
	*out_high = 100 * (middle + reach);
}

void bench_add_share(struct bench_run *run, const char *name, unsigned part, unsigned of)
{
	char words[BENCH_WORDS_BYTES];
	double low = 0.0;
	double high = 0.0;

	bench_interval(part, of, &low, &high);
	must(str_format(words, sizeof(words), "%u of %u, 95 %%: %.2f to %.2f", part, of,
			low, high));
	bench_add(run, name, of > 0 ? 100.0 * part / of : NAN, 2, words);
}

static void add_json(struct json_write *write, const struct bench_figure *figure)
{
	char name[BENCH_NAME_BYTES + 8];

	json_add_double(write, figure->name, figure->value, figure->decimals);
	if (!figure->has_range)
		return;
	must(str_format(name, sizeof(name), "%s_low", figure->name));
	json_add_double(write, name, figure->low, figure->decimals);
	must(str_format(name, sizeof(name), "%s_high", figure->name));
	json_add_double(write, name, figure->high, figure->decimals);
}

static enum err print_json(const struct bench *bench, const struct bench_run *run,
			   const char *skipped)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, BENCH_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "bench", bench->name);
	if (skipped)
		json_add_text(&write, "skipped", skipped);
	for (size_t i = 0; i < run->count; i++)
		add_json(&write, &run->figures[i]);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_table(const struct bench *bench, const struct bench_run *run,
			const char *skipped)
{
	printf("%s: %s\n", bench->name, bench->summary);
	if (skipped)
		printf("  skipped: %s\n", skipped);
	for (size_t i = 0; i < run->count; i++) {
		const struct bench_figure *figure = &run->figures[i];

		printf("  %-42s %10.*f  ", figure->name, figure->decimals, figure->value);
		if (figure->has_range)
			printf("(%.*f - %.*f) ", figure->decimals, figure->low,
			       figure->decimals, figure->high);
		printf("%s\n", figure->words);
	}
	if (run->hint)
		printf("  %s\n", run->hint);
}

static enum cli_exit run_one(const struct bench *bench, const struct args *args)
{
	struct bench_run run = {.args = args, .verbose = args_flag(args, "verbose")};
	struct err_note note = {""};
	enum err err = bench->run(&run, &note);
	const char *skipped = err == ERR_MISSING ? note.text : NULL;

	if (err && !skipped)
		return command_fail_err(err, &note, bench->name);
	if (!args_flag(args, "json"))
		print_table(bench, &run, skipped);
	else if (print_json(bench, &run, skipped))
		return command_fail(CLI_FAILED, "%s: the figures do not fit",
				    bench->name);
	fflush(stdout);
	return run.failed ? CLI_FAILED : CLI_DONE;
}

static const struct bench *find(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(benches); i++) {
		if (str_equal(benches[i]->name, name))
			return benches[i];
	}
	return NULL;
}

static bool takes(const struct bench *bench, const char *option)
{
	for (size_t i = 0; bench->takes && bench->takes[i]; i++) {
		if (str_equal(bench->takes[i], option))
			return true;
	}
	return false;
}

/* The first benchmark that takes an option, of those that are named or of all; NULL when
 * none does. */
static const struct bench *taker(const struct args *args, const char *option, bool named)
{
	const size_t count = named ? args->rest_count : STR_COUNT(benches);

	for (size_t i = 0; i < count; i++) {
		const struct bench *bench = named ? find(args->rest[i]) : benches[i];
		if (takes(bench, option))
			return bench;
	}
	return NULL;
}

/* Options of some benchmarks are refused where none of them is named: of all that run
 * without a name only a few minutes are asked. */
static enum cli_exit check(const struct args *args)
{
	for (size_t i = 0; i < STR_COUNT(options); i++) {
		const char *option = options[i].name;
		const struct bench *bench = taker(args, option, false);

		if (bench && args_count(args, option) > 0 && !taker(args, option, true))
			return command_fail(CLI_USAGE, "--%s is for: bench %s", option,
					    bench->name);
	}
	return CLI_DONE;
}

static enum cli_exit run(const struct args *args)
{
	enum cli_exit status = CLI_DONE;

	for (size_t i = 0; i < args->rest_count; i++) {
		if (!find(args->rest[i]))
			return command_fail(CLI_USAGE,
					    "unknown benchmark \"%.40s\"; see --help",
					    args->rest[i]);
	}
	if (check(args))
		return CLI_USAGE;
	for (size_t i = 0; i < args->rest_count; i++) {
		if (run_one(find(args->rest[i]), args))
			status = CLI_FAILED;
	}
	for (size_t i = 0; args->rest_count == 0 && i < STR_COUNT(benches); i++) {
		if (run_one(benches[i], args))
			status = CLI_FAILED;
	}
	return status;
}

const struct command command_bench = {
	.name = "bench",
	.summary = "measure this installation",
	.operands = "[NAME]...",
	.words =
		"Runs the named benchmarks, or all of them. One whose material is not here is "
		"skipped and says so. wake alone counts misses and false accepts of each head "
		"that comes along in the clips and the speech that are given to it.",
	.choices = choices,
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
