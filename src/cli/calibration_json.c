/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_json - a study as lines of JSON: a "floor" for each length and class, a
 * "result" for each kind of sound with the shipped and the suggested floors, a "step" for
 * each floor of the sweep. docs/FORMATS.md tells their fields.
 */
#include <math.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/calibration_print.h"
#include "train/interval.h"

enum { SWEEP_FROM = -35, SWEEP_TO = -5, SHIFTS = 10 };

static const double PERCENT = 100;
static const double MS_A_FRAME = 10;

static enum err end_line(struct json_write *write, struct buf *to)
{
	json_close(write, '}');
	enum err err = json_write_finish(write);

	return err ? err : buf_add_text(to, "\n");
}

static void begin_line(struct json_write *write, struct buf *to, const char *kind)
{
	json_write_init(write, to);
	json_open_object(write, NULL);
	json_add_text(write, "kind", kind);
}

static void add_group(struct json_write *write, const struct study *study,
		      const struct study_group *group)
{
	const bool any = group->length == CALIBRATION_ANY;
	const bool last = !any && group->length == study->lengths.count - 1;

	json_add_text(write, "length", any ? "any" : last ? "longest" : "up to");
	if (any || last)
		json_add_null(write, "speech_ms_max");
	else
		json_add_double(write, "speech_ms_max",
				MS_A_FRAME * study->lengths.frames_max[group->length], 0);
	json_add_text(write, "class",
		      group->class_of == CALIBRATION_CLASS_NONE
			      ? NULL
			      : action_class_text((enum action_class)group->class_of));
}

static void add_share(struct json_write *write, const struct calibration_series *series,
		      const struct calibration_values *values, double floor)
{
	const size_t passed = calibration_passed(values, floor);
	const struct interval interval = interval_share(passed, values->count);

	json_add_text(write, "condition", series->condition);
	json_add_text(write, "source", series->source);
	json_add_bool(write, "command", series->command);
	json_add_int(write, "believed", (int64_t)passed);
	json_add_int(write, "of", (int64_t)values->count);
	json_add_double(write, "percent",
			values->count ? PERCENT * (double)passed / (double)values->count
				      : NAN,
			3);
	json_add_double(write, "low", PERCENT * interval.low, 3);
	json_add_double(write, "high", PERCENT * interval.high, 3);
}

static enum err add_floor(const struct study *study, const struct study_group *group,
			  struct buf *to)
{
	struct json_write write;

	if (!study_has(study, group))
		return OK;
	begin_line(&write, to, "floor");
	add_group(&write, study, group);
	json_add_double(&write, "shipped", group->shipped, 1);
	json_add_double(&write, "suggested", group->suggested, 1);
	return end_line(&write, to);
}

static enum err add_results(const struct study *study, const char *floors,
			    const struct study_part *parts, struct buf *to)
{
	enum err err = OK;

	for (size_t i = 0; i < study->of->series_count && !err; i++) {
		struct json_write write;

		begin_line(&write, to, "result");
		json_add_text(&write, "floors", floors);
		add_share(&write, &study->of->series[i], &parts[i].test, 0);
		err = end_line(&write, to);
	}
	return err;
}

static enum err add_step(const struct study *study, const struct study_group *group,
			 size_t series, double floor, struct buf *to)
{
	struct json_write write;

	begin_line(&write, to, "step");
	add_group(&write, study, group);
	json_add_double(&write, "floor", floor, 1);
	add_share(&write, &study->of->series[series], &group->parts[series].test, floor);
	return end_line(&write, to);
}

static enum err add_steps(const struct study *study, const struct study_group *group,
			  size_t series, struct buf *to)
{
	const bool any = group->length == CALIBRATION_ANY;
	const int from = any ? -SHIFTS : SWEEP_FROM;
	const int until = any ? SHIFTS : SWEEP_TO;
	enum err err = OK;

	if (group->parts[series].test.count == 0)
		return OK;
	for (int step = from * CALIBRATION_STEPS_PER_UNIT;
	     step <= until * CALIBRATION_STEPS_PER_UNIT && !err; step++)
		err = add_step(study, group, series,
			       (double)step / CALIBRATION_STEPS_PER_UNIT, to);
	return err;
}

enum err calibration_json(const struct study *study, struct buf *to)
{
	const struct study_group *any =
		study_find(study, CALIBRATION_ANY, CALIBRATION_CLASS_NONE);
	enum err err = OK;

	for (size_t i = 0; i < study->group_count && !err; i++)
		err = add_floor(study, &study->groups[i], to);
	if (!err)
		err = add_results(study, "shipped", any->parts, to);
	if (!err)
		err = add_results(study, "suggested", study->with_suggested, to);
	for (size_t i = 0; i < study->group_count && !err; i++) {
		for (size_t k = 0; k < study->of->series_count && !err; k++)
			err = add_steps(study, &study->groups[i], k, to);
	}
	return err;
}
