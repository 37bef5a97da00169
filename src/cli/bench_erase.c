/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long "delete everything" takes, of few recordings and of many, with a real keeper on a
 * real disk: until it says that they are deleted, and until the receipt is there.
 */
#include <math.h>

#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_keeper.h"
#include "cli/client.h"
#include "cli/keeper_alone.h"

enum {
	FEW = 10,
	MANY = 100000,
	SAMPLES = 1600, /* 0.1 s: their number is what counts */
	ROUNDS = 3,
	ANSWER_MS = 600000,
	MS_PER_S = 1000,
};

static const char *const takes[] = {"recordings", NULL};

struct times {
	double said[ROUNDS]; /* "deleted" */
	double over[ROUNDS]; /* with the receipt */
};

static enum err record(struct keeper_alone *keeper, size_t count, struct err_note *note)
{
	static const int16_t samples[SAMPLES];
	const struct keeper_alone_recording recording = {
		.room = KEEPER_ALONE_FIRST,
		.words = "turn on the kitchen light",
		.sound = {samples, SAMPLES},
	};

	return keeper_alone_record(keeper, &recording, count, note);
}

static enum err erase_all(struct link_client *client, double *out_said, double *out_over,
			  struct err_note *note)
{
	static const struct wire_erase_all all;
	const struct wire_message *message = NULL;
	const double begun = bench_keeper_now();
	enum err err = link_client_send_erase_all(client, &all, note);

	*out_said = NAN;
	do {
		if (!err)
			err = link_client_wait(client, ANSWER_MS, &message, note);
		if (!err && message->type == WIRE_refused)
			err = client_other(message, note);
		if (!err && message->type == WIRE_erased && isnan(*out_said))
			*out_said = (bench_keeper_now() - begun) * MS_PER_S;
	} while (!err && message->type != WIRE_end);
	*out_over = (bench_keeper_now() - begun) * MS_PER_S;
	return err;
}

static enum err erase_once(struct keeper_alone *keeper, size_t count, double *out_said,
			   double *out_over, struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = record(keeper, count, note);

	if (!err)
		err = keeper_alone_sign_in(keeper, KEEPER_ALONE_FIRST, &client, note);
	if (!err)
		err = erase_all(client, out_said, out_over, note);
	link_client_close(client);
	return err;
}

/* By turns: what else the machine does meanwhile slows both. */
static enum err measure(struct keeper_alone *keeper, size_t many, struct times *few,
			struct times *lots, struct err_note *note)
{
	enum err err = keeper_alone_add_owner(keeper, KEEPER_ALONE_FIRST, note);

	for (size_t i = 0; !err && i < ROUNDS; i++) {
		err = erase_once(keeper, FEW, &few->said[i], &few->over[i], note);
		if (!err)
			err = erase_once(keeper, many, &lots->said[i], &lots->over[i],
					 note);
	}
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	const size_t many = (size_t)args_number(run->args, "recordings", MANY);
	struct keeper_alone keeper;
	struct times few;
	struct times lots;
	double few_ms;
	double lots_ms;
	enum err err = keeper_alone_open(&keeper, NULL, true, note);

	if (!err)
		err = measure(&keeper, many, &few, &lots, note);
	keeper_alone_close(&keeper);
	if (err)
		return err;
	few_ms = bench_percentile(few.said, ROUNDS, 50);
	lots_ms = bench_percentile(lots.said, ROUNDS, 50);
	bench_add(run, "recordings", (double)many, 0, "of 0.1 s each; and 10 of them");
	bench_add(run, "erase_few_ms", few_ms, 1, "until 10 are said to be deleted");
	bench_add(run, "erase_many_ms", lots_ms, 1, "until all of them are");
	bench_add(run, "erase_ratio", lots_ms / few_ms, 2, "at most 2 asked for");
	bench_add(run, "receipt_few_ms", bench_percentile(few.over, ROUNDS, 50), 1,
		  "until the receipt is there, too");
	bench_add(run, "receipt_many_ms", bench_percentile(lots.over, ROUNDS, 50), 1, "");
	return OK;
}

const struct bench bench_erase = {
	.name = "erase",
	.summary = "\"delete everything\", of 10 recordings and of 100,000",
	.takes = takes,
	.run = run,
};
