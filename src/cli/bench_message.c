/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long somebody speaks, and is spoken to, for one voice message: from the request to
 * the answer to the phrase, without and with the question to whom.
 *
 * What the house says is what the dialogue's table and the phrasebook make of these steps;
 * all of it is spoken by our own voice, and its sound is counted. Pauses, and what the
 * recogniser takes, are none of it: see bench latency. Of the message itself one sentence
 * counts.
 */
#include <string.h>

#include "adapter/phrasebook_file.h"
#include "adapter/voice_flite.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "domain/dialogue.h"
#include "domain/policy.h"
#include "domain/settings.h"

enum { LIMIT_S = 30, WORDS_BYTES = 256 };

static const double HZ = AUDIO_HZ;
static const char MEMO[] = "The train is late. Please begin without me.";

/* Names as people have them; the one that takes longest to say counts. */
static const char *const NAMES[] = {
	"Anna Keller",           "Alice Miller",         "Theodore Baker",
	"Grandmother Elisabeth", "Alexandra Montgomery", "Doctor Sebastian Hollingsworth",
};

/* A step: what the person says, with {name} and {wake}, and what that is to the table. */
struct step {
	const char *says;
	enum dialogue_event event;
};

static const struct way {
	const char *name;
	struct step steps[5]; /* up to says NULL */
} WAYS[] = {
	{"",
	 {{"%wake%, send a message to %name%.", DIALOGUE_NAMED},
	  {MEMO, DIALOGUE_SPOKEN_VOICE},
	  {"%wake%, send it to %name%.", DIALOGUE_PHRASE}}},
	{"asked_",
	 {{"%wake%, send a message.", DIALOGUE_NOBODY},
	  {"%name%.", DIALOGUE_NAMED},
	  {MEMO, DIALOGUE_SPOKEN_VOICE},
	  {"%wake%, send it to %name%.", DIALOGUE_PHRASE}}},
};

struct work {
	struct settings settings;
	struct phrasebook *phrasebook;
	struct voice voice;
	const char *name;
};

struct seconds {
	double person;
	double prompts;
};

static enum err seconds_of(struct work *work, const char *words, double *out_seconds)
{
	struct audio_span sound = {0};
	const enum err err = voice_speak(&work->voice, words, &sound);

	*out_seconds = err ? 0.0 : (double)sound.count / HZ;
	return err;
}

static enum err find_longest_name(struct work *work)
{
	double longest = 0.0;
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(NAMES); i++) {
		double seconds;

		err = seconds_of(work, NAMES[i], &seconds);
		if (seconds > longest)
			work->name = NAMES[i];
		longest = seconds > longest ? seconds : longest;
	}
	return err;
}

static void fill_in(const struct work *work, const char *words, char to[WORDS_BYTES])
{
	static const char wake[] = "%wake%";
	static const char name[] = "%name%";

	to[0] = '\0';
	while (*words) {
		if (str_starts(words, wake)) {
			must(str_append(to, WORDS_BYTES, "%s", work->settings.wake_word));
			words += strlen(wake);
		} else if (str_starts(words, name)) {
			must(str_append(to, WORDS_BYTES, "%s", work->name));
			words += strlen(name);
		} else {
			must(str_append(to, WORDS_BYTES, "%c", *words++));
		}
	}
}

static void fill_saying(const struct work *work, struct saying *saying)
{
	for (size_t i = 0; saying_slot_at(saying->key, i) != SLOT_NONE; i++) {
		const enum saying_slot slot = saying_slot_at(saying->key, i);

		if (slot == SLOT_NAME)
			saying_set_text(saying, slot, work->name);
		else if (slot == SLOT_WAKE)
			saying_set_text(saying, slot, work->settings.wake_word);
		else
			saying_set_number(saying, slot, POLICY_HOLD_S);
	}
}

/* What the house answers in that step. */
static enum err answer(struct work *work, struct dialogue *dialogue,
		       enum dialogue_event event, double *out_seconds)
{
	char words[SAYING_SPOKEN_BYTES];
	struct dialogue_went went;
	struct saying saying;

	must(str_copy(dialogue->name, sizeof(dialogue->name), work->name));
	must(dialogue_go(dialogue, event, &went));
	saying = saying_make(went.says);
	fill_saying(work, &saying);
	phrasebook_say(work->phrasebook, &saying, words);
	return seconds_of(work, words, out_seconds);
}

static enum err go(struct work *work, const struct way *way, struct seconds *sum)
{
	struct dialogue dialogue = {.step = DIALOGUE_NONE};
	enum err err = OK;

	for (const struct step *step = way->steps; !err && step->says; step++) {
		char words[WORDS_BYTES];
		double person = 0.0;
		double prompt = 0.0;

		fill_in(work, step->says, words);
		err = seconds_of(work, words, &person);
		if (!err)
			err = answer(work, &dialogue, step->event, &prompt);
		sum->person += person;
		sum->prompts += prompt;
	}
	must(err || dialogue.step == DIALOGUE_NONE); /* it is held */
	return err;
}

static void add(struct bench_run *run, const struct way *way, const char *what,
		double value, const char *words)
{
	char name[BENCH_NAME_BYTES];

	must(str_format(name, sizeof(name), "%s%s", way->name, what));
	bench_add(run, name, value, 1, words);
}

static enum err measure(struct bench_run *run, struct work *work, struct err_note *note)
{
	enum err err = find_longest_name(work);

	for (size_t i = 0; !err && i < STR_COUNT(WAYS); i++) {
		struct seconds sum = {0};

		err = go(work, &WAYS[i], &sum);
		if (err)
			break;
		add(run, &WAYS[i], "speaking_s", sum.person, "of the person's words");
		add(run, &WAYS[i], "prompts_s", sum.prompts, "of ours");
		add(run, &WAYS[i], "all_s", sum.person + sum.prompts, work->name);
		run->failed = run->failed || sum.person + sum.prompts >= LIMIT_S;
	}
	if (err)
		return err_say(err, note, "the voice failed: %s", err_words(err));
	bench_add(run, "limit_s", LIMIT_S, 0, "for all of it");
	return OK;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work work = {.name = ""};
	enum err err;

	settings_init(&work.settings);
	err = phrasebook_file_open(work.settings.house_language, &work.phrasebook, note);
	if (!err)
		err = voice_flite_create(&work.voice);
	if (!err)
		err = measure(run, &work, note);
	if (work.voice.ops)
		voice_close(&work.voice);
	phrasebook_destroy(work.phrasebook);
	return err;
}

const struct bench bench_message = {
	.name = "message",
	.summary = "how long one speaks, and is spoken to, for one voice message",
	.run = run,
};
