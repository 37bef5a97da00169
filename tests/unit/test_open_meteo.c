/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weather_open_meteo: what is taken of an answer, and why each answer that is wrong in one
 * way is refused. The answers are the fuzzer's saved inputs.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/weather_open_meteo.h"
#include "base/file.h"
#include "base/str.h"

static enum err read_saved(const char *name, struct forecast *to, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct buf bytes = {0};
	enum err err;

	assert_true(file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"),
			      "tests/fuzz/corpus/forecast"));
	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_read(path, 64 * 1024, &bytes, note), OK);
	err = weather_open_meteo_read((const char *)bytes.bytes, bytes.size, to, note);
	buf_finish(&bytes);
	return err;
}

static void each_fault_is_named(void **state)
{
	static const struct {
		const char *name;
		enum err err;
		const char *words;
	} rows[] = {
		{"deep", ERR_LIMIT, "nested"},
		{"fahrenheit", ERR_FORMAT, "current_units.temperature_2m[0]: expected"},
		{"half-code", ERR_RANGE,
		 "current.weather_code[0]: expected a weather code"},
		{"html", ERR_FORMAT, "the forecast:1:1"},
		{"longer", ERR_FORMAT, "hourly.wind_speed_10m[0]: expected a list"},
		{"nan", ERR_FORMAT, "the forecast:1"},
		{"no-code", ERR_RANGE,
		 "current.weather_code[0]: expected a weather code"},
		{"no-lists", ERR_FORMAT, "daily.weather_code[0]: expected a list"},
		{"offset-text", ERR_FORMAT, "utc_offset_seconds"},
		{"time-back", ERR_RANGE,
		 "hourly.time[1]: expected the time that follows"},
		{"too-hot", ERR_RANGE,
		 "current.temperature_2m[0]: expected a value that is"},
		{"upside-down", ERR_RANGE, "daily: expected days"},
		{"wind-negative", ERR_RANGE, "current.wind_speed_10m[0]"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct forecast read = {.day_count = 77};
		struct err_note note = {""};
		const enum err err = read_saved(rows[i].name, &read, &note);

		if (err != rows[i].err || !strstr(note.text, rows[i].words))
			fail_msg("%s: %d \"%s\"", rows[i].name, (int)err, note.text);
		assert_int_equal(read.day_count, 77); /* untouched */
	}
}

/* The note goes into the log, which never says where the place is: nor does a word of the
 * service get there. */
static void no_word_of_the_service_is_in_the_note(void **state)
{
	static const char *const answers[] = {
		"{\"latitude\" 52.52}",
		"{\"latitude\": 52.52 52.52}",
		"{\"52.52\": 1, \"52.52\": 2}",
		"{\"current\": {\"time\": \"52.52\"}, \"current_units\": {\"time\": \"52.52\"}}",
		"52.52 52.52",
		"near '52.52",
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(answers); i++) {
		struct forecast read = {.day_count = 77};
		struct err_note note = {""};

		assert_int_not_equal(weather_open_meteo_read(answers[i],
							     strlen(answers[i]), &read,
							     &note),
				     OK);
		if (note.text[0] == '\0' || strstr(note.text, "52"))
			fail_msg("%s: \"%s\"", answers[i], note.text);
	}
}

static void takes_what_is_there(void **state)
{
	struct forecast read = {.latitude_deci = 525};
	struct err_note note = {""};

	(void)state;
	if (read_saved("whole", &read, &note))
		fail_msg("%s", note.text);
	assert_int_equal(read.latitude_deci, 525);
	assert_int_equal(read.now.low_deci, 32);
	assert_int_equal(read.now.wind_kmh, 13);
	assert_int_equal(read.hour_count, 3);
	assert_int_equal(read.hours[2].rain_percent, 20);
	assert_int_equal(read.day_count, 2);
	assert_int_equal(read.days[0].low_deci, -45);
	assert_int_equal(read.days[1].sun_minutes, 60);
	assert_int_equal(read.first_day, 20417);
	/* More than is kept is passed over, and what the service does not have ends a list. */
	assert_int_equal(read_saved("more", &read, &note), OK);
	assert_int_equal(read.hour_count, FORECAST_HOURS_MAX);
	assert_int_equal(read.day_count, FORECAST_DAYS_MAX);
	assert_int_equal(read_saved("null-ends", &read, &note), OK);
	assert_int_equal(read.hour_count, 1);
	assert_int_equal(read_saved("unknown-rain", &read, &note), OK);
	assert_int_equal(read.days[0].rain_percent, FORECAST_PERCENT_UNKNOWN);
	/* A day on which the clocks were changed is a day. */
	assert_int_equal(read_saved("clock-change", &read, &note), OK);
	assert_int_equal(read.day_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_named),
		cmocka_unit_test(no_word_of_the_service_is_in_the_note),
		cmocka_unit_test(takes_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
