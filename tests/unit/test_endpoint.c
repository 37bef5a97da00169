/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint: where a sentence begins and ends, on sounds made here: a buzzing voice,
 * pauses, steady noise, clicks.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "domain/settings.h"
#include "listen/endpoint.h"

enum { SECOND = 1000, FED_MAX_MS = 20 * SECOND };

/* What one stretch of sound is. */
struct stretch {
	int ms;
	double voice; /* amplitude */
	double noise;
};

struct heard {
	int start_ms; /* -1: did not happen */
	int suspect_ms;
	int resume_ms;
	int end_ms;
	int nobody_ms;
	int starts;
	int suspects;
	int resumes;
};

static struct endpoint *endpoint;
static uint32_t seed;
static double phase;
static int fed_ms;

/* What a bad line does to the sound. */
static struct {
	double offset;
	int drop_every; /* frames; 0: none */
	int twice_every;
} line;

static int open_endpoint(void **state)
{
	(void)state;
	seed = 1;
	phase = 0;
	fed_ms = 0;
	memset(&line, 0, sizeof(line));
	return endpoint_create(endpoint_defaults(), &endpoint) != OK;
}

static int close_endpoint(void **state)
{
	(void)state;
	endpoint_destroy(endpoint);
	endpoint = NULL;
	return 0;
}

static double noise_sample(void)
{
	seed = seed * 1664525U + 1013904223U;
	return (double)seed / 2147483648.0 - 1;
}

/* A buzz of 140 Hz with many overtones, four syllables a second. */
static double voice_sample(void)
{
	double syllable = 0.6 + 0.4 * sin(phase * 4 * 2 * acos(-1));
	double sum = 0;

	for (int k = 1; k <= 24; k++)
		sum += sin(2 * acos(-1) * 140 * k * phase) / sqrt(k);
	phase += 1.0 / AUDIO_HZ;
	return syllable * sum / 6;
}

static void make_frame(const struct stretch *stretch, struct audio_frame *frame)
{
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		double value = stretch->noise * noise_sample();
		if (stretch->voice > 0)
			value += stretch->voice * voice_sample();
		value = fmax(-32768, fmin(32767, value + line.offset));
		frame->samples[i] = (int16_t)lround(value);
	}
}

static void take(struct heard *heard, enum endpoint_event event)
{
	switch (event) {
	case ENDPOINT_NOTHING:
		break;
	case ENDPOINT_START:
		heard->start_ms = fed_ms;
		heard->starts++;
		break;
	case ENDPOINT_SUSPECT:
		heard->suspect_ms = fed_ms;
		heard->suspects++;
		break;
	case ENDPOINT_RESUME:
		heard->resume_ms = fed_ms;
		heard->resumes++;
		break;
	case ENDPOINT_END:
		assert_int_equal(heard->end_ms, -1);
		heard->end_ms = fed_ms;
		break;
	case ENDPOINT_NOBODY:
		assert_int_equal(heard->nobody_ms, -1);
		heard->nobody_ms = fed_ms;
		break;
	}
}

static struct heard hear(const struct stretch *stretches, size_t count,
			 enum endpoint_words words)
{
	struct heard heard = {-1, -1, -1, -1, -1, 0, 0, 0};
	struct audio_frame frame;

	for (size_t i = 0; i < count; i++) {
		for (int ms = 0; ms < stretches[i].ms; ms += AUDIO_FRAME_MS) {
			make_frame(&stretches[i], &frame);
			int number = fed_ms / AUDIO_FRAME_MS;
			fed_ms += AUDIO_FRAME_MS;
			assert_true(fed_ms < FED_MAX_MS);
			if (line.drop_every && number % line.drop_every == 0)
				continue;
			take(&heard, endpoint_feed(endpoint, &frame, words));
			if (line.twice_every && number % line.twice_every == 0)
				take(&heard, endpoint_feed(endpoint, &frame, words));
		}
	}
	return heard;
}

#define HEAR(words, ...)                            \
	hear((const struct stretch[]){__VA_ARGS__}, \
	     STR_COUNT(((const struct stretch[]){__VA_ARGS__})), words)

/* Frames overlap a little and levels are smoothed: an edge may be that much off. */
enum { EDGE_MS = 140 };

static void assert_about(int ms, int wanted_ms)
{
	assert_in_range(ms, wanted_ms - EDGE_MS, wanted_ms + EDGE_MS);
}

static void test_ranges(void **state)
{
	struct endpoint_settings good = endpoint_defaults();
	struct endpoint_settings bad[8];
	struct endpoint *none = NULL;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(bad); i++)
		bad[i] = good;
	bad[0].silence_ms = 199;
	bad[1].silence_ms = 3001;
	bad[2].complete_ms = 99;
	bad[3].complete_ms = good.silence_ms + 1;
	bad[4].suspect_ms = 39;
	bad[5].suspect_ms = good.complete_ms + 1;
	bad[6].patience_ms = 999;
	bad[7].patience_ms = 10001;
	for (size_t i = 0; i < STR_COUNT(bad); i++)
		assert_int_equal(endpoint_create(bad[i], &none), ERR_RANGE);
	assert_null(none);
	endpoint_destroy(NULL);
}

/* A sentence of a second after half a second of quiet: ended by the silence its words
 * ask for. */
static void ends_after(enum endpoint_words words, int silence_ms)
{
	struct heard heard = HEAR(words, {500, 0, 20}, {1000, 6000, 20}, {2000, 0, 20});

	assert_about(heard.start_ms, 500 + 100);
	assert_about(heard.suspect_ms, 1500 + (int)endpoint_defaults().suspect_ms);
	assert_about(heard.end_ms, 1500 + silence_ms);
	assert_true(heard.suspect_ms < heard.end_ms);
	assert_int_equal(heard.resumes, 0);
	assert_int_equal(heard.nobody_ms, -1);
	assert_about((int)endpoint_last_voiced_ms(endpoint), 1500);
}

static void test_ends_without_words(void **state)
{
	(void)state;
	ends_after(ENDPOINT_WORDS_OPEN, 1200);
}

static void test_ends_whole(void **state)
{
	(void)state;
	ends_after(ENDPOINT_WORDS_WHOLE, 180);
}

static void test_ends_that_may_go_on(void **state)
{
	(void)state;
	ends_after(ENDPOINT_WORDS_MAY_GO_ON, 280);
}

static void test_ends_that_may_be_added_to(void **state)
{
	(void)state;
	ends_after(ENDPOINT_WORDS_MAY_ADD, 1200);
}

static void test_ends_a_short_answer(void **state)
{
	struct heard heard =
		HEAR(ENDPOINT_WORDS_ANSWER, {500, 0, 20}, {260, 6000, 20}, {1500, 0, 20});

	(void)state;
	assert_in_range(heard.end_ms, 760 + 180, 760 + 300);
}

static void test_ends_in_mid_sentence(void **state)
{
	(void)state;
	ends_after(ENDPOINT_WORDS_BEGUN, 1500);
}

static void test_pause_within(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {500, 0, 20}, {800, 6000, 20},
				  {400, 0, 20}, {800, 6000, 20}, {1500, 0, 20});

	(void)state;
	assert_int_equal(heard.starts, 1);
	assert_int_equal(heard.suspects, 2);
	assert_int_equal(heard.resumes, 1);
	assert_about(heard.resume_ms, 1700 + 40);
	assert_about(heard.end_ms, 2500 + 1200);
}

static void test_nobody_in_silence(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {7000, 0, 0});

	(void)state;
	assert_int_equal(heard.starts, 0);
	assert_int_equal(heard.nobody_ms, (int)endpoint_defaults().patience_ms);
}

static void test_nobody_in_steady_noise(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {7000, 0, 1500});

	(void)state;
	assert_int_equal(heard.starts, 0);
	assert_int_equal(heard.nobody_ms, (int)endpoint_defaults().patience_ms);
}

/* 18 dB between voice and noise. */
static void test_voice_in_noise(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {1000, 0, 500}, {1500, 6000, 500},
				  {2000, 0, 500});

	(void)state;
	assert_about(heard.start_ms, 1200);
	assert_about(heard.end_ms, 2500 + 1200);
}

/* Speech from the very first sample, as after a name: the first gap between words is
 * enough to learn what the room sounds like. */
static void test_voice_at_once(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {300, 6000, 20}, {100, 0, 20},
				  {1100, 6000, 20}, {2000, 0, 20});

	(void)state;
	assert_int_equal(heard.starts, 1);
	assert_about(heard.end_ms, 1500 + 1200);
}

static void test_click_is_no_start(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {1000, 0, 20}, {20, 0, 15000},
				  {3000, 0, 20}, {20, 0, 15000}, {1500, 0, 20});

	(void)state;
	assert_int_equal(heard.starts, 0);
}

/* A cup put down is not a sentence: waiting goes on, and the sentence after it counts. */
static void test_short_noise_is_no_sentence(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {500, 0, 20}, {80, 0, 9000},
				  {1500, 0, 20}, {1000, 6000, 20}, {1500, 0, 20});

	(void)state;
	assert_about(heard.end_ms, 3080 + 1200);
	assert_int_equal(heard.suspects, heard.resumes + 1);
}

static void test_silent_after_the_end(void **state)
{
	struct heard heard;

	(void)state;
	ends_after(ENDPOINT_WORDS_WHOLE, 180);
	heard = HEAR(ENDPOINT_WORDS_WHOLE, {1000, 6000, 20}, {1000, 0, 20});
	assert_int_equal(heard.starts + heard.suspects + heard.resumes, 0);
	assert_int_equal(heard.end_ms, -1);
}

/* A reset forgets the sentence, not the room: loud noise it knows starts nothing. */
static void test_reset_keeps_the_room(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_OPEN, {3000, 0, 1500});

	(void)state;
	endpoint_reset(endpoint);
	assert_int_equal(endpoint_last_voiced_ms(endpoint), 0);
	heard = HEAR(ENDPOINT_WORDS_OPEN, {1000, 0, 1500}, {1000, 20000, 1500},
		     {1500, 0, 1500});
	assert_int_equal(heard.starts, 1);
	assert_about(heard.start_ms, 4100);
	assert_about(heard.end_ms, 5000 + 1200);
}

/* A cheap sound card's zero is somewhere else. */
static void test_offset(void **state)
{
	(void)state;
	line.offset = 5000;
	ends_after(ENDPOINT_WORDS_WHOLE, 180);
}

static void test_clipped(void **state)
{
	struct heard heard = HEAR(ENDPOINT_WORDS_WHOLE, {500, 0, 20}, {1000, 90000, 20},
				  {1500, 0, 20});

	(void)state;
	assert_int_equal(heard.starts, 1);
	assert_about(heard.end_ms, 1500 + 180);
}

/* Over a telephone there is nothing above 4 kHz, and between words not even noise. */
static void test_narrow_band_and_dead_silence(void **state)
{
	struct heard heard =
		HEAR(ENDPOINT_WORDS_WHOLE, {500, 0, 0}, {1000, 3000, 0}, {1500, 0, 0});

	(void)state;
	assert_int_equal(heard.starts, 1);
	assert_int_equal(heard.resumes, 0);
	assert_about(heard.end_ms, 1500 + 180);
}

static void test_dropped_frames(void **state)
{
	(void)state;
	line.drop_every = 9;
	ends_after(ENDPOINT_WORDS_WHOLE, 180);
}

static void test_frames_that_come_twice(void **state)
{
	struct heard heard;

	(void)state;
	line.twice_every = 9;
	heard = HEAR(ENDPOINT_WORDS_WHOLE, {500, 0, 20}, {1000, 6000, 20}, {1500, 0, 20});
	assert_int_equal(heard.starts, 1);
	assert_int_equal(heard.resumes, 0);
	assert_about(heard.end_ms, 1500 + 180);
}

/* What the settings file says where it says nothing. */
static void test_settings_agree(void **state)
{
	struct settings settings;
	struct endpoint_settings defaults = endpoint_defaults();

	(void)state;
	settings_init(&settings);
	assert_int_equal(settings.listen_silence_ms, (int)defaults.silence_ms);
	assert_int_equal(settings.listen_complete_ms, (int)defaults.complete_ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_endpoint, close_endpoint)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		TEST(test_ends_without_words),
		TEST(test_ends_whole),
		TEST(test_ends_that_may_go_on),
		TEST(test_ends_that_may_be_added_to),
		TEST(test_ends_a_short_answer),
		TEST(test_ends_in_mid_sentence),
		TEST(test_pause_within),
		TEST(test_nobody_in_silence),
		TEST(test_nobody_in_steady_noise),
		TEST(test_voice_in_noise),
		TEST(test_voice_at_once),
		TEST(test_click_is_no_start),
		TEST(test_short_noise_is_no_sentence),
		TEST(test_silent_after_the_end),
		TEST(test_reset_keeps_the_room),
		TEST(test_offset),
		TEST(test_clipped),
		TEST(test_narrow_band_and_dead_silence),
		TEST(test_dropped_frames),
		TEST(test_frames_that_come_twice),
		cmocka_unit_test(test_settings_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
