/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration - which words were right, which should not have been heard at all, and at
 * what ratio: the rows that floors (decide/floor) are chosen from, and the choosing.
 *
 * Pure but for memory. Files fall into two halves by their names, always the same: floors
 * are chosen on one and judged on the other. One thread.
 */
#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/action.h"

enum {
	CALIBRATION_ROWS_MAX = 500000,
	CALIBRATION_TEXT_BYTES_MAX = 256 * 1024 * 1024,
	CALIBRATION_NAME_BYTES = 64,
	CALIBRATION_LENGTHS_MAX = 12,
	CALIBRATION_SERIES_MAX = 64,
	CALIBRATION_CLASS_NONE = -1, /* nothing that the house can do */
};

/* One sentence that was heard, or nothing heard in one sound. */
struct calibration_row {
	const char *file;  /* without folders; its half hangs on it */
	const char *words; /* "" nothing */
	char condition[CALIBRATION_NAME_BYTES]; /* "clean" */
	char source[CALIBRATION_NAME_BYTES];    /* what kind of sound it was */
	bool command;                           /* the sound holds one of the sentences */
	bool right;                             /* and that is what was heard */
	double ratio;
	uint32_t speech_frames;
	uint32_t word_count;
	int class_of; /* enum action_class, or CALIBRATION_CLASS_NONE */
};

/* A kind of sound in a condition. */
struct calibration_series {
	char condition[CALIBRATION_NAME_BYTES];
	char source[CALIBRATION_NAME_BYTES];
	bool command;
};

struct calibration {
	struct calibration_row *rows; /* owned */
	size_t count;
	size_t room;
	struct arena *texts; /* of the rows */
	size_t series_count;
	struct calibration_series series[CALIBRATION_SERIES_MAX]; /* as they came */
};

/* Copies the row with its texts. ERR_LIMIT with a note: too many rows or series. */
MUST_CHECK enum err calibration_add(struct calibration *calibration,
				    const struct calibration_row *row,
				    struct err_note *note);
void calibration_finish(struct calibration *calibration); /* zeroed is fine */

/* True: of the half that floors are chosen on. */
bool calibration_tunes(const char *file);

/* The lengths of speech that the shipped floors tell apart, found by asking them: up to
 * that many 10 ms frames; the last is UINT32_MAX. */
struct calibration_lengths {
	size_t count;
	uint32_t frames_max[CALIBRATION_LENGTHS_MAX];
};
void calibration_lengths(struct calibration_lengths *out_lengths);
size_t calibration_length_of(const struct calibration_lengths *lengths, uint32_t frames);

/* Floors by length. */
struct calibration_floors {
	double at[CALIBRATION_LENGTHS_MAX];
};
/* Those shipped, of a class or (CALIBRATION_CLASS_NONE) of being addressed at all. */
void calibration_shipped(const struct calibration_lengths *lengths, int class_of,
			 struct calibration_floors *out_floors);

#define CALIBRATION_ANY SIZE_MAX

/* Which rows. Of commands only those that were heard right. */
struct calibration_wanted {
	size_t series;
	bool tune;     /* the half that floors are chosen on; else the other */
	size_t length; /* or CALIBRATION_ANY */
	int class_of;  /* or CALIBRATION_CLASS_NONE: all, also with nothing heard */
	const struct calibration_floors *above; /* values are over these; NULL: over 0 */
};

/* Ratios, lowest first; -INFINITY where nothing was heard. */
struct calibration_values {
	double *values; /* owned */
	size_t count;
};
MUST_CHECK enum err calibration_pick(const struct calibration *calibration,
				     const struct calibration_lengths *lengths,
				     const struct calibration_wanted *wanted,
				     struct calibration_values *out_values);
void calibration_values_finish(struct calibration_values *values); /* zeroed is fine */

/* How many are believed at that floor. */
size_t calibration_passed(const struct calibration_values *values, double least);

enum { CALIBRATION_STEPS_PER_UNIT = 2 }; /* floors are tried in steps of a half */
#define CALIBRATION_LOWEST (-45.0)
#define CALIBRATION_HIGHEST 5.0

/* The lowest floor in steps at which at most that share (0..1) passes; one that nothing
 * passes where there are too few to let one pass. -INFINITY for no values. */
double calibration_floor(const struct calibration_values *others, double share);

/* The highest floor in steps that loses none of them. INFINITY for no values. */
double calibration_keeps_all(const struct calibration_values *right);

/* What to take: as low as the needed one lets it be, and not lower than what loses none.
 * Where nothing is known to lose (keeps_all INFINITY) or to let pass (needed -INFINITY),
 * what is shipped is not lowered. */
double calibration_suggest(double needed, double keeps_all, double shipped);

#endif
