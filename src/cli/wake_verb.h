/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_verb - the verbs of `behest wake`: one file each (wake_<verb>.c), listed in
 * cmd_wake.c, which also holds the options of all of them.
 */
#ifndef CLI_WAKE_VERB_H
#define CLI_WAKE_VERB_H

#include "cli/command.h"

enum { WAKE_VERB_OPTIONS_MAX = 20 };

struct wake_verb {
	const char *name;
	const char *operands; /* behind the verb: "AUDIO..."; "" none */
	const char *takes[WAKE_VERB_OPTIONS_MAX]; /* names of the options it knows */
	const char *needs[WAKE_VERB_OPTIONS_MAX]; /* those that must be given */
	size_t rest_min;                          /* operands behind the verb */
	size_t rest_max;
	/* rest[0..count) are the operands behind the verb. */
	enum cli_exit (*run)(const struct args *args, const char *const *rest,
			     size_t count);
};

extern const struct wake_verb wake_verb_enroll;
extern const struct wake_verb wake_verb_score;
extern const struct wake_verb wake_verb_test;
extern const struct wake_verb wake_verb_train;

#endif
