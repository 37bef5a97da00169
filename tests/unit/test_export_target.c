/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_export_target - where an archive goes: to a file that is there whole or not at all,
 * whatever happens to its folder, its name or the program meanwhile; never over another.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/export_target.h"
#include "folder.h"

enum { MUCH = 9 * 1024 * 1024 };

static char folder[] = "/tmp/behest-target-XXXXXX";
static uint8_t much[MUCH];

static void path_of(char to[FILE_PATH_BYTES], const char *name)
{
	assert_true(file_join(to, FILE_PATH_BYTES, folder, name));
}

static bool is_there(const char *name)
{
	char path[FILE_PATH_BYTES];

	path_of(path, name);
	return file_exists(path);
}

static void open_target(const char *name, struct export_target *target,
			struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	path_of(path, name);
	assert_int_equal(export_target_open(path, target, note), OK);
}

static void what_is_committed_is_there(void **state)
{
	struct export_target target;
	struct err_note note = {""};
	struct stat about;
	char path[FILE_PATH_BYTES];

	(void)state;
	open_target("whole", &target, &note);
	assert_int_equal(sink_write(&target.sink, much, MUCH), OK);
	assert_true(is_there("whole.part") && !is_there("whole"));
	assert_int_equal(export_target_commit(&target), OK);
	export_target_close(&target);
	assert_true(is_there("whole") && !is_there("whole.part"));
	path_of(path, "whole");
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_size, MUCH);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static void what_is_not_committed_is_not(void **state)
{
	struct export_target target;
	struct err_note note = {""};

	(void)state;
	open_target("half", &target, &note);
	assert_int_equal(sink_write(&target.sink, much, 1000), OK);
	export_target_close(&target);
	assert_false(is_there("half") || is_there("half.part"));
	export_target_close(&target); /* twice is fine */
}

/* Here, by its name alone; and at the root, where nobody may write, or everybody. */
static void a_name_needs_no_folder(void **state)
{
	struct export_target target;
	struct err_note note = {""};
	char before[FILE_PATH_BYTES];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(export_target_open("plain", &target, &note), OK);
	assert_int_equal(export_target_commit(&target), OK);
	export_target_close(&target);
	assert_int_equal(chdir(before), 0);
	assert_true(is_there("plain"));
	if (export_target_open("/behest-test-target", &target, &note) == OK) {
		assert_int_equal(export_target_commit(&target), OK);
		(void)unlink("/behest-test-target");
	}
	export_target_close(&target);
}

static void a_path_that_is_too_long_is_named(void **state)
{
	static const size_t lengths[] = {FILE_PATH_BYTES - 3, FILE_PATH_BYTES + 10};
	struct export_target target;
	char path[2 * FILE_PATH_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(lengths); i++) {
		struct err_note note = {""};

		memset(path, 'a', sizeof(path));
		path[lengths[i]] = '\0';
		assert_int_equal(export_target_open(path, &target, &note), ERR_LIMIT);
		assert_non_null(strstr(note.text, "the path is too long"));
		export_target_close(&target);
	}
}

/* Whoever puts a file there meanwhile keeps it. */
static void nothing_is_written_over(void **state)
{
	struct export_target target;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];
	struct buf file;

	(void)state;
	open_target("mine", &target, &note);
	path_of(path, "mine");
	assert_int_equal(file_write(path, "other", 5, 0600, NULL), OK);
	assert_int_equal(export_target_commit(&target), ERR_EXISTS);
	assert_non_null(strstr(note.text, "is there by now"));
	export_target_close(&target);
	assert_int_equal(file_read(path, 100, &file, NULL), OK);
	assert_int_equal(file.size, 5);
	buf_finish(&file);
	assert_false(is_there("mine.part"));
}

static void a_file_that_vanished_is_no_archive(void **state)
{
	struct export_target target;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	(void)state;
	open_target("gone", &target, &note);
	path_of(path, "gone.part");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(export_target_commit(&target), ERR_IO);
	assert_true(note.text[0] != '\0');
	export_target_close(&target);
	assert_false(is_there("gone"));
}

/* A file that is closed stands for a disk that fails. */
static void a_disk_that_fails_is_said(void **state)
{
	struct export_target target;
	struct err_note note = {""};

	(void)state;
	open_target("bad", &target, &note);
	assert_int_equal(close(target.fd), 0);
	assert_int_equal(sink_write(&target.sink, much, 10), ERR_IO);
	assert_non_null(strstr(note.text, "cannot be written"));
	note.text[0] = '\0';
	assert_int_equal(export_target_commit(&target), ERR_IO);
	assert_non_null(strstr(note.text, "cannot be written"));
	export_target_close(&target);
	assert_false(is_there("bad.part"));
}

static void a_full_disk_is_said(void **state)
{
	struct export_target target;
	struct err_note note = {""};
	struct rlimit before;
	struct rlimit small;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max};
	open_target("full", &target, &note);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(sink_write(&target.sink, much, 5000), ERR_LIMIT);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(note.text, "no space"));
	export_target_close(&target);
	assert_false(is_there("full.part"));
}

/* A program that is ended takes its half file along. */
static void a_signal_leaves_nothing(void **state)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(signals); i++) {
		int status = 0;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct export_target target;
			struct err_note note = {""};
			char path[FILE_PATH_BYTES];

			must(file_join(path, sizeof(path), folder, "ended"));
			must(export_target_open(path, &target, &note) == OK);
			(void)raise(signals[i]);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
		assert_false(is_there("ended.part") || is_there("ended"));
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_committed_is_there),
		cmocka_unit_test(what_is_not_committed_is_not),
		cmocka_unit_test(a_name_needs_no_folder),
		cmocka_unit_test(a_path_that_is_too_long_is_named),
		cmocka_unit_test(nothing_is_written_over),
		cmocka_unit_test(a_file_that_vanished_is_no_archive),
		cmocka_unit_test(a_disk_that_fails_is_said),
		cmocka_unit_test(a_full_disk_is_said),
		cmocka_unit_test(a_signal_leaves_nothing),
	};

	return cmocka_run_group_tests_name("export_target", tests, set_up, tear_down);
}
