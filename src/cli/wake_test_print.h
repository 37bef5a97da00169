/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_test_print - the answer of `behest wake test`, for programs and for people.
 */
#ifndef CLI_WAKE_TEST_PRINT_H
#define CLI_WAKE_TEST_PRINT_H

#include "cli/wake_trial.h"

struct wake_test {
	const struct head_info *info;
	const struct listing *positive;
	const struct listing *negative;
	const struct wake_heard *names;  /* of positive */
	const struct wake_heard *others; /* of negative */
	bool has_noise;
	double snr_db;
};

/* One line. ERR_LIMIT: too much to say. */
MUST_CHECK enum err wake_test_json(const struct wake_test *test);
void wake_test_words(const struct wake_test *test);

#endif
