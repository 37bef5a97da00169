/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_test_print - see the header. Shares with Wilson's interval, rates with the exact
 * Poisson one.
 */
#include "cli/wake_test_print.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "cli/wake_tally.h"
#include "train/interval.h"

enum {
	ACCEPTS_SHOWN = 20,
	ANSWER_BYTES_MAX = 64 * 1024 * 1024,
	PERCENT = 100,
};

static void add_share(struct json_write *write, const char *key, size_t part, size_t of)
{
	struct interval interval = interval_share(part, of);

	json_open_object(write, key);
	json_add_int(write, "count", (int64_t)part);
	json_add_double(write, "percent", of ? PERCENT * (double)part / (double)of : NAN,
			2);
	json_add_double(write, "low", PERCENT * interval.low, 2);
	json_add_double(write, "high", PERCENT * interval.high, 2);
	json_close(write, '}');
}

static void add_rate(struct json_write *write, const char *key, size_t events,
		     double hours)
{
	struct interval interval = interval_count(events);

	json_open_object(write, key);
	json_add_int(write, "count", (int64_t)events);
	json_add_double(write, "per_hour", (double)events / hours, 3);
	json_add_double(write, "low", interval.low / hours, 3);
	json_add_double(write, "high", interval.high / hours, 3);
	json_close(write, '}');
}

static void add_names(struct json_write *write, const struct wake_test *test)
{
	struct wake_tally tally =
		wake_tally_count(test->positive, test->names, 0, test->positive->count);

	json_open_object(write, "name");
	json_add_int(write, "clips", (int64_t)(tally.files - tally.unread));
	json_add_int(write, "unread", (int64_t)tally.unread);
	add_share(write, "missed", tally.missed, tally.files - tally.unread);
	add_share(write, "missed_by_both", tally.missed_all, tally.files - tally.unread);
	add_share(write, "missed_after_second", tally.missed_second,
		  tally.files - tally.unread);
	json_open_array(write, "scores");
	for (size_t i = 0; i < test->positive->count; i++) {
		json_open_object(write, NULL);
		json_add_text(write, "file", test->positive->files[i].path);
		json_add_double(write, "max_score", test->names[i].max_score, 3);
		json_add_bool(write, "sure", test->names[i].sure > 0);
		if (test->names[i].count > 0)
			json_add_double(write, "ratio", test->names[i].accepts[0].ratio,
					1);
		json_close(write, '}');
	}
	json_close(write, ']');
	json_close(write, '}');
}

static void add_accepts(struct json_write *write, const struct wake_test *test)
{
	json_open_array(write, "events");
	for (size_t i = 0; i < test->negative->count; i++) {
		for (size_t j = 0; j < test->others[i].count; j++) {
			const struct wake_accept *accept = &test->others[i].accepts[j];

			json_open_object(write, NULL);
			json_add_text(write, "file", test->negative->files[i].path);
			json_add_int(write, "end_ms", accept->end_ms);
			json_add_double(write, "score", accept->score, 3);
			json_add_bool(write, "sure", accept->sure);
			json_add_bool(write, "passed", accept->passed);
			json_add_double(write, "ratio", accept->ratio, 1);
			json_close(write, '}');
		}
	}
	json_close(write, ']');
}

static void add_tally(struct json_write *write, const struct wake_tally *tally)
{
	json_add_double(write, "hours", tally->hours, 3);
	json_add_int(write, "unread", (int64_t)tally->unread);
	add_rate(write, "false_accepts", tally->sure, tally->hours);
	add_rate(write, "doubtful", tally->doubtful, tally->hours);
	add_rate(write, "false_accepts_after_second", tally->sure + tally->passed,
		 tally->hours);
}

static void add_others(struct json_write *write, const struct wake_test *test)
{
	struct wake_tally tally =
		wake_tally_count(test->negative, test->others, 0, test->negative->count);

	json_open_object(write, "other");
	add_tally(write, &tally);
	json_open_array(write, "sources");
	for (size_t i = 0; i < test->negative->source_count; i++) {
		const struct listing_source *source = &test->negative->sources[i];

		tally = wake_tally_count(test->negative, test->others, source->first,
					 source->count);
		json_open_object(write, NULL);
		json_add_text(write, "source", source->label);
		add_tally(write, &tally);
		json_close(write, '}');
	}
	json_close(write, ']');
	add_accepts(write, test);
	json_close(write, '}');
}

enum err wake_test_json(const struct wake_test *test)
{
	const struct head_info *info = test->info;
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, ANSWER_BYTES_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "word", info->name);
	json_add_double(&write, "sure", (double)info->sure, 3);
	json_add_double(&write, "doubtful", (double)info->doubtful, 3);
	if (test->has_noise)
		json_add_double(&write, "snr_db", test->snr_db, 1);
	if (test->positive->count > 0)
		add_names(&write, test);
	if (test->negative->count > 0)
		add_others(&write, test);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_share(const char *words, size_t part, size_t of)
{
	struct interval interval = interval_share(part, of);

	printf("  %s: %zu of %zu, %.2f %% (%.2f - %.2f)\n", words, part, of,
	       of ? PERCENT * (double)part / (double)of : 0, PERCENT * interval.low,
	       PERCENT * interval.high);
}

static void print_rate(const char *words, size_t events, double hours)
{
	struct interval interval = interval_count(events);

	printf("  %s: %zu in %.2f h, %.2f an hour (%.2f - %.2f)\n", words, events, hours,
	       (double)events / hours, interval.low / hours, interval.high / hours);
}

static void print_accepts(const struct wake_test *test)
{
	size_t shown = 0;

	for (size_t i = 0; i < test->negative->count; i++) {
		for (size_t j = 0; j < test->others[i].count; j++) {
			const struct wake_accept *accept = &test->others[i].accepts[j];

			if (!accept->sure || shown++ >= ACCEPTS_SHOWN)
				continue;
			printf("  woke: %s at %.1f s (score %.2f)\n",
			       test->negative->files[i].path,
			       (double)accept->end_ms / 1000.0, accept->score);
		}
	}
	if (shown > ACCEPTS_SHOWN)
		printf("  woke: and %zu times more\n", shown - ACCEPTS_SHOWN);
}

void wake_test_words(const struct wake_test *test)
{
	struct wake_tally tally =
		wake_tally_count(test->positive, test->names, 0, test->positive->count);
	size_t clips = tally.files - tally.unread;

	printf("%s (sure from %.2f, doubtful from %.2f; in brackets 95 %% intervals)\n",
	       test->info->name, (double)test->info->sure, (double)test->info->doubtful);
	if (test->positive->count > 0) {
		print_share("missed", tally.missed, clips);
		print_share("missed, and not even doubtful", tally.missed_all, clips);
		print_share("missed by first and second stage", tally.missed_second,
			    clips);
	}
	if (test->negative->count == 0)
		return;
	tally = wake_tally_count(test->negative, test->others, 0, test->negative->count);
	print_rate("false accepts", tally.sure, tally.hours);
	print_rate("doubtful", tally.doubtful, tally.hours);
	print_rate("false accepts of both stages", tally.sure + tally.passed,
		   tally.hours);
	print_accepts(test);
}
