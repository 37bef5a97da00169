/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench - the table of benchmarks behind `behest bench`: one file each (bench_<name>.c),
 * listed in benches.def. Figures are added by name and shown as one JSON line or as a
 * small table.
 */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/args.h"

enum {
	BENCH_FIGURES_MAX = 192,
	BENCH_NAME_BYTES = 96,
	BENCH_UNIT_BYTES = 16,
	BENCH_WORDS_BYTES = 96,
	BENCH_DIALOGUES_MAX = 1000000000,
};

struct bench_figure {
	char name[BENCH_NAME_BYTES]; /* with its unit: "p95_ms" */
	double value;
	int decimals;
	bool has_range; /* a 95 % interval */
	double low;
	double high;
	char words[BENCH_WORDS_BYTES]; /* for people; "" none */
};

struct bench_run {
	const struct args *args; /* of the command; borrowed */
	bool verbose;            /* say more, on stderr */
	bool failed;             /* something was complained of; the rest still counts */
	const char *hint;        /* for people, what more could be measured; NULL none */
	size_t count;
	struct bench_figure figures[BENCH_FIGURES_MAX];
};

struct bench {
	const char *name;
	const char *summary;
	const char *const *takes; /* options that are its alone, up to NULL; NULL: none */
	/* ERR_MISSING with a note: skipped, because something it needs is not here. */
	enum err (*run)(struct bench_run *run, struct err_note *note);
};

#define BENCH(name) extern const struct bench bench_##name;
#include "cli/benches.def"
#undef BENCH

/* Adds a figure. More than the maximum is a bug. */
void bench_add(struct bench_run *run, const char *name, double value, int decimals,
	       const char *words);

/* The same with a 95 % interval. */
void bench_add_range(struct bench_run *run, const char *name, double value, double low,
		     double high, int decimals, const char *words);

/* part of `of`, in percent, with its interval in words; NAN of none. */
void bench_add_share(struct bench_run *run, const char *name, unsigned part, unsigned of);

/* The value below which `percent` of the count values lie; sorts them. NAN for none. */
double bench_percentile(double *values, size_t count, double percent);

/* The 95 % interval of a share (Wilson), in percent. */
void bench_interval(size_t right, size_t count, double *out_low, double *out_high);

#endif
