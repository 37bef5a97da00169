/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_understand_tests - the tests that come along in a bundle of sentences.
 *
 *   "tests": [{"intent", "entities", "areas", "floors", "context_area": BOOL,
 *              "inferred_domains": [...], "groups": [{"sentences", "slots"?}]}]
 *
 * entities, areas and floors as in home_file. A sentence is right when intent and slots
 * are the expected ones. Beside those it may have the speaker's area where context_area
 * is true, and one of the inferred domains.
 */
#ifndef CLI_BENCH_UNDERSTAND_TESTS_H
#define CLI_BENCH_UNDERSTAND_TESTS_H

#include "cli/bench.h"
#include "understand/understand.h"

/* Adds figures for the --sentences files that have tests; none where none has. Each
 * sentence that came out wrong is named with --verbose. */
MUST_CHECK enum err bench_understand_tests(struct bench_run *run,
					   const struct sentences *sentences,
					   struct err_note *note);

#endif
