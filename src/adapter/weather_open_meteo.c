/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weather_open_meteo - see the header.
 *
 * Knows no library: the question goes by transfer.c, the answer by base/json. Invariants:
 * every number of a forecast was held against its limits here before it became whole; no
 * word of the service gets any further than a note, and only from our own tables.
 */
#include "adapter/weather_open_meteo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/transfer.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/web_address.h"

enum {
	URL_BYTES = 1024,
	WHERE_BYTES = 64,
	STATUS_OK = 200,
	OFFSET_S_MAX = 18 * FORECAST_SECONDS_OF_HOUR,
	SECONDS_OF_MINUTE = 60,
	DECI = 10,
};

/* Seconds since 1970 up to the year 9999. */
static const double SECONDS_MAX = 253402300799.0;

#define HOURLY \
	"temperature_2m,precipitation_probability,precipitation,weather_code,wind_speed_10m"
#define DAILY                                                                   \
	"weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum," \
	"precipitation_probability_max,wind_speed_10m_max,sunshine_duration"
#define QUESTION                                                                          \
	"current=temperature_2m,precipitation,weather_code,wind_speed_10m&hourly=" HOURLY \
	"&daily=" DAILY "&timezone=auto&timeformat=unixtime&forecast_days=7"              \
	"&forecast_hours=48"

struct open_meteo {
	struct transfers *transfers;
	struct weather_listener listener;
	char url[WEB_ADDRESS_BYTES];
};

/* A question under way. */
struct asking {
	struct open_meteo *meteo;
	uint64_t token;
	int32_t latitude_deci;
	int32_t longitude_deci;
};

/* --- the answer ------------------------------------------------------------------------- */

/* One list of values, and what it becomes. */
enum field {
	FIELD_CODE,
	FIELD_CELSIUS, /* both ends */
	FIELD_LOW,
	FIELD_HIGH,
	FIELD_PERCENT, /* may be unknown */
	FIELD_RAIN,
	FIELD_WIND,
	FIELD_SUN,
};

static const struct {
	const char *unit;
	double smallest;
	double largest;
} FIELDS[] = {
	[FIELD_CODE] = {"wmo code", 0, 99},
	[FIELD_CELSIUS] = {"\xc2\xb0"
			   "C",
			   FORECAST_CELSIUS_DECI_MIN / 10.0,
			   FORECAST_CELSIUS_DECI_MAX / 10.0},
	[FIELD_LOW] = {"\xc2\xb0"
		       "C",
		       FORECAST_CELSIUS_DECI_MIN / 10.0,
		       FORECAST_CELSIUS_DECI_MAX / 10.0},
	[FIELD_HIGH] = {"\xc2\xb0"
			"C",
			FORECAST_CELSIUS_DECI_MIN / 10.0,
			FORECAST_CELSIUS_DECI_MAX / 10.0},
	[FIELD_PERCENT] = {"%", 0, 100},
	[FIELD_RAIN] = {"mm", 0, FORECAST_RAIN_DECI_MAX / 10.0},
	[FIELD_WIND] = {"km/h", 0, FORECAST_WIND_KMH_MAX},
	[FIELD_SUN] = {"s", 0, FORECAST_SECONDS_OF_DAY},
};

struct column {
	const char *name;
	enum field field;
};

static const struct column NOW[] = {
	{"weather_code", FIELD_CODE},
	{"temperature_2m", FIELD_CELSIUS},
	{"precipitation", FIELD_RAIN},
	{"wind_speed_10m", FIELD_WIND},
};

static const struct column HOURS[] = {
	{"weather_code", FIELD_CODE},
	{"temperature_2m", FIELD_CELSIUS},
	{"precipitation_probability", FIELD_PERCENT},
	{"precipitation", FIELD_RAIN},
	{"wind_speed_10m", FIELD_WIND},
};

static const struct column DAYS[] = {
	{"weather_code", FIELD_CODE},
	{"temperature_2m_max", FIELD_HIGH},
	{"temperature_2m_min", FIELD_LOW},
	{"precipitation_probability_max", FIELD_PERCENT},
	{"precipitation_sum", FIELD_RAIN},
	{"wind_speed_10m_max", FIELD_WIND},
	{"sunshine_duration", FIELD_SUN},
};

/* A part of the answer: one object of lists, and one of their units. */
struct table {
	const char *name;
	const char *units;
	const struct column *columns;
	size_t column_count;
	size_t row_count_max;
	int64_t step_s;
	/* A place's clock may change by an hour within the list, where its days begin. */
	int64_t slack_s;
};

static const struct table NOW_TABLE = {"current", "current_units",
				       NOW,       STR_COUNT(NOW),
				       1,         1,
				       0};
static const struct table HOURS_TABLE = {
	"hourly",           "hourly_units",           HOURS, STR_COUNT(HOURS),
	FORECAST_HOURS_MAX, FORECAST_SECONDS_OF_HOUR, 0};
static const struct table DAYS_TABLE = {"daily",
					"daily_units",
					DAYS,
					STR_COUNT(DAYS),
					FORECAST_DAYS_MAX,
					FORECAST_SECONDS_OF_DAY,
					FORECAST_SECONDS_OF_HOUR};

struct reader {
	const struct json_value *root;
	struct err_note *note;
};

static enum err complain(const struct reader *reader, enum err err, const char *table,
			 const char *column, size_t at, const char *expected)
{
	return err_say(err, reader->note, "%s.%s[%zu]: expected %s", table, column, at,
		       expected);
}

/* Rounds what is within its limits; the cast is then safe. */
static void put(struct forecast_row *row, enum field field, double value)
{
	switch (field) {
	case FIELD_CODE:
		row->code = (uint8_t)value;
		break;
	case FIELD_CELSIUS:
		row->low_deci = row->high_deci = (int32_t)lround(value * DECI);
		break;
	case FIELD_LOW:
		row->low_deci = (int32_t)lround(value * DECI);
		break;
	case FIELD_HIGH:
		row->high_deci = (int32_t)lround(value * DECI);
		break;
	case FIELD_PERCENT:
		row->rain_percent = (uint8_t)lround(value);
		break;
	case FIELD_RAIN:
		row->rain_deci = (uint32_t)lround(value * DECI);
		break;
	case FIELD_WIND:
		row->wind_kmh = (uint32_t)lround(value);
		break;
	case FIELD_SUN:
		row->sun_minutes = (uint32_t)lround(value / SECONDS_OF_MINUTE);
		break;
	}
}

/* Takes one value; *out_ends: the service has none. */
static enum err read_value(const struct reader *reader, const struct table *table,
			   const struct column *column, const struct json_value *value,
			   size_t at, struct forecast_row *row, bool *out_ends)
{
	const double number = json_number(value, NAN);
	enum forecast_sky sky;

	/* null: neither of these */
	*out_ends = !json_is_number(value) && !json_is_text(value) &&
		    !json_is_bool(value) && !json_is_array(value) &&
		    !json_is_object(value);
	if (*out_ends && column->field == FIELD_PERCENT) {
		*out_ends = false;
		return OK;
	}
	if (*out_ends)
		return OK;
	if (!json_is_number(value))
		return complain(reader, ERR_FORMAT, table->name, column->name, at,
				"a number");
	if (!(number >= FIELDS[column->field].smallest &&
	      number <= FIELDS[column->field].largest))
		return complain(reader, ERR_RANGE, table->name, column->name, at,
				"a value that is possible on earth");
	if (column->field == FIELD_CODE &&
	    (number != floor(number) || !forecast_sky_of((unsigned)number, &sky)))
		return complain(reader, ERR_RANGE, table->name, column->name, at,
				"a weather code");
	put(row, column->field, number);
	return OK;
}

static enum err check_units(const struct reader *reader, const struct table *table)
{
	const struct json_value *units = json_get(reader->root, table->units);

	if (!str_equal(json_text(json_get(units, "time"), ""), "unixtime"))
		return complain(reader, ERR_FORMAT, table->units, "time", 0, "unixtime");
	for (size_t i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		const char *unit = FIELDS[column->field].unit;

		if (!str_equal(json_text(json_get(units, column->name), ""), unit))
			return complain(reader, ERR_FORMAT, table->units, column->name, 0,
					unit);
	}
	return OK;
}

static bool is_time(const struct json_value *value)
{
	const double seconds = json_number(value, NAN);

	return json_is_number(value) && seconds >= 0 && seconds <= SECONDS_MAX &&
	       seconds == floor(seconds);
}

/* The lists are as long as that of the times, and these follow each other. */
static enum err check_lists(const struct reader *reader, const struct table *table,
			    const struct json_value *lists, size_t count)
{
	const struct json_value *times = json_get(lists, "time");

	for (size_t i = 0; i < table->column_count; i++) {
		const struct json_value *list = json_get(lists, table->columns[i].name);

		if (!json_is_array(list) || json_count(list) != json_count(times))
			return complain(reader, ERR_FORMAT, table->name,
					table->columns[i].name, 0,
					"a list as long as that of the times");
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_time(json_at(times, i)))
			return complain(reader, ERR_FORMAT, table->name, "time", i,
					"seconds since 1970");
		if (i == 0)
			continue;
		const double step = json_number(json_at(times, i), 0) -
				    json_number(json_at(times, i - 1), 0);
		if (fabs(step - (double)table->step_s) > (double)table->slack_s)
			return complain(reader, ERR_RANGE, table->name, "time", i,
					"the time that follows");
	}
	return OK;
}

/* Reads up to the first value that is not there. */
static enum err read_rows(const struct reader *reader, const struct table *table,
			  struct forecast_row *rows, size_t *out_count,
			  int64_t *out_first_s)
{
	const struct json_value *lists = json_get(reader->root, table->name);
	const struct json_value *times = json_get(lists, "time");
	const size_t all = json_is_array(times) ? json_count(times) : 0;
	const size_t most = all < table->row_count_max ? all : table->row_count_max;
	bool ends = false;
	size_t count = 0;
	enum err err = check_units(reader, table);

	if (!err)
		err = check_lists(reader, table, lists, most);
	for (; !err && count < most; count++) {
		rows[count] =
			(struct forecast_row){.rain_percent = FORECAST_PERCENT_UNKNOWN};
		for (size_t i = 0; !err && !ends && i < table->column_count; i++) {
			const struct column *column = &table->columns[i];

			err = read_value(reader, table, column,
					 json_at(json_get(lists, column->name), count),
					 count, &rows[count], &ends);
		}
		if (ends)
			break;
	}
	if (!err && most == 0)
		err = complain(reader, ERR_FORMAT, table->name, "time", 0, "a time");
	if (err)
		return err;
	*out_count = count;
	*out_first_s = (int64_t)json_number(json_at(times, 0), 0);
	return OK;
}

/* What is now stands alone, not in lists, and all of it has to be there. */
static enum err read_now(const struct reader *reader, struct forecast_row *out_row)
{
	const struct table *table = &NOW_TABLE;
	const struct json_value *now = json_get(reader->root, table->name);
	struct forecast_row row = {.rain_percent = FORECAST_PERCENT_UNKNOWN};
	bool ends = false;
	enum err err = check_units(reader, table);

	if (!err && !is_time(json_get(now, "time")))
		err = complain(reader, ERR_FORMAT, table->name, "time", 0,
			       "seconds since 1970");
	for (size_t i = 0; !err && i < table->column_count; i++) {
		const struct column *column = &table->columns[i];

		err = read_value(reader, table, column, json_get(now, column->name), 0,
				 &row, &ends);
		if (!err && ends)
			err = complain(reader, ERR_FORMAT, table->name, column->name, 0,
				       "a number");
	}
	if (!err)
		*out_row = row;
	return err;
}

static bool lows_are_low(const struct forecast *forecast)
{
	for (size_t i = 0; i < forecast->day_count; i++)
		if (forecast->days[i].low_deci > forecast->days[i].high_deci)
			return false;
	return true;
}

/* Midnight where the place is, as its day: half a day later it is that day whatever its clock
 * was changed by. */
static enum err set_days(const struct reader *reader, struct forecast *forecast,
			 int64_t first_s)
{
	const struct json_value *value = json_get(reader->root, "utc_offset_seconds");
	const double offset = json_number(value, NAN);

	if (!json_is_number(value) || !(fabs(offset) <= OFFSET_S_MAX))
		return err_say(ERR_FORMAT, reader->note,
			       "utc_offset_seconds: expected that of a time zone");
	const int64_t noon_s = first_s + (int64_t)offset + FORECAST_SECONDS_OF_DAY / 2;
	if (noon_s < 0 || forecast->day_count == 0 || !lows_are_low(forecast))
		return err_say(ERR_RANGE, reader->note,
			       "daily: expected days, each warmer at its warmest");
	forecast->first_day = noon_s / FORECAST_SECONDS_OF_DAY;
	return OK;
}

/* What the parser quotes may be the place. The first "near" is its own: only a place in the
 * answer stands before it. */
static void drop_quote(struct err_note *note)
{
	char *near = note ? strstr(note->text, " near ") : NULL;

	if (near)
		*near = '\0';
}

enum err weather_open_meteo_read(const char *bytes, size_t size,
				 struct forecast *out_forecast, struct err_note *note)
{
	struct forecast read = *out_forecast;
	struct reader reader = {.note = note};
	struct json *json = NULL;
	int64_t first_s = 0;
	enum err err = json_parse("the forecast", bytes, size,
				  WEATHER_OPEN_METEO_BYTES_MAX, &json, note);

	if (err) {
		drop_quote(note);
		goto out;
	}
	reader.root = json_root(json);
	err = read_now(&reader, &read.now);
	if (!err)
		err = read_rows(&reader, &HOURS_TABLE, read.hours, &read.hour_count,
				&read.first_hour_s);
	if (!err)
		err = read_rows(&reader, &DAYS_TABLE, read.days, &read.day_count,
				&first_s);
	if (!err)
		err = set_days(&reader, &read, first_s);
	if (!err)
		*out_forecast = read;
out:
	json_destroy(json);
	return err;
}

/* --- how it ended ----------------------------------------------------------------------- */

/* Without an answer that could be read. */
static enum err judge(const struct transfer_result *result, struct err_note *note)
{
	char words[DELIVERY_WORDS_BYTES];

	if (result->end != TRANSFER_DONE) {
		transfer_say(result, words);
		return err_say(result->end == TRANSFER_TIMEOUT ? ERR_TIMEOUT
			       : result->end == TRANSFER_LONG  ? ERR_LIMIT
							       : ERR_IO,
			       note, "%s", words);
	}
	if (result->status != STATUS_OK)
		return err_say(ERR_IO, note, "the service answered %u", result->status);
	if (!str_starts(result->type, "application/json"))
		return err_say(ERR_FORMAT, note,
			       "the service answered with something that is no JSON");
	return OK;
}

static void on_done(void *context, const struct transfer_result *result)
{
	struct asking *asking = context;
	const struct weather_listener *listener = &asking->meteo->listener;
	struct err_note note = {""};
	struct weather_result told = {
		.forecast = {.latitude_deci = asking->latitude_deci,
			     .longitude_deci = asking->longitude_deci}};

	told.err = judge(result, &note);
	if (!told.err)
		told.err = weather_open_meteo_read(result->reply + result->body_at,
						   result->reply_size - result->body_at,
						   &told.forecast, &note);
	if (told.err) {
		(void)str_copy_bytes(told.why, sizeof(told.why), note.text,
				     strnlen(note.text, sizeof(told.why) - 1));
		str_clean(told.why);
	}
	listener->done(listener->context, asking->token, &told);
	free(asking);
}

/* --- the question ----------------------------------------------------------------------- */

/* "-3.4" */
static void add_degrees(char to[URL_BYTES], const char *name, int32_t deci)
{
	must(str_append(to, URL_BYTES, "%s=%s%d.%d&", name, deci < 0 ? "-" : "",
			abs(deci) / DECI, abs(deci) % DECI));
}

static enum err open_meteo_fetch(void *self, int32_t latitude_deci,
				 int32_t longitude_deci, uint64_t token)
{
	struct open_meteo *meteo = self;
	struct asking *asking = malloc(sizeof(*asking));
	char url[URL_BYTES];
	const struct transfer_request request = {
		.url = url,
		.protocol = web_address_is_plain(meteo->url) ? "http" : "https",
		.headers = {"Accept: application/json"},
		.connect_ms = WEATHER_WHOLE_MS,
		.whole_ms = WEATHER_WHOLE_MS,
	};
	enum err err;

	if (!asking)
		return ERR_MEMORY;
	*asking = (struct asking){meteo, token, latitude_deci, longitude_deci};
	must(str_format(url, sizeof(url), "%s?", meteo->url));
	add_degrees(url, "latitude", latitude_deci);
	add_degrees(url, "longitude", longitude_deci);
	must(str_append(url, sizeof(url), QUESTION));
	err = transfer_start(meteo->transfers, &request, on_done, asking);
	if (err)
		free(asking);
	return err;
}

static void open_meteo_close(void *self)
{
	struct open_meteo *meteo = self;

	if (!meteo)
		return;
	transfers_close(meteo->transfers);
	free(meteo);
}

static const struct weather_ops OPEN_METEO_OPS = {
	.fetch = open_meteo_fetch,
	.close = open_meteo_close,
};

enum err weather_open_meteo_open(struct loop *loop, const char *url,
				 struct weather_listener listener,
				 struct weather *out_weather, struct err_note *note)
{
	struct open_meteo *meteo = NULL;
	enum err err = web_address_check(url, "the weather service's address", note);

	if (err)
		return err;
	meteo = calloc(1, sizeof(*meteo));
	err = meteo ? transfers_open(loop, WEATHER_OPEN_MAX, &meteo->transfers)
		    : ERR_MEMORY;
	if (err)
		goto out;
	meteo->listener = listener;
	must(str_copy(meteo->url, sizeof(meteo->url), url));
	*out_weather = (struct weather){.ops = &OPEN_METEO_OPS, .self = meteo};
	meteo = NULL;
out:
	open_meteo_close(meteo);
	return err ? err_say(err, note, "%s", err_words(err)) : OK;
}
