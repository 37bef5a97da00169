/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the true end of speech (the last voiced sample) to the command's publish on a
 * real broker, with sound fed in real time into a whole household. The times are the
 * hub's own, from the turns it tells.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_house.h"
#include "cli/talk.h"
#include "cli/timeline.h"
#include "cli/utterance.h"

enum { SAID_COUNT = 24, TURN_WAIT_MS = 20000, SETTLE_MS = 4000, PAUSE_MS = 500 };

static const char *const SENTENCES[] = {
	"turn on the kitchen light",   "set the kitchen light to thirty percent",
	"turn off the kitchen light",  "make the kitchen light red",
	"switch on the bedroom light", "set the heating to twenty degrees",
	"turn off the bedroom light",  "set the bedroom blind to fifty percent",
};

struct measuring {
	bool told; /* the turn that was waited for */
	size_t done;
	size_t missed;
	double publish[SAID_COUNT];
	double listen[SAID_COUNT];
	double after[SAID_COUNT]; /* from the endpoint to the publish */
	double recognise[SAID_COUNT];
};

static void on_turn(void *context, const char *text)
{
	struct measuring *measuring = context;
	struct json *json = NULL;
	const struct json_value *turn;
	const struct json_value *ms;
	size_t at = measuring->done;

	measuring->told = true;
	if (json_parse("turn", text, strlen(text), TIMELINE_BYTES_MAX, &json, NULL))
		return;
	turn = json_root(json);
	ms = json_get(turn, "ms");
	if (str_equal(json_text(json_get(turn, "decision"), ""), "act") &&
	    str_equal(json_text(json_get(turn, "reason"), ""), "NONE") &&
	    json_get(ms, "publish") && at < SAID_COUNT) {
		measuring->publish[at] = json_number(json_get(ms, "publish"), NAN);
		measuring->listen[at] = json_number(json_get(ms, "listen"), NAN);
		measuring->recognise[at] = json_number(json_get(ms, "recognise"), NAN);
		measuring->after[at] = measuring->publish[at] - measuring->listen[at];
		measuring->done++;
	} else {
		measuring->missed++;
	}
	json_destroy(json);
}

static void on_spoken(void *context)
{
	(void)context;
}

static enum err say_all(struct bench_house *house, struct measuring *measuring,
			struct utterances *utterances, struct talk *talk,
			struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < SAID_COUNT; i++) {
		const char *sentence = SENTENCES[i % STR_COUNT(SENTENCES)];
		struct audio_span sound;

		measuring->told = false;
		err = utterances_make(utterances, sentence, i, &sound, note);
		if (!err)
			err = talk_speak(talk, sound);
		if (!err)
			err = bench_house_wait(house,
					       TURN_WAIT_MS + audio_ms(sound.count),
					       &measuring->told, note);
		measuring->missed += !err && !measuring->told;
		if (!err)
			err = bench_house_wait(house, PAUSE_MS, NULL, note);
	}
	return err;
}

static void add_figures(struct bench_run *run, struct measuring *measuring)
{
	size_t count = measuring->done;

	bench_add(run, "requests", SAID_COUNT, 0, "spoken in real time");
	bench_add(run, "measured", (double)count, 0,
		  "woke, were understood and published");
	bench_add(run, "missed", (double)measuring->missed, 0,
		  "not woken or not understood");
	bench_add(run, "publish_p50_ms", bench_percentile(measuring->publish, count, 50),
		  1, "end of speech to publish");
	bench_add(run, "publish_p95_ms", bench_percentile(measuring->publish, count, 95),
		  1, "at most 500 asked for");
	bench_add(run, "endpoint_p50_ms", bench_percentile(measuring->listen, count, 50),
		  1, "end of speech to its decision");
	bench_add(run, "endpoint_p95_ms", bench_percentile(measuring->listen, count, 95),
		  1, "");
	bench_add(run, "after_endpoint_p50_ms",
		  bench_percentile(measuring->after, count, 50), 1,
		  "endpoint to publish");
	bench_add(run, "after_endpoint_p95_ms",
		  bench_percentile(measuring->after, count, 95), 1,
		  "at most 60 asked for");
	bench_add(run, "recognise_p95_ms",
		  bench_percentile(measuring->recognise, count, 95), 1,
		  "endpoint to words");
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct measuring measuring = {.told = false};
	struct talk_listener listener = {&measuring, on_turn, on_spoken};
	struct utterances *utterances = NULL;
	struct talk *talk = NULL;
	struct bench_house house;
	enum err err = bench_house_open(&house, note);

	if (!err)
		err = utterances_create("../shared/audio/wake/jarvis", "jarvis",
					&utterances, note);
	if (!err)
		err = talk_create(house.loop, house.pipe, house.paths.hub, &listener,
				  &talk);
	if (!err)
		err = bench_house_wait(&house, SETTLE_MS, NULL, note);
	if (!err)
		err = say_all(&house, &measuring, utterances, talk, note);
	if (!err)
		add_figures(run, &measuring);
	talk_destroy(talk);
	utterances_destroy(utterances);
	bench_house_close(&house);
	return err;
}

const struct bench bench_latency = {
	.name = "latency",
	.summary = "end of speech to publish, in real time, with a real broker",
	.run = run,
};
