/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_trial - a head hears files with the detector that a room runs, first stage and
 * second: clips that hold its name, and sound that does not.
 *
 * Each file is a stream of its own with silence before and after it. Clips of the name may
 * be heard in noise: mean power of the clip over mean power of the noise, from a place in
 * it that the clip's file name decides.
 */
#ifndef CLI_WAKE_TRIAL_H
#define CLI_WAKE_TRIAL_H

#include "cli/wake_outside.h"
#include "listen/head.h"
#include "train/sound.h"

enum { WAKE_ACCEPTS_MAX = 64 /* of one file that are kept with their places */ };

struct wake_accept {
	int64_t end_ms;
	double score;
	bool sure;
	bool passed;  /* doubtful, and believed by the second stage */
	double ratio; /* the second stage's, 0 where it was not asked */
};

struct wake_heard {
	size_t sure;
	size_t doubtful;
	size_t passed;
	double seconds;
	double max_score;
	size_t count;
	struct wake_accept *accepts; /* owned, WAKE_ACCEPTS_MAX, or NULL */
	struct err_note complaint;   /* why it could not be heard; "" it was */
};

struct wake_noise {
	struct sound sound; /* empty: none */
	double snr_db;
};

struct wake_trial;

/* outside is borrowed. As head_open; ERR_LIMIT: memory may not be locked. */
MUST_CHECK enum err wake_trial_open(struct wake_outside *outside, const char *head_path,
				    struct wake_trial **out_trial, struct err_note *note);
void wake_trial_close(struct wake_trial *trial); /* NULL is fine */
const struct head_info *wake_trial_info(const struct wake_trial *trial);

/* path NULL: no noise. Finished also after failure. */
MUST_CHECK enum err wake_noise_read(const struct wake_outside *outside, const char *path,
				    double snr_db, struct wake_noise *out_noise,
				    struct err_note *note);
void wake_noise_finish(struct wake_noise *noise); /* zeroed is fine */

/* Clips of the name, in noise or not (NULL). One result for each file of the listing,
 * freed by wake_heard_free, also after failure. A file that cannot be read has its
 * complaint and is no failure. stage: what the progress is called. */
MUST_CHECK enum err wake_trial_names(struct wake_trial *trial,
				     const struct listing *listing,
				     const struct wake_noise *noise, const char *stage,
				     struct wake_heard **out_heard,
				     struct err_note *note);
/* Other sound, of any length. */
MUST_CHECK enum err wake_trial_others(struct wake_trial *trial,
				      const struct listing *listing, const char *stage,
				      struct wake_heard **out_heard,
				      struct err_note *note);
void wake_heard_free(struct wake_heard *heard, size_t count); /* NULL is fine */

#endif
