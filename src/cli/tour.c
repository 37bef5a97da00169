/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tour: a table of requests with what must come of each.
 *
 * Believes nobody's word: a turn that says "done" counts only when the toy home's own
 * line says so too, and a refusal only when the device stayed as it was. A request that
 * was not heard is said again, as a person would, and that is counted. What binds the
 * house waits until this computer, paired for it, approves; where it is not paired the
 * refusal is what should come of it.
 */
#include "cli/tour.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/device.h"
#include "cli/talk.h"
#include "cli/terminal.h"
#include "cli/timeline.h"
#include "cli/utterance.h"

enum {
	DEVICES_MAX = 32,
	DEVICE_LINE_BYTES = 512,
	TURN_WAIT_MS = 20000,
	EFFECT_WAIT_MS = 3000,
	EFFECT_POLL_MS = 50,
	PAUSE_MS = 700, /* between two requests */
	READY_POLL_MS = 100,
	READY_WAIT_MS = 30000,
	TRIES_MAX = 3,
	REASON_BYTES = 160,
};

/* One request and what must come of it. */
struct tour_step {
	const char *says;    /* NULL: this computer approves what waits */
	const char *or_says; /* when it was misheard */
	const char *intent;
	const char *decision;
	const char *reason;
	const char *device; /* NULL: none is looked at */
	const char *key;    /* in the device's line; "a.b" for a part of an object */
	const char *is;     /* text or number as text */
};

/* Said so that the synthetic voice is well understood; people may say it shorter. */
static const struct tour_step steps[] = {
	{"tell me the time please", "could you tell me the time", "HassGetCurrentTime",
	 "act", "NONE", NULL, NULL, NULL},
	{"switch on the kitchen light", "please turn on the kitchen light", "HassTurnOn",
	 "act", "NONE", "kitchen light", "state", "ON"},
	{"set the kitchen light to thirty percent",
	 "dim the kitchen light to thirty percent", "HassLightSet", "act", "NONE",
	 "kitchen light", "brightness", "77"},
	{"set the color of the kitchen light to red", "change the kitchen light to red",
	 "HassLightSet", "act", "NONE", "kitchen light", "color.b", "0"},
	{"set the living room temperature to twenty one degrees",
	 "set the living room heating to twenty one degrees",

	 "HassClimateSetTemperature", "act", "NONE", "living room thermostat",
	 "temperature", "21"},
	{"please unlock the front door", "leave the front door unlocked", "BehestUnlock",
	 "hold", "NEEDS_TAP", "front door", "state", "LOCKED"},
	{"tell me why you did that", "tell me why you did that please", "BehestWhy",
	 "act", "NONE", NULL, NULL, NULL},
	{NULL, NULL, NULL, NULL, NULL, "front door", "state", "UNLOCKED"},
	{"switch off the kitchen light", "could you switch off the kitchen light",
	 "HassTurnOff", "act", "NONE", "kitchen light", "state", "OFF"},
};

struct device_line {
	char name[64];
	char line[DEVICE_LINE_BYTES];
};

struct tour {
	struct loop *loop;
	struct tour_listener listener;
	const struct paths *paths;
	struct device_link *device; /* NULL: this computer is not paired */
	struct notices notices;
	struct utterances *utterances;
	struct talk *talk;
	size_t step;
	unsigned tries;
	size_t clip;
	size_t good;
	size_t repeated;
	bool waits; /* for the turn of the request that was spoken */
	uint64_t timer;
	int64_t until_ms;
	size_t device_count;
	struct device_line devices[DEVICES_MAX];
};

static void after(struct tour *tour, int64_t ms, loop_timer_fn *fn)
{
	loop_cancel(tour->loop, tour->timer);
	must(loop_after(tour->loop, ms, fn, tour, &tour->timer) == OK);
}

static const char *style(enum terminal_style wanted)
{
	return terminal_style(terminal_colours(stdout), wanted);
}

/* The toy home's side. */

static struct device_line *device_line(struct tour *tour, const char *name)
{
	for (size_t i = 0; i < tour->device_count; i++) {
		if (str_equal(tour->devices[i].name, name))
			return &tour->devices[i];
	}
	if (tour->device_count == DEVICES_MAX)
		return NULL;
	return &tour->devices[tour->device_count++];
}

void tour_home_line(struct tour *tour, const char *line)
{
	struct json *json = NULL;
	struct device_line *device;
	const char *name;

	if (json_parse("toy-home", line, strlen(line), DEVICE_LINE_BYTES, &json, NULL))
		return;
	name = json_text(json_get(json_root(json), "device"), "");
	device = *name ? device_line(tour, name) : NULL;
	if (device) {
		(void)str_copy(device->name, sizeof(device->name), name);
		(void)str_copy(device->line, sizeof(device->line), line);
	}
	json_destroy(json);
}

static bool value_is(const struct json_value *value, const char *wanted)
{
	double number;

	if (json_is_text(value))
		return str_equal(json_text(value, ""), wanted);
	return json_is_number(value) && str_to_double(wanted, -1e9, 1e9, &number) &&
	       fabs(json_number(value, NAN) - number) < 0.01;
}

/* Does the device's newest line say what the step wants? */
static bool effect_is_there(struct tour *tour, const struct tour_step *step)
{
	const struct device_line *device = device_line(tour, step->device);
	struct json *json = NULL;
	const struct json_value *value;
	char key[32];
	char *dot;
	bool yes;

	if (!device || json_parse("toy-home", device->line, strlen(device->line),
				  DEVICE_LINE_BYTES, &json, NULL))
		return false;
	must(str_copy(key, sizeof(key), step->key));
	dot = strchr(key, '.');
	if (dot)
		*dot = '\0';
	value = json_get(json_root(json), key);
	if (dot)
		value = json_get(value, dot + 1);
	yes = value_is(value, step->is);
	json_destroy(json);
	return yes;
}

/* The order of things: speak (or approve), wait for the turn, look at the device, next. */

static void speak(void *context);
static void approve(struct tour *tour);

static bool approves(const struct tour_step *step)
{
	return step->says == NULL;
}

/* What a request of class C comes to without anybody who could approve it. */
static bool is_refused_instead(const struct tour *tour, const struct tour_step *step,
			       const char *decision, const char *reason)
{
	return !tour->device && str_equal(step->decision, "hold") &&
	       str_equal(decision, "refuse") && str_equal(reason, "NO_APPROVER");
}

static void finish(struct tour *tour)
{
	size_t count = STR_COUNT(steps) - (tour->device ? 0 : 1);
	bool all = tour->good == count;

	printf("%s%zu of %zu steps did what they said%s",
	       style(all ? STYLE_GOOD : STYLE_BAD), tour->good, count,
	       style(STYLE_PLAIN));
	if (tour->repeated)
		printf("; %zu had to be said again", tour->repeated);
	puts(".");
	fflush(stdout);
	tour->listener.over(tour->listener.context, all);
}

static void next(void *context)
{
	struct tour *tour = context;

	tour->timer = 0;
	tour->tries = 0;
	tour->step++;
	if (tour->step < STR_COUNT(steps) && approves(&steps[tour->step]) &&
	    !tour->device)
		tour->step++;
	if (tour->step == STR_COUNT(steps))
		finish(tour);
	else if (approves(&steps[tour->step]))
		approve(tour);
	else
		speak(tour);
}

static void conclude(struct tour *tour, const char *wrong)
{
	if (!wrong) {
		tour->good++;
		printf("  %-12s%sas it should%s\n\n", "result", style(STYLE_GOOD),
		       style(STYLE_PLAIN));
	} else {
		printf("  %-12s%sNOT as it should: %s%s\n\n", "result", style(STYLE_BAD),
		       wrong, style(STYLE_PLAIN));
	}
	fflush(stdout);
	after(tour, PAUSE_MS, next);
}

static void again_or_fail(struct tour *tour, const char *wrong)
{
	if (++tour->tries == TRIES_MAX) {
		conclude(tour, wrong);
		return;
	}
	tour->repeated++;
	tour->clip++;
	printf("  %-12s%s; said again\n\n", "result", wrong);
	fflush(stdout);
	after(tour, PAUSE_MS, speak);
}

static void look_at_device(void *context)
{
	struct tour *tour = context;
	const struct tour_step *step = &steps[tour->step];
	char words[REASON_BYTES];

	tour->timer = 0;
	if (effect_is_there(tour, step)) {
		printf("  %-12sthe %s itself says %s = %s\n", "seen", step->device,
		       step->key, step->is);
		conclude(tour, NULL);
		return;
	}
	if (loop_now_ms() < tour->until_ms) {
		after(tour, EFFECT_POLL_MS, look_at_device);
		return;
	}
	(void)str_format(words, sizeof(words), "the %s does not say %s = %s",
			 step->device, step->key, step->is);
	conclude(tour, words);
}

/* Was it misheard, or heard and decided otherwise? */
static bool misheard(const char *reason)
{
	static const char *const reasons[] = {"LOW_CONFIDENCE", "NOT_ADDRESSED",
					      "NO_MATCH", "NOTHING_HEARD",
					      "UNEXPLAINED_WORDS"};

	for (size_t i = 0; i < STR_COUNT(reasons); i++) {
		if (str_equal(reason, reasons[i]))
			return true;
	}
	return false;
}

static void judge(struct tour *tour, const struct json_value *turn)
{
	const struct tour_step *step = &steps[tour->step];
	const char *intent = json_text(json_get(turn, "intent"), "");
	const char *decision = json_text(json_get(turn, "decision"), "");
	const char *reason = json_text(json_get(turn, "reason"), "");
	char words[REASON_BYTES];

	if (misheard(reason)) {
		again_or_fail(tour, "misheard");
	} else if (!str_equal(intent, step->intent) ||
		   (!is_refused_instead(tour, step, decision, reason) &&
		    (!str_equal(decision, step->decision) ||
		     !str_equal(reason, step->reason)))) {
		(void)str_format(words, sizeof(words), "expected %s, %s %s", step->intent,
				 step->decision, step->reason);
		conclude(tour, words);
	} else if (step->device) {
		tour->until_ms = loop_now_ms() + EFFECT_WAIT_MS;
		look_at_device(tour);
	} else {
		conclude(tour, NULL);
	}
}

/* All that came meanwhile; the newest unlocking that waits is what was just asked for, and
 * nothing else is approved. */
static enum err newest_unlocking(struct tour *tour, const struct notice **out_notice,
				 struct err_note *note)
{
	enum err err = OK;

	while (!err)
		err = device_receive(tour->device, 0, note);
	if (err != ERR_TIMEOUT)
		return err;
	for (size_t i = tour->notices.count; i > 0; i--) {
		*out_notice = &tour->notices.list[i - 1];
		if ((*out_notice)->action.kind == ACTION_UNLOCK)
			return OK;
	}
	return err_say(ERR_MISSING, note, "no unlocking waits for approval");
}

static void approve(struct tour *tour)
{
	const struct notice *notice = NULL;
	struct err_note note = {""};
	char words[NOTICE_WORDS_BYTES];
	enum err err = newest_unlocking(tour, &notice, &note);

	if (!err) {
		notice_words(notice, words);
		printf("%sbehest approve%s  %s\n", style(STYLE_BOLD), style(STYLE_PLAIN),
		       words);
		err = device_give(tour->device, notice, APPROVAL_APPROVE, NULL, &note);
	}
	if (err) {
		conclude(tour, note.text[0] ? note.text : err_words(err));
		return;
	}
	tour->until_ms = loop_now_ms() + EFFECT_WAIT_MS;
	look_at_device(tour);
}

static void on_turn(void *context, const char *text)
{
	struct tour *tour = context;
	struct json *json = NULL;
	struct err_note note = {""};

	if (!tour->waits)
		return;
	tour->waits = false;
	loop_cancel(tour->loop, tour->timer);
	if (timeline_print(text, strlen(text), &note) ||
	    json_parse("turn", text, strlen(text), TIMELINE_BYTES_MAX, &json, &note)) {
		conclude(tour, note.text);
		return;
	}
	judge(tour, json_root(json));
	json_destroy(json);
}

static void not_heard(void *context)
{
	struct tour *tour = context;

	tour->timer = 0;
	tour->waits = false;
	again_or_fail(tour, "the name was not heard");
}

static void on_spoken(void *context)
{
	struct tour *tour = context;

	if (tour->waits)
		after(tour, TURN_WAIT_MS, not_heard);
}

static void speak(void *context)
{
	struct tour *tour = context;
	const struct tour_step *step = &steps[tour->step];
	const char *says = tour->tries % 2 ? step->or_says : step->says;
	struct err_note note = {""};
	struct audio_span sound;
	enum err err;

	tour->timer = 0;
	printf("%s\"%s\"%s\n", style(STYLE_BOLD), says, style(STYLE_PLAIN));
	fflush(stdout);
	err = utterances_make(tour->utterances, says, tour->clip, &sound, &note);
	if (!err)
		err = talk_speak(tour->talk, sound);
	tour->clip++;
	tour->waits = !err;
	if (err)
		conclude(tour, note.text[0] ? note.text : err_words(err));
	else
		after(tour, TURN_WAIT_MS + (int64_t)audio_ms(sound.count) * 2, not_heard);
}

/* The devices announce themselves and the hub learns their names in the first moments. */
static void wait_until_ready(void *context)
{
	struct tour *tour = context;

	tour->timer = 0;
	if (talk_watches(tour->talk) && tour->device_count > 0)
		after(tour, PAUSE_MS, speak);
	else if (loop_now_ms() > tour->until_ms)
		finish(tour);
	else
		after(tour, READY_POLL_MS, wait_until_ready);
}

void tour_begin(struct tour *tour)
{
	static const struct device_listener silent;
	size_t clips = utterances_clips(tour->utterances);
	struct err_note note = {""};

	if (device_open(tour->paths, &tour->notices, &silent, &tour->device, &note))
		tour->device = NULL;
	if (clips)
		printf("Speaking %zu requests into the microphone's path: the name from %zu "
		       "recordings of people, the rest by flite.\n\n",
		       STR_COUNT(steps) - 1, clips);
	else
		printf("Speaking %zu requests into the microphone's path, by flite.\n\n",
		       STR_COUNT(steps) - 1);
	fflush(stdout);
	tour->until_ms = loop_now_ms() + READY_WAIT_MS;
	wait_until_ready(tour);
}

enum err tour_create(struct loop *loop, const struct paths *paths, const char *pipe,
		     const char *word, const struct tour_listener *listener,
		     struct tour **out_tour, struct err_note *note)
{
	struct tour *tour = calloc(1, sizeof(*tour));
	struct talk_listener talk = {.context = tour,
				     .turn = on_turn,
				     .spoken = on_spoken};
	char clips[FILE_PATH_BYTES];
	enum err err = ERR_MEMORY;

	if (!tour)
		goto out;
	tour->loop = loop;
	tour->paths = paths;
	tour->listener = *listener;
	err = ERR_LIMIT;
	if (!file_join(clips, sizeof(clips), "../shared/audio/wake", word))
		goto out;
	err = utterances_create(clips, word, &tour->utterances, note);
	if (!err)
		err = talk_create(loop, pipe, paths->hub, &talk, &tour->talk);
	if (err)
		goto out;
	*out_tour = tour;
	tour = NULL;
out:
	tour_destroy(tour);
	return err;
}

void tour_destroy(struct tour *tour)
{
	if (!tour)
		return;
	loop_cancel(tour->loop, tour->timer);
	device_close(tour->device);
	talk_destroy(tour->talk);
	utterances_destroy(tour->utterances);
	free(tour);
}
