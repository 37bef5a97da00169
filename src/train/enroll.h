/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll - a finished head learns how a household says its name, from a few utterances.
 *
 * Every net is taught a little further on changed lives of the utterances against the
 * head's bank of other sound, and pulled back to where it was. Then all are lowered by as
 * much as the bank's loudest windows rose, so that the thresholds mean what they meant.
 */
#ifndef TRAIN_ENROLL_H
#define TRAIN_ENROLL_H

#include "listen/head_file.h"
#include "train/examples.h"
#include "train/outside.h"

enum {
	ENROLL_UTTERANCES_MIN = 3,
	ENROLL_UTTERANCES = 5,
	ENROLL_UTTERANCES_MAX = 50,
};

struct enroll_report {
	size_t utterances;
	size_t sure_before; /* of the utterances as they were spoken */
	size_t sure_after;
	double mean_before; /* score */
	double mean_after;
	double lowered; /* logit that was taken off again */
};

/* Changes head->weights in place, or leaves them as they were: after an error, and when
 * the utterances would score no higher (mean_after is mean_before). bank: count windows. */
MUST_CHECK enum err enroll_run(const struct outside *outside,
			       const struct examples *examples, const float *bank,
			       size_t bank_count, uint64_t seed, struct head_file *head,
			       struct enroll_report *out_report, struct err_note *note);

#endif
