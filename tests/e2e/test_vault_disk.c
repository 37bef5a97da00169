/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_vault_disk - a real keeper whose disk is full takes no new recording, says why, and
 * keeps the old ones; once there is space it goes on. Also over kill -9 while it is full.
 * (Nothing is played meanwhile: that it was could not be written down.)
 * First with a limit on the size of its files, then on a small file system, where one may be
 * mounted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "e2e/lone_keeper.h"
#include "folder.h"

#define DISK_SIZE "size=12m"
enum { RECORDINGS_MAX = 4096, AFTERWARDS = 3 };

static char base[128];
static char disk[160]; /* "": the files are limited */
static struct lone_keeper keeper;
static uint64_t last_token;
static size_t record_count;
static struct record_id records[RECORDINGS_MAX];

static enum err seal_one(struct link_client *client)
{
	enum err err;

	last_token++;
	assert_true(record_count < RECORDINGS_MAX);
	lone_keeper_send_recording(client, last_token,
				   (uint64_t)1700000000000 << 16 | last_token);
	err = lone_keeper_take_done(client, last_token, &records[record_count]);
	record_count += err == OK;
	return err;
}

static void expect_all(void)
{
	struct link_client *client = lone_keeper_sign_in(&keeper);

	for (size_t i = 0; i < record_count; i++)
		lone_keeper_expect_sound(client, records[i]);
	link_client_close(client);
}

/* Its files may not grow beyond what the largest of them is. */
static void limit_files(bool on)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	struct stat about;
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), keeper.data, "keeper/keeper.db"));
	assert_int_equal(stat(path, &about), 0);
	if (on)
		limit.rlim_cur = (rlim_t)about.st_size + 65536;
	assert_int_equal(prlimit(keeper.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* Somebody else's file takes all that is left, or gives it back. */
static void fill_disk(bool on)
{
	static const char bytes[4096];
	char path[FILE_PATH_BYTES];
	int fd;

	assert_true(file_join(path, sizeof(path), disk, "other"));
	if (!on) {
		assert_int_equal(unlink(path), 0);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (write(fd, bytes, sizeof(bytes)) > 0)
		continue;
	assert_int_equal(close(fd), 0);
}

static void make_full(bool on)
{
	if (disk[0])
		fill_disk(on);
	else
		limit_files(on);
}

static void says_why(void)
{
	const char *words = disk[0] ? "the disk is full" : "a batch may not be written";
	struct buf log;

	assert_int_equal(file_read(keeper.log, (size_t)1 << 20, &log, NULL), OK);
	assert_non_null(strstr((const char *)log.bytes, words));
	buf_finish(&log);
}

static void says_so_in_its_status(bool is_full)
{
	const struct wire_status_get get = {.unused = 0};
	struct link_client *client = lone_keeper_owner(&keeper);
	const struct wire_message *message =
		lone_keeper_ask(client, WIRE_status_get, &get);

	assert_int_equal(message->type, WIRE_status);
	assert_int_equal(strstr(message->status.json, "the disk is full") != NULL,
			 is_full);
	link_client_close(client);
}

static void a_full_disk_takes_nothing_new_and_keeps_the_old(void **state)
{
	struct link_client *client = lone_keeper_hub(&keeper);
	enum err err = OK;

	(void)state;
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(seal_one(client), OK);
	make_full(true);
	while ((err = seal_one(client)) == OK)
		continue;
	assert_int_equal(err, ERR_IO);
	assert_int_equal(seal_one(client), ERR_IO); /* and stays so */
	says_why();
	says_so_in_its_status(disk[0] != '\0'); /* a limit may be another fault */
	make_full(false);
	assert_int_equal(seal_one(client), OK);
	says_so_in_its_status(false);
	link_client_close(client);
	expect_all();
}

static void a_full_disk_can_be_started_from(void **state)
{
	struct link_client *client = lone_keeper_hub(&keeper);

	(void)state;
	for (size_t i = 0; i < AFTERWARDS; i++)
		assert_int_equal(seal_one(client), OK);
	make_full(true);
	while (seal_one(client) == OK)
		continue;
	lone_keeper_kill(&keeper);
	link_client_close(client);
	lone_keeper_start(&keeper);
	says_so_in_its_status(disk[0] !=
			      '\0'); /* it could not write down that it started */
	if (disk[0])
		make_full(false);
	client = lone_keeper_hub(&keeper);
	assert_int_equal(seal_one(client), OK);
	link_client_close(client);
	client = lone_keeper_sign_in(&keeper);
	lone_keeper_expect_whole_journal(client);
	link_client_close(client);
	expect_all();
}

/* Not where it is somebody else's to mount. */
static bool mount_disk(void)
{
	char path[sizeof(disk)];

	assert_true(str_format(path, sizeof(path), "%s/disk", base));
	assert_int_equal(mkdir(path, 0700), 0);
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, DISK_SIZE) != 0)
		return false;
	assert_true(str_copy(disk, sizeof(disk), path));
	return true;
}

static int set_up(void **state)
{
	char folder[sizeof(disk) + 8];

	(void)state;
	record_count = 0;
	assert_true(
		str_format(folder, sizeof(folder), "%s/house", disk[0] ? disk : base));
	assert_int_equal(mkdir(folder, 0700), 0);
	lone_keeper_begin(&keeper, folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lone_keeper_end(&keeper);
	return 0;
}

static int run_all(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_takes_nothing_new_and_keeps_the_old),
		cmocka_unit_test(a_full_disk_can_be_started_from),
	};

	return cmocka_run_group_tests_name(name, tests, set_up, tear_down);
}

int main(void)
{
	int failed;

	if (!str_format(base, sizeof(base), "/tmp/behest-vd-XXXXXX") || !mkdtemp(base))
		return EXIT_FAILURE;
	failed = run_all("limited files");
	if (mount_disk()) {
		failed += run_all("a full disk");
		(void)umount(disk);
	} else {
		print_message("no disk may be mounted here: only with limited files\n");
	}
	return folder_remove(base) != 0 || failed != 0;
}
