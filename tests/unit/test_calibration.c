/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing floors: the halves, the sweep, what is suggested, rows in files, and the
 * picture.
 */
#include "cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/calibration_file.h"
#include "cli/calibration_print.h"
#include "decide/floor.h"
#include "folder.h"

enum { FILES = 400, LONG = 200, ROWS_MAX = 2000 };

static char folder[] = "/tmp/behest-calibration-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static void add(struct calibration *to, const char *file, bool command, double ratio,
		uint32_t frames)
{
	struct err_note note = {""};
	struct calibration_row row = {.file = file,
				      .words = frames > 0 ? "turn it off" : "",
				      .condition = "clean",
				      .source = "talk <&> \"prompts\"",
				      .command = command,
				      .right = command,
				      .ratio = ratio,
				      .speech_frames = frames,
				      .word_count = frames > 0 ? 3 : 0,
				      .class_of = command ? (int)CLASS_B
							  : CALIBRATION_CLASS_NONE};

	assert_int_equal(calibration_add(to, &row, &note), OK);
}

static const char *name_of(size_t number, bool command)
{
	static char name[32];

	assert_true(
		str_format(name, sizeof(name), "%s%zu.wav", command ? "c" : "o", number));
	return name;
}

/* Commands from -10 on upwards, other sound from -30 to -20, and one at -9. */
static void fill(struct calibration *to)
{
	for (size_t i = 0; i < FILES; i++) {
		add(to, name_of(i, true), true, -10 + 10.0 * (double)i / FILES, LONG);
		add(to, name_of(i, false), false, -30 + 10.0 * (double)i / FILES, LONG);
	}
}

static void halves_are_halves_and_stay(void **state)
{
	size_t tuned = 0;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		const bool tunes = calibration_tunes(name_of(i, true));

		assert_int_equal(calibration_tunes(name_of(i, true)), tunes);
		tuned += tunes;
	}
	assert_in_range(tuned, FILES * 2 / 5, FILES * 3 / 5);
	/* For ever: what was chosen on a file must not be judged by it next year. */
	assert_false(calibration_tunes("a.flac"));
	assert_false(calibration_tunes("b.flac"));
	assert_true(calibration_tunes("d.flac"));
	assert_true(calibration_tunes("f.flac"));
}

static void lengths_are_those_of_the_floors(void **state)
{
	struct calibration_lengths lengths;

	(void)state;
	calibration_lengths(&lengths);
	assert_true(lengths.count > 1);
	assert_true(lengths.frames_max[lengths.count - 1] == UINT32_MAX);
	for (int class_of = CALIBRATION_CLASS_NONE; class_of <= CLASS_C; class_of++) {
		struct calibration_floors floors;

		calibration_shipped(&lengths, class_of, &floors);
		for (uint32_t frames = 0; frames < 400; frames++) {
			const double wanted =
				class_of == CALIBRATION_CLASS_NONE
					? floor_addressed(frames)
					: floor_for_class((enum action_class)class_of,
							  frames);
			const size_t at = calibration_length_of(&lengths, frames);

			assert_true(fabs(floors.at[at] - wanted) < 1e-9);
		}
	}
}

static void a_floor_counts_what_lies_on_it(void **state)
{
	double sorted[] = {-INFINITY, -20, -12, -12, -8};
	const struct calibration_values values = {sorted, STR_COUNT(sorted)};
	const struct calibration_values none = {NULL, 0};

	(void)state;
	assert_int_equal(calibration_passed(&values, -45), 4);
	assert_int_equal(calibration_passed(&values, -12), 3);
	assert_int_equal(calibration_passed(&values, -11.5), 1);
	assert_int_equal(calibration_passed(&values, 0), 0);
	assert_int_equal(calibration_passed(&none, -45), 0);
	/* One of five is a fifth; less than a fifth is none. */
	assert_true(fabs(calibration_floor(&values, 0.2) + 11.5) < 1e-9);
	assert_true(fabs(calibration_floor(&values, 0.19) + 7.5) < 1e-9);
	assert_true(isinf(calibration_floor(&none, 0.5)));
}

static void suggestions_lose_no_more_than_they_must(void **state)
{
	(void)state;
	/* Nothing between: down to the weakest command, not below. */
	assert_true(fabs(calibration_suggest(-25, -18, -16) + 18) < 1e-9);
	/* Mixed: what is wanted of the others goes first. */
	assert_true(fabs(calibration_suggest(-12, -18, -16) + 12) < 1e-9);
	/* One side unknown: what is shipped is not lowered. */
	assert_true(fabs(calibration_suggest(-25, INFINITY, -16) + 16) < 1e-9);
	assert_true(fabs(calibration_suggest(-12, INFINITY, -16) + 12) < 1e-9);
	assert_true(fabs(calibration_suggest(-INFINITY, -18, -16) + 16) < 1e-9);
}

static struct study *study_of(const struct calibration *calibration,
			      const struct study_limits *limits)
{
	struct study *study = NULL;

	assert_int_equal(study_create(calibration, limits, &study), OK);
	return study;
}

static void floors_are_chosen_on_one_half_only(void **state)
{
	const struct study_limits limits = {.percent = 1};
	struct calibration calibration = {.rows = NULL};
	struct study *study;
	struct study *disturbed;
	size_t number = 0;

	(void)state;
	fill(&calibration);
	study = study_of(&calibration, &limits);
	/* A sound of the other half that passes everything changes no suggestion. */
	while (calibration_tunes(name_of(number, false)))
		number++;
	for (size_t i = 0; i < FILES; i++)
		add(&calibration, name_of(number, false), false, 4, LONG);
	disturbed = study_of(&calibration, &limits);
	for (size_t i = 0; i < study->group_count; i++)
		assert_true(fabs(study->groups[i].suggested -
				 disturbed->groups[i].suggested) < 1e-9);
	study_destroy(study);
	study_destroy(disturbed);
	calibration_finish(&calibration);
}

static void suggested_floors_keep_the_limit(void **state)
{
	const struct study_limits limits = {
		.percent = 0, .count = 1, .by_label = {{.label = "clean", .percent = 5}}};
	struct calibration calibration = {.rows = NULL};
	struct calibration_lengths lengths;
	const struct study_group *group;
	struct study *study;

	(void)state;
	fill(&calibration);
	for (size_t i = 0; i < FILES / 20; i++)
		add(&calibration, name_of(FILES + i, false), false, -5, LONG);
	study = study_of(&calibration, &limits);
	calibration_lengths(&lengths);
	group = study_find(study, calibration_length_of(&lengths, LONG),
			   CALIBRATION_CLASS_NONE);
	for (size_t i = 0; i < calibration.series_count; i++) {
		const struct calibration_values *tune = &group->parts[i].tune;
		const size_t passed = calibration_passed(tune, group->suggested);

		if (!calibration.series[i].command)
			assert_true((double)passed <= 0.05 * (double)tune->count);
	}
	assert_true(fabs(study_limit(&limits, &calibration.series[0]) - 5) < 1e-9);
	study_destroy(study);
	calibration_finish(&calibration);
}

/* Every element that is opened is closed in its order, and no text is bare. */
static void assert_is_xml(const char *text)
{
	char open[32][16];
	size_t depth = 0;

	for (const char *at = strchr(text, '<'); at; at = strchr(at, '<')) {
		const char *end = strchr(at, '>');
		const size_t size = strcspn(at + 1, " >/\n");

		assert_non_null(end);
		if (at[1] == '/') {
			assert_true(depth > 0);
			depth--;
			assert_true(strncmp(at + 2, open[depth], strlen(open[depth])) ==
				    0);
		} else if (end[-1] != '/') {
			assert_true(depth < 32 &&
				    str_copy_bytes(open[depth], 16, at + 1, size));
			depth++;
		}
		at = end;
	}
	assert_int_equal(depth, 0);
	for (const char *at = strchr(text, '&'); at; at = strchr(at + 1, '&'))
		assert_true(strcspn(at, ";") <= 5);
}

static void pictures_are_well_formed(void **state)
{
	const struct study_limits limits = {.percent = 1};
	struct calibration calibration = {.rows = NULL};
	struct study *study;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, CALIBRATION_PRINT_BYTES_MAX);
	add(&calibration, "one.wav", true, -3, LONG);
	study = study_of(&calibration, &limits);
	assert_int_equal(calibration_picture(study, &bytes), OK);
	assert_is_xml((const char *)bytes.bytes);
	assert_non_null(strstr((const char *)bytes.bytes, "nothing to draw"));
	study_destroy(study);
	buf_clear(&bytes);
	fill(&calibration);
	study = study_of(&calibration, &limits);
	assert_int_equal(calibration_picture(study, &bytes), OK);
	assert_is_xml((const char *)bytes.bytes);
	assert_non_null(strstr((const char *)bytes.bytes, "<polyline"));
	assert_non_null(strstr((const char *)bytes.bytes, "talk &lt;&amp;&gt;"));
	assert_null(strstr((const char *)bytes.bytes, "nan"));
	study_destroy(study);
	buf_finish(&bytes);
	calibration_finish(&calibration);
}

static void tables_tell_the_suggested_floor(void **state)
{
	const struct study_limits limits = {.percent = 1};
	struct calibration calibration = {.rows = NULL};
	struct study *study;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, CALIBRATION_PRINT_BYTES_MAX);
	fill(&calibration);
	study = study_of(&calibration, &limits);
	assert_int_equal(calibration_words(study, false, &bytes), OK);
	assert_non_null(strstr((const char *)bytes.bytes, "<- suggested"));
	assert_non_null(strstr((const char *)bytes.bytes, "<- shipped"));
	assert_null(strchr((const char *)bytes.bytes, '\033'));
	buf_clear(&bytes);
	assert_int_equal(calibration_json(study, &bytes), OK);
	assert_non_null(strstr((const char *)bytes.bytes, "{\"kind\":\"floor\""));
	assert_non_null(strstr((const char *)bytes.bytes, "\"floors\":\"suggested\""));
	study_destroy(study);
	buf_finish(&bytes);
	calibration_finish(&calibration);
}

static void rows_come_back_from_their_file(void **state)
{
	struct calibration one = {.rows = NULL};
	struct calibration other = {.rows = NULL};
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "rows.jsonl"));
	fill(&one);
	add(&one, "nothing.wav", false, 0, 0);
	assert_int_equal(calibration_write(&one, path, &note), OK);
	assert_int_equal(calibration_read(&other, path, &note), OK);
	assert_int_equal(other.count, one.count);
	assert_int_equal(other.series_count, one.series_count);
	for (size_t i = 0; i < one.count; i++) {
		assert_string_equal(other.rows[i].file, one.rows[i].file);
		assert_string_equal(other.rows[i].words, one.rows[i].words);
		assert_true(fabs(other.rows[i].ratio - one.rows[i].ratio) < 1e-3);
		assert_int_equal(other.rows[i].speech_frames, one.rows[i].speech_frames);
		assert_int_equal(other.rows[i].class_of, one.rows[i].class_of);
		assert_int_equal(other.rows[i].right, one.rows[i].right);
	}
	calibration_finish(&one);
	calibration_finish(&other);
}

static void broken_rows_are_refused_with_their_line(void **state)
{
	static const char GOOD[] =
		"{\"file\":\"a\",\"condition\":\"clean\",\"source\":\"x\",\"command\":true,"
		"\"right\":true,\"words\":\"a\",\"ratio\":-1,\"speech_frames\":9,"
		"\"word_count\":1,\"class\":\"B\"}\n";
	static const char *const BROKEN[] = {
		"[]", "{}", "nonsense",
		"{\"file\":\"a\",\"condition\":\"clean\",\"source\":\"x\",\"command\":true,"
		"\"right\":true,\"words\":\"a\",\"ratio\":-1,\"speech_frames\":9,"
		"\"word_count\":1,\"class\":\"D\"}",
		"{\"file\":\"a\",\"condition\":\"clean\",\"source\":\"x\",\"command\":true,"
		"\"right\":true,\"words\":\"a\",\"ratio\":\"1\",\"speech_frames\":9,"
		"\"word_count\":1,\"class\":null}"};
	char path[FILE_PATH_BYTES];

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "broken.jsonl"));
	for (size_t i = 0; i < STR_COUNT(BROKEN); i++) {
		struct calibration calibration = {.rows = NULL};
		struct err_note note = {""};
		char text[1024];

		assert_true(str_format(text, sizeof(text), "%s%s\n", GOOD, BROKEN[i]));
		assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
		assert_int_equal(calibration_read(&calibration, path, &note), ERR_FORMAT);
		assert_non_null(strstr(note.text, "broken.jsonl:2"));
		calibration_finish(&calibration);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(halves_are_halves_and_stay),
		cmocka_unit_test(lengths_are_those_of_the_floors),
		cmocka_unit_test(a_floor_counts_what_lies_on_it),
		cmocka_unit_test(suggestions_lose_no_more_than_they_must),
		cmocka_unit_test(floors_are_chosen_on_one_half_only),
		cmocka_unit_test(suggested_floors_keep_the_limit),
		cmocka_unit_test(pictures_are_well_formed),
		cmocka_unit_test(tables_tell_the_suggested_floor),
		cmocka_unit_test(rows_come_back_from_their_file),
		cmocka_unit_test(broken_rows_are_refused_with_their_line),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
