/* SPDX-License-Identifier: Apache-2.0 */
/* file: whole or not at all; one clear line for what is wrong. */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "folder.h"

static char folder[] = "/tmp/behest-file-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static const char *in_folder(const char *name)
{
	static char path[FILE_PATH_BYTES];
	assert_true(file_join(path, sizeof(path), folder, name));
	return path;
}

static void written_is_read(void **state)
{
	(void)state;
	struct buf buf;
	struct err_note note = {0};
	const char *path = in_folder("a");
	assert_false(file_exists(path));
	assert_int_equal(file_write(path, "one\0two", 7, 0600, &note), OK);
	assert_int_equal(file_write(path, "three", 5, 0640, &note), OK);
	assert_true(file_exists(path));
	struct stat about;
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0640);
	assert_int_equal(file_read(path, 5, &buf, &note), OK);
	assert_string_equal((const char *)buf.bytes, "three");
	buf_finish(&buf);
	assert_string_equal(note.text, "");
	assert_int_equal(file_read(path, 4, &buf, &note), ERR_LIMIT);
	assert_non_null(strstr(note.text, "larger than 4 bytes"));
	buf_finish(&buf);
	assert_int_equal(file_write(in_folder("empty"), "", 0, 0600, NULL), OK);
	assert_int_equal(file_read(in_folder("empty"), 0, &buf, NULL), OK);
	assert_int_equal(buf.size, 0);
	assert_non_null(buf.bytes);
	buf_finish(&buf);
}

static void a_left_over_is_replaced(void **state)
{
	(void)state;
	struct buf buf;
	char target[FILE_PATH_BYTES];
	assert_true(file_join(target, sizeof(target), folder, "target"));
	assert_int_equal(file_write(target, "safe", 4, 0600, NULL), OK);
	assert_int_equal(symlink(target, in_folder("b.new")), 0);
	assert_int_equal(file_write(in_folder("b"), "new", 3, 0600, NULL), OK);
	assert_int_equal(file_read(target, 10, &buf, NULL), OK);
	assert_string_equal((const char *)buf.bytes, "safe");
	buf_finish(&buf);
	assert_false(file_exists(in_folder("b.new")));
}

static void prepared_is_put_there_or_dropped(void **state)
{
	(void)state;
	struct buf buf;
	struct err_note note = {0};
	assert_int_equal(file_write(in_folder("p"), "old", 3, 0600, NULL), OK);
	assert_int_equal(file_prepare(in_folder("p"), "new", 3, 0600, &note), OK);
	assert_true(file_exists(in_folder("p.new")));
	file_drop(in_folder("p"));
	assert_false(file_exists(in_folder("p.new")));
	assert_int_equal(file_commit(in_folder("p"), &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "p: cannot be replaced"));
	assert_int_equal(file_read(in_folder("p"), 10, &buf, NULL), OK);
	assert_string_equal((const char *)buf.bytes, "old");
	buf_finish(&buf);
	assert_int_equal(file_prepare(in_folder("p"), "new", 3, 0600, NULL), OK);
	assert_int_equal(file_commit(in_folder("p"), NULL), OK);
	assert_int_equal(file_read(in_folder("p"), 10, &buf, NULL), OK);
	assert_string_equal((const char *)buf.bytes, "new");
	buf_finish(&buf);
	assert_false(file_exists(in_folder("p.new")));
}

static void what_cannot_be_read_is_said(void **state)
{
	(void)state;
	struct buf buf;
	struct err_note note = {0};
	assert_int_equal(file_read(in_folder("none"), 10, &buf, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "none: cannot be opened"));
	buf_finish(&buf);
	note.text[0] = '\0';
	assert_int_equal(file_read(folder, 10, &buf, &note), ERR_FORMAT);
	buf_finish(&buf);
	assert_int_equal(file_read("/dev/zero", 10, &buf, NULL), ERR_FORMAT);
	buf_finish(&buf);
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	assert_int_equal(file_read(in_folder("pipe"), 10, &buf, NULL), ERR_FORMAT);
	buf_finish(&buf);
	note.text[0] = '\0';
	assert_int_equal(file_write(in_folder("no/where"), "x", 1, 0600, &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "no/where"));
	assert_int_equal(file_write("/dev/full/x", "x", 1, 0600, NULL), ERR_MISSING);
}

static void folders_are_made(void **state)
{
	(void)state;
	struct err_note note = {0};
	struct stat about;
	assert_int_equal(file_make_folder(in_folder("x/y/z"), &note), OK);
	assert_int_equal(file_make_folder(in_folder("x/y/z/"), &note), OK);
	assert_int_equal(stat(in_folder("x/y"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	assert_int_equal(file_write(in_folder("plain"), "", 0, 0600, NULL), OK);
	assert_int_equal(file_make_folder(in_folder("plain"), &note), ERR_EXISTS);
	assert_non_null(strstr(note.text, "plain: is there, but is not a folder"));
	assert_int_equal(file_make_folder(in_folder("plain/x"), NULL), ERR_EXISTS);
	assert_int_equal(file_make_folder("", NULL), ERR_FORMAT);
	/* Nobody makes folders there, not even root; it is the world, not a refusal. */
	assert_int_equal(file_make_folder("/sys/behest", NULL), ERR_IO);
	char long_path[2 * FILE_PATH_BYTES];
	memset(long_path, 'a', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(file_make_folder(long_path, NULL), ERR_LIMIT);
	assert_int_equal(file_write(long_path, "", 0, 0600, NULL), ERR_LIMIT);
}

static void joining(void **state)
{
	(void)state;
	char path[8];
	assert_true(file_join(path, sizeof(path), "ab", "cd"));
	assert_string_equal(path, "ab/cd");
	assert_true(file_join(path, sizeof(path), "ab/", "cd"));
	assert_string_equal(path, "ab/cd");
	assert_true(file_join(path, sizeof(path), "", "cd"));
	assert_string_equal(path, "cd");
	assert_true(file_join(path, sizeof(path), "ab", "/cd"));
	assert_string_equal(path, "/cd");
	assert_false(file_join(path, sizeof(path), "abcd", "efg"));
}

/* Whoever holds it by another name finds nothing in it any more. */
static void shredded_is_empty_by_any_name(void **state)
{
	char path[FILE_PATH_BYTES];
	char other[FILE_PATH_BYTES];
	struct stat about;

	(void)state;
	assert_true(file_join(path, sizeof(path), folder, "shredded"));
	assert_true(file_join(other, sizeof(other), folder, "other"));
	assert_int_equal(file_write(path, "what nobody is to read", 22, 0600, NULL), OK);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(file_shred(path, NULL), OK);
	assert_false(file_exists(path));
	assert_int_equal(stat(other, &about), 0);
	assert_int_equal(about.st_size, 0);
	assert_int_equal(file_shred(path, NULL), OK); /* it is gone already */
	/* Where a link leads to stays. */
	assert_int_equal(file_write(other, "safe", 4, 0600, NULL), OK);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(file_shred(path, NULL), OK);
	assert_false(file_exists(path));
	assert_int_equal(stat(other, &about), 0);
	assert_int_equal(about.st_size, 4);
}

static void a_folder_is_not_shredded(void **state)
{
	struct err_note note = {""};

	(void)state;
	assert_int_equal(file_shred(folder, &note), ERR_IO);
	assert_non_null(strstr(note.text, "cannot be removed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(a_left_over_is_replaced),
		cmocka_unit_test(prepared_is_put_there_or_dropped),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(folders_are_made),
		cmocka_unit_test(shredded_is_empty_by_any_name),
		cmocka_unit_test(a_folder_is_not_shredded),
		cmocka_unit_test(joining),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
