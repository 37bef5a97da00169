/* SPDX-License-Identifier: Apache-2.0 */
/* test_voice - the contract of a voice, for the fake and for flite alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/voice_flite.h"
#include "base/str.h"
#include "fake/voice_fake.h"

struct stage {
	struct voice_fake *fake;
	struct voice voice;
};

static void stage_fake(struct stage *stage)
{
	assert_int_equal(voice_fake_create(&stage->fake), OK);
	stage->voice = voice_fake_port(stage->fake);
}

static void stage_flite(struct stage *stage)
{
	assert_int_equal(voice_flite_create(&stage->voice), OK);
}

static void (*const STAGES[])(struct stage *stage) = {stage_fake, stage_flite};

static void clear(struct stage *stage)
{
	voice_close(&stage->voice);
	voice_close(&stage->voice); /* again: nothing */
	voice_fake_destroy(stage->fake);
}

static int loudest(struct audio_span sound)
{
	int peak = 0;

	for (size_t i = 0; i < sound.count; i++)
		peak = abs(sound.samples[i]) > peak ? abs(sound.samples[i]) : peak;
	return peak;
}

static void test_more_words_take_longer(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};
		struct audio_span sound = {0};
		size_t first = 0;

		STAGES[i](&stage);
		assert_int_equal(voice_speak(&stage.voice, "The light is on.", &sound),
				 OK);
		first = sound.count;
		assert_true(first > AUDIO_HZ / 4);
		assert_true(loudest(sound) > 1000);
		assert_int_equal(
			voice_speak(&stage.voice,
				    "The light in the kitchen is on, and the blind is "
				    "closed.",
				    &sound),
			OK);
		assert_true(sound.count > first);
		assert_true(sound.count <= (size_t)VOICE_SECONDS_MAX * AUDIO_HZ);
		clear(&stage);
	}
}

static void test_nothing_to_say(void **state)
{
	static const char *const TEXTS[] = {"", "   ", "...", "\n\t", "\x01\x02"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};
		struct audio_span sound = {0};

		STAGES[i](&stage);
		for (size_t n = 0; n < STR_COUNT(TEXTS); n++)
			assert_int_equal(voice_speak(&stage.voice, TEXTS[n], &sound),
					 ERR_FORMAT);
		assert_null(sound.samples);
		clear(&stage);
	}
}

static void test_too_much_to_say(void **state)
{
	char text[VOICE_TEXT_MAX + 2];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};
		struct audio_span sound = {0};

		STAGES[i](&stage);
		assert_int_equal(voice_speak(&stage.voice, text, &sound), ERR_LIMIT);
		clear(&stage);
	}
}

/* Short to write and minutes to say: given up after a minute of sound. */
static void test_flite_gives_up_in_time(void **state)
{
	char text[VOICE_TEXT_MAX + 1];
	struct stage stage = {0};
	struct audio_span sound = {0};

	(void)state;
	for (size_t i = 0; i < VOICE_TEXT_MAX; i++)
		text[i] = i % 4 == 3 ? ' ' : '7';
	text[VOICE_TEXT_MAX] = '\0';
	stage_flite(&stage);
	assert_int_equal(voice_speak(&stage.voice, text, &sound), ERR_LIMIT);
	assert_int_equal(voice_speak(&stage.voice, "Still here.", &sound), OK);
	clear(&stage);
}

static void test_flite_makes_text_plain(void **state)
{
	static const struct {
		const char *text;
		const char *same_as;
	} ROWS[] = {
		{"caf\xC3\xA9 light", "cafe light"},
		{"it\xE2\x80\x99s on", "it's on"},
		{"21\xC2\xB0", "21 degrees "},
		{"on\x07 and\x1B[31m off", "on and [31m off"},
		{"half \xC3", "half"},
		{"\xF0\x9F\x92\xA1 on", "on"},
	};
	struct stage stage = {0};

	(void)state;
	stage_flite(&stage);
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct audio_span sound = {0};
		size_t count = 0;

		assert_int_equal(voice_speak(&stage.voice, ROWS[i].text, &sound), OK);
		count = sound.count;
		assert_int_equal(voice_speak(&stage.voice, ROWS[i].same_as, &sound), OK);
		if (count != sound.count)
			fail_msg("row %zu: %zu samples, not %zu", i, count, sound.count);
	}
	clear(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more_words_take_longer),
		cmocka_unit_test(test_nothing_to_say),
		cmocka_unit_test(test_too_much_to_say),
		cmocka_unit_test(test_flite_gives_up_in_time),
		cmocka_unit_test(test_flite_makes_text_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
