/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wake: the name that the house listens for. Finds the verb, checks that it knows
 * the options that were given and got those that it needs, and runs it.
 */
#include "base/must.h"
#include "base/str.h"
#include "cli/wake_verb.h"
#include "train/train.h"

/* Every option of every verb, in alphabetical order. */
static const struct option options[] = {
	{.name = "augment",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "train: lives of each clip (default: 15)",
	 .smallest = 1,
	 .largest = TRAIN_COPIES_MAX},
	{.name = "calibrate",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR",
	 .words = "train: sound without the name that only sets the thresholds"},
	{.name = "device",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "enroll: the microphone, as ALSA names it (default: default)"},
	{.name = "from",
	 .kind = OPTION_FOLDER,
	 .argument = "DIR",
	 .words = "enroll: utterances from files instead of the microphone"},
	{.name = "jobs",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "train, test: threads (default: one for each processor)",
	 .smallest = 1,
	 .largest = OUTSIDE_JOBS_MAX},
	COMMAND_OPTION_JSON,
	{.name = "licence",
	 .kind = OPTION_TEXT,
	 .argument = "TEXT",
	 .words = "train: a line about its data for the data sheet"},
	{.name = "model",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "a head of one's own instead of the one that comes along"},
	{.name = "negative",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR",
	 .words = "train, test: sound without the name; DIR, LABEL=DIR, or @FILE with a "
		  "path on each line"},
	{.name = "nets",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "train: nets whose scores are averaged (default: 3)",
	 .smallest = 1,
	 .largest = HEAD_NETS_MAX},
	{.name = "noise",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR|FILE",
	 .words = "train: folders of noises to lay under the name; test: one sound"},
	{.name = "out",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "train, enroll: the head to write; its data sheet lies beside it"},
	{.name = "per-hour",
	 .kind = OPTION_TEXT,
	 .argument = "RATE",
	 .words = "train: false accepts an hour that the threshold aims below (default: "
		  "0.5)"},
	{.name = "positive",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR",
	 .words = "train, test: clips that each hold the name once"},
	{.name = "seed",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "train: luck that can be repeated (default: 1)",
	 .smallest = 0,
	 .largest = INT64_MAX},
	{.name = "snr",
	 .kind = OPTION_NUMBER,
	 .argument = "DB",
	 .words = "test: the clips over the noise (default: 10)",
	 .smallest = -20,
	 .largest = 60},
	{.name = "steps",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "train: how long each net learns (default: 3000)",
	 .smallest = 1,
	 .largest = TEACH_STEPS_MAX},
	{.name = "validate",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "DIR",
	 .words = "train: clips of the name that are never learned from"},
	{.name = "word",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "the name, for instance \"jarvis\""},
};

static const struct wake_verb *const verbs[] = {
	&wake_verb_enroll,
	&wake_verb_score,
	&wake_verb_test,
	&wake_verb_train,
};

static const struct wake_verb *find(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(verbs); i++) {
		if (str_equal(verbs[i]->name, name))
			return verbs[i];
	}
	return NULL;
}

static bool is_among(const char *const names[WAKE_VERB_OPTIONS_MAX], const char *name)
{
	for (size_t i = 0; i < WAKE_VERB_OPTIONS_MAX && names[i]; i++) {
		if (str_equal(names[i], name))
			return true;
	}
	return false;
}

static enum cli_exit check(const struct wake_verb *verb, const struct args *args)
{
	const size_t count = args->rest_count - 1;

	for (size_t i = 0; i < STR_COUNT(options); i++) {
		if (args_count(args, options[i].name) > 0 &&
		    !is_among(verb->takes, options[i].name))
			return command_fail(CLI_USAGE, "%s: it knows no --%s", verb->name,
					    options[i].name);
	}
	for (size_t i = 0; i < WAKE_VERB_OPTIONS_MAX && verb->needs[i]; i++) {
		must(is_among(verb->takes, verb->needs[i]));
		if (args_count(args, verb->needs[i]) == 0)
			return command_fail(CLI_USAGE, "%s: expected --%s", verb->name,
					    verb->needs[i]);
	}
	if (count < verb->rest_min)
		return command_fail(CLI_USAGE, "%s: expected %s", verb->name,
				    verb->operands);
	if (count > verb->rest_max)
		return command_fail(CLI_USAGE, "%s: unexpected word \"%.60s\"",
				    verb->name, args->rest[verb->rest_max + 1]);
	return CLI_DONE;
}

static enum cli_exit run(const struct args *args)
{
	const struct wake_verb *verb = find(args->rest[0]);
	enum cli_exit status;

	if (!verb)
		return command_fail(CLI_USAGE,
				    "\"%.40s\": expected one of the verbs; "
				    "see: behest help wake",
				    args->rest[0]);
	status = check(verb, args);
	return status ? status : verb->run(args, args->rest + 1, args->rest_count - 1);
}

const struct command command_wake = {
	.name = "wake",
	.summary = "train and try the name that the house listens for",
	.operands = "enroll|score|test|train [OPTION]... [AUDIO]...",
	.words =
		"enroll: adapts a head to how a household says the name, from five utterances. "
		"score: where in the files the name is heard, and how surely. test: how often "
		"a head misses its name and wakes without it. train: makes a head from folders "
		"of clips with the name and of other sound.",
	.choices = "enroll|score|test|train",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_min = 1,
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
