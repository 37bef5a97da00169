/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns as a person reads them, against tests/golden/timeline.txt. BEHEST_GOLDEN=write
 * writes that file anew; look at the difference before you commit it.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/progress.h"
#include "cli/timeline.h"

static const char *const TURNS[] = {
	"{\"turn\":1,\"id\":\"t-0000018f00000001\",\"room\":\"kitchen\",\"wake\":{\"at_ms\":1240,"
	"\"score\":0.931},\"text\":\"turn on the kitchen light\",\"confidence\":1.000,"
	"\"intent\":\"HassTurnOn\",\"slots\":{\"name\":\"kitchen light\",\"brightness\":40},"
	"\"class\":\"B\",\"decision\":\"act\",\"reason\":\"NONE\",\"said\":\"Turned on the kitchen "
	"light.\",\"done\":1,\"ratio\":-12.31,\"floor\":-20.00,\"record\":"
	"\"00112233445566778899aabbccddeeff\",\"ms\":{\"listen\":300.2,\"recognise\":8.05,"
	"\"understand\":0.020,\"total\":330.123}}",
	"{\"file\":\"a.flac\",\"turn\":2,\"id\":\"t-0000018f00000002\",\"room\":\"kitchen\","
	"\"wake\":null,\"text\":\"unlock the front door\",\"confidence\":1.000,\"intent\":"
	"\"BehestUnlock\",\"slots\":{\"name\":\"front door\"},\"class\":\"C\",\"decision\":"
	"\"refuse\",\"reason\":\"NEEDS_TAP\",\"said\":\"That needs your approval on a paired "
	"device.\",\"done\":0,\"ms\":{}}",
	"{\"turn\":3,\"id\":\"t-0000018f00000003\",\"room\":\"kitchen\",\"wake\":{\"at_ms\":5,"
	"\"score\":0.5},\"text\":\"\",\"confidence\":0,\"intent\":null,\"slots\":{},\"class\":null,"
	"\"decision\":\"refuse\",\"reason\":\"NOTHING_HEARD\",\"said\":\"\",\"done\":0,"
	"\"ratio\":-99.5,\"floor\":-18.0,\"ms\":{}}",
};

static void golden_path(char path[FILE_PATH_BYTES])
{
	const char *source = getenv("BEHEST_SOURCE");

	assert_true(file_join(path, FILE_PATH_BYTES, source ? source : ".",
			      "tests/golden/timeline.txt"));
}

static void reads_like_the_golden_file(void **state)
{
	const char *write = getenv("BEHEST_GOLDEN");
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct buf told;
	struct buf golden;

	(void)state;
	golden_path(path);
	buf_init(&told, 65536);
	for (size_t i = 0; i < sizeof(TURNS) / sizeof(TURNS[0]); i++)
		assert_int_equal(timeline_add(TURNS[i], strlen(TURNS[i]), false, &told,
					      &note),
				 OK);
	if (write && strcmp(write, "write") == 0)
		assert_int_equal(file_write(path, told.bytes, told.size, 0644, &note),
				 OK);
	assert_int_equal(file_read(path, 65536, &golden, &note), OK);
	assert_string_equal((const char *)told.bytes, (const char *)golden.bytes);
	buf_finish(&golden);
	buf_finish(&told);
}

static void colours_only_when_asked(void **state)
{
	struct err_note note = {""};
	struct buf told;

	(void)state;
	buf_init(&told, 65536);
	assert_int_equal(timeline_add(TURNS[0], strlen(TURNS[0]), true, &told, &note),
			 OK);
	assert_non_null(strchr((const char *)told.bytes, '\033'));
	buf_clear(&told);
	assert_int_equal(timeline_add(TURNS[0], strlen(TURNS[0]), false, &told, &note),
			 OK);
	assert_null(strchr((const char *)told.bytes, '\033'));
	buf_finish(&told);
}

static void refuses_what_is_no_turn(void **state)
{
	struct err_note note = {""};
	struct buf told;

	(void)state;
	buf_init(&told, 65536);
	assert_int_equal(timeline_add("{}", 2, false, &told, &note), ERR_FORMAT);
	assert_string_equal(note.text, "turn: no decision in it");
	assert_int_equal(timeline_add("{", 1, false, &told, NULL), ERR_FORMAT);
	buf_finish(&told);
}

static void progress_tells_how_far(void **state)
{
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	progress_line(line, "hearing", 25, 100, 5000);
	assert_string_equal(line, "hearing  [######..................]  25 %  15 s left");
	progress_line(line, "hearing", 0, 100, 5000);
	assert_string_equal(line, "hearing  [........................]  0 %");
	progress_line(line, "hearing", 200, 100, 5000);
	assert_string_equal(line, "hearing  [########################]  100 %  0 s left");
	progress_line(line, "waiting", 0, 0, 2300);
	assert_string_equal(line, "waiting  [.......................#]  2 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_like_the_golden_file),
		cmocka_unit_test(colours_only_when_asked),
		cmocka_unit_test(refuses_what_is_no_turn),
		cmocka_unit_test(progress_tells_how_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
