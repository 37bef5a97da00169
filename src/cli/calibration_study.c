/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_study - see the header.
 *
 * Invariant: the half that floors are judged on has no part in choosing them.
 */
#include "cli/calibration_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const double PERCENT = 100;
static const double FRAMES_A_SECOND = 100;

static bool fits(const char *label, const char *name)
{
	const size_t size = strlen(label);

	return str_starts(name, label) &&
	       (name[size] == '\0' || str_starts(name + size, " to "));
}

static const struct study_limit *find_limit(const struct study_limits *limits,
					    const char *name)
{
	for (size_t i = 0; i < limits->count; i++) {
		if (fits(limits->by_label[i].label, name))
			return &limits->by_label[i];
	}
	return NULL;
}

double study_limit(const struct study_limits *limits,
		   const struct calibration_series *series)
{
	const struct study_limit *limit = find_limit(limits, series->condition);

	if (!limit)
		limit = find_limit(limits, series->source);
	return limit ? limit->percent : limits->percent;
}

static enum err pick_part(const struct study *study, struct calibration_wanted wanted,
			  struct study_part *part)
{
	wanted.tune = true;
	enum err err = calibration_pick(study->of, &study->lengths, &wanted, &part->tune);

	wanted.tune = false;
	return err ? err
		   : calibration_pick(study->of, &study->lengths, &wanted, &part->test);
}

static enum err pick_parts(const struct study *study, size_t length, int class_of,
			   const struct calibration_floors *above,
			   struct study_part parts[CALIBRATION_SERIES_MAX])
{
	enum err err = OK;

	for (size_t i = 0; i < study->of->series_count && !err; i++) {
		const struct calibration_wanted wanted = {.series = i,
							  .length = length,
							  .class_of = class_of,
							  .above = above};
		err = pick_part(study, wanted, &parts[i]);
	}
	return err;
}

/* One floor serves every condition and every kind of sound, so the strictest of them
 * says what is needed, and the weakest of the right ones what is lost. */
static double suggest(const struct study *study, const struct study_group *group)
{
	double needed = -INFINITY;
	double keeps_all = INFINITY;

	for (size_t i = 0; i < study->of->series_count; i++) {
		const struct calibration_series *series = &study->of->series[i];
		const struct calibration_values *tune = &group->parts[i].tune;
		const double share = study_limit(&study->limits, series) / PERCENT;

		if (series->command)
			keeps_all = fmin(keeps_all, calibration_keeps_all(tune));
		else
			needed = fmax(needed, calibration_floor(tune, share));
	}
	return calibration_suggest(needed, keeps_all, group->shipped);
}

static enum err add_group(struct study *study, size_t length, int class_of)
{
	struct study_group *group = &study->groups[study->group_count++];
	struct calibration_floors shipped;
	const bool any = length == CALIBRATION_ANY;

	calibration_shipped(&study->lengths, class_of, &shipped);
	group->length = length;
	group->class_of = class_of;
	group->shipped = any ? 0 : shipped.at[length];
	enum err err =
		pick_parts(study, length, class_of, any ? &shipped : NULL, group->parts);
	if (err)
		return err;
	group->suggested = suggest(study, group);
	if (!any)
		study->suggested[class_of + 1].at[length] = group->suggested;
	return OK;
}

static enum err add_groups(struct study *study, int class_of)
{
	enum err err = OK;

	for (size_t i = 0; i < study->lengths.count && !err; i++)
		err = add_group(study, i, class_of);
	return err ? err : add_group(study, CALIBRATION_ANY, class_of);
}

enum err study_create(const struct calibration *calibration,
		      const struct study_limits *limits, struct study **out_study)
{
	struct study *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (err)
		return err;
	made->of = calibration;
	made->limits = *limits;
	calibration_lengths(&made->lengths);
	for (int class_of = CALIBRATION_CLASS_NONE; class_of <= CLASS_C && !err;
	     class_of++)
		err = add_groups(made, class_of);
	if (!err)
		err = pick_parts(made, CALIBRATION_ANY, CALIBRATION_CLASS_NONE,
				 &made->suggested[0], made->with_suggested);
	if (err) {
		study_destroy(made);
		return err;
	}
	*out_study = made;
	return OK;
}

static void finish_parts(struct study_part parts[CALIBRATION_SERIES_MAX])
{
	for (size_t i = 0; i < CALIBRATION_SERIES_MAX; i++) {
		calibration_values_finish(&parts[i].tune);
		calibration_values_finish(&parts[i].test);
	}
}

void study_destroy(struct study *study)
{
	if (!study)
		return;
	for (size_t i = 0; i < study->group_count; i++)
		finish_parts(study->groups[i].parts);
	finish_parts(study->with_suggested);
	free(study);
}

const struct study_group *study_find(const struct study *study, size_t length,
				     int class_of)
{
	const struct study_group *group = study->groups;

	while (group->length != length || group->class_of != class_of) {
		group++;
		must(group < study->groups + study->group_count);
	}
	return group;
}

bool study_has(const struct study *study, const struct study_group *group)
{
	for (size_t i = 0; i < study->of->series_count; i++) {
		if (group->parts[i].tune.count + group->parts[i].test.count > 0)
			return true;
	}
	return false;
}

void study_length_words(const struct study *study, size_t length,
			char words[STUDY_LENGTH_BYTES])
{
	const struct calibration_lengths *lengths = &study->lengths;
	bool fit;

	if (length == CALIBRATION_ANY) {
		must(str_copy(words, STUDY_LENGTH_BYTES, "any length"));
		return;
	}
	const double from = length > 0 ? lengths->frames_max[length - 1] : 0;
	const double to = lengths->frames_max[length];

	if (length == lengths->count - 1)
		fit = str_format(words, STUDY_LENGTH_BYTES, "over %.2f s",
				 from / FRAMES_A_SECOND);
	else if (length == 0)
		fit = str_format(words, STUDY_LENGTH_BYTES, "up to %.2f s",
				 to / FRAMES_A_SECOND);
	else
		fit = str_format(words, STUDY_LENGTH_BYTES, "%.2f to %.2f s",
				 (from + 1) / FRAMES_A_SECOND, to / FRAMES_A_SECOND);
	must(fit);
}

static bool is_first(const struct study *study, size_t series)
{
	for (size_t i = 0; i < series; i++) {
		if (str_equal(study->of->series[i].condition,
			      study->of->series[series].condition))
			return false;
	}
	return true;
}

size_t study_next_condition(const struct study *study, size_t series)
{
	for (size_t i = series == SIZE_MAX ? 0 : series + 1; i < study->of->series_count;
	     i++) {
		if (is_first(study, i))
			return i;
	}
	return SIZE_MAX;
}
