/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_train - a whole training on made-up sound: the same bytes on one thread and on two,
 * wrong clips named, bad input told in one line, and a household's way to say it learned.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "fake/train_fake.h"
#include "train/bank.h"
#include "train/enroll.h"
#include "train/judge.h"
#include "train/pool.h"
#include "train/sheet.h"
#include "train/suspect.h"
#include "train/train.h"

enum { NAMES = 24, OTHERS = 48, NOTE_LINES_MAX = 4096 };

static char folder[] = "/tmp/behest-train-XXXXXX";

static void make_list(const char *name, const char *kind, size_t count, const char *more)
{
	char path[FILE_PATH_BYTES];
	char text[NOTE_LINES_MAX] = "# a list\n\n";
	struct err_note note = {""};

	for (size_t i = 0; i < count; i++)
		assert_true(str_append(text, sizeof(text), "%s-%zu\n", kind, i));
	assert_true(str_append(text, sizeof(text), "%s", more));
	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
}

static void add(struct listing *listing, const char *label, const char *list)
{
	char place[FILE_PATH_BYTES];
	struct err_note note = {""};

	assert_true(str_format(place, sizeof(place), "%s=@%s/%s", label, folder, list));
	assert_int_equal(listing_add(listing, place, &note), OK);
}

static void make_settings(struct train_settings *settings, const char *names)
{
	train_settings_init(settings);
	settings->name = "ping";
	settings->nets = 2;
	settings->hidden = 32;
	settings->steps = 500;
	settings->copies = 4;
	settings->mining = 1;
	settings->sure_per_hour = 60; /* minutes of sound prove no more */
	settings->doubtful_per_hour = 200;
	settings->licence = "made up";
	add(&settings->positive, "names", names);
	add(&settings->negative, "others", "others.list");
}

static enum err train(const char *names, size_t jobs, struct train_fake *fake,
		      struct trained *out_trained, struct buf *sheet,
		      struct err_note *note)
{
	struct train_settings settings;
	struct outside outside = train_fake_outside(fake, jobs);
	enum err err;

	make_settings(&settings, names);
	err = train_run(&outside, &settings, out_trained, note);
	if (!err && sheet)
		assert_int_equal(sheet_write(&settings, out_trained, sheet), OK);
	train_settings_finish(&settings);
	return err;
}

/* One training on two threads, for all that is seen of a training. */
static struct {
	struct train_fake fake;
	struct trained trained;
	struct buf head;
	struct buf sheet;
} known;

static void test_same_seed_same_bytes(void **state)
{
	struct train_fake fake = {.stages = 0};
	struct trained trained = {.bank = NULL};
	struct err_note note = {""};
	struct buf bytes;
	struct buf sheet;

	(void)state;
	buf_init(&sheet, SHEET_BYTES_MAX);
	assert_int_equal(train("names.list", 1, &fake, &trained, &sheet, &note), OK);
	assert_int_equal(head_file_encode(&trained.head, &bytes), OK);
	assert_string_equal(fake.lines, "");
	assert_true(fake.stages >= 6);
	assert_int_equal(bytes.size, known.head.size);
	assert_memory_equal(bytes.bytes, known.head.bytes, bytes.size);
	assert_int_equal(sheet.size, known.sheet.size);
	assert_memory_equal(sheet.bytes, known.sheet.bytes, sheet.size);
	assert_int_equal(trained.report.clips, NAMES);
	for (size_t net = 0; net < 2; net++) /* names stand above the rest */
		assert_true(trained.report.nets[net].loss < 0.2);
	assert_true(trained.head.info.doubtful <= trained.head.info.sure);
	assert_non_null(strstr((const char *)sheet.bytes, "Licence: made up"));
	buf_finish(&bytes);
	buf_finish(&sheet);
	trained_finish(&trained);
}

static void test_wrong_clips_are_named(void **state)
{
	struct train_fake fake = {.stages = 0};
	struct trained trained = {.bank = NULL};
	struct err_note note = {""};

	(void)state;
	make_list("mixed.list", "name", NAMES, "odd-1\nwrong-1\nbroken-1\nquiet-1\n");
	assert_int_equal(train("mixed.list", 2, &fake, &trained, NULL, &note), OK);
	assert_non_null(strstr(fake.lines, "broken-1: is broken"));
	assert_non_null(strstr(fake.lines, "quiet-1: is too quiet"));
	assert_non_null(strstr(fake.lines, "odd-1: does not sound like"));
	assert_non_null(strstr(fake.lines, "wrong-1: does not sound like"));
	assert_null(strstr(fake.lines, "name-"));
	assert_int_equal(trained.report.clips_left_out, 2);
	trained_finish(&trained);
}

static void test_bad_input_is_one_line(void **state)
{
	struct train_fake fake = {.stages = 0};
	struct trained trained = {.bank = NULL};
	struct listing listing = {.count = 0};
	struct err_note note = {""};

	(void)state;
	make_list("one.list", "name", 1, "");
	assert_int_equal(train("one.list", 1, &fake, &trained, NULL, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "names: 1 usable clip of the name"));
	note.text[0] = '\0';
	assert_int_equal(listing_add(&listing, "/nowhere/at/all", &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "/nowhere/at/all"));
	note.text[0] = '\0';
	assert_int_equal(listing_add(&listing, folder, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "no sound in it"));
	listing_finish(&listing);
}

static void test_marks(void **state)
{
	static const float scores[] = {8, 7, 9, 8.5F, 6, 5, 7.5F, -2, -9, JUDGE_NOTHING};
	uint8_t marks[STR_COUNT(scores)];

	(void)state;
	suspect_mark(scores, STR_COUNT(scores), marks);
	for (size_t i = 0; i < STR_COUNT(scores); i++)
		assert_int_equal(marks[i], i == 8 ? 2 : i == 7 ? 1 : 0);
}

static void test_enrolling(void **state)
{
	struct train_fake fake = {.stages = 0};
	struct outside outside = train_fake_outside(&fake, 2);
	struct head_file head;
	struct examples examples = {.count = 0};
	struct listing listing = {.count = 0};
	struct enroll_report report;
	struct err_note note = {""};
	float sure;

	(void)state;
	make_list("house.list", "wrong", 5, ""); /* a house that says it the other way */
	assert_int_equal(head_file_decode("known", known.head.bytes, known.head.size,
					  &head, &note),
			 OK);
	sure = 4; /* what seconds of sound say of it is far too careful */
	head.info.sure = sure;
	head.info.doubtful = 0;
	add(&listing, "house", "house.list");
	assert_int_equal(examples_load(&outside, &listing, 3, &examples, &note), OK);
	assert_int_equal(enroll_run(&outside, &examples, known.trained.bank,
				    known.trained.bank_count, 1, &head, &report, &note),
			 OK);
	assert_int_equal(report.utterances, 5);
	assert_true(report.mean_after > report.mean_before + 0.3);
	assert_true(report.lowered >= 0);
	assert_true(fabsf(head.info.sure - sure) < 1e-9F);
	examples_finish(&examples);
	listing_finish(&listing);
	head_file_finish(&head);
}

static void test_bank(void **state)
{
	static float windows[3 * HEAD_INPUTS];
	float *back = NULL;
	size_t count = 0;
	struct err_note note = {""};
	struct buf bytes;

	(void)state;
	for (size_t i = 0; i < 3 * HEAD_INPUTS; i++)
		windows[i] = (float)i / 7 - 300;
	buf_init(&bytes, BANK_BYTES_MAX);
	assert_int_equal(bank_encode(windows, 3, &bytes), OK);
	assert_int_equal(bank_decode("a bank", &bytes, &back, &count, &note), OK);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < 3 * HEAD_INPUTS; i++)
		assert_true(fabsf(back[i] - windows[i]) <=
			    fabsf(windows[i]) / 2048 + 1e-4F);
	free(back);
	bytes.bytes[100] ^= 1;
	assert_int_equal(bank_decode("a bank", &bytes, &back, &count, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "a bank: the checksum"));
	bytes.bytes[100] ^= 1;
	bytes.size--;
	assert_int_equal(bank_decode("a bank", &bytes, &back, &count, &note), ERR_FORMAT);
	buf_finish(&bytes);
}

/* One short recording of a room counts as much as many of something else. */
static void test_pool_is_even(void **state)
{
	enum { SECONDS = 20, HALF = SECONDS * AUDIO_HZ / 2 };
	struct train_fake fake = {.stages = 0};
	struct outside outside = train_fake_outside(&fake, 1);
	struct listing listing = {.count = 0};
	struct sound pool = {.samples = NULL};
	struct sound name = {.samples = NULL};
	struct err_note note = {""};

	(void)state;
	add(&listing, "room", "one-noise.list");
	add(&listing, "music", "others.list");
	assert_int_equal(pool_fill(&outside, &listing, 1, SECONDS, &pool), OK);
	assert_int_equal(pool.count, 2 * HALF);
	assert_int_equal(sound_init(&name, HALF), OK);
	assert_int_equal(examples_read(&outside.reader, "name-0", &name, &note), OK);
	assert_in_range(name.count, 1, HALF / 2);
	for (size_t i = 0; i < HALF; i++)
		assert_true(pool.samples[i] == name.samples[i % name.count]);
	assert_memory_not_equal(pool.samples + HALF, name.samples,
				name.count * sizeof(*name.samples));
	sound_finish(&pool);
	sound_finish(&name);
	listing_finish(&listing);
}

static int set_up(void **state)
{
	struct err_note note = {""};

	(void)state;
	assert_non_null(mkdtemp(folder));
	make_list("names.list", "name", NAMES, "");
	make_list("others.list", "other", OTHERS, "");
	make_list("one-noise.list", "name", 1, "");
	buf_init(&known.sheet, SHEET_BYTES_MAX);
	assert_int_equal(train("names.list", 2, &known.fake, &known.trained, &known.sheet,
			       &note),
			 OK);
	assert_int_equal(head_file_encode(&known.trained.head, &known.head), OK);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const LISTS[] = {"names.list", "others.list",
					    "mixed.list", "one.list",
					    "house.list", "one-noise.list"};

	(void)state;
	buf_finish(&known.head);
	buf_finish(&known.sheet);
	trained_finish(&known.trained);
	for (size_t i = 0; i < STR_COUNT(LISTS); i++) {
		char path[FILE_PATH_BYTES];

		assert_true(file_join(path, sizeof(path), folder, LISTS[i]));
		assert_int_equal(unlink(path), 0);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_bytes),
		cmocka_unit_test(test_wrong_clips_are_named),
		cmocka_unit_test(test_bad_input_is_one_line),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_enrolling),
		cmocka_unit_test(test_bank),
		cmocka_unit_test(test_pool_is_even),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
