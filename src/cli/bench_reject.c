/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same human orders to a house that sells no coffee: a closed grammar makes some
 * sentence of each, and the floor has to refuse it.
 */
#include <stdlib.h>

#include "cli/bench.h"
#include "cli/bench_clips.h"

static const struct ear_settings EAR = {.folder = "lang", .name = "en", .lockstep = true};

static enum err measure(struct bench_run *run, const struct bench_condition *condition,
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
	bench_clips_add_share(run, condition, "rejected_percent",
			      tally->clips - tally->believed, tally->clips,
			      "below the floor");
	bench_clips_add(run, condition, "live_rtf", tally->cpu_ms / tally->sound_ms, 4,
			"CPU / length, with phone loop");
	return OK;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct bench_tally *tally = calloc(1, sizeof(*tally));
	enum err err = tally ? OK : ERR_MEMORY;

	for (size_t i = 0; i < BENCH_CONDITIONS && !err; i++)
		err = measure(run, &bench_conditions[i], tally, note);
	free(tally);
	return err;
}

const struct bench bench_reject = {
	.name = "reject",
	.summary = "the same orders to the household's sentences, which do not know them",
	.run = run,
};
