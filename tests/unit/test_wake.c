/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wake - the contract of a wake detector, for the fake and for PocketSphinx alike.
 *
 * The name is spoken by our own synthetic voice here; figures on human voices come from
 * tools/try-wake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/voice_flite.h"
#include "adapter/wake_pocketsphinx.h"
#include "base/str.h"
#include "fake/wake_fake.h"

enum { SOUND_MAX = 8 * AUDIO_HZ, MARGIN = AUDIO_HZ };

/* A second of silence, the text, a second of silence. */
struct spoken {
	size_t count;
	int16_t samples[SOUND_MAX];
};

struct heard {
	unsigned woke;
	unsigned rejected;
	size_t at; /* sample after the last accepted frame */
	uint32_t back_ms;
};

static struct spoken name_said;
static struct spoken other_said;

static void say(struct voice *voice, const char *text, struct spoken *out_spoken)
{
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(voice, text, &sound), OK);
	assert_true(sound.count + 2 * MARGIN <= SOUND_MAX);
	out_spoken->count = sound.count + 2 * MARGIN;
	for (size_t i = 0; i < out_spoken->count; i++) /* a line is never quite silent */
		out_spoken->samples[i] = (int16_t)((i * 7) % 9) - 4;
	for (size_t i = 0; i < sound.count; i++)
		out_spoken->samples[MARGIN + i] = sound.samples[i];
}

static int prepare(void **state)
{
	struct voice voice = {0};

	(void)state;
	assert_int_equal(voice_flite_create(&voice), OK);
	say(&voice, "jarvis, turn on the kitchen light.", &name_said);
	say(&voice, "we had a lot of rain in the summer.", &other_said);
	voice_close(&voice);
	return 0;
}

static struct heard feed(struct wake *wake, const struct spoken *spoken)
{
	struct heard heard = {0};

	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= spoken->count;
	     at += AUDIO_FRAME_SAMPLES) {
		struct audio_frame frame;
		struct wake_report report;

		memcpy(frame.samples, spoken->samples + at, sizeof(frame.samples));
		wake_feed(wake, &frame, &report);
		assert_true(!report.accepted || report.candidate);
		assert_true(report.back_ms <= 2000);
		if (!report.candidate)
			continue;
		assert_int_equal(report.accepted, report.score >= report.floor);
		heard.woke += report.accepted ? 1 : 0;
		heard.rejected += report.accepted ? 0 : 1;
		heard.at = at + AUDIO_FRAME_SAMPLES;
		heard.back_ms = report.back_ms;
	}
	return heard;
}

static void open_jarvis(struct wake *wake)
{
	const struct wake_pocketsphinx_settings settings = {.word = "Jarvis"};
	struct err_note note = {{0}};

	if (wake_pocketsphinx_open(&settings, wake, &note) != OK)
		fail_msg("%s", note.text);
}

/* The fake hears marks: one is put where the name ends. */
static void test_fake_hears_its_mark(void **state)
{
	struct wake_fake *fake = NULL;
	struct wake wake = {0};
	struct audio_frame mark;
	struct heard heard = {0};

	(void)state;
	assert_int_equal(wake_fake_create(500, &fake), OK);
	wake = wake_fake_port(fake);
	heard = feed(&wake, &name_said);
	assert_int_equal(heard.woke + heard.rejected, 0);
	wake_fake_mark(&mark, 500, 600);
	memcpy(name_said.samples, mark.samples, sizeof(mark.samples));
	heard = feed(&wake, &name_said);
	assert_int_equal(heard.woke, 1);
	assert_int_equal(heard.back_ms, 600);
	wake_fake_mark(&mark, 499, 600);
	memcpy(name_said.samples, mark.samples, sizeof(mark.samples));
	heard = feed(&wake, &name_said);
	assert_int_equal(heard.rejected, 1);
	memset(name_said.samples, 0, sizeof(mark.samples));
	wake_reset(&wake);
	assert_int_equal(wake_fake_resets(fake), 1);
	wake_close(&wake);
	wake_close(&wake); /* again: nothing */
	wake_fake_destroy(fake);
}

static void test_hears_its_name_once_and_where(void **state)
{
	struct wake wake = {0};

	(void)state;
	open_jarvis(&wake);
	for (unsigned round = 0; round < 3; round++) {
		const struct heard heard = feed(&wake, &name_said);

		assert_int_equal(heard.woke, 1);
		/* The word is the first half second or so of the speech. */
		assert_in_range(heard.at, MARGIN + AUDIO_HZ / 4,
				MARGIN + AUDIO_HZ * 5 / 4);
		assert_in_range(heard.at - heard.back_ms * (AUDIO_HZ / 1000),
				MARGIN - AUDIO_HZ / 2, MARGIN + AUDIO_HZ / 4);
	}
	wake_close(&wake);
}

static void test_other_words_do_not_wake_it(void **state)
{
	struct wake wake = {0};

	(void)state;
	open_jarvis(&wake);
	for (unsigned round = 0; round < 3; round++)
		assert_int_equal(feed(&wake, &other_said).woke, 0);
	wake_reset(&wake);
	assert_int_equal(feed(&wake, &name_said).woke, 1);
	wake_close(&wake);
}

static void test_half_a_name_before_a_reset_is_forgotten(void **state)
{
	struct wake wake = {0};
	struct spoken half = name_said;

	(void)state;
	open_jarvis(&wake);
	half.count = MARGIN + AUDIO_HZ / 5;
	assert_int_equal(feed(&wake, &half).woke, 0);
	wake_reset(&wake);
	assert_int_equal(feed(&wake, &other_said).woke, 0);
	wake_close(&wake);
}

/* "lot of" sounds a little like this one: below the floor, and told all the same. */
static void test_what_is_not_believed_is_told(void **state)
{
	const struct wake_pocketsphinx_settings settings = {.word = "slot",
							    .floor = -10.0};
	struct wake wake = {0};
	struct heard heard = {0};

	(void)state;
	assert_int_equal(wake_pocketsphinx_open(&settings, &wake, NULL), OK);
	heard = feed(&wake, &other_said);
	assert_int_equal(heard.woke, 0);
	assert_int_equal(heard.rejected, 1);
	wake_close(&wake);
}

static void test_words_it_cannot_know(void **state)
{
	static const struct {
		const char *word;
		const char *phones;
		enum err err;
		const char *words;
	} ROWS[] = {
		{"xyzzyq", NULL, ERR_MISSING, "'xyzzyq' is not in the dictionary"},
		{"hey xyzzyq", NULL, ERR_MISSING, "'xyzzyq' is not in the dictionary"},
		{"", NULL, ERR_FORMAT, "expected letters"},
		{"r2d2", NULL, ERR_FORMAT, "expected letters"},
		{"one two three four five", NULL, ERR_FORMAT, "more than 4 words"},
		{"xyzzyq", "Q Q Q", ERR_FORMAT, "are not phones"},
		{"xyzzyq", "Z IH Z IY K", OK, ""},
		{"hey computer", NULL, OK, ""},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const struct wake_pocketsphinx_settings settings = {
			.word = ROWS[i].word, .phones = ROWS[i].phones};
		struct wake wake = {0};
		struct err_note note = {{0}};

		assert_int_equal(wake_pocketsphinx_open(&settings, &wake, &note),
				 ROWS[i].err);
		if (!strstr(note.text, ROWS[i].words))
			fail_msg("'%s': %s", ROWS[i].word, note.text);
		wake_close(&wake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fake_hears_its_mark),
		cmocka_unit_test(test_hears_its_name_once_and_where),
		cmocka_unit_test(test_other_words_do_not_wake_it),
		cmocka_unit_test(test_half_a_name_before_a_reset_is_forgotten),
		cmocka_unit_test(test_what_is_not_believed_is_told),
		cmocka_unit_test(test_words_it_cannot_know),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
