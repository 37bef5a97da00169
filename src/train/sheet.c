/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sheet - see the header. Writes into a buf; the first error is kept and returned.
 */
#include "train/sheet.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "train/decoy.h"

enum { LINE_BYTES = 1024, PERCENT = 100 };

struct writer {
	struct buf *to;
	enum err err;
};

PRINTF_LIKE(2, 3)
static void put(struct writer *writer, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (!writer->err)
		writer->err = buf_add_text(writer->to, line);
}

static void put_sources(struct writer *writer, const char *what,
			const struct listing *listing)
{
	for (size_t i = 0; i < listing->source_count; i++)
		put(writer, "| %s | %s | %zu |\n", what, listing->sources[i].label,
		    listing->sources[i].count);
}

static void put_share(struct writer *writer, size_t part, size_t of)
{
	struct interval interval = interval_share(part, of);

	if (of == 0)
		put(writer, " - |");
	else
		put(writer, " %zu of %zu: %.1f %% (%.1f - %.1f) |", part, of,
		    PERCENT * (double)part / (double)of, PERCENT * interval.low,
		    PERCENT * interval.high);
}

static void put_point(struct writer *writer, const char *what,
		      const struct train_report *report, const struct train_point *point)
{
	struct interval interval = interval_count(point->events);
	double hours = report->calibrate_hours > 0 ? report->calibrate_hours : 1;

	put(writer, "| %s | %.2f | %zu: %.2f/h (%.2f - %.2f) |", what, point->threshold,
	    point->events, (double)point->events / hours, interval.low / hours,
	    interval.high / hours);
	put_share(writer, point->missed_clean, report->names_clean);
	put_share(writer, point->missed_changed, report->names_changed);
	put(writer, "\n");
}

static void put_data(struct writer *writer, const struct train_settings *settings,
		     const struct train_report *report)
{
	put(writer, "## Data\n\n| used as | source | files |\n|---|---|---|\n");
	put_sources(writer, "the name", &settings->positive);
	put_sources(writer, "the name, held back", &settings->validate);
	put_sources(writer, "other sound", &settings->negative);
	put_sources(writer, "noise", &settings->noise);
	put_sources(writer, "calibration", &settings->calibrate);
	put(writer,
	    "\n- Clips of the name: %zu usable (%zu could not be used, %zu did not sound "
	    "like the others and were not used); %zu of them were held back%s.\n",
	    report->clips, report->clips_left_out, report->clips_suspicious,
	    report->clips_held,
	    report->validate_own ? " as clips of their own"
				 : "; the same people may be heard on both sides");
	put(writer,
	    "- Other sound: %.2f hours learned from, %.2f hours held back (%zu files "
	    "could not be read).\n",
	    report->other_hours - report->held_hours, report->held_hours,
	    report->other_left_out);
	put(writer, "- Calibration: %.2f hours%s.\n\n", report->calibrate_hours,
	    report->calibrate_own
		    ? " of sound that nothing was learned from"
		    : " held back from the other sound: the same voices may be heard on "
		      "both sides, so expect more false accepts than it says");
}

static void put_making(struct writer *writer, const struct train_settings *settings,
		       const struct trained *trained)
{
	const struct train_report *report = &trained->report;

	put(writer,
	    "## Making\n\nSeed %llu; %u nets of %u + %u units, averaged; the score is the "
	    "mean of %u steps of 80 ms. %zu lives of each clip (%zu takes), %zu passes "
	    "over the other sound, and up to %d short pieces of it alone, as a name is. "
	    "Lives differ in speed (0.82 - 1.22), pitch (0.84 - 1.26), room (24 made "
	    "ones, decay 0.15 - 0.8 s), noise (2 - 45 dB under it, or none), talk and "
	    "music over, before and behind it, telephone and small-speaker bands, level "
	    "(-42 to -4 dB), clipping and offset.\n\n",
	    (unsigned long long)settings->seed, settings->nets, settings->hidden,
	    settings->hidden, settings->smooth, settings->copies, report->takes,
	    settings->passes, DECOYS);
	put(writer,
	    "| net | best step | held-back margin | hard windows |\n|---|---|---|---|\n");
	for (uint32_t n = 0; n < settings->nets; n++)
		put(writer, "| %u | %zu of %zu | %.2f | %zu above %.1f |\n", n + 1,
		    report->nets[n].steps, settings->steps, -report->nets[n].loss,
		    report->nets[n].hard, report->nets[n].hard_low);
}

static void put_curve(struct writer *writer, const struct train_report *report)
{
	put(writer,
	    "\n## How well it hears\n\nMissed: clips held back, as they are, and %d changed "
	    "lives of each. False accepts: events of the calibration sound. In brackets "
	    "95 %% intervals (Wilson; exact Poisson).\n\n"
	    "| | score | false accepts | missed, as they are | missed, changed |\n"
	    "|---|---|---|---|---|\n",
	    TRAIN_HELD_COPIES - 1);
	put_point(writer, "**sure**", report, &report->sure);
	put_point(writer, "**doubtful**", report, &report->doubtful);
	for (size_t i = 0; i < TRAIN_CURVE; i++)
		put_point(writer, "", report, &report->curve[i]);
	put(writer,
	    "\nAt *sure* the cautious end of the extrapolated tail is %.2f false accepts "
	    "per hour of sound like the calibration's.\n",
	    report->sure_expected);
}

enum err sheet_write(const struct train_settings *settings, const struct trained *trained,
		     struct buf *to)
{
	struct writer writer = {to, OK};
	const struct head_info *info = &trained->head.info;

	put(&writer, "# %s\n\nA wake head. The name takes up to %u ms to say.%s%s%s\n\n",
	    info->name, info->name_ms, settings->licence ? " Licence: " : "",
	    settings->licence ? settings->licence : "", settings->licence ? "." : "");
	put_data(&writer, settings, &trained->report);
	put_making(&writer, settings, trained);
	put_curve(&writer, &trained->report);
	put(&writer,
	    "\n## Who may not be heard well\n\nVoices unlike those of the clips: other "
	    "accents, children where only adults were recorded, whispering, shouting, and "
	    "speech behind noise louder than the voice. `behest wake enroll` adapts the "
	    "head to a household.\n");
	return writer.err;
}

static void json_sources(struct json_write *write, const char *key,
			 const struct listing *listing)
{
	json_open_array(write, key);
	for (size_t i = 0; i < listing->source_count; i++) {
		json_open_object(write, NULL);
		json_add_text(write, "source", listing->sources[i].label);
		json_add_int(write, "files", (int64_t)listing->sources[i].count);
		json_close(write, '}');
	}
	json_close(write, ']');
}

static void json_point(struct json_write *write, const char *key,
		       const struct train_point *point)
{
	json_open_object(write, key);
	json_add_double(write, "score", point->threshold, 4);
	json_add_int(write, "false_accepts", (int64_t)point->events);
	json_add_int(write, "missed_clean", (int64_t)point->missed_clean);
	json_add_int(write, "missed_changed", (int64_t)point->missed_changed);
	json_close(write, '}');
}

static void json_counts(struct json_write *write, const struct train_report *report)
{
	json_add_int(write, "clips", (int64_t)report->clips);
	json_add_int(write, "clips_left_out", (int64_t)report->clips_left_out);
	json_add_int(write, "clips_suspicious", (int64_t)report->clips_suspicious);
	json_add_int(write, "clips_held", (int64_t)report->clips_held);
	json_add_int(write, "takes", (int64_t)report->takes);
	json_add_double(write, "other_hours", report->other_hours, 3);
	json_add_int(write, "other_left_out", (int64_t)report->other_left_out);
	json_add_double(write, "calibrate_hours", report->calibrate_hours, 3);
	json_add_bool(write, "calibrate_own", report->calibrate_own);
	json_add_int(write, "names_clean", (int64_t)report->names_clean);
	json_add_int(write, "names_changed", (int64_t)report->names_changed);
	json_add_double(write, "sure_expected_per_hour", report->sure_expected, 3);
}

enum err sheet_write_json(const struct train_settings *settings,
			  const struct trained *trained, struct buf *to)
{
	const struct head_info *info = &trained->head.info;
	const struct train_report *report = &trained->report;
	struct json_write write;
	enum err err;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", info->name);
	json_add_text(&write, "licence", settings->licence);
	json_add_int(&write, "seed", (int64_t)settings->seed);
	json_add_int(&write, "nets", info->nets);
	json_add_int(&write, "hidden", info->hidden);
	json_add_int(&write, "smooth", info->smooth);
	json_add_int(&write, "name_ms", info->name_ms);
	json_add_int(&write, "steps", (int64_t)settings->steps);
	json_add_int(&write, "copies", (int64_t)settings->copies);
	json_add_int(&write, "passes", (int64_t)settings->passes);
	json_sources(&write, "positive", &settings->positive);
	json_sources(&write, "negative", &settings->negative);
	json_sources(&write, "noise", &settings->noise);
	json_sources(&write, "calibrate", &settings->calibrate);
	json_sources(&write, "validate", &settings->validate);
	json_counts(&write, report);
	json_point(&write, "sure", &report->sure);
	json_point(&write, "doubtful", &report->doubtful);
	json_open_array(&write, "curve");
	for (size_t i = 0; i < TRAIN_CURVE; i++)
		json_point(&write, NULL, &report->curve[i]);
	json_close(&write, ']');
	json_close(&write, '}');
	err = json_write_finish(&write);
	return err ? err : buf_add_text(to, "\n");
}

enum err sheet_write_short(const struct train_settings *settings,
			   const struct trained *trained, const char *path,
			   struct buf *to)
{
	const struct train_report *report = &trained->report;
	struct writer writer = {to, OK};

	put(&writer, "%s: learned \"%s\" from %zu clips and %.1f hours of other sound.\n",
	    path, settings->name, report->clips - report->clips_suspicious,
	    report->other_hours);
	put(&writer,
	    "Of %zu clips held back it misses %zu as they are; of %zu changed ones %zu.\n",
	    report->names_clean, report->sure.missed_clean, report->names_changed,
	    report->sure.missed_changed);
	put(&writer,
	    "In %.1f hours without the name it woke %zu times; expect fewer than %.2f an "
	    "hour in sound like that.\n",
	    report->calibrate_hours, report->sure.events, report->sure_expected);
	return writer.err;
}
