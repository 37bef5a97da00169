/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_speaker - one contract for the speakers that need no device: the fake, a file, and
 * none. The ALSA speaker keeps it in tests/e2e/test_pulse.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "adapter/speaker_file.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/speaker_fake.h"

enum {
	PATH_BYTES = 256,
	SAMPLES = 3 * AUDIO_FRAME_SAMPLES,
	LONG_SAMPLES = 121 * AUDIO_HZ
};

static const struct event_id PARENT = {7};
static char path[PATH_BYTES];
static int16_t sound[SAMPLES];

struct stage {
	struct clock_fake fake_clock;
	struct clock clock;
	struct speaker_fake *fake;
	struct speaker speaker;
	bool makes_sound;
};

static void stage_fake(struct stage *stage)
{
	stage->clock = clock_fake_init(&stage->fake_clock);
	assert_int_equal(speaker_fake_create(&stage->clock, &stage->fake), OK);
	stage->speaker = speaker_fake_port(stage->fake);
	stage->makes_sound = true;
}

static void stage_file(struct stage *stage)
{
	assert_int_equal(speaker_file_create(path, &stage->speaker, NULL), OK);
	stage->makes_sound = true;
}

static void stage_none(struct stage *stage)
{
	assert_int_equal(speaker_none_create(&stage->speaker), OK);
}

static void (*const STAGES[])(struct stage *stage) = {stage_fake, stage_file, stage_none};

static int prepare(void **state)
{
	const char *base = getenv("TMPDIR");
	int fd = -1;

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(100 * (i + 1) % 20000);
	(void)str_format(path, sizeof(path), "%s/behest-speaker-XXXXXX",
			 base ? base : "/tmp");
	fd = mkstemp(path);
	return fd >= 0 ? close(fd) : -1;
}

static int finish(void **state)
{
	(void)state;
	return unlink(path);
}

/* Polls until the sound is over. */
static struct speaker_played wait_for_end(struct stage *stage)
{
	struct speaker_played played = {0};

	for (unsigned n = 0; n < 1000 && !played.finished; n++) {
		if (stage->fake)
			clock_fake_pass(&stage->fake_clock, 5);
		else
			(void)poll(NULL, 0, 5);
		assert_int_equal(speaker_poll(&stage->speaker, &played), OK);
	}
	assert_true(played.finished);
	return played;
}

static void clear(struct stage *stage)
{
	speaker_close(&stage->speaker);
	speaker_close(&stage->speaker); /* again: nothing */
	speaker_fake_destroy(stage->fake);
}

static void test_plays_and_tells_what_was_played(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};
		struct speaker_played played = {0};

		STAGES[i](&stage);
		assert_int_equal(speaker_poll(&stage.speaker, &played), OK);
		assert_true(played.finished); /* nothing plays yet */
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){sound, SAMPLES},
					      PARENT),
				 OK);
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){sound, SAMPLES},
					      PARENT),
				 ERR_BUSY);
		played = wait_for_end(&stage);
		assert_int_equal(played.reference.count, stage.makes_sound ? SAMPLES : 0);
		if (stage.makes_sound)
			assert_memory_equal(played.reference.samples, sound,
					    sizeof(sound));
		clear(&stage);
	}
}

static void test_volume_counts_from_the_next_sound_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};
		struct speaker_played played = {0};

		STAGES[i](&stage);
		speaker_set_volume(&stage.speaker, 0);
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){sound, SAMPLES},
					      PARENT),
				 OK);
		speaker_set_volume(&stage.speaker, 100);
		played = wait_for_end(&stage);
		for (size_t n = 0; n < played.reference.count; n++)
			assert_int_equal(played.reference.samples[n], 0);
		clear(&stage);
	}
}

static void test_stop_is_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};
		struct speaker_played played = {0};

		STAGES[i](&stage);
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){sound, SAMPLES},
					      PARENT),
				 OK);
		speaker_stop(&stage.speaker);
		assert_int_equal(speaker_poll(&stage.speaker, &played), OK);
		assert_true(played.finished);
		assert_true(played.reference.count < SAMPLES);
		speaker_stop(&stage.speaker); /* again: nothing */
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){sound, SAMPLES},
					      PARENT),
				 OK);
		clear(&stage); /* closed while it plays */
	}
}

static void test_too_long(void **state)
{
	int16_t *silence = calloc(LONG_SAMPLES, sizeof(*silence));

	(void)state;
	assert_non_null(silence);
	for (size_t i = 0; i < STR_COUNT(STAGES); i++) {
		struct stage stage = {0};

		STAGES[i](&stage);
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){silence, LONG_SAMPLES},
					      PARENT),
				 ERR_LIMIT);
		clear(&stage);
	}
	free(silence);
}

static void test_the_file_holds_the_sounds_one_after_the_other(void **state)
{
	struct stage stage = {0};
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t frames = 0;

	(void)state;
	stage_file(&stage);
	for (int n = 0; n < 2; n++) {
		assert_int_equal(speaker_play(&stage.speaker,
					      (struct audio_span){sound, SAMPLES},
					      PARENT),
				 OK);
		(void)wait_for_end(&stage);
	}
	clear(&stage);
	assert_int_equal(audio_file_open(path, &file, NULL), OK);
	while (audio_file_read(file, &frame, NULL) == OK) {
		if (frames == 0 || frames == 3 + SPEAKER_FILE_GAP_MS / AUDIO_FRAME_MS)
			assert_memory_equal(frame.samples, sound, sizeof(frame.samples));
		frames++;
	}
	assert_int_equal(frames, 2 * (3 + SPEAKER_FILE_GAP_MS / AUDIO_FRAME_MS));
	audio_file_close(file);
}

static void test_a_file_that_cannot_be_written(void **state)
{
	struct speaker speaker = {0};
	struct err_note note = {{0}};

	(void)state;
	assert_int_equal(speaker_file_create("/nowhere/to/be/found.wav", &speaker, &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "/nowhere/to/be/found.wav: cannot be written"));
	assert_null(speaker.ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plays_and_tells_what_was_played),
		cmocka_unit_test(test_volume_counts_from_the_next_sound_on),
		cmocka_unit_test(test_stop_is_at_once),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_the_file_holds_the_sounds_one_after_the_other),
		cmocka_unit_test(test_a_file_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, prepare, finish);
}
