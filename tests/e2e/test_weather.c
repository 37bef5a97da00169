/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forecasts from a server that answers as Open-Meteo documents it, and from servers that
 * misbehave.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/weather_open_meteo.h"
#include "base/file.h"
#include "base/str.h"
#include "e2e/loopback.h"
#include "e2e/process.h"
#include "e2e/scripted_server.h"
#include "folder.h"

enum {
	TURN_MS = 20,
	TURNS_MAX = 1500,
	URL_BYTES = 128,
	GOT_MAX = 64 * 1024,
	WAIT_MS = 10000,
	STEP_MS = 20,
	TOKEN = 7,
};

static char folder[FILE_PATH_BYTES];
static char got[FILE_PATH_BYTES];
static char log_file[FILE_PATH_BYTES];
static struct loop *loop;

struct heard {
	unsigned done_count;
	struct weather_result result;
};

static void on_done(void *context, uint64_t token, const struct weather_result *result)
{
	struct heard *heard = context;

	assert_true(token == TOKEN);
	heard->done_count++;
	heard->result = *result;
}

static int begin(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	assert_true(str_format(folder, sizeof(folder), "%s/behest-weather-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(got, sizeof(got), folder, "got"));
	assert_true(file_join(log_file, sizeof(log_file), folder, "log"));
	assert_int_equal(loop_create(&loop), OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	loop_destroy(loop);
	return folder_remove(folder);
}

static struct weather_result ask(const char *url)
{
	struct heard heard = {0};
	struct err_note note = {""};
	struct weather weather = {0};

	if (weather_open_meteo_open(loop, url, (struct weather_listener){&heard, on_done},
				    &weather, &note) != OK)
		fail_msg("%s", note.text);
	assert_int_equal(weather_fetch(&weather, 525, -34, TOKEN), OK);
	assert_int_equal(heard.done_count, 0);
	for (unsigned i = 0; i < TURNS_MAX && heard.done_count == 0; i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	assert_int_equal(heard.done_count, 1);
	weather_close(&weather);
	return heard.result;
}

/* --- a server that answers -------------------------------------------------------------- */

static pid_t start_peer(char url[URL_BYTES])
{
	const char *source = getenv("BEHEST_SOURCE");
	const uint16_t port = loopback_free_port();
	char script[FILE_PATH_BYTES];
	char number[8];

	assert_non_null(source);
	assert_true(
		file_join(script, sizeof(script), source, "tests/e2e/weather_peer.py"));
	assert_true(str_format(number, sizeof(number), "%u", port));
	assert_true(str_format(url, URL_BYTES, "http://127.0.0.1:%u/v1/forecast", port));
	const char *const words[] = {"/usr/bin/python3", script, number, got, NULL};
	const pid_t pid = process_start(words, log_file);
	for (int waited_ms = 0; !loopback_is_listening(port) && waited_ms < WAIT_MS;
	     waited_ms += STEP_MS)
		(void)poll(NULL, 0, STEP_MS);
	return pid;
}

static void reads_the_documented_form(void **state)
{
	char url[URL_BYTES];
	pid_t peer = start_peer(url);
	const struct weather_result result = ask(url);
	const struct forecast *forecast = &result.forecast;
	struct buf bytes = {0};

	(void)state;
	(void)process_end(&peer, SIGTERM);
	if (result.err)
		fail_msg("%s", result.why);
	assert_true(forecast_is_sane(forecast));
	assert_int_equal(forecast->latitude_deci, 525);
	assert_int_equal(forecast->longitude_deci, -34);
	assert_int_equal(forecast->now.low_deci, 123);
	assert_int_equal(forecast->now.wind_kmh, 9);
	assert_int_equal(forecast->hour_count, FORECAST_HOURS_MAX);
	assert_int_equal(forecast->day_count, FORECAST_DAYS_MAX);
	assert_int_equal(forecast->days[1].code, 61);
	assert_int_equal(forecast->days[1].rain_percent, 90);
	assert_int_equal(forecast->days[1].rain_deci, 75);
	assert_int_equal(forecast->days[1].low_deci, 46);
	assert_int_equal(forecast->days[1].high_deci, 134);
	assert_int_equal(forecast->days[1].sun_minutes, 120);
	assert_int_equal(forecast->days[6].rain_percent, FORECAST_PERCENT_UNKNOWN);
	assert_int_equal(forecast->first_day,
			 forecast->first_hour_s / FORECAST_SECONDS_OF_DAY);
	/* Nobody is told more than a tenth of a degree. */
	assert_int_equal(file_read(got, GOT_MAX, &bytes, NULL), OK);
	assert_non_null(strstr((const char *)bytes.bytes,
			       "GET /v1/forecast?latitude=52.5&longitude=-3.4&current="));
	buf_finish(&bytes);
}

/* --- servers that misbehave ------------------------------------------------------------- */

static struct weather_result ask_scripted(const struct script_row *rows)
{
	const struct script script = {.rows = rows};
	struct scripted_server *scripted = scripted_server_begin(&script);
	char url[URL_BYTES];

	assert_true(str_format(url, sizeof(url), "http://127.0.0.1:%u/v1/forecast",
			       scripted_server_port(scripted)));
	const struct weather_result result = ask(url);
	scripted_server_end(scripted);
	return result;
}

#define JSON(body) \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body

static void survives_odd_servers(void **state)
{
	static const struct {
		struct script_row rows[2];
		enum err err;
		const char *words;
	} odd[] = {
		{ANSWER("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			"Connection: close\r\n\r\n<html>log in to the hotel</html>",
			SCRIPT_DROP),
		 ERR_FORMAT, "no JSON"},
		{ANSWER("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", SCRIPT_DROP),
		 ERR_FORMAT, "no JSON"},
		{ANSWER(JSON("<html></html>"), SCRIPT_DROP), ERR_FORMAT,
		 "the forecast:1"},
		{ANSWER(JSON("{\"current\": NaN}"), SCRIPT_DROP), ERR_FORMAT,
		 "the forecast:1"},
		{ANSWER(JSON("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
			SCRIPT_DROP),
		 ERR_LIMIT, "the forecast"},
		{ANSWER(JSON("{\"error\": true, \"reason\": \"no\"}"), SCRIPT_DROP),
		 ERR_FORMAT, "current_units.time"},
		{ANSWER(JSON(""), SCRIPT_DROP), ERR_FORMAT, "the forecast"},
		{ANSWER("HTTP/1.1 302 there\r\nLocation: http://127.0.0.1:1/\r\n"
			"Content-Length: 0\r\n\r\n",
			SCRIPT_DROP),
		 ERR_IO, "answered 302"},
		{ANSWER("HTTP/1.1 429 slow\r\nContent-Length: 0\r\n\r\n", SCRIPT_DROP),
		 ERR_IO, "answered 429"},
		{ANSWER("HTTP/1.1 500 down\r\nContent-Length: 0\r\n\r\n", SCRIPT_DROP),
		 ERR_IO, "answered 500"},
		{ANSWER("\x01\x02\xff garbage\r\n\r\n", SCRIPT_DROP), ERR_IO,
		 "the server"},
		{ANSWER(JSON("[1,2,3,4,5,6,7,8,"), SCRIPT_FLOOD), ERR_LIMIT,
		 "more than anybody reads"},
		{ANSWER(NULL, SCRIPT_DROP), ERR_IO, "hung up"},
		/* hangs: ten seconds, and it is over */
		{ANSWER(JSON("{"), SCRIPT_STALL), ERR_TIMEOUT, "in time"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(odd); i++) {
		const struct weather_result result = ask_scripted(odd[i].rows);

		if (result.err != odd[i].err || !strstr(result.why, odd[i].words))
			fail_msg("row %zu: %d \"%s\"", i, (int)result.err, result.why);
	}
}

static void finds_nobody(void **state)
{
	const struct weather_result result = ask("https://127.0.0.1:1/v1/forecast");

	(void)state;
	assert_int_equal(result.err, ERR_IO);
	assert_non_null(strstr(result.why, "cannot be reached"));
}

static void refuses_addresses(void **state)
{
	static const char *const addresses[] = {
		"http://api.open-meteo.com/v1/forecast",
		"http://127.0.0.1.evil.example/x",
		"http://localhost/x",
		"ftp://127.0.0.1/x",
		"https://host",
		"https://user@host/x",
		"https://host:0/x",
		"https://host:65536/x",
		"https:///x",
		"https://host/x?y=z",
		"",
		"http://[::2]/x",
	};
	struct weather weather = {0};
	struct heard heard = {0};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(addresses); i++) {
		struct err_note note = {""};

		if (weather_open_meteo_open(loop, addresses[i],
					    (struct weather_listener){&heard, on_done},
					    &weather, &note) == OK)
			fail_msg("%s is taken", addresses[i]);
		assert_non_null(strstr(note.text, "the weather service's address"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_documented_form),
		cmocka_unit_test(survives_odd_servers),
		cmocka_unit_test(finds_nobody),
		cmocka_unit_test(refuses_addresses),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
