/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_hear - hears labelled commands and other sound through the live path, in
 * lockstep, in every condition, and makes rows of it.
 *
 * Of a command's sound the first sentence counts; other sound is heard to its end, each
 * sentence a row, and one row where nothing was heard. Noise is laid over by the loudest
 * moments, from its second half.
 */
#ifndef CLI_CALIBRATION_HEAR_H
#define CLI_CALIBRATION_HEAR_H

#include "cli/calibration.h"
#include "cli/clips.h"
#include "cli/labelled.h"
#include "train/listing.h"

enum {
	CALIBRATION_SECONDS_MAX = 600, /* of one sound; what lies behind is not heard */
	CALIBRATION_CONDITIONS_MAX = 6,
	CALIBRATION_COMMANDS_MAX = 8,
};

/* Sentences to be heard against. */
struct calibration_ear {
	struct ear_settings settings;
	const char
		*strangers; /* NULL: the commands are meant. Else they are other sound to
				* these sentences, which are called that. */
};

struct calibration_commands {
	struct labelled *labelled;
	char source[CALIBRATION_NAME_BYTES];
};

struct calibration_sounds {
	size_t command_count;
	struct calibration_commands commands[CALIBRATION_COMMANDS_MAX];
	struct listing others;
	struct audio_span noise; /* empty: none, then only clean */
	size_t condition_count;
	struct clips_noise conditions[CALIBRATION_CONDITIONS_MAX];
};

/* "clean" or "db_12". */
void calibration_condition_name(const struct clips_noise *condition,
				char name[CALIBRATION_NAME_BYTES]);

/* Adds the rows of everything against one ear's sentences. A file that cannot be read is a
 * line on stderr and counts in *out_unread; it is no failure. */
MUST_CHECK enum err calibration_hear(const struct calibration_sounds *sounds,
				     const struct calibration_ear *ear,
				     struct calibration *to, size_t *out_unread,
				     struct err_note *note);

#endif
