/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_study - floors chosen on one half of the sounds, and both halves sorted so
 * that any floor can be judged: what the table and the picture of `behest calibrate` and
 * the figures of `behest bench reject` are made of. Pure but for memory.
 */
#ifndef CLI_CALIBRATION_STUDY_H
#define CLI_CALIBRATION_STUDY_H

#include "cli/calibration.h"

enum {
	STUDY_CLASSES = CLASS_C + 2, /* addressed at all, A, B, C */
	STUDY_GROUPS_MAX = (CALIBRATION_LENGTHS_MAX + 1) * STUDY_CLASSES,
	STUDY_LIMITS_MAX = 16,
};

/* How many of the sounds that hold no command may pass, in percent. */
struct study_limits {
	double percent; /* where no label fits */
	size_t count;
	struct study_limit {
		char label
			[CALIBRATION_NAME_BYTES]; /* of a condition or a kind of sound */
		double percent;
	} by_label[STUDY_LIMITS_MAX];
};

/* The condition's own limit, else that of the kind of sound ("prompts" is also that of
 * "prompts to en"), else the common one. */
double study_limit(const struct study_limits *limits,
		   const struct calibration_series *series);

struct study_part {
	struct calibration_values tune;
	struct calibration_values test;
};

/* One length of speech, or any, and one class, or any. Of any length values are what lies
 * above the shipped floor of their length, and floors are steps on all of these. */
struct study_group {
	size_t length; /* or CALIBRATION_ANY */
	int class_of;  /* or CALIBRATION_CLASS_NONE */
	double shipped;
	double suggested;
	struct study_part parts[CALIBRATION_SERIES_MAX];
};

struct study {
	const struct calibration *of; /* borrowed */
	struct study_limits limits;
	struct calibration_lengths lengths;
	size_t group_count; /* by class, then length; any length behind the others */
	struct study_group groups[STUDY_GROUPS_MAX];
	struct calibration_floors suggested[STUDY_CLASSES];       /* [class + 1] */
	struct study_part with_suggested[CALIBRATION_SERIES_MAX]; /* above the suggested
								   * floors of being
								   * addressed */
};

MUST_CHECK enum err study_create(const struct calibration *calibration,
				 const struct study_limits *limits,
				 struct study **out_study);
void study_destroy(struct study *study); /* NULL is fine */

const struct study_group *study_find(const struct study *study, size_t length,
				     int class_of);
/* True when any sound fell into it. */
bool study_has(const struct study *study, const struct study_group *group);

/* "up to 0.40 s", "0.41 to 0.80 s", "over 1.30 s", "any length". */
enum { STUDY_LENGTH_BYTES = 48 };
void study_length_words(const struct study *study, size_t length,
			char words[STUDY_LENGTH_BYTES]);

/* The series that is the first of its condition, and the next such; SIZE_MAX behind the
 * last. Start with SIZE_MAX. */
size_t study_next_condition(const struct study *study, size_t series);

#endif
