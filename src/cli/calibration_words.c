/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_words - a study as text: the floors, how they do, and the sweep between
 * commands kept and other sound let pass.
 */
#include <math.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/calibration_print.h"
#include "cli/terminal.h"
#include "train/interval.h"

static const double PERCENT = 100;

enum { SWEEP_FROM = -30, SWEEP_TO = -8, SWEEP_STEP = 2, SHIFTS = 6, NAME_COLUMNS = 14 };

struct table {
	const struct study *study;
	bool colours;
	struct buf *to;
};

static const char *style(const struct table *table, enum terminal_style wanted)
{
	return terminal_style(table->colours, wanted);
}

static double percent(size_t part, size_t of)
{
	return of ? PERCENT * (double)part / (double)of : NAN;
}

/* ---- the floors ---- */

static enum err add_floor(const struct table *table, const struct study_group *group)
{
	const bool any = group->length == CALIBRATION_ANY;
	char words[STUDY_LENGTH_BYTES];

	if (!study_has(table->study, group))
		return OK;
	study_length_words(table->study, group->length, words);
	return buf_add_format(
		table->to,
		any ? "  %-9s %-16s %+8.1f %+10.1f\n" : "  %-9s %-16s %8.1f %10.1f\n",
		group->class_of == CALIBRATION_CLASS_NONE
			? "addressed"
			: action_class_text((enum action_class)group->class_of),
		any ? "all by a step" : words, group->shipped, group->suggested);
}

static enum err add_floors(const struct table *table)
{
	enum err err =
		buf_add_format(table->to,
			       "%sfloors    speech            shipped  suggested%s\n",
			       style(table, STYLE_BOLD), style(table, STYLE_PLAIN));

	for (size_t i = 0; i < table->study->group_count && !err; i++)
		err = add_floor(table, &table->study->groups[i]);
	return err;
}

/* ---- how they do ---- */

static enum err add_share(const struct table *table, size_t series,
			  const struct calibration_values *values, double floor)
{
	const struct calibration_series *of = &table->study->of->series[series];
	const size_t passed = calibration_passed(values, floor);
	const struct interval interval = interval_share(passed, values->count);

	if (values->count == 0)
		return OK;
	return buf_add_format(table->to,
			      "  %-8s %-24s %s %zu of %zu, %.2f %% (%.2f - %.2f)\n",
			      of->condition, of->source,
			      of->command ? "kept" : "let pass", passed, values->count,
			      percent(passed, values->count), PERCENT * interval.low,
			      PERCENT * interval.high);
}

static enum err add_outcome(const struct table *table, const char *title,
			    const struct study_part *parts)
{
	enum err err = buf_add_format(table->to, "\n%s%s%s\n", style(table, STYLE_BOLD),
				      title, style(table, STYLE_PLAIN));

	for (size_t i = 0; i < table->study->of->series_count && !err; i++)
		err = add_share(table, i, &parts[i].test, 0);
	return err;
}

/* ---- the sweep ---- */

static enum err add_cell(const struct table *table, const struct study_group *group,
			 size_t series, double floor)
{
	const struct calibration_values *test = &group->parts[series].test;

	if (test->count == 0)
		return buf_add_format(table->to, "  %*s", NAME_COLUMNS, "-");
	return buf_add_format(table->to, "  %*.1f %%", NAME_COLUMNS - 2,
			      percent(calibration_passed(test, floor), test->count));
}

static enum err add_line(const struct table *table, const struct study_group *group,
			 size_t condition, double floor, const char *mark)
{
	const struct calibration *of = table->study->of;
	enum err err =
		buf_add_format(table->to,
			       group->length == CALIBRATION_ANY ? "  %+6.1f" : "  %6.1f",
			       floor);

	for (size_t i = condition; i < of->series_count && !err; i++) {
		if (str_equal(of->series[i].condition, of->series[condition].condition))
			err = add_cell(table, group, i, floor);
	}
	return err ? err : buf_add_format(table->to, "%s\n", mark);
}

static enum err add_head(const struct table *table, const struct study_group *group,
			 size_t condition)
{
	const struct calibration *of = table->study->of;
	char words[STUDY_LENGTH_BYTES];

	study_length_words(table->study, group->length, words);
	enum err err =
		buf_add_format(table->to, "\n%s%s, %s%s\n   floor",
			       style(table, STYLE_BOLD), of->series[condition].condition,
			       words, style(table, STYLE_PLAIN));

	for (size_t i = condition; i < of->series_count && !err; i++) {
		const struct calibration_series *series = &of->series[i];
		char name[CALIBRATION_NAME_BYTES + 8];

		if (!str_equal(series->condition, of->series[condition].condition))
			continue;
		must(str_format(name, sizeof(name), "%s%s", series->command ? "+" : "",
				series->source));
		err = buf_add_format(table->to, "  %*.*s", NAME_COLUMNS, NAME_COLUMNS,
				     name);
	}
	return err ? err : buf_add_text(table->to, "\n");
}

static const char *mark_of(const struct study_group *group, double floor)
{
	if (fabs(floor - group->shipped) < 1e-9)
		return "  <- shipped";
	return fabs(floor - group->suggested) < 1e-9 ? "  <- suggested" : "";
}

static enum err add_sweep(const struct table *table, const struct study_group *group,
			  size_t condition)
{
	const bool any = group->length == CALIBRATION_ANY;
	const int from = any ? -SHIFTS : SWEEP_FROM;
	const int to = any ? SHIFTS : SWEEP_TO;
	enum err err = add_head(table, group, condition);

	for (int step = from * CALIBRATION_STEPS_PER_UNIT;
	     step <= to * CALIBRATION_STEPS_PER_UNIT && !err; step++) {
		const double floor = (double)step / CALIBRATION_STEPS_PER_UNIT;
		const char *mark = mark_of(group, floor);

		if (mark[0] || step % (SWEEP_STEP * CALIBRATION_STEPS_PER_UNIT) == 0)
			err = add_line(table, group, condition, floor, mark);
	}
	return err;
}

static enum err add_sweeps(const struct table *table)
{
	enum err err =
		buf_add_text(table->to,
			     "\n+ commands that were heard right and are believed, the "
			     "others what is let pass\n");

	for (size_t condition = study_next_condition(table->study, SIZE_MAX);
	     condition != SIZE_MAX && !err;
	     condition = study_next_condition(table->study, condition)) {
		for (size_t i = 0; i < table->study->group_count && !err; i++) {
			const struct study_group *group = &table->study->groups[i];
			if (group->class_of == CALIBRATION_CLASS_NONE &&
			    study_has(table->study, group))
				err = add_sweep(table, group, condition);
		}
	}
	return err;
}

enum err calibration_words(const struct study *study, bool colours, struct buf *to)
{
	const struct table table = {study, colours, to};
	const struct study_group *any =
		study_find(study, CALIBRATION_ANY, CALIBRATION_CLASS_NONE);
	enum err err = add_floors(&table);

	if (!err)
		err = add_outcome(&table,
				  "with the shipped floors, on the half of the files "
				  "that nothing was chosen on (95 % intervals)",
				  any->parts);
	if (!err)
		err = add_outcome(&table, "with the suggested floors, on the same",
				  study->with_suggested);
	return err ? err : add_sweeps(&table);
}
