/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_up - `behest up` as a user has it: a new folder, no questions, a typed request that
 * turns a light on, a keeper killed in between, the owner's commands, and a clean end that
 * leaves no process behind.
 *
 * One house for all tests; they build on each other in their order. Nothing depends on
 * how long things take but on bounded waiting.
 */
#include "unit/cmocka_all.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/process.h"
#include "folder.h"

enum { WAIT_MS = 60000, STEP_NS = 50000000, LOG_MAX = 1 << 20, CHILDREN_MAX = 16 };

#define PASSPHRASE "correct horse battery\n"

static char folder[FILE_PATH_BYTES];
static char data[FILE_PATH_BYTES];
static char passphrase[FILE_PATH_BYTES];
static char logged[FILE_PATH_BYTES];
static pid_t up;

static int set_up(void **state)
{
	struct err_note note = {""};

	(void)state;
	strcpy(folder, "/tmp/behest-up-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(data, sizeof(data), folder, "data"));
	assert_true(file_join(passphrase, sizeof(passphrase), folder, "passphrase"));
	assert_true(file_join(logged, sizeof(logged), folder, "log"));
	assert_int_equal(file_write(passphrase, PASSPHRASE, strlen(PASSPHRASE), 0600,
				    &note),
			 OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	process_end(&up, SIGTERM);
	return folder_remove(folder);
}

static void nap(void)
{
	static const struct timespec step = {.tv_nsec = STEP_NS};

	nanosleep(&step, NULL);
}

static bool log_has(const char *words)
{
	struct err_note note = {""};
	struct buf text;
	bool yes = false;

	if (file_read(logged, LOG_MAX, &text, &note) == OK && text.bytes)
		yes = strstr((const char *)text.bytes, words) != NULL;
	buf_finish(&text);
	return yes;
}

static void wait_log(const char *words)
{
	int64_t until_ms = loop_now_ms() + WAIT_MS;
	int status;

	while (!log_has(words) && loop_now_ms() < until_ms) {
		assert_false(process_is_over(&up, &status));
		nap();
	}
	if (!log_has(words))
		fail_msg("the log never said \"%s\"", words);
}

/* Runs `behest COMMAND --data DATA WORDS...`; the caller finishes it. */
static void behest(const char *command, const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest"), command,
					      "--data", data};
	size_t count = 4;

	for (size_t i = 0; words && words[i]; i++)
		all[count++] = words[i];
	all[count] = NULL;
	process_run(all, WAIT_MS, ran);
	assert_false(ran->hung);
}

static int say(const char *text, char said[256])
{
	const char *words[] = {"--json", text, NULL};
	struct process_ran ran;
	struct json *json = NULL;
	int status;

	behest("say", words, &ran);
	status = ran.status;
	said[0] = '\0';
	if (process_out(&ran)[0] &&
	    json_parse("say", process_out(&ran), strlen(process_out(&ran)), 65536, &json,
		       NULL) == OK)
		(void)str_copy(said, 256,
			       json_text(json_get(json_root(json), "said"), ""));
	json_destroy(json);
	process_ran_finish(&ran);
	return status;
}

/* Says it until it is done: names and links settle in the first moments. */
static void say_until_done(const char *text)
{
	int64_t until_ms = loop_now_ms() + WAIT_MS;
	char said[256];

	while (say(text, said) != 0) {
		assert_true(loop_now_ms() < until_ms);
		nap();
	}
}

/* Our own children and theirs, by the parent that /proc names. */
static pid_t parent_of(pid_t pid)
{
	char path[64];
	char text[1024] = "";
	const char *at;
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	at = strrchr(text, ')');
	return at && sscanf(at + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static size_t children_of(pid_t parent, pid_t *pids, size_t max)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		int64_t pid;

		if (str_to_int(entry->d_name, 1, INT32_MAX, &pid) &&
		    parent_of((pid_t)pid) == parent && count < max)
			pids[count++] = (pid_t)pid;
	}
	closedir(proc);
	return count;
}

static pid_t child_named(const char *name)
{
	pid_t pids[CHILDREN_MAX];
	size_t count = children_of(up, pids, CHILDREN_MAX);

	for (size_t i = 0; i < count; i++) {
		char path[64];
		char program[FILE_PATH_BYTES] = "";

		snprintf(path, sizeof(path), "/proc/%d/exe", (int)pids[i]);
		if (readlink(path, program, sizeof(program) - 1) > 0 &&
		    str_ends(program, name))
			return pids[i];
	}
	return 0;
}

/* --- the tests ---------------------------------------------------------------------------- */

static void comes_up_in_a_new_folder(void **state)
{
	const char *words[] = {process_program("behest"),
			       "up",
			       "--toy-home",
			       "--yes",
			       "--data",
			       data,
			       "--owner",
			       "alice",
			       "--room",
			       "Kitchen",
			       "--passphrase-file",
			       passphrase,
			       NULL};

	(void)state;
	up = process_start(words, logged);
	wait_log("The house is up.");
	assert_true(
		log_has("The owner of this house is \"alice\"; the room is the kitchen"));
	assert_true(log_has("recovery code"));
	assert_false(log_has("correct horse")); /* a given passphrase is never shown */
}

static void a_typed_request_moves_the_light(void **state)
{
	char said[256];

	(void)state;
	say_until_done("turn on the kitchen light");
	wait_log("\"device\":\"kitchen light\",\"state\":\"ON\"");
	assert_int_equal(say("unlock the front door", said), 3);
	assert_string_equal(said,
			    "That needs approval, and no paired device can be reached.");
	assert_false(log_has("\"device\":\"front door\",\"state\":\"UNLOCKED\""));
}

/* The whole way: nothing moves until a paired device approved exactly that, and then the
 * gate does it, once. */
static void what_binds_waits_for_a_tap(void **state)
{
	const char *here[] = {"--here",   "--owner", "alice", "--passphrase-file",
			      passphrase, NULL};
	const char *as_json[] = {"--json", NULL};
	const char *approve[] = {NULL, "--yes", NULL};
	const char *owner[] = {"--owner", "alice", "--passphrase-file", passphrase, NULL};
	struct process_ran ran;
	char said[256];
	char id[9] = "";

	(void)state;
	behest("pair", here, &ran);
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
	(void)say("unlock the front door", said);
	assert_string_equal(said, "That needs your approval on a paired device.");
	behest("approve", as_json, &ran);
	const char *at = strstr(process_out(&ran), "\"id\":\"");
	assert_non_null(at);
	assert_true(
		str_copy_bytes(id, sizeof(id), at + strlen("\"id\":\""), sizeof(id) - 1));
	process_ran_finish(&ran);
	assert_false(log_has("\"device\":\"front door\",\"state\":\"UNLOCKED\""));
	approve[0] = id;
	behest("approve", approve, &ran);
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
	wait_log("\"device\":\"front door\",\"state\":\"UNLOCKED\"");
	behest("approve", approve, &ran);
	assert_int_not_equal(ran.status, 0); /* it is over */
	process_ran_finish(&ran);
	behest("why", owner, &ran);
	assert_non_null(strstr(process_out(&ran), "it waits for a tap"));
	assert_non_null(
		strstr(process_out(&ran), "it is being carried out, by the device "));
	assert_non_null(strstr(process_out(&ran), "it was carried out."));
	process_ran_finish(&ran);
}

static void tells_what_runs(void **state)
{
	const char *json[] = {"--json", NULL};
	struct process_ran ran;

	(void)state;
	behest("status", NULL, &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "keeper"));
	assert_non_null(strstr(process_out(&ran), "name=kitchen"));
	assert_non_null(strstr(process_out(&ran), "broker\n  pid "));
	assert_non_null(strstr(process_out(&ran), "toy-home\n  pid "));
	assert_non_null(strstr(process_out(&ran), "room\n  pid "));
	process_ran_finish(&ran);
	behest("status", json, &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(process_lines(process_out(&ran)), 7);
	assert_non_null(
		strstr(process_out(&ran),
		       "{\"program\":\"broker\",\"up\":true,\"status\":{\"pid\":"));
	process_ran_finish(&ran);
}

static void explains_itself_to_its_owner(void **state)
{
	const char *good[] = {"--owner", "alice", "--passphrase-file", passphrase, NULL};
	const char *wrong[] = {"--owner", "bob", "--passphrase-file", passphrase, NULL};
	struct process_ran ran;

	(void)state;
	behest("why", good, &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "NEEDS_TAP"));
	process_ran_finish(&ran);
	behest("history", good, &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(process_lines(process_out(&ran)) >= 2, 1);
	process_ran_finish(&ran);
	behest("verify", good, &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "the journal is whole"));
	process_ran_finish(&ran);
	behest("history", wrong, &ran);
	assert_int_equal(ran.status, 3);
	assert_string_equal(process_out(&ran), "");
	assert_int_equal(process_lines(process_err(&ran)), 1);
	process_ran_finish(&ran);
}

static void rooms_are_changed_by_their_owner(void **state)
{
	const char *add[] = {"--owner",  "alice",  "--passphrase-file",
			     passphrase, "--may",  "tell",
			     "add",      "Cellar", "--private",
			     "no",       NULL};
	const char *set[] = {"--owner",  "alice",   "--passphrase-file",
			     passphrase, "--muted", "yes",
			     "set",      "cellar",  NULL};
	struct process_ran ran;

	(void)state;
	behest("rooms", add, &ran);
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
	behest("rooms", add, &ran); /* again: there is one */
	assert_int_equal(ran.status, 1);
	process_ran_finish(&ran);
	behest("rooms", set, &ran);
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
	behest("rooms", NULL, &ran);
	assert_non_null(strstr(process_out(&ran),
			       "cellar               may tell, muted, attested"));
	assert_non_null(strstr(
		process_out(&ran),
		"may buy,lists,message,move,policy,record,security,tell, private, attested"));
	process_ran_finish(&ran);
}

static void a_killed_keeper_comes_back(void **state)
{
	pid_t keeper;
	char said[256];

	(void)state;
	assert_true(up > 0);
	keeper = child_named("/behest-keeper");
	assert_true(keeper > 0);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	wait_log("ended by signal 9; starting it again");
	say_until_done("turn off the kitchen light");
	wait_log("\"device\":\"kitchen light\",\"state\":\"OFF\"");
	assert_int_equal(say("what time is it", said), 0);
	assert_true(child_named("/behest-keeper") != keeper);
}

static void stops_clean_and_leaves_nobody(void **state)
{
	pid_t pids[CHILDREN_MAX];
	size_t count;
	int status;

	(void)state;
	assert_true(up > 0);
	count = children_of(up, pids, CHILDREN_MAX);
	assert_int_equal(count,
			 7); /* broker, toy home, keeper, gate, hub, skills, room */
	status = process_end(&up, SIGTERM);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(kill(pids[i], 0), -1);
}

static void comes_up_again_as_it_was(void **state)
{
	const char *words[] = {
		process_program("behest"), "up", "--toy-home", "--data", data, NULL};
	const char *good[] = {"--passphrase-file", passphrase, NULL}; /* alice, again */
	struct process_ran ran;
	int status;

	(void)state;
	(void)process_end(&up, SIGTERM); /* what a failed test left */
	unlink(logged);
	up = process_start(words, logged);
	wait_log("The house is up.");
	assert_false(log_has("recovery code"));
	behest("verify", good, &ran);
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
	status = process_end(&up, SIGINT);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* While it runs: the programs end, the folder is gone, and the receipt lies beside it. */
static void wiped_while_it_runs(void **state)
{
	const char *words[] = {
		process_program("behest"), "up", "--toy-home", "--data", data, NULL};
	const char *good[] = {"--passphrase-file", passphrase, "--yes", NULL};
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	struct process_ran ran;
	const char *receipt;
	char path[FILE_PATH_BYTES] = "";
	int status = -1;

	(void)state;
	(void)process_end(&up, SIGTERM); /* what a failed test left */
	unlink(logged);
	up = process_start(words, logged);
	wait_log("The house is up.");
	behest("wipe", good, &ran);
	assert_int_equal(ran.status, 0);
	assert_null(strstr(process_out(&ran), "not ours, and left"));
	receipt = strstr(process_out(&ran), "\nreceipt: ");
	assert_non_null(receipt);
	receipt += strlen("\nreceipt: ");
	assert_true(str_copy_bytes(path, sizeof(path), receipt, strcspn(receipt, "\n")));
	process_ran_finish(&ran);
	while (!process_is_over(&up, &status)) {
		assert_true(loop_now_ms() < until_ms);
		nap();
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_false(file_exists(data));
	assert_true(str_starts(path, data)); /* beside it */
	assert_true(file_exists(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_up_in_a_new_folder),
		cmocka_unit_test(a_typed_request_moves_the_light),
		cmocka_unit_test(what_binds_waits_for_a_tap),
		cmocka_unit_test(tells_what_runs),
		cmocka_unit_test(explains_itself_to_its_owner),
		cmocka_unit_test(rooms_are_changed_by_their_owner),
		cmocka_unit_test(a_killed_keeper_comes_back),
		cmocka_unit_test(stops_clean_and_leaves_nobody),
		cmocka_unit_test(comes_up_again_as_it_was),
		cmocka_unit_test(wiped_while_it_runs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
