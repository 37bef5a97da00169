/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecasts: asked for at once when a place is set and then by the clock alone, never before
 * one is set, later and later after failures, and told again to a keeper that comes back.
 */
#include "cmocka_all.h"

#include <string.h>

#include "fake/clock_fake.h"
#include "gate/forecasts.h"

enum { MINUTE_MS = 60 * 1000, ASKED_MAX = 64 };

/* Notes what is asked for, and answers when it is told to. */
struct bench {
	struct clock_fake clock;
	struct clock port;
	struct weather weather;
	struct forecasts *forecasts;
	enum err refuses;
	size_t asked;
	struct {
		int32_t latitude_deci;
		int32_t longitude_deci;
		uint64_t token;
	} questions[ASKED_MAX];
	size_t told;
	struct forecast newest;
};

static enum err fetch(void *self, int32_t latitude_deci, int32_t longitude_deci,
		      uint64_t token)
{
	struct bench *bench = self;

	if (bench->refuses)
		return bench->refuses;
	assert_true(bench->asked < ASKED_MAX);
	bench->questions[bench->asked].latitude_deci = latitude_deci;
	bench->questions[bench->asked].longitude_deci = longitude_deci;
	bench->questions[bench->asked++].token = token;
	return OK;
}

static void tell(void *context, const struct wire_forecast *told)
{
	struct bench *bench = context;

	assert_int_equal(forecast_read(told->bytes.bytes, told->bytes.size,
				       &bench->newest),
			 OK);
	bench->told++;
}

static void begin(struct bench *bench)
{
	static const struct weather_ops ops = {.fetch = fetch};
	struct forecasts_parts parts = {.tell = tell, .context = bench};

	memset(bench, 0, sizeof(*bench));
	bench->weather = (struct weather){&ops, bench};
	bench->port = clock_fake_init(&bench->clock);
	parts.clock = bench->port;
	parts.weather = &bench->weather;
	assert_int_equal(forecasts_create(&parts, &bench->forecasts), OK);
}

static void place(struct bench *bench, bool is_set, int64_t latitude, int64_t longitude)
{
	forecasts_place(bench->forecasts,
			&(struct wire_weather_place){.is_set = is_set,
						     .latitude_deci = latitude,
						     .longitude_deci = longitude});
}

/* Answers the newest question. */
static void answer(struct bench *bench, enum err err)
{
	const size_t at = bench->asked - 1;
	struct weather_result result = {
		.err = err,
		.why = "as told",
		.forecast = {.latitude_deci = bench->questions[at].latitude_deci,
			     .longitude_deci = bench->questions[at].longitude_deci,
			     .day_count = 1}};

	forecasts_done(bench->forecasts, bench->questions[at].token, &result);
}

/* As the program's timer: in steps of a minute, and never when nothing is due. */
static void wait_minutes(struct bench *bench, unsigned minutes)
{
	for (unsigned i = 0; i < minutes; i++) {
		clock_fake_pass(&bench->clock, MINUTE_MS);
		if (forecasts_next_ms(bench->forecasts) == 0)
			forecasts_tick(bench->forecasts);
	}
}

static void asks_nobody_without_a_place(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	assert_true(forecasts_next_ms(bench.forecasts) == -1);
	wait_minutes(&bench, 24 * 60);
	forecasts_tick(bench.forecasts);
	place(&bench, false, 0, 0);
	wait_minutes(&bench, 24 * 60);
	assert_int_equal(bench.asked, 0);
	forecasts_destroy(bench.forecasts);
}

static void asks_at_once_and_every_half_hour(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	place(&bench, true, 525, -34);
	assert_int_equal(bench.asked, 1);
	assert_int_equal(bench.questions[0].latitude_deci, 525);
	assert_int_equal(bench.questions[0].longitude_deci, -34);
	assert_true(forecasts_next_ms(bench.forecasts) == -1); /* one at a time */
	answer(&bench, OK);
	assert_int_equal(bench.told, 1);
	assert_true(bench.newest.fetched_ms == clock_wall_ms(&bench.port));
	for (unsigned i = 2; i < 8; i++) {
		wait_minutes(&bench, 29);
		assert_int_equal(bench.asked, i - 1);
		wait_minutes(&bench, 1);
		assert_int_equal(bench.asked, i);
		answer(&bench, OK);
	}
	forecasts_destroy(bench.forecasts);
}

static void asks_later_and_later(void **state)
{
	static const unsigned pauses[] = {1, 2, 4, 8, 16, 30, 30};
	struct bench bench;

	(void)state;
	begin(&bench);
	place(&bench, true, 525, 134);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		answer(&bench, ERR_IO);
		wait_minutes(&bench, pauses[i] - 1);
		assert_int_equal(bench.asked, i + 1);
		wait_minutes(&bench, 1);
		assert_int_equal(bench.asked, i + 2);
	}
	assert_int_equal(bench.told, 0);
	answer(&bench, OK);
	assert_int_equal(bench.told, 1);
	wait_minutes(&bench, 30);
	answer(&bench, ERR_TIMEOUT); /* and the first pause is short again */
	wait_minutes(&bench, 1);
	assert_int_equal(bench.asked, 10);
	forecasts_destroy(bench.forecasts);
}

static void waits_when_it_cannot_ask(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	bench.refuses = ERR_BUSY;
	place(&bench, true, 525, 134);
	assert_true(forecasts_next_ms(bench.forecasts) == FORECASTS_PAUSE_MS);
	bench.refuses = OK;
	wait_minutes(&bench, 1);
	assert_int_equal(bench.asked, 1);
	forecasts_destroy(bench.forecasts);
}

/* The service answers for the place of before, or for none. */
static void forgets_another_place(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	place(&bench, true, 525, 134);
	place(&bench, true, 10, 10);
	assert_int_equal(bench.asked, 2);
	bench.asked = 1; /* the first question's answer comes now */
	answer(&bench, OK);
	assert_int_equal(bench.told, 0);
	bench.asked = 2;
	answer(&bench, OK);
	assert_int_equal(bench.told, 1);
	assert_int_equal(bench.newest.latitude_deci, 10);
	place(&bench, false, 0, 0);
	place(&bench, true, 10, 10); /* it was off: what was known is gone */
	assert_int_equal(bench.told, 1);
	assert_int_equal(bench.asked, 3);
	place(&bench, false, 0, 0);
	answer(&bench, OK);
	assert_int_equal(bench.told, 1);
	wait_minutes(&bench, 24 * 60);
	assert_int_equal(bench.asked, 3);
	forecasts_destroy(bench.forecasts);
}

/* A keeper that comes back is told what there is; the service is not asked for that. */
static void tells_again(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	place(&bench, true, 525, 134);
	place(&bench, true, 525, 134);
	assert_int_equal(bench.asked, 1);
	assert_int_equal(bench.told, 0);
	answer(&bench, OK);
	place(&bench, true, 525, 134);
	assert_int_equal(bench.asked, 1);
	assert_int_equal(bench.told, 2);
	forecasts_destroy(bench.forecasts);
}

static void needs_a_service(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	bench.weather.ops = NULL;
	place(&bench, true, 525, 134);
	assert_true(forecasts_next_ms(bench.forecasts) == -1);
	forecasts_tick(bench.forecasts);
	assert_int_equal(bench.asked, 0);
	forecasts_destroy(bench.forecasts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_nobody_without_a_place),
		cmocka_unit_test(asks_at_once_and_every_half_hour),
		cmocka_unit_test(asks_later_and_later),
		cmocka_unit_test(waits_when_it_cannot_ask),
		cmocka_unit_test(forgets_another_place),
		cmocka_unit_test(tells_again),
		cmocka_unit_test(needs_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
