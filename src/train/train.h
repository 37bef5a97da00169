/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train - from folders of sound to a head and what must be said about it.
 *
 * The same settings, files and kind of processor give the same bytes, whatever the number
 * of threads.
 */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "listen/head_file.h"
#include "train/calibrate.h"
#include "train/listing.h"
#include "train/outside.h"
#include "train/teach.h"

enum {
	TRAIN_COPIES_MAX = 200,
	TRAIN_PASSES_MAX = 20,
	TRAIN_CURVE = 9,
	TRAIN_HELD_COPIES = 6, /* the first is as it was spoken */
	TRAIN_BANK_WINDOWS = 128,
	TRAIN_LICENCE_BYTES = 256,
};

struct train_settings {
	const char *name;
	struct listing positive;
	struct listing negative;
	struct listing noise;     /* may be empty */
	struct listing calibrate; /* empty: some of negative is kept for it */
	struct listing validate;  /* empty: some of positive is kept for it */
	uint64_t seed;
	uint32_t nets;
	uint32_t hidden;
	uint32_t smooth;
	size_t steps;
	size_t copies; /* lives of each clip of the name */
	size_t passes; /* over the other sound; the first is unchanged */
	size_t mining; /* rounds */
	double sure_per_hour;
	double doubtful_per_hour;
	const char *licence; /* one line for the sheet, or NULL */
};

/* Everything as it is without being asked for; the listings stay empty. */
void train_settings_init(struct train_settings *settings);
void train_settings_finish(struct train_settings *settings);

struct train_point {
	double threshold;
	size_t events; /* of the calibration sound */
	size_t missed_clean;
	size_t missed_changed;
};

struct train_report {
	size_t clips; /* of the name, usable */
	size_t clips_left_out;
	size_t clips_suspicious;
	size_t clips_held;
	size_t takes;
	double other_hours;
	size_t other_left_out;
	double held_hours;
	double calibrate_hours;
	bool calibrate_own; /* from sound of its own, not from the negatives' */
	bool validate_own;
	size_t names_clean; /* takes behind missed_clean, and so on */
	size_t names_changed;
	struct train_point curve[TRAIN_CURVE];
	struct train_point sure;
	struct train_point doubtful;
	double sure_expected; /* per hour, by the tail */
	struct teach_result nets[HEAD_NETS_MAX];
};

struct trained {
	struct head_file head; /* owned weights */
	float *bank;           /* owned: windows that are easily taken for the name */
	size_t bank_count;
	struct train_report report;
};

/* ERR_MISSING: too little sound; ERR_FORMAT: clips that do not sound alike; ERR_MEMORY,
 * ERR_LIMIT. The note is one line that names the place. */
MUST_CHECK enum err train_run(const struct outside *outside,
			      const struct train_settings *settings,
			      struct trained *out_trained, struct err_note *note);
void trained_finish(struct trained *trained); /* zeroed is fine */

#endif
