/* SPDX-License-Identifier: Apache-2.0 */
/* test_identity - a key file is made once, read back, and refused when it is not right. */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/identity.h"
#include "base/str.h"
#include "fake/rand_fake.h"

static char folder[64];
static char path[FILE_PATH_BYTES];
static struct rand_fake dice;
static struct rand rand_port;

static int make_folder(void **state)
{
	(void)state;
	rand_port = rand_fake_init(&dice, 7);
	if (!str_copy(folder, sizeof(folder), "/tmp/behest-identity-XXXXXX") ||
	    !mkdtemp(folder) || identity_room_path(path, folder, "Living Room") != OK)
		return 1;
	return 0;
}

static int remove_folder(void **state)
{
	char inner[FILE_PATH_BYTES];

	(void)state;
	(void)unlink(path);
	if (file_join(inner, sizeof(inner), folder, "room"))
		(void)rmdir(inner);
	return rmdir(folder);
}

static void made_once(void **state)
{
	struct identity first = {.seed = NULL};
	struct identity again = {.seed = NULL};
	struct err_note note = {""};
	struct stat about;

	(void)state;
	assert_int_equal(identity_open(path, &rand_port, &first, &note), OK);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(identity_open(path, &rand_port, &again, &note), OK);
	assert_memory_equal(first.public_key, again.public_key, sizeof(first.public_key));
	assert_true(secret_equal(first.seed, again.seed));
	identity_close(&first);
	identity_close(&again);
	identity_close(NULL);
}

static void names_do_not_collide(void **state)
{
	char other[FILE_PATH_BYTES];

	(void)state;
	assert_non_null(strstr(path, "/room/living%20room.key"));
	assert_int_equal(identity_room_path(other, folder, "living-room"), OK);
	assert_string_not_equal(path, other);
	assert_int_equal(identity_room_path(other, folder, "../../etc"), OK);
	assert_null(strstr(other, ".."));
	assert_int_equal(identity_room_path(other, folder, ""), ERR_LIMIT);
}

static void each_changed_byte_is_seen(void **state)
{
	struct identity identity = {.seed = NULL};
	struct err_note note = {""};
	struct buf buf;

	(void)state;
	assert_int_equal(identity_open(path, &rand_port, &identity, &note), OK);
	identity_close(&identity);
	assert_int_equal(file_read(path, 1024, &buf, &note), OK);
	for (size_t i = 0; i < buf.size; i++) {
		buf.bytes[i] ^= 1;
		assert_int_equal(file_write(path, buf.bytes, buf.size, 0600, &note), OK);
		assert_int_equal(identity_open(path, &rand_port, &identity, &note),
				 ERR_FORMAT);
		assert_null(identity.seed);
		assert_non_null(strstr(note.text, path));
		buf.bytes[i] ^= 1;
	}
	assert_int_equal(file_write(path, buf.bytes, buf.size - 1, 0600, &note), OK);
	assert_int_equal(identity_open(path, &rand_port, &identity, &note), ERR_FORMAT);
	buf_finish(&buf);
}

static void others_may_not_read_it(void **state)
{
	struct identity identity = {.seed = NULL};
	struct err_note note = {""};

	(void)state;
	assert_int_equal(identity_open(path, &rand_port, &identity, &note), OK);
	identity_close(&identity);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(identity_open(path, &rand_port, &identity, &note), ERR_DENIED);
	assert_non_null(strstr(note.text, "chmod 600"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(made_once, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(names_do_not_collide, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(each_changed_byte_is_seen, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(others_may_not_read_it, make_folder,
						remove_folder),
	};
	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
