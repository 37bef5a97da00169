/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_mark: there and back, and what is none.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/keeper_mark.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "folder.h"

static void there_and_back(void **state)
{
	struct keeper_mark mark = {.household = {{1, 2, 3}}, .key = {4, 5, 6}};
	struct keeper_mark back;
	struct err_note note = {""};

	assert_int_equal(keeper_mark_write(*state, &mark, &note), OK);
	assert_int_equal(keeper_mark_read(*state, &back, &note), OK);
	assert_memory_equal(&back, &mark, sizeof(mark));
}

static void what_is_none_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"behest keeper mark v1\n",
		"behest keeper mark v2\n00000000000000000000000000000000\nX\n",
		"behest keeper mark v1\n0000000000000000000000000000000\nX\n",
		"behest keeper mark v1\n00000000000000000000000000000000\nX\n",
	};
	struct keeper_mark back;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	assert_int_equal(keeper_mark_read(*state, &back, &note), ERR_MISSING);
	assert_true(file_join(path, sizeof(path), *state, "keeper.mark"));
	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		assert_int_equal(file_write(path, texts[i], strlen(texts[i]), 0600,
					    &note),
				 OK);
		assert_int_equal(keeper_mark_read(*state, &back, &note), ERR_FORMAT);
		assert_non_null(strstr(note.text, "keeper.mark"));
	}
}

static int setup(void **state)
{
	static char folder[64];

	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(folder, sizeof(folder), "/tmp/behest-mark-XXXXXX"));
	assert_non_null(mkdtemp(folder));
	*state = folder;
	return 0;
}

static int teardown(void **state)
{
	return folder_remove(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_none_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("keeper_mark", tests, NULL, NULL);
}
