/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_clips - listens to every clip, on all processors, and counts how it went.
 *
 * Each worker has an ear and clips of its own; results lie at their clip's place, so
 * the tally does not depend on who was faster. CPU is the recognisers' own; with every
 * processor busy it comes out higher than on an idle machine.
 */
#ifndef CLI_BENCH_CLIPS_H
#define CLI_BENCH_CLIPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/bench.h"
#include "cli/clips.h"
#include "cli/ear.h"

struct bench_condition {
	const char *name; /* leads the figures' names */
	struct clips_noise noise;
};

enum { BENCH_CONDITIONS = 3 };

/* Quiet; 18 dB by the loudest moments of both, as the publishers of the clips mix; and
 * 18 dB by mean power, which is harder. */
extern const struct bench_condition bench_conditions[BENCH_CONDITIONS];

struct bench_listening {
	const struct bench_condition *condition;
	struct ear_settings ear;
	enum ear_way way;
	size_t clips_max;  /* 0: all */
	size_t places;     /* in the noise, for each clip; 0: one */
	const char *noise; /* a sound file; NULL: the kitchen */
};

enum { BENCH_PLACES_MAX = 50 };

struct bench_tally {
	size_t clips; /* times places */
	size_t right;
	size_t kept;     /* of the right: not below the lowest floor */
	size_t believed; /* right or wrong */
	double sound_ms; /* of the clips */
	double cpu_ms;   /* of the recogniser */
	size_t waits;    /* clips with words */
	double wait_ms[CLIPS_MAX * BENCH_PLACES_MAX]; /* from the endpoint to the words */
	size_t each; /* how many clips there are, without places */
	uint16_t
		right_of[CLIPS_MAX]; /* [each]: in how many places the words were right */
};

/* With run->verbose the clips that went wrong are named on stderr. ERR_MISSING with a
 * note when there are no clips. */
MUST_CHECK enum err bench_clips_listen(const struct bench_run *run,
				       const struct bench_listening *listening,
				       struct bench_tally *out_tally,
				       struct err_note *note);

/* Adds "<condition>_<name>". */
void bench_clips_add(struct bench_run *run, const struct bench_condition *condition,
		     const char *name, double value, int decimals, const char *words);
/* The same of clips in several places: those of one clip are alike, so the interval is of
 * the clips' means (normal, 95 %). */
void bench_clips_add_places(struct bench_run *run,
			    const struct bench_condition *condition, const char *name,
			    const struct bench_tally *tally, const char *words);
/* How much better than another way to hear the same clips, paired by clip, in points. */
void bench_clips_add_gain(struct bench_run *run, const struct bench_condition *condition,
			  const char *name, const struct bench_tally *tally,
			  const struct bench_tally *than, const char *words);
void bench_clips_add_share(struct bench_run *run, const struct bench_condition *condition,
			   const char *name, size_t part, size_t of, const char *words);

#endif
