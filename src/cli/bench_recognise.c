/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Human orders in quiet and in kitchen noise: how many come out right through the live
 * path (session, endpoint, recogniser, sentences; 20 ms frames) and when the whole clip
 * is decoded at once, what it costs, also beside one decode with the library's own
 * settings, and how long the words take after the end in real time.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_clips.h"

enum { REAL_TIME_CLIPS = 12 }; /* they take as long as they last */

static const struct ear_settings EAR = {.folder = "examples",
					.name = "coffee.yaml",
					.lockstep = true};

static double rtf(const struct bench_tally *tally)
{
	return tally->cpu_ms / tally->sound_ms;
}

static enum err measure_live(struct bench_run *run,
			     const struct bench_condition *condition,
			     struct bench_tally *tally, struct err_note *note)
{
	enum err err =
		bench_clips_listen(run,
				   &(struct bench_listening){.condition = condition,
							     .ear = EAR,
							     .way = EAR_LIVE},
				   tally, note);

	if (err)
		return err;
	bench_clips_add_share(run, condition, "live_right_percent", tally->kept,
			      tally->clips, "right, and believed");
	bench_clips_add_share(run, condition, "live_words_percent", tally->right,
			      tally->clips, "right words");
	bench_clips_add(run, condition, "live_rtf", rtf(tally), 4,
			"CPU / length, with phone loop");
	return OK;
}

static enum err measure_whole(struct bench_run *run,
			      const struct bench_condition *condition,
			      struct bench_tally *tally, struct err_note *note)
{
	struct bench_listening listening = {.condition = condition,
					    .ear = EAR,
					    .way = EAR_WHOLE};
	enum err err;

	listening.ear.at_once = true;
	err = bench_clips_listen(run, &listening, tally, note);
	if (err)
		return err;
	bench_clips_add_share(run, condition, "whole_words_percent", tally->right,
			      tally->clips, "right words, decoded at once");
	bench_clips_add(run, condition, "whole_rtf", rtf(tally), 4, "");
	return OK;
}

static enum err measure_plain(struct bench_run *run,
			      const struct bench_condition *condition,
			      struct bench_tally *tally, struct err_note *note)
{
	struct bench_listening listening = {.condition = condition,
					    .ear = EAR,
					    .way = EAR_WHOLE};
	enum err err;

	listening.ear.plain = true;
	err = bench_clips_listen(run, &listening, tally, note);
	if (err)
		return err;
	bench_clips_add_share(run, condition, "default_words_percent", tally->right,
			      tally->clips, "one decode, the library's settings");
	bench_clips_add(run, condition, "default_rtf", rtf(tally), 4, "");
	return OK;
}

static enum err measure_wait(struct bench_run *run,
			     const struct bench_condition *condition,
			     struct bench_tally *tally, struct err_note *note)
{
	struct bench_listening listening = {.condition = condition,
					    .ear = EAR,
					    .way = EAR_REAL_TIME,
					    .clips_max = REAL_TIME_CLIPS};
	enum err err;

	listening.ear.lockstep = false;
	err = bench_clips_listen(run, &listening, tally, note);
	if (err)
		return err;
	bench_clips_add(run, condition, "wait_p50_ms",
			bench_percentile(tally->wait_ms, tally->waits, 50), 1,
			"endpoint to words, real time");
	bench_clips_add(run, condition, "wait_p95_ms",
			bench_percentile(tally->wait_ms, tally->waits, 95), 1, "");
	return OK;
}

static double peak_rss_mib(void)
{
	char text[4096] = "";
	FILE *file = fopen("/proc/self/status", "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	const char *line;

	if (file)
		fclose(file);
	text[size] = '\0';
	line = strstr(text, "VmHWM:");
	return line ? strtod(line + 6, NULL) / 1024 : NAN;
}

static const struct {
	enum err (*measure)(struct bench_run *run,
			    const struct bench_condition *condition,
			    struct bench_tally *tally, struct err_note *note);
} MEASURES[] = {{measure_live}, {measure_whole}, {measure_plain}, {measure_wait}};

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct bench_tally *tally = calloc(1, sizeof(*tally));
	enum err err = tally ? OK : ERR_MEMORY;

	for (size_t i = 0; i < STR_COUNT(MEASURES); i++) {
		for (size_t k = 0; k < BENCH_CONDITIONS && !err; k++)
			err = MEASURES[i].measure(run, &bench_conditions[k], tally, note);
	}
	if (!err)
		bench_add(run, "peak_rss_mib", peak_rss_mib(), 1,
			  "of this process, an ear for each processor");
	free(tally);
	return err;
}

const struct bench bench_recognise = {
	.name = "recognise",
	.summary = "human orders through the live path, clean and in kitchen noise",
	.run = run,
};
