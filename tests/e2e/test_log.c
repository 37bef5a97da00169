/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_log - the journal as a transparency log, with real programs: a verifier that shares no
 * code with us (verify_log.py) reads what the keeper wrote and printed, and a paired device
 * notices when somebody puts back an older state of the keeper's folder, or goes on from it.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/seal.h"
#include "base/str.h"
#include "domain/event.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { WORDS_MAX = 24, AT_ONCE = 40, SCRIPT_BYTES = 1024, ENTRIES = 800 };

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static char passphrase_path[FILE_PATH_BYTES];
static char database[FILE_PATH_BYTES];
static char kept[FILE_PATH_BYTES]; /* an older state of it */
static char mark[FILE_PATH_BYTES];
static char script[FILE_PATH_BYTES];

static int set_up(void **state)
{
	const char *source = getenv("BEHEST_SOURCE");

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_non_null(source);
	house_begin(&house);
	assert_true(
		file_join(script, sizeof(script), source, "tests/e2e/verify_log.py") &&
		file_join(passphrase_path, sizeof(passphrase_path), house.data,
			  "passphrase") &&
		file_join(database, sizeof(database), house.data, "keeper/keeper.db") &&
		file_join(kept, sizeof(kept), house.data, "kept.db") &&
		file_join(mark, sizeof(mark), house.data, "keeper/keeper.mark"));
	assert_int_equal(file_write(passphrase_path, HOUSE_PASSPHRASE,
				    strlen(HOUSE_PASSPHRASE), 0600, NULL),
			 OK);
	house_start_keeper(&house);
	house_settle(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- what is done to it ----------------------------------------------------------------- */

static void take_done(struct link_client *hub, uint64_t token)
{
	const struct wire_message *message = NULL;

	do
		assert_int_equal(link_client_wait(hub, HOUSE_WAIT_MS, &message, NULL),
				 OK);
	while (message->type != WIRE_done || message->done.token != token);
	assert_int_equal(message->done.err, OK);
}

/* As a hub, so many at once that batches have many entries. */
static void append(uint64_t count)
{
	struct link_client *hub = NULL;
	char path[FILE_PATH_BYTES];
	struct wire_append said = {.token = 0};

	assert_true(file_join(path, sizeof(path), house.run, "keeper/hub.sock"));
	assert_int_equal(link_client_open(path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB,
					  "test", HOUSE_WAIT_MS, &hub, NULL),
			 OK);
	while (said.token < count) {
		said.token++;
		event_init(&said.event, EVENT_DECIDED, (struct turn_id){said.token},
			   HOUSE_ROOM, 1700000000000);
		assert_int_equal(link_client_send_append(hub, &said, NULL), OK);
		if (said.token % AT_ONCE == 0 || said.token == count)
			take_done(hub, said.token);
	}
	link_client_close(hub);
}

static void python(const char *words)
{
	struct process_ran ran;

	process_run(WORDS("/usr/bin/python3", "-c", words), HOUSE_WAIT_MS, &ran);
	if (ran.status != 0)
		fail_msg("%s", process_err(&ran));
	process_ran_finish(&ran);
}

/* The keeper is not running: its log is part of the file. */
static void copy(const char *from, const char *to)
{
	char words[SCRIPT_BYTES];

	assert_true(str_format(words, sizeof(words),
			       "import shutil; shutil.copy('%s', '%s')", from, to));
	python(words);
}

static void sql(const char *statement)
{
	char words[SCRIPT_BYTES];

	assert_true(str_format(words, sizeof(words),
			       "import sqlite3\n"
			       "db = sqlite3.connect('%s')\n"
			       "db.execute(\"%s\")\n"
			       "db.commit()\ndb.close()\n",
			       database, statement));
	python(words);
}

/* --- the programs ----------------------------------------------------------------------- */

static void behest(const char *const *words, struct process_ran *ran)
{
	const char *all[WORDS_MAX] = {process_program("behest"), words[0], "--data",
				      house.data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++)
		all[count++] = words[i];
	if (!str_equal(words[0], "approve")) {
		all[count++] = "--owner";
		all[count++] = HOUSE_OWNER;
		all[count++] = "--passphrase-file";
		all[count++] = passphrase_path;
	}
	assert_true(count < WORDS_MAX);
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

static void says(const char *const *words, int status, const char *needle)
{
	struct process_ran ran;
	const char *text;

	behest(words, &ran);
	text = status ? process_err(&ran) : process_out(&ran);
	if (ran.status != status || !strstr(text, needle))
		fail_msg("behest %s: status %d, \"%s\" \"%s\", expected %d and \"%s\"",
			 words[0], ran.status, process_out(&ran), process_err(&ran),
			 status, needle);
	process_ran_finish(&ran);
}

/* Writes the proof of that entry to a file. */
static void prove(const char *place, const char *path)
{
	struct process_ran ran;

	behest(WORDS("verify", "--proof", place), &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(file_write(path, process_out(&ran), strlen(process_out(&ran)),
				    0600, NULL),
			 OK);
	process_ran_finish(&ran);
}

static void verifier(const char *const *proofs, int status, const char *needle)
{
	const char *all[WORDS_MAX] = {"/usr/bin/python3", script, mark, database};
	struct process_ran ran;
	size_t count = 4;

	for (size_t i = 0; proofs[i]; i++)
		all[count++] = proofs[i];
	process_run(all, HOUSE_WAIT_MS, &ran);
	if (ran.status != status ||
	    !strstr(status ? process_err(&ran) : process_out(&ran), needle))
		fail_msg("verify_log: status %d, \"%s\" \"%s\", expected %d and \"%s\"",
			 ran.status, process_out(&ran), process_err(&ran), status,
			 needle);
	process_ran_finish(&ran);
}

/* --- tests ------------------------------------------------------------------------------ */

static void a_foreign_verifier_reads_it(void **state)
{
	static const char *const PLACES[] = {"1", "256", "257", "700"};
	char paths[STR_COUNT(PLACES)][FILE_PATH_BYTES];
	const char *proofs[STR_COUNT(PLACES) + 1] = {NULL};
	char name[32];

	(void)state;
	says(WORDS("pair", "--here", "--name", "desk"), 0, "paired: desk");
	append(ENTRIES / 2);
	says(WORDS("approve"), 0, "nothing waits");
	append(ENTRIES / 2);
	says(WORDS("approve"), 0, "nothing waits");
	says(WORDS("verify"), 0, "the journal is whole");
	says(WORDS("verify", "--json"), 0, "\"tiles\":3,\"cosignatures\":2");
	for (size_t i = 0; i < STR_COUNT(PLACES); i++) {
		assert_true(str_format(name, sizeof(name), "%s.tlog-proof", PLACES[i]));
		assert_true(file_join(paths[i], sizeof(paths[i]), house.data, name));
		prove(PLACES[i], paths[i]);
		proofs[i] = paths[i];
	}
	says(WORDS("verify", "--proof", "100000"), 1, "no such entry");
	house_stop_keeper(&house);
	verifier(proofs, 0, "\"tiles\": 3, \"cosignatures\": 2, \"proofs\": 4");
	copy(database, kept);
}

/* What the verifier would say, if something were wrong. */
static void the_verifier_can_fail(void **state)
{
	(void)state;
	sql("UPDATE journal SET value = CAST(value || x'00' AS BLOB) WHERE key = x'0000000000000010'");
	verifier(WORDS("unused"), 1, "the root at ");
	copy(kept, database);
	sql("UPDATE tile SET value = zeroblob(8192) WHERE key = x'000000000000000001'");
	verifier(WORDS("unused"), 1, "tile 0/1 is wrong at 0");
	copy(kept, database);
	sql("UPDATE cosignature SET value = CAST(substr(value, 1, 104) || x'00' AS BLOB)");
	verifier(WORDS("unused"), 1, "does not verify");
	copy(kept, database);
	sql("DELETE FROM journal WHERE key = x'0000000000000010'");
	verifier(WORDS("unused"), 1, "entry 16 is missing");
	copy(kept, database);
}

static void an_edit_is_named(void **state)
{
	(void)state;
	sql("UPDATE journal SET value = CAST(value || x'00' AS BLOB) WHERE key = x'0000000000000010'");
	house_start_keeper(&house);
	says(WORDS("verify"), 1, "entry 16 was changed");
	says(WORDS("verify", "--json"), 1, "entry 16 was changed");
	house_stop_keeper(&house);
	copy(kept, database);
}

/* The keeper cannot know: all it has fits together. The device does. */
static void a_device_notices_an_older_state(void **state)
{
	(void)state;
	house_start_keeper(&house);
	append(300);
	says(WORDS("approve"), 0, "nothing waits");
	house_stop_keeper(&house);
	copy(kept, database);
	house_start_keeper(&house);
	says(WORDS("verify"), 0, "the journal is whole");
	says(WORDS("approve"), 1, "it was cut short; nothing was signed");
	says(WORDS("approve"), 1, "it was cut short; nothing was signed");
	append(400);
	says(WORDS("approve"), 1, "fork; nothing was signed");
	says(WORDS("approve", "0123"), 1, "fork; nothing was signed");
}

/* Its owner knows why. */
static void paired_again_it_begins_anew(void **state)
{
	(void)state;
	says(WORDS("pair", "--here", "--name", "desk"), 0, "paired: desk");
	says(WORDS("approve"), 0, "nothing waits");
	says(WORDS("verify"), 0, "the journal is whole");
	house_stop_keeper(&house);
	verifier(WORDS(NULL), 0, "\"cosignatures\": 3");
}

static void a_spoilt_memory_is_said(void **state)
{
	char path[FILE_PATH_BYTES];

	(void)state;
	house_start_keeper(&house);
	assert_true(file_join(path, sizeof(path), house.data, "device/journal.head"));
	assert_int_equal(file_write(path, "behest\n", 7, 0600, NULL), OK);
	says(WORDS("approve"), 1, "journal.head: is not a checkpoint of this house");
	assert_int_equal(unlink(path), 0);
	says(WORDS("approve"), 0, "nothing waits");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_foreign_verifier_reads_it),
		cmocka_unit_test(the_verifier_can_fail),
		cmocka_unit_test(an_edit_is_named),
		cmocka_unit_test(a_device_notices_an_older_state),
		cmocka_unit_test(paired_again_it_begins_anew),
		cmocka_unit_test(a_spoilt_memory_is_said),
	};

	return cmocka_run_group_tests_name("log", tests, set_up, tear_down);
}
