/* SPDX-License-Identifier: Apache-2.0 */
/* test_household - the key file is made once, read back, and never guessed at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/rand_fake.h"
#include "keeper/household.h"

static char folder[64];
static char path[128];
static char fresh[128];
static struct rand_fake dice;
static struct rand rand_port;

static int make_folder(void **state)
{
	(void)state;
	rand_port = rand_fake_init(&dice, 5);
	if (!str_copy(folder, sizeof(folder), "/tmp/behest-household-XXXXXX") ||
	    !mkdtemp(folder) || !file_join(path, sizeof(path), folder, "keeper.key") ||
	    !file_join(fresh, sizeof(fresh), folder, "keeper.new"))
		return 1;
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(fresh);
	return rmdir(folder);
}

static void it_is_made_once_and_stays(void **state)
{
	struct household first;
	struct household second;
	struct stat status;

	(void)state;
	assert_int_equal(household_open(folder, &rand_port, &first, NULL), OK);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(household_open(folder, &rand_port, &second, NULL), OK);
	assert_memory_equal(first.id.bytes, second.id.bytes, ID_BYTES);
	assert_true(secret_equal(first.seed, second.seed));
	assert_true(secret_equal(first.house_key, second.house_key));
	assert_false(secret_equal(first.seed, first.house_key));
	household_close(&first);
	household_close(&second);
}

static void every_changed_byte_is_noticed(void **state)
{
	struct household household;
	struct err_note note;
	struct buf whole;

	(void)state;
	assert_int_equal(household_open(folder, &rand_port, &household, NULL), OK);
	household_close(&household);
	assert_int_equal(file_read(path, 4096, &whole, NULL), OK);
	for (size_t i = 0; i <= whole.size; i++) {
		note.text[0] = '\0';
		if (i < whole.size)
			whole.bytes[i] ^= 1;
		assert_int_equal(file_write(path, whole.bytes,
					    i < whole.size ? whole.size : whole.size - 1,
					    0600, NULL),
				 OK);
		assert_int_equal(household_open(folder, &rand_port, &household, &note),
				 ERR_FORMAT);
		assert_non_null(strstr(note.text, path));
		if (i < whole.size)
			whole.bytes[i] ^= 1;
	}
	buf_finish(&whole);
}

static void none_is_made_beside_a_database(void **state)
{
	struct household household;
	struct err_note note = {.text = ""};
	char database[128];

	(void)state;
	assert_true(file_join(database, sizeof(database), folder, "keeper.db"));
	assert_int_equal(file_write(database, "x", 1, 0600, NULL), OK);
	assert_int_equal(household_open(folder, &rand_port, &household, &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "keeper.key is missing"));
	assert_false(file_exists(path));
	assert_int_equal(unlink(database), 0);
}

/* A start that was cut short is a new household still; one whose database was made is
 * none, whatever became of that database. */
static void it_is_new_until_it_is_settled(void **state)
{
	struct household household;

	(void)state;
	for (unsigned start = 0; start < 2; start++) {
		assert_int_equal(household_open(folder, &rand_port, &household, NULL),
				 OK);
		assert_true(household.is_new);
		household_close(&household);
	}
	household_settle(folder, &household);
	assert_false(household.is_new);
	assert_false(file_exists(fresh));
	assert_int_equal(household_open(folder, &rand_port, &household, NULL), OK);
	assert_false(household.is_new);
	household_close(&household);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_made_once_and_stays, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(it_is_new_until_it_is_settled,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(every_changed_byte_is_noticed,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(none_is_made_beside_a_database,
						make_folder, remove_folder),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("household", tests, NULL, NULL);
}
