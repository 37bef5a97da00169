/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_aloud - what cannot be heard is known before there is a sound; a file holds what was
 * played into it.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/aloud.h"
#include "folder.h"

static struct paths paths;

static void inside(const char *name, char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, paths.data, name));
}

static int set_up(void **state)
{
	(void)state;
	assert_true(str_copy(paths.data, sizeof(paths.data), "/tmp/behest-aloud-XXXXXX"));
	assert_non_null(mkdtemp(paths.data));
	inside("behest.conf", paths.config);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(paths.data);
}

static void an_unusable_speaker_is_not_opened(void **state)
{
	static const struct {
		const char *settings;
		const char *words;
	} rows[] = {
		{"[room]\nspeaker = none\n", "speaker = none"},
		{"[room]\nspeaker = alsa\nspeaker_device = there_is_none\n",
		 "there_is_none"},
		{"[room]\nspeaker = \n[\n", "behest.conf"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct aloud aloud = {.writer = NULL};
		struct err_note note = {""};

		assert_int_equal(file_write(paths.config, rows[i].settings,
					    strlen(rows[i].settings), 0600, NULL),
				 OK);
		assert_int_not_equal(aloud_open(&paths, NULL, &aloud, &note), OK);
		assert_non_null(strstr(note.text, rows[i].words));
		assert_null(aloud.speaker.ops);
	}
}

static void a_file_that_cannot_be_made_is_not_opened(void **state)
{
	struct aloud aloud = {.writer = NULL};
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	(void)state;
	inside("no/such.wav", path);
	assert_int_not_equal(aloud_open(&paths, path, &aloud, &note), OK);
	assert_non_null(strstr(note.text, "such.wav"));
	assert_null(aloud.writer);
}

static void a_file_is_made_first_and_filled_then(void **state)
{
	static const int16_t samples[3 * AUDIO_FRAME_SAMPLES] = {1, 2, 3};
	struct aloud aloud = {.writer = NULL};
	struct err_note note = {""};
	struct audio_file *file = NULL;
	struct audio_frame frame;
	char path[FILE_PATH_BYTES];
	size_t frames = 0;

	(void)state;
	inside("heard.wav", path);
	assert_int_equal(aloud_open(&paths, path, &aloud, &note), OK);
	assert_true(file_exists(path));
	assert_int_equal(aloud_play(&aloud,
				    (struct audio_span){samples, STR_COUNT(samples)},
				    &note),
			 OK);
	assert_int_equal(aloud_close(&aloud, &note), OK);
	assert_int_equal(audio_file_open(path, &file, &note), OK);
	while (audio_file_read(file, &frame, &note) == OK)
		frames++;
	audio_file_close(file);
	assert_int_equal(frames, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unusable_speaker_is_not_opened),
		TEST(a_file_that_cannot_be_made_is_not_opened),
		TEST(a_file_is_made_first_and_filled_then),
	};

	return cmocka_run_group_tests_name("aloud", tests, NULL, NULL);
}
