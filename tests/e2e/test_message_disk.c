/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message_disk - the keeper's disk fills while a voice message is on its way: what
 * cannot be written is refused, and whoever speaks hears why; nothing of it lies there half;
 * nothing that was called off goes out, and with space again the next one does.
 *
 * Twice: with a limit on the size of the keeper's files, which anybody can set, and on a
 * small file system that is really full, where this test may mount one.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/spoken.h"
#include "folder.h"

enum {
	MESSAGES_MAX = 16,
	STEP_MS = 10,
	LATE_MS = 2000, /* after the end of a hold: more than it takes to go out */
	LOG_MAX = 1 << 20,
	LINES_MAX = 40, /* that the keeper writes in all of this */
	PIECE_BYTES = 4096,
};

#define FRIEND "Alice Miller"
#define DISK_SIZE "size=24m"

static struct spoken_house all;
static struct spoken messages[MESSAGES_MAX];
static size_t message_count;
static char base[FILE_PATH_BYTES]; /* of this test: the log, and where the disk is */
static char disk[FILE_PATH_BYTES]; /* "": there is none, and files are limited */

/* --- filling it ------------------------------------------------------------------------- */

static void ballast(char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, disk, "ballast"));
}

static void fill_disk(void)
{
	static const uint8_t piece[PIECE_BYTES];
	char path[FILE_PATH_BYTES];
	int fd;

	ballast(path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (write(fd, piece, sizeof(piece)) == (ssize_t)sizeof(piece))
		;
	assert_int_equal(close(fd), 0);
}

static void set_limit(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(prlimit(all.house.keeper, RLIMIT_FSIZE, NULL, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(prlimit(all.house.keeper, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* No file may grow beyond what the database's log has now. */
static void limit_files(void)
{
	char path[FILE_PATH_BYTES];
	struct stat log;

	assert_true(
		file_join(path, sizeof(path), all.house.data, "keeper/keeper.db-wal"));
	assert_int_equal(stat(path, &log), 0);
	set_limit((rlim_t)log.st_size);
}

static void fill(void)
{
	if (disk[0])
		fill_disk();
	else
		limit_files();
}

static void make_space(void)
{
	char path[FILE_PATH_BYTES];

	if (!disk[0]) {
		set_limit(RLIM_INFINITY);
		return;
	}
	ballast(path);
	assert_int_equal(unlink(path), 0);
}

/* --- looking ---------------------------------------------------------------------------- */

static void keeper_is_there(void)
{
	assert_false(process_is_over(&all.house.keeper, NULL));
}

static struct wire_phone_told *told_of(const struct spoken *message)
{
	return wire_phone_find(&all.phone, message->body);
}

static void wait_state(const struct spoken *message, const char *state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!told_of(message) || !str_equal(told_of(message)->state, state)) {
		assert_true(wire_phone_poll(&all.phone));
		assert_int_equal(loop_run_once(all.loop, STEP_MS), OK);
		if (loop_now_ms() > until_ms)
			fail_msg("it never was %s", state);
	}
}

/* The newest turn's, once the room has heard it. */
static void expect_refused(const char *allowed)
{
	struct house_turn turn = {.reason = ""};
	char word[40];

	assert_true(wire_room_wait_say(&all.room));
	assert_string_equal(all.room.say_then, "");
	wire_room_heard(&all.room);
	assert_true(wire_room_wait_over(&all.room));
	json_destroy(house_status(&all.house)); /* behind what the hub told before */
	while (house_turn_within(&all.house, 0, &turn))
		;
	print_message("refused: %s, \"%s\"\n", turn.reason, turn.said);
	assert_true(str_format(word, sizeof(word), " %s ", turn.reason));
	if (!strstr(allowed, word))
		fail_msg("%s, expected one of%s", turn.reason, allowed);
}

static struct spoken *new_message(void)
{
	struct spoken *message = &messages[message_count];

	assert_true(message_count < MESSAGES_MAX);
	spoken_make(message, &all, FRIEND, (unsigned)message_count);
	message_count++;
	return message;
}

static void go(struct spoken *message, enum spoken_step from, enum spoken_step to)
{
	for (enum spoken_step step = from; step <= to; step++)
		if (!spoken_go(message, step))
			fail_msg("%s: the hub goes another way", spoken_step_text(step));
}

static void expect_sound(const struct spoken *message)
{
	struct buf sound;

	assert_true(wire_phone_ask_sound(&all.phone, told_of(message)->id));
	assert_int_equal(wire_phone_take_sound(&all.phone, &sound), OK);
	assert_int_equal(sound.size, message->size);
	assert_memory_equal(sound.bytes, message->opus, message->size);
	buf_finish(&sound);
}

/* --- the tests -------------------------------------------------------------------------- */

static void there_is_space(void **state)
{
	struct spoken *message = new_message();

	(void)state;
	go(message, SPOKEN_ASKED_FOR, SPOKEN_ANSWERED);
	wait_state(message, "held");
}

static void full_before_it_is_asked_for(void **state)
{
	struct spoken *message = new_message();

	(void)state;
	fill();
	assert_false(spoken_go(message, SPOKEN_ASKED_FOR));
	expect_refused(" JOURNAL_UNAVAILABLE ");
	keeper_is_there();
	make_space();
}

/* Also by a keeper that comes after: nothing of it lies there. */
static void full_while_it_is_spoken(void **state)
{
	struct spoken *message = new_message();

	(void)state;
	go(message, SPOKEN_ASKED_FOR, SPOKEN_PROMPTED);
	fill();
	go(message, SPOKEN_HALF, SPOKEN_SENT);
	expect_refused(" JOURNAL_UNAVAILABLE MEMO_LOST ");
	keeper_is_there();
	make_space();
	assert_true(wire_phone_poll(&all.phone));
	assert_null(told_of(message));
	house_stop_keeper(&all.house);
	house_start_keeper(&all.house);
	wire_phone_open(&all.phone);
	spoken_house_wait_hub(&all);
	assert_null(told_of(message));
}

static void full_when_it_is_received(void **state)
{
	struct spoken *message = new_message();

	(void)state;
	all.phone.gives_receipts = false;
	go(message, SPOKEN_ASKED_FOR, SPOKEN_ANSWERED);
	wait_state(message, "unreceipted");
	fill();
	assert_true(wire_phone_say(&all.phone, told_of(message), APPROVAL_RECEIPT));
	assert_int_equal(wire_phone_wait_answer(&all.phone), ERR_DENIED);
	assert_string_equal(told_of(message)->state, "unreceipted");
	keeper_is_there();
	make_space();
	all.phone.gives_receipts = true;
	assert_true(wire_phone_say(&all.phone, told_of(message), APPROVAL_RECEIPT));
	assert_int_equal(wire_phone_wait_answer(&all.phone), OK);
	wait_state(message, "held");
}

/* Two that are held; one is called off, which cannot be written; then both holds are over.
 * With space again the one goes out, and the other never. */
static void full_at_the_end_of_the_hold(void **state)
{
	struct spoken *out = &messages[message_count - 1];
	struct spoken *off = new_message();
	int64_t until_ms;

	(void)state;
	go(off, SPOKEN_ASKED_FOR, SPOKEN_ANSWERED);
	wait_state(off, "held");
	until_ms = told_of(off)->word_ms + SPOKEN_HOLD_S * 1000 + LATE_MS;
	fill();
	assert_true(wire_phone_say(&all.phone, told_of(off), APPROVAL_CANCEL));
	assert_int_equal(wire_phone_wait_answer(&all.phone), ERR_DENIED);
	while (loop_now_ms() < until_ms) {
		assert_true(wire_phone_poll(&all.phone));
		assert_int_equal(loop_run_once(all.loop, STEP_MS), OK);
	}
	assert_string_equal(told_of(off)->state, "held");
	assert_string_equal(told_of(out)->state, "held");
	keeper_is_there();
	make_space();
	wait_state(out, "sent");
	wait_state(off, "cancelled");
	assert_int_equal(told_of(off)->ordered, 0);
	expect_sound(out);
}

/* What the hub had to tell the keeper meanwhile is written, and all of it verifies. */
static void nothing_is_lost(void **state)
{
	struct link_client *owner;
	struct spoken *message = new_message();

	(void)state;
	go(message, SPOKEN_ASKED_FOR, SPOKEN_ANSWERED);
	wait_state(message, "sent");
	expect_sound(message);
	house_wait_written(&all.house);
	owner = house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	assert_true(house_verify(owner) > 0);
	link_client_close(owner);
}

static size_t log_count(const char *words)
{
	struct buf log;
	size_t count = 0;

	assert_int_equal(file_read(all.house.log, LOG_MAX, &log, NULL), OK);
	for (const char *at = (const char *)log.bytes; (at = strstr(at, words)); at++)
		count++;
	buf_finish(&log);
	return count;
}

/* It says so, and does not say it each second. */
static void it_is_said(void **state)
{
	const size_t said = log_count(disk[0] ? "keeper: the disk is full"
					      : "keeper: a batch may not be");

	(void)state;
	print_message("the keeper said it %zu times\n", said);
	assert_in_range(said, 1, LINES_MAX);
	assert_int_equal(log_count("late: the keeper refused"), 0);
}

/* --- all of it -------------------------------------------------------------------------- */

/* Not where it is somebody else's to mount. */
static bool mount_disk(void)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), base, "disk"));
	assert_int_equal(mkdir(path, 0700), 0);
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, DISK_SIZE) != 0)
		return false;
	assert_true(str_copy(disk, sizeof(disk), path));
	assert_int_equal(setenv("TMPDIR", disk, 1), 0);
	return true;
}

static int house_set_up(void **state)
{
	struct wire_contact contact = {.name = FRIEND,
				       .kind = "house",
				       .voice_allowed = 1};
	struct link_client *owner;

	(void)state;
	message_count = 0;
	house_begin(&all.house);
	assert_true(file_join(all.house.log, sizeof(all.house.log), base,
			      disk[0] ? "disk.log" : "limit.log"));
	spoken_house_up(&all);
	owner = house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	memcpy(contact.person.bytes, all.owner, ID_BYTES);
	spoken_house_add_contact(&all, owner, &contact);
	link_client_close(owner);
	spoken_house_wait_hub(&all);
	return 0;
}

static int house_tear_down(void **state)
{
	(void)state;
	spoken_house_end(&all);
	return 0;
}

static int run_all(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_space),
		cmocka_unit_test(full_before_it_is_asked_for),
		cmocka_unit_test(full_while_it_is_spoken),
		cmocka_unit_test(full_when_it_is_received),
		cmocka_unit_test(full_at_the_end_of_the_hold),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(it_is_said),
	};

	return cmocka_run_group_tests_name(name, tests, house_set_up, house_tear_down);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	int failed;

	if (!str_format(base, sizeof(base), "%s/behest-disk-XXXXXX",
			tmp ? tmp : "/tmp") ||
	    !mkdtemp(base))
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
