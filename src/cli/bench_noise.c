/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Human orders over a noise that goes from soft to loud, each in several places of the
 * noise: how many come out right through the live path, and how many more than with one
 * decode by the library's own settings of the same sound.
 *
 * The noise is the kitchen's second minute, or the second half of --noise FILE; levels
 * are by the loudest moments of both, as the publishers of the clips mix.
 */
#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_clips.h"

enum { PLACES = 1 };

static const struct bench_condition LEVELS[] = {
	{"clean", {CLIPS_CLEAN, 0, 0}},       {"db_24", {CLIPS_BY_LOUDEST, 24, 0}},
	{"db_18", {CLIPS_BY_LOUDEST, 18, 0}}, {"db_12", {CLIPS_BY_LOUDEST, 12, 0}},
	{"db_6", {CLIPS_BY_LOUDEST, 6, 0}},
};

static const struct ear_settings EAR = {.folder = "examples",
					.name = "coffee.yaml",
					.lockstep = true};

struct tallies {
	struct bench_tally live;
	struct bench_tally plain;
};

static enum err measure(struct bench_run *run, const struct bench_listening *listening,
			struct tallies *tallies, struct err_note *note)
{
	struct bench_listening plain = *listening;
	enum err err = bench_clips_listen(run, listening, &tallies->live, note);

	plain.way = EAR_WHOLE;
	plain.ear.plain = true;
	if (!err)
		err = bench_clips_listen(run, &plain, &tallies->plain, note);
	if (err)
		return err;
	bench_clips_add_places(run, listening->condition, "words_percent", &tallies->live,
			       "right words, live");
	bench_clips_add_share(run, listening->condition, "right_percent",
			      tallies->live.kept, tallies->live.clips,
			      "right, and believed");
	bench_clips_add_gain(run, listening->condition, "gain_points", &tallies->live,
			     &tallies->plain, "over one decode, the library's settings");
	bench_clips_add(run, listening->condition, "rtf",
			tallies->live.cpu_ms / tallies->live.sound_ms, 4, "CPU / length");
	return OK;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct bench_listening listening = {.ear = EAR, .way = EAR_LIVE};
	struct tallies *tallies = calloc(1, sizeof(*tallies));
	enum err err = tallies ? OK : ERR_MEMORY;

	listening.noise = args_text(run->args, "noise", NULL);
	listening.places = (size_t)args_number(run->args, "places", PLACES);
	for (size_t i = 0; i < STR_COUNT(LEVELS) && !err; i++) {
		struct bench_listening level = listening;
		level.condition = &LEVELS[i];
		if (LEVELS[i].noise.mix == CLIPS_CLEAN)
			level.places = 0;
		err = measure(run, &level, tallies, note);
	}
	free(tallies);
	return err;
}

static const char *const options[] = {"noise", "places", NULL};

const struct bench bench_noise = {
	.name = "noise",
	.summary = "human orders over a kitchen, or over another noise, at four levels",
	.takes = options,
	.run = run,
};
