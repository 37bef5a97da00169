/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration - see the header. Knows no files and draws nothing.
 *
 * Invariant: rows of one file are of one half, in every condition and against every set
 * of sentences, so nothing that was chosen by a sound is judged by it.
 */
#include "cli/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "decide/floor.h"
#include "train/random.h"

enum {
	FRAMES_TRIED = 3000, /* half a minute: longer than any sentence */
	CLASSES = CLASS_C + 1,
};

/* ---- rows ---- */

static bool is_series(const struct calibration_series *series,
		      const struct calibration_row *row)
{
	return series->command == row->command &&
	       str_equal(series->condition, row->condition) &&
	       str_equal(series->source, row->source);
}

static enum err know_series(struct calibration *calibration,
			    const struct calibration_row *row, struct err_note *note)
{
	struct calibration_series *series =
		&calibration->series[calibration->series_count];

	for (size_t i = 0; i < calibration->series_count; i++) {
		if (is_series(&calibration->series[i], row))
			return OK;
	}
	if (calibration->series_count == CALIBRATION_SERIES_MAX)
		return err_say(ERR_LIMIT, note,
			       "more than %d kinds of sound and conditions",
			       CALIBRATION_SERIES_MAX);
	calibration->series_count++;
	must(str_copy(series->condition, sizeof(series->condition), row->condition));
	must(str_copy(series->source, sizeof(series->source), row->source));
	series->command = row->command;
	return OK;
}

static enum err make_room(struct calibration *calibration, struct err_note *note)
{
	const size_t room = calibration->room ? 2 * calibration->room : 1024;
	struct calibration_row *rows;

	if (calibration->count == CALIBRATION_ROWS_MAX)
		return err_say(ERR_LIMIT, note, "more than %d sounds",
			       CALIBRATION_ROWS_MAX);
	if (calibration->count < calibration->room)
		return OK;
	rows = realloc(calibration->rows, room * sizeof(*rows));
	if (!rows)
		return ERR_MEMORY;
	calibration->rows = rows;
	calibration->room = room;
	return OK;
}

enum err calibration_add(struct calibration *calibration,
			 const struct calibration_row *row, struct err_note *note)
{
	struct calibration_row made = *row;
	char *file = NULL;
	char *words = NULL;
	enum err err = make_room(calibration, note);

	if (!err && !calibration->texts)
		err = arena_create(CALIBRATION_TEXT_BYTES_MAX, &calibration->texts);
	if (!err)
		err = know_series(calibration, row, note);
	if (!err)
		err = arena_copy_text(calibration->texts, row->file, &file);
	if (!err)
		err = arena_copy_text(calibration->texts, row->words, &words);
	if (err)
		return err;
	made.file = file;
	made.words = words;
	calibration->rows[calibration->count++] = made;
	return OK;
}

void calibration_finish(struct calibration *calibration)
{
	free(calibration->rows);
	arena_destroy(calibration->texts);
	memset(calibration, 0, sizeof(*calibration));
}

bool calibration_tunes(const char *file)
{
	struct random random = random_stream(random_hash(file), 0, 0);

	return random_bits(&random) & 1;
}

/* ---- the shipped floors ---- */

static double shipped(int class_of, uint32_t frames)
{
	return class_of == CALIBRATION_CLASS_NONE
		       ? floor_addressed(frames)
		       : floor_for_class((enum action_class)class_of, frames);
}

static bool differ(uint32_t frames)
{
	for (int class_of = CALIBRATION_CLASS_NONE; class_of < CLASSES; class_of++) {
		if (fabs(shipped(class_of, frames) - shipped(class_of, frames + 1)) >
		    1e-9)
			return true;
	}
	return false;
}

void calibration_lengths(struct calibration_lengths *out_lengths)
{
	out_lengths->count = 0;
	for (uint32_t frames = 0; frames < FRAMES_TRIED; frames++) {
		if (!differ(frames))
			continue;
		must(out_lengths->count < CALIBRATION_LENGTHS_MAX - 1);
		out_lengths->frames_max[out_lengths->count++] = frames;
	}
	out_lengths->frames_max[out_lengths->count++] = UINT32_MAX;
}

size_t calibration_length_of(const struct calibration_lengths *lengths, uint32_t frames)
{
	size_t length = 0;

	while (frames > lengths->frames_max[length])
		length++;
	must(length < lengths->count);
	return length;
}

void calibration_shipped(const struct calibration_lengths *lengths, int class_of,
			 struct calibration_floors *out_floors)
{
	for (size_t i = 0; i < lengths->count; i++) {
		const uint32_t before = i > 0 ? lengths->frames_max[i - 1] : 0;

		out_floors->at[i] = shipped(class_of, i > 0 ? before + 1 : 0);
	}
}

/* ---- choosing ---- */

static bool is_wanted(const struct calibration_row *row,
		      const struct calibration_lengths *lengths,
		      const struct calibration_series *series,
		      const struct calibration_wanted *wanted)
{
	if (!is_series(series, row) || calibration_tunes(row->file) != wanted->tune)
		return false;
	if (row->command && !row->right)
		return false;
	if (wanted->class_of != CALIBRATION_CLASS_NONE &&
	    wanted->class_of != row->class_of)
		return false;
	return wanted->length == CALIBRATION_ANY ||
	       calibration_length_of(lengths, row->speech_frames) == wanted->length;
}

static double value_of(const struct calibration_row *row,
		       const struct calibration_lengths *lengths,
		       const struct calibration_floors *above)
{
	const size_t length = calibration_length_of(lengths, row->speech_frames);

	if (!row->words[0])
		return -INFINITY;
	return row->ratio - (above ? above->at[length] : 0);
}

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a;
	const double right = *(const double *)b;

	return (left > right) - (left < right);
}

enum err calibration_pick(const struct calibration *calibration,
			  const struct calibration_lengths *lengths,
			  const struct calibration_wanted *wanted,
			  struct calibration_values *out_values)
{
	must(wanted->series < calibration->series_count);
	const struct calibration_series *series = &calibration->series[wanted->series];
	double *values = calloc(calibration->count + 1, sizeof(*values));
	size_t count = 0;

	if (!values)
		return ERR_MEMORY;
	for (size_t i = 0; i < calibration->count; i++) {
		const struct calibration_row *row = &calibration->rows[i];
		if (is_wanted(row, lengths, series, wanted))
			values[count++] = value_of(row, lengths, wanted->above);
	}
	qsort(values, count, sizeof(*values), compare);
	*out_values = (struct calibration_values){values, count};
	return OK;
}

void calibration_values_finish(struct calibration_values *values)
{
	free(values->values);
	*values = (struct calibration_values){NULL, 0};
}

size_t calibration_passed(const struct calibration_values *values, double least)
{
	size_t low = 0;
	size_t high = values->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (values->values[middle] < least)
			low = middle + 1;
		else
			high = middle;
	}
	return values->count - low;
}

static int step_of(double value)
{
	return (int)lround(value * CALIBRATION_STEPS_PER_UNIT);
}

double calibration_floor(const struct calibration_values *others, double share)
{
	const size_t most = (size_t)floor(share * (double)others->count + 1e-9);

	if (others->count == 0)
		return -INFINITY;
	for (int step = step_of(CALIBRATION_LOWEST); step < step_of(CALIBRATION_HIGHEST);
	     step++) {
		const double tried = (double)step / CALIBRATION_STEPS_PER_UNIT;
		if (calibration_passed(others, tried) <= most)
			return tried;
	}
	return CALIBRATION_HIGHEST;
}

double calibration_keeps_all(const struct calibration_values *right)
{
	if (right->count == 0)
		return INFINITY;
	return fmax(CALIBRATION_LOWEST,
		    floor(right->values[0] * CALIBRATION_STEPS_PER_UNIT) /
			    CALIBRATION_STEPS_PER_UNIT);
}

double calibration_suggest(double needed, double keeps_all, double shipped_floor)
{
	const bool knows_others = isfinite(needed);
	const bool knows_right = isfinite(keeps_all);

	if (knows_others && knows_right)
		return fmax(needed, keeps_all);
	return knows_others ? fmax(needed, shipped_floor) : shipped_floor;
}
